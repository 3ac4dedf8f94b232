"""Real collisions as images in every region, against the files read by nothing but ``json``."""

from __future__ import annotations

import json
import re
import zipfile
from functools import cache
from typing import Any, Literal

import awkward as ak
import numpy as np
import pytest
from numpy.typing import NDArray

from hepvision.core.inputs import Sparse
from hepvision.events.examples import examples
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import flat
from hepvision.readers.ispy import Ispy
from hepvision.representations.detector_image import DetectorImage

from shared_data import shared

FILES = (
    "BJetPlusX_Run2012C_0.ig",
    "DoubleElectron_Run2012C_0.ig",
    "DoublePhoton_Run2012B_0.ig",
    "MinimumBias_Run2012C_0.ig",
)
SEAM, LIMIT = 1.479, 3.0
Region = Literal["barrel", "ecal_centric", "hcal_centric"]
Floats = NDArray[np.float64]


class Hits:
    """Energy (or pT) and direction of all rows of some collections, with their events."""

    def __init__(self, *tables: tuple[int, list[str], list[list[Any]]], weight: str) -> None:
        rows = [
            (event, dict(zip(names, row, strict=True))) for event, names, r in tables for row in r
        ]
        self.event = np.array([event for event, _ in rows], int)
        self.value = np.array([row[weight] for _, row in rows], float)
        self.eta = np.array([row["eta"] for _, row in rows], float)
        self.phi = np.array([row["phi"] for _, row in rows], float)
        corners = [[row.get(f"front_{k}", (0, 0, 0)) for k in (1, 2, 3, 4)] for _, row in rows]
        self.point = np.mean(np.array(corners, float).reshape(-1, 4, 3), axis=1)

    def sums(self, events: int, inside: NDArray[np.bool_]) -> Floats:
        return np.bincount(self.event[inside], self.value[inside], minlength=events)


@cache
def plain(name: str) -> dict[str, Hits]:
    """Hits of a file, without any code of ours."""
    with zipfile.ZipFile(shared("data", "cms_ispy", name)) as archive:
        names = [member for member in archive.namelist() if "/Event_" in member]
        texts = [re.sub(r"\bnan\b", "NaN", archive.read(member).decode()) for member in names]
    found = [json.loads(text) for text in texts]

    def rows(*keys: str, weight: str = "energy") -> Hits:
        return Hits(
            *(
                (number, [kind[0] for kind in one["Types"][key]], one["Collections"][key])
                for number, one in enumerate(found)
                for key in keys
            ),
            weight=weight,
        )

    return {
        "barrel": rows("EBRecHits_V2"),
        "endcap": rows("EERecHits_V2"),
        "hcal": rows("HBRecHits_V2", "HERecHits_V2"),
        "tracks": rows("Tracks_V3", weight="pt"),
    }


@cache
def events(name: str) -> ak.Array:
    return Ispy().read(shared("data", "cms_ispy", name))


def layer_sums(part: Sparse) -> Floats:
    """Sum of each layer of each image, shape (B, 3)."""
    pixels = part.shape[1] * part.shape[2]
    event = np.repeat(np.arange(len(part.offsets) - 1), np.diff(part.offsets))
    flat_layer = event * 3 + part.index // pixels
    return np.bincount(
        flat_layer, part.value.astype(float), minlength=3 * (len(part.offsets) - 1)
    ).reshape(-1, 3)


def expected(name: str, part: str) -> Floats:
    """What each layer of a part must sum to, from the file alone."""
    file, number = plain(name), len(events(name))
    crystals = {
        "barrel": ("barrel",),
        "endcap_plus": ("endcap",),
        "endcap_minus": ("endcap",),
        "whole": ("barrel", "endcap"),
    }[part]

    def inside(hits: Hits) -> NDArray[np.bool_]:
        side = -hits.eta if part == "endcap_minus" else hits.eta
        return {
            "barrel": np.abs(hits.eta) < SEAM,
            "whole": np.abs(hits.eta) < LIMIT,
        }.get(part, (side >= SEAM) & (side < LIMIT))

    ecal = np.zeros(number)
    for one in crystals:
        hits = file[one]
        own = np.ones(len(hits.eta), bool)
        if part.startswith("endcap"):
            own = (hits.eta > 0) == (part == "endcap_plus")
        ecal += hits.sums(number, own)
    tracks, hcal = (file[key].sums(number, inside(file[key])) for key in ("tracks", "hcal"))
    return np.stack([tracks, ecal, hcal], axis=-1)


PARTS = {
    ("barrel", "image"): "barrel",
    ("ecal_centric", "barrel"): "barrel",
    ("ecal_centric", "endcap_minus"): "endcap_minus",
    ("ecal_centric", "endcap_plus"): "endcap_plus",
    ("hcal_centric", "image"): "whole",
}


@pytest.mark.parametrize("name", FILES)
def test_every_layer_sums_to_the_file(name: str) -> None:
    rows = examples(events(name))
    for region in ("barrel", "ecal_centric", "hcal_centric"):
        inputs = DetectorImage(region=region)(rows)
        for key, part in inputs.items():
            assert isinstance(part, Sparse)
            theirs = expected(name, PARTS[region, key])
            assert theirs[:, 0].sum() > 0
            np.testing.assert_allclose(layer_sums(part), theirs, rtol=2e-5, atol=2e-4)


def one_hit_each(name: str, collection: str) -> tuple[ak.Array, NDArray[np.int64]]:
    """Up to 400 hits, each alone in an event, and which they are."""
    source = events(name)
    offsets, _ = flat(source[collection])
    total = int(offsets[-1])
    chosen = np.unique(np.linspace(0, total - 1, min(total, 400)).astype(int))
    rows = {"event_id": np.arange(len(chosen), dtype=np.uint64)}
    for other in ("EcalBarrelHit", "EcalEndcapHit", "HcalHit", "Track"):
        fields = flat(source[other])[1]
        take = chosen if other == collection else chosen[:0]
        counts = np.full(len(chosen), 1 if other == collection else 0)
        records = ak.zip({key: value[take] for key, value in fields.items()})
        rows[other] = ak.unflatten(records, counts)
    return ak.zip(rows, depth_limit=1), chosen


def lit(part: Sparse, event: int) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """Rows, columns and the sum of the lit pixels of an image."""
    entries = slice(int(part.offsets[event]), int(part.offsets[event + 1]))
    height, width = part.shape[1:]
    pixel = part.index[entries].astype(np.int64) % (height * width)
    return pixel // width, pixel % width, float(part.value[entries].sum())


def fine_edges() -> Floats:
    """η edges of the 280 rows: crystals, and fifths of towers beyond."""
    crystals, towers = EcalBarrel().eta_edges, Hcal().eta_edges
    beyond = towers[45:]  # ieta 18 to 28 end at these
    steps = np.concatenate([[1.479], beyond[1:]])
    fifths = np.interp(np.arange(5 * (len(steps) - 1) + 1) / 5, np.arange(len(steps)), steps)
    return np.concatenate([-fifths[:0:-1], crystals, fifths[1:]])


def column_of(phi: Floats) -> Floats:
    """Place in the columns of crystals, in pixels."""
    return (np.rad2deg(phi) + 10.0) % 360.0


def apart(column: NDArray[Any], place: float) -> Floats:
    """Distance of columns' centres from a place, in pixels, the short way round."""
    return np.abs((column + 0.5 - place + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("region", ["barrel", "ecal_centric", "hcal_centric"])
def test_barrel_crystals_are_drawn_at_their_corners(name: str, region: Region) -> None:
    """Pixel and energy follow from the four front corners alone."""
    rows, chosen = one_hit_each(name, "EcalBarrelHit")
    part = next(iter(DetectorImage(region=region)(examples(rows)).values()))
    edges = fine_edges() if region == "hcal_centric" else EcalBarrel().eta_edges
    assert isinstance(part, Sparse)
    assert part.shape[1] == len(edges) - 1
    hits = plain(name)["barrel"]
    x, y, z = hits.point[chosen].T
    row = np.searchsorted(edges, np.arcsinh(z / np.hypot(x, y)), side="right") - 1
    column = np.floor(column_of(np.arctan2(y, x))).astype(int)
    for number, hit in enumerate(chosen):
        rows_, columns, total = lit(part, number)
        assert (rows_.tolist(), columns.tolist()) == ([row[number]], [column[number]])
        assert total == pytest.approx(hits.value[hit], rel=1e-6)


@pytest.mark.parametrize("name", FILES)
def test_endcap_crystals_are_drawn_at_their_corners(name: str) -> None:
    """In x and y within half a crystal."""
    rows, chosen = one_hit_each(name, "EcalEndcapHit")
    inputs = DetectorImage(region="ecal_centric")(examples(rows))
    hits, away = plain(name)["endcap"], []
    for number, hit in enumerate(chosen):
        x, y, z = hits.point[hit]
        part = inputs["endcap_plus" if z > 0 else "endcap_minus"]
        other = inputs["endcap_minus" if z > 0 else "endcap_plus"]
        assert isinstance(part, Sparse) and isinstance(other, Sparse)
        rows_, columns, total = lit(part, number)
        assert total == pytest.approx(hits.value[hit], rel=1e-6)
        assert len(rows_) == 1 and len(lit(other, number)[0]) == 0
        at = np.array([x, y]) * EcalEndcap.face / abs(z) / EcalEndcap.pitch + 49.5
        away.append(np.abs(at - [columns[0], rows_[0]]).max())
    assert np.max(away) < 0.5


@pytest.mark.parametrize("name", FILES)
def test_endcap_crystals_are_drawn_at_their_place_among_towers(name: str) -> None:
    rows, chosen = one_hit_each(name, "EcalEndcapHit")
    part = DetectorImage(region="hcal_centric")(examples(rows))["image"]
    assert isinstance(part, Sparse)
    hits, edges, inside = plain(name)["endcap"], fine_edges(), []
    for number, hit in enumerate(chosen):
        rows_, columns, total = lit(part, number)
        assert total == pytest.approx(hits.value[hit], rel=1e-5)
        eta = np.clip(hits.eta[hit], edges[0] + 1e-9, edges[-1] - 1e-9)
        centre, width = 0.5 * (edges[rows_ + 1] + edges[rows_]), np.diff(edges)[rows_]
        off = np.maximum(np.abs(eta - centre) / width, apart(columns, column_of(hits.phi[hit])))
        inside.append(off.min())
    # crystals lie up to half a crystal from their place on a plane grid, and pixels are smaller
    assert np.max(inside) < 1.0, np.max(inside)
    assert np.mean(np.array(inside) <= 0.5) > 0.93, np.mean(np.array(inside) <= 0.5)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("region", ["barrel", "ecal_centric", "hcal_centric"])
def test_towers_are_drawn_at_their_place(name: str, region: Region) -> None:
    """25 equal pixels whose middle is within half a tower's pixel of the tower's own."""
    rows, chosen = one_hit_each(name, "HcalHit")
    part = next(iter(DetectorImage(region=region)(examples(rows)).values()))
    assert isinstance(part, Sparse)
    edges = fine_edges() if region == "hcal_centric" else EcalBarrel().eta_edges
    hits, compared = plain(name)["hcal"], 0
    for number, hit in enumerate(chosen):
        if abs(hits.eta[hit]) > SEAM:
            continue
        compared += 1
        rows_, columns, total = lit(part, number)
        assert total == pytest.approx(hits.value[hit], rel=1e-5)
        assert len(rows_) == 25
        middle = 0.5 * (edges[rows_.min()] + edges[rows_.max() + 1])
        assert abs(middle - hits.eta[hit]) < 0.5 * 0.087
        assert np.sort(apart(columns, column_of(hits.phi[hit])))[-1] < 2.51
    assert compared > 0
