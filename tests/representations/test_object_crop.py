"""Windows around objects: whole at every edge, sums kept, the seed in the middle, turns unseen."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Sparse
from hepvision.events.examples import examples
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.schema import from_columns
from hepvision.reconstruction.photons import photons
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.object_crop import ObjectCrop
from toy_events import toy_events, turned

BARREL = EcalBarrel()
ALL = ("tracks", "ecal", "hcal", "time")


def dense(crop: ObjectCrop | DetectorImage, events: ak.Array) -> np.ndarray:
    part = crop(events)["image"]
    assert isinstance(part, Sparse)
    out = np.empty((len(events), *part.shape), np.float32)
    part.fill(out)
    return out


def _showers(places: list[tuple[int, int]], seed: int = 0) -> ak.Array:
    """Toy events with one shower around each (row, column), and the photon found there."""
    events = toy_events(len(places), seed, photons=1, mean=40)
    rng = np.random.default_rng(seed)
    old = events["EcalBarrelHit"]
    old = ak.with_field(old, 0.1 * old.energy, "energy")
    lists = []
    for row, column in places:
        down, right = np.divmod(np.arange(9), 3)
        down, right = row + down - 1, (column + right - 1) % 360
        inside = (down >= 0) & (down < 170)
        energy = np.where(np.arange(9) == 4, 40.0, rng.uniform(0.5, 3.0, 9))
        ieta, iphi = BARREL.numbers(down[inside] * 360 + right[inside])
        time = rng.normal(0, 1, 9)[inside]
        columns = {"ieta": ieta, "iphi": iphi, "energy": energy[inside], "time": time}
        lists.append(from_columns([0, inside.sum()], columns, "EcalBarrelHit"))
    hits = ak.concatenate([old[["ieta", "iphi", "energy", "time"]], ak.concatenate(lists)], axis=1)
    # a crystal is read out once
    index = 360 * ak.values_astype(hits.ieta, np.int64) + hits.iphi
    order = ak.argsort(hits.energy, axis=1, ascending=False)
    hits, index = hits[order], index[order]
    first = ak.Array(
        [[k == list(one).index(v) for k, v in enumerate(one)] for one in ak.to_list(index)]
    )
    events = ak.with_field(events, hits[first], "EcalBarrelHit")
    return ak.with_field(events, photons(events)[:, :1], "Photon")


#: Middle of the barrel, φ = ±π (column 190), column 0, and both edges in η.
PLACES = [(85, 100), (60, 190), (100, 189), (20, 0), (150, 359), (0, 5), (169, 190), (3, 300)]


@pytest.mark.parametrize("size", [1, 5, 32, 33, 170])
def test_every_window_has_the_full_shape_and_the_seed_in_its_middle(size: int) -> None:
    pixels = dense(ObjectCrop(size=size), _showers(PLACES))
    assert pixels.shape == (len(PLACES), 2, size, size)
    middle = pixels[:, 0, size // 2, size // 2]
    assert middle == pytest.approx(40.0)
    np.testing.assert_array_equal(middle, pixels[:, 0].max(axis=(1, 2)))


@pytest.mark.parametrize("size", [7, 32])
@pytest.mark.parametrize("region", ["barrel", "hcal_centric"])
def test_a_window_is_what_the_whole_image_shows_there(size: int, region: Any) -> None:
    """A slow reference: pad the whole picture in η, roll it in φ, cut."""
    events, first = _showers(PLACES), 0 if region == "barrel" else 55
    whole = dense(DetectorImage(region=region, tracks_at="ecal_face"), events)
    found = dense(ObjectCrop(size=size, region=region, layers=ALL[:3]), events)
    padded = np.pad(whole, ((0, 0), (0, 0), (size, size), (0, 0)))
    for b, (row, column) in enumerate(PLACES):
        start = row + first + size - size // 2
        rolled = np.roll(padded[b], size // 2 - column, axis=-1)
        expected = rolled[:, start : start + size, :size]
        np.testing.assert_allclose(found[b], expected, rtol=1e-6)


def test_the_sum_is_that_of_the_hits_in_the_window() -> None:
    events, size = _showers(PLACES), 32
    found = dense(ObjectCrop(size=size, layers=("ecal",)), events).sum(axis=(1, 2, 3), dtype=float)
    for b, (row, column) in enumerate(PLACES):
        hit = events["EcalBarrelHit"][b]
        r, c = BARREL.row_column(ak.to_numpy(hit.ieta), ak.to_numpy(hit.iphi))
        down, right = r - row + size // 2, (c - column + size // 2) % 360
        inside = (down >= 0) & (down < size) & (right < size)
        assert found[b] == pytest.approx(np.sum(ak.to_numpy(hit.energy)[inside], dtype=float))


@pytest.mark.parametrize("turn", [1, 7, 90, 359])
def test_turned_events_have_equal_windows(turn: int) -> None:
    events = _showers(PLACES)
    crop = ObjectCrop(layers=("ecal", "time"))
    moved = turned(events, turn)
    # angles are single numbers with seven digits: found anew, as a reconstruction would
    moved = ak.with_field(moved, photons(moved)[:, :1], "Photon")
    np.testing.assert_array_equal(dense(crop, moved), dense(crop, events))


def test_towers_and_tracks_turn_by_whole_towers() -> None:
    events, crop = _showers(PLACES), ObjectCrop(layers=ALL)
    track = events["Track"]
    phi = np.deg2rad(np.floor(np.rad2deg(track.phiEcal)) + 0.5)
    events = ak.with_field(events, ak.with_field(track, phi, "phiEcal"), "Track")
    moved = turned(events, 35)
    moved = ak.with_field(moved, photons(moved)[:, :1], "Photon")
    np.testing.assert_array_equal(dense(crop, moved), dense(crop, events))


def test_empty_pixels_have_no_time() -> None:
    events = _showers(PLACES)
    energy, time = np.moveaxis(dense(ObjectCrop(), events), 1, 0)
    assert not time[energy == 0].any()
    assert time[energy != 0].all()
    cut_energy, cut_time = np.moveaxis(dense(ObjectCrop(least=0.2), events), 1, 0)
    np.testing.assert_array_equal(cut_energy, np.where(energy > np.float32(0.2), energy, 0))
    np.testing.assert_array_equal(cut_time, np.where(energy > np.float32(0.2), time, 0))


def test_of_two_hits_of_a_crystal_the_harder_gives_the_time() -> None:
    columns = {"ieta": [1, 1, 1], "iphi": [9, 9, 9], "energy": [2.0, 30.0, 3.0]}
    columns["time"] = [7.0, -1.5, 4.0]
    events = ak.with_field(
        toy_events(1, mean=0), from_columns([0, 3], columns, "EcalBarrelHit"), "EcalBarrelHit"
    )
    events = ak.with_field(events, photons(events), "Photon")
    energy, time = dense(ObjectCrop(size=3), events)[0]
    assert energy[1, 1] == pytest.approx(35.0)
    assert time[1, 1] == pytest.approx(-1.5)


def test_objects_are_counted_in_falling_pt() -> None:
    events = toy_events(5, 3, photons=3, mean=200)
    shuffled = ak.with_field(events, events["Photon"][:, ::-1], "Photon")
    rows = examples(events, per="Photon")
    each = dense(ObjectCrop(layers=("ecal",)), rows)
    for which in range(4):
        crop = ObjectCrop(layers=("ecal",), which=which)
        found = dense(crop, events)
        np.testing.assert_array_equal(dense(crop, shuffled), found)
        expected = each[which::3] if which < 3 else np.zeros_like(found)
        np.testing.assert_array_equal(found, expected)


def test_objects_of_another_collection_are_refused() -> None:
    rows = examples(toy_events(4, 3, photons=2), per="Photon")
    with pytest.raises(SchemaError, match="reads Electron, got examples of other objects"):
        ObjectCrop(around="Electron")(rows)


def test_an_electron_is_found_by_its_super_cluster() -> None:
    events = _showers(PLACES)
    photon = events["Photon"]
    shift = 0.04  # the vertex lies 5 cm off
    columns = {
        "pt": photon.pt,
        "eta": photon.superclusterEta - shift,
        "phi": photon.superclusterPhi,
        "mass": 0 * photon.pt,
        "deltaEtaSC": 0 * photon.pt + shift,
    }
    events = ak.with_field(events, ak.zip(columns, with_name="Momentum4D"), "Electron")
    found = dense(ObjectCrop(around="Electron"), events)
    np.testing.assert_array_equal(found, dense(ObjectCrop(), events))


def test_without_an_object_in_the_region_it_is_blank() -> None:
    events = toy_events(3, 1, photons=1, mean=300)
    photon = events["Photon"]
    events = ak.with_field(
        events, ak.with_field(photon, 0 * photon.superclusterEta + 2.0, "superclusterEta"), "Photon"
    )
    assert not dense(ObjectCrop(layers=ALL), events).any()
    assert dense(ObjectCrop(layers=ALL, region="hcal_centric"), events).any()
    none = ak.with_field(events, events["Photon"][:, :0], "Photon")
    assert not dense(ObjectCrop(layers=ALL), none).any()


def test_without_energy_near_it_the_object_itself_is_in_the_middle() -> None:
    """No crystal, or crystals of nothing and of less than that."""
    events, layers = toy_events(4, 2, photons=1, mean=200), ("tracks", "hcal")
    hits = events["EcalBarrelHit"]
    none = toy_events(4, mean=0)["EcalBarrelHit"]
    for kept in (none, *(ak.with_field(hits, by * hits.energy, "energy") for by in (0, -1))):
        dark = ak.with_field(events, kept, "EcalBarrelHit")
        found = dense(ObjectCrop(size=101, layers=layers), dark)
        expected = dense(ObjectCrop(size=101, layers=layers, centre="object"), dark)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("how", ["sum", "maximum"])
def test_normalised_windows_keep_their_times(how: Any) -> None:
    events = _showers(PLACES)
    plain, made = dense(ObjectCrop(), events), dense(ObjectCrop(normalise=how), events)
    size = np.abs(plain[:, 0])
    whole = size.sum(axis=(1, 2)) if how == "sum" else size.max(axis=(1, 2))
    np.testing.assert_allclose(made[:, 0], plain[:, 0] / whole[:, None, None], rtol=1e-5)
    np.testing.assert_array_equal(made[:, 1], plain[:, 1])
    assert ObjectCrop(normalise=how).spec["image"].units == ("", "ns")


def test_measured_constants_bring_lit_pixels_to_one() -> None:
    events = _showers(PLACES)
    pixels = dense(ObjectCrop().measured([events[:3], events[3:]]), events)
    for layer in range(2):
        lit = pixels[:, layer][pixels[:, layer] != 0].astype(float)
        assert np.sqrt(np.mean(lit**2)) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": 171}, "size: must lie between 1 and the 170 rows of barrel, got 171"),
        ({"size": 281, "region": "hcal_centric"}, "280 rows of hcal_centric, got 281"),
        ({"size": 0}, "size: must lie between 1"),
        ({"layers": ()}, "layers: must be one or more"),
        ({"layers": ("ecal", "ecal")}, "layers: must be one or more"),
        ({"which": -1}, "which: must be 0 or more"),
        ({"least": float("nan")}, "least: must be 0 or more"),
        ({"scale": (1.0,)}, "scale: must be a positive number a layer"),
        ({"around": "Muon"}, "around: must be one of"),
        ({"region": "ecal_centric"}, "region: must be one of"),
    ],
)
def test_wrong_parameters_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ObjectCrop(**wrong)


def test_a_typing_error_in_a_card_is_named() -> None:
    with pytest.raises(ValueError, match="Did you mean 'layers'"):
        component("representations", {"name": "object_crop", "layer": ["ecal"]})
