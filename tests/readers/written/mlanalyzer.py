"""Writes small trees as MLAnalyzer lays them out: vectors of the whole detector, and photons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot

__all__ = ["SUFFIX", "content", "photons", "write", "write_columns"]

SUFFIX = ".root"
BASKET = 20  # events
TREE = "fevt/RHTree"


def _some(random: np.random.Generator, events: int, size: int, number: int) -> np.ndarray:
    made = np.zeros((events, size), np.float32)
    for row in made:
        row[random.choice(size, number, replace=False)] = random.exponential(5, number) + 0.05
    return made


def _towers(random: np.random.Generator, events: int) -> tuple[np.ndarray, np.ndarray]:
    """Both vectors of towers, filled hit by hit from CMS's numbers."""
    whole, part = np.zeros((events, 56, 72)), np.zeros((events, 34, 72))
    for k in range(events):
        for _ in range(40):
            size = int(random.integers(1, 30))
            side = int(random.choice([-1, 1]))
            iphi = int(random.integers(0, 36)) * 2 + 1 if size > 20 else int(random.integers(1, 73))
            energy = float(random.exponential(4))
            size = min(size, 28)
            column = iphi + 1 if iphi + 1 < 72 else iphi + 1 - 72
            row = size - 1 if side > 0 else -size
            if size > 20:
                whole[k, row + 28, column] += energy / 2
                whole[k, row + 28, column + 1] += energy / 2
            else:
                whole[k, row + 28, column] += energy
            if size <= 17:
                part[k, row + 17, column] += energy
    return whole.astype("f4").reshape(events, -1), part.astype("f4").reshape(events, -1)


def content(events: int = 7, seed: int = 1) -> dict[str, Any]:
    """Columns by their names: dense vectors, and lists of jets."""
    random = np.random.default_rng(seed)
    barrel = _some(random, events, 61200, 300)
    # the endcaps' disc of crystals, well inside
    x, y = np.meshgrid(np.arange(100) - 49.5, np.arange(100) - 49.5)
    disc = np.flatnonzero((np.hypot(x, y) > 14) & (np.hypot(x, y) < 48))
    ends = []
    for number in (60, 60, 15, 15):
        made = np.zeros((events, 10000), np.float32)
        made[:, disc] = _some(random, events, len(disc), number)
        ends.append(made)
    whole, part = _towers(random, events)
    stitched = _some(random, events, 280 * 360, 100)
    stitched[:, 55 * 360 : 225 * 360] = barrel
    found: dict[str, Any] = {
        "EB_energy": barrel,
        "EB_time": np.where(barrel > 0, random.normal(0, 2, barrel.shape), 0).astype("f4"),
        "EEm_energy": ends[0],
        "EEp_energy": ends[1],
        "HBHE_energy": whole,
        "HBHE_energy_EB": part,
        "ECAL_energy": stitched,
        "ECAL_tracksPt": _some(random, events, 280 * 360, 50),
        "TracksPt_EB": _some(random, events, 61200, 30),
        "TracksPt_EEm": ends[2],
        "TracksPt_EEp": ends[3],
    }
    found = {key: ak.from_regular(ak.Array(values)) for key, values in found.items()}
    number = random.integers(1, 4, events)
    total = int(number.sum())
    jets = {
        "jetPt": random.uniform(70, 200, total).astype("f4"),
        "jetM": random.uniform(5, 40, total).astype("f4"),
        "jetSeed_ieta": random.integers(12, 44, total).astype("f4"),
        "jetSeed_iphi": random.integers(0, 72, total).astype("f4"),
        "jetIsQuark": random.integers(0, 2, total).astype("i4"),
        "jetPdgIds": random.choice([21, 1, -2], total).astype("i4"),
    }
    found |= {key: ak.unflatten(values, number) for key, values in jets.items()}
    return found | {
        "eventId": (np.arange(events) * 3 + 11).astype("u8"),
        "runId": np.ones(events, "u4"),
        "lumiId": np.full(events, 5, "u4"),
    }


def photons(events: int = 7, seed: int = 1, channels: int = 3) -> dict[str, Any]:
    """Columns of a tree of photons: lists of pictures, and what CMS and the truth say."""
    random = np.random.default_rng(seed)
    number = random.integers(0, 3, events)
    number[0] = 2
    total = int(number.sum())
    found: dict[str, Any] = {}
    for name in ("SC_energy", "SC_energyT", "SC_energyZ")[:channels]:
        made = _some(random, total, 1024, 40)
        found[name] = ak.unflatten(ak.from_regular(ak.Array(made)), number)
    for name in ("SC_mass", "SC_pT", "SC_eta", "SC_phi", "pho_pT", "pho_eta", "pho_phi", "pho_r9"):
        found[name] = ak.unflatten(random.uniform(0.1, 3, total).astype("f4"), number)
    return found | {"eventId": np.arange(events, dtype="u8"), "m0": np.ones(events, "f4")}


def write_columns(path: Path, columns: dict[str, Any], ntuple: bool = False) -> None:
    """Columns as a tree in a folder, or as an RNTuple, which may hold lists of lists."""
    with uproot.recreate(path) as file:
        if ntuple:
            file.mkrntuple("RHTree", columns)
            return
        kinds = {
            name: ak.type(values).content if isinstance(values, ak.Array) else values.dtype
            for name, values in columns.items()
        }
        tree = file.mktree(TREE, kinds)
        for start in range(0, len(columns["eventId"]), BASKET):
            tree.extend({key: one[start : start + BASKET] for key, one in columns.items()})


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """A tree of the whole detector; returns vectors of shape (events, size), and jets flat."""
    columns = content(events, seed)
    write_columns(path, columns)
    return {
        key: np.asarray(ak.flatten(ak.Array(one), None)).reshape(
            (events, -1) if "jet" not in key else -1
        )
        for key, one in columns.items()
    }
