"""Real collisions against the files themselves, read here by nothing but ``json``."""

from __future__ import annotations

import json
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal, tower_columns
from hepvision.readers.ispy import Ispy

from shared_data import shared

FILES = ("BJetPlusX_2012C", "DoubleElectron_2012C", "DoublePhoton_2012B", "MinimumBias_2012C")


def sample(name: str) -> Path:
    return shared("data", "cms_ispy", name.replace("_", "_Run") + "_0.ig")


def plain(path: Path) -> list[dict[str, Any]]:
    """Events, in the file's order, as dictionaries of lists."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("Events/")]
        texts = [archive.read(name).decode() for name in names if not name.endswith("/")]
    return [json.loads(re.sub(r"\bnan\b", "NaN", text)) for text in texts]


def column(event: dict[str, Any], collection: str, name: str) -> NDArray[Any]:
    place = [kind[0] for kind in event["Types"][collection]].index(name)
    return np.array([row[place] for row in event["Collections"][collection]], float)


@cache
def read(name: str) -> ak.Array:
    return Ispy().read(sample(name))


def numbers(hits: ak.Array, *names: str) -> list[NDArray[Any]]:
    return [ak.to_numpy(hits[name]) for name in names]


def corners(event: dict[str, Any], collection: str) -> NDArray[np.float64]:
    """Mean of the four front corners, mm, shape (N, 3)."""
    parts = [column(event, collection, f"front_{k}").reshape(-1, 3) for k in (1, 2, 3, 4)]
    return 1000.0 * np.mean(parts, axis=0)


def wrapped(phi: NDArray[np.float64]) -> NDArray[np.float64]:
    return (phi + np.pi) % (2 * np.pi) - np.pi


@pytest.fixture(scope="module", params=FILES)
def both(request: pytest.FixtureRequest) -> tuple[list[dict[str, Any]], ak.Array]:
    return plain(sample(request.param)), read(request.param)


def test_counts_and_sums(both: tuple[list[dict[str, Any]], ak.Array]) -> None:
    expected, events = both
    assert len(events) == len(expected) == 25
    for name, theirs in {
        "EcalBarrelHit": ("EBRecHits_V2",),
        "EcalEndcapHit": ("EERecHits_V2",),
        "HcalHit": ("HBRecHits_V2", "HERecHits_V2"),
    }.items():
        for event, one in zip(expected, events[name], strict=True):
            energy = np.concatenate([column(event, key, "energy") for key in theirs])
            assert len(one) == len(energy)
            assert ak.sum(one.energy) == pytest.approx(energy.sum(), rel=1e-5, abs=1e-4)
            np.testing.assert_allclose(one.energy, energy, rtol=1e-6)
    for event, tracks in zip(expected, events.Track, strict=True):
        np.testing.assert_allclose(tracks.pt, column(event, "Tracks_V3", "pt"), rtol=1e-6)
    for event, number in zip(expected, events["event"], strict=True):
        assert event["Collections"]["Event_V2"][0][1] == number


def test_barrel_hits_lie_within_half_a_crystal(
    both: tuple[list[dict[str, Any]], ak.Array],
) -> None:
    geometry = EcalBarrel()
    for event, hits in zip(both[0], both[1].EcalBarrelHit, strict=True):
        point = corners(event, "EBRecHits_V2")
        eta = np.arcsinh(point[:, 2] / np.hypot(point[:, 0], point[:, 1]))
        phi = np.arctan2(point[:, 1], point[:, 0])
        centre_eta, centre_phi = geometry.eta_phi(*numbers(hits, "ieta", "iphi"))
        row, _ = geometry.row_column(*numbers(hits, "ieta", "iphi"))
        width = np.diff(geometry.eta_edges)[row]
        assert (np.abs(eta - centre_eta) < 0.5 * width).all()
        assert (np.abs(wrapped(phi - centre_phi)) < 0.5 * np.deg2rad(1.0)).all()


def test_endcap_hits_lie_within_half_a_crystal(
    both: tuple[list[dict[str, Any]], ak.Array],
) -> None:
    geometry = EcalEndcap()
    for event, hits in zip(both[0], both[1].EcalEndcapHit, strict=True):
        point = corners(event, "EERecHits_V2")
        projected = point[:, :2] * (geometry.face / np.abs(point[:, 2:]))
        centre = (np.stack(numbers(hits, "ix", "iy"), axis=-1) - 50.5) * geometry.pitch
        away = np.abs(projected - centre).max(axis=1) / geometry.pitch
        # at the rim the real crystals, which point to the vertex, outgrow a plane grid
        rim = np.hypot(*centre.T) > 45 * geometry.pitch
        assert (away < np.where(rim, 0.6, 0.5)).all()
        assert (np.sign(point[:, 2]) == ak.to_numpy(hits.side)).all()


def test_towers_lie_within_half_a_tower(both: tuple[list[dict[str, Any]], ak.Array]) -> None:
    geometry = Hcal()
    for event, hits in zip(both[0], both[1].HcalHit, strict=True):
        eta, phi = (
            np.concatenate([column(event, key, name) for key in ("HBRecHits_V2", "HERecHits_V2")])
            for name in ("eta", "phi")
        )
        centre_eta, centre_phi = geometry.eta_phi(*numbers(hits, "ieta", "iphi"))
        row, _ = geometry.row_column(*numbers(hits, "ieta", "iphi"))
        width = np.diff(geometry.eta_edges)[row]
        assert (np.abs(eta - centre_eta) < 0.5 * width).all()
        assert (np.abs(wrapped(phi - centre_phi)) < 0.5 * np.deg2rad(5.0)).all()


def images(events: ak.Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """ECAL summed 5×5 and HCAL on the barrel's 34 × 72 towers, shape (B, 34, 72)."""
    barrel, towers = EcalBarrel(), Hcal()
    ecal, hcal = np.zeros((len(events), 34, 72)), np.zeros((len(events), 34, 72))
    first = tower_columns(np.arange(1, 73))
    for number, event in enumerate(events):
        hits = event.EcalBarrelHit
        image = np.zeros(barrel.shape)
        place = barrel.row_column(*numbers(hits, "ieta", "iphi"))
        np.add.at(image, place, ak.to_numpy(hits.energy))
        rolled = np.roll(image, -int(first[0]), axis=1)
        ecal[number] = rolled.reshape(34, 5, 72, 5).sum(axis=(1, 3))
        hits = event.HcalHit[abs(event.HcalHit.ieta) <= 17]
        row, column_ = towers.row_column(*numbers(hits, "ieta", "iphi"))
        np.add.at(hcal[number], (row - 11, column_), ak.to_numpy(hits.energy))
    return ecal, hcal


def test_ecal_and_hcal_correlate_best_unshifted() -> None:
    """Energy deposited in both parts by the same particles lies at the same place."""
    events = ak.concatenate([read(name) for name in FILES])
    ecal, hcal = (np.sqrt(np.clip(image, 0, 20)) for image in images(events))
    correlation = {}
    for rows in range(-3, 4):
        for columns in range(-4, 5):
            moved = np.roll(np.roll(hcal, columns, axis=2), rows, axis=1)
            inside = slice(3, -3)
            correlation[rows, columns] = float((ecal * moved)[:, inside].sum())
    best = sorted(correlation, key=correlation.__getitem__, reverse=True)
    assert best[0] == (0, 0)
    assert correlation[0, 0] > 1.05 * correlation[best[1]]
