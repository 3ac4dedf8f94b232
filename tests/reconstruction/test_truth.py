"""Matching to generated particles, through ``photons``."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.events.schema import from_columns
from hepvision.reconstruction import photons

Row = tuple[float, float, int, int, int]  # pt, phi, pdgId, status, mother


def truth_of(*rows: Row) -> Any:
    hits = {"ieta": [1], "iphi": [10], "energy": [50.0], "time": [0.0]}
    pt, phi, pdg, status, mother = zip(*rows, strict=True) if rows else [()] * 5
    zero = np.zeros(len(rows))
    gen = {"pt": pt, "eta": zero, "phi": phi, "mass": zero, "pdgId": pdg, "status": status}
    gen |= {"genPartIdxMother": mother, "vx": zero, "vy": zero, "vz": zero, "converted": zero > 0}
    events = ak.zip(
        {
            "EcalBarrelHit": from_columns([0, 1], hits, "EcalBarrelHit"),
            "GenPart": from_columns([0, len(rows)], gen, "GenPart"),
        },
        depth_limit=1,
    )
    photon = photons(events)[0, 0]
    return [int(photon[name]) for name in ("genPartFlav", "genPartIdx", "fakePdgId")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((), [0, -1, 0]),
        (((50.0, 0.0, 22, 1, -1),), [1, 0, 0]),
        (((50.0, 3.0, 22, 1, -1),), [0, -1, 0]),
        (((50.0, 0.0, 22, 23, -1),), [0, -1, 0]),
        (((10.0, 0.0, 22, 1, -1),), [0, 0, 0]),
        (((50.0, 0.0, -11, 1, -1),), [11, 0, 0]),
        (((50.0, 0.0, 1, 23, -1), (45.0, 0.0, 22, 1, 0)), [1, 1, 0]),
        (((60.0, 0.0, 111, 2, -1), (40.0, 0.0, 22, 1, 0), (20.0, 0.1, 22, 1, 0)), [0, 1, 111]),
        (((60.0, 0.0, 221, 2, -1), (60.0, 0.0, 111, 2, 0), (50.0, 0.0, 22, 1, 1)), [0, 2, 111]),
        (((50.0, 0.0, 211, 1, -1),), [0, 0, 211]),
        (((50.0, 0.0, 15, 2, -1), (40.0, 0.0, 11, 1, 0)), [0, 1, 0]),
        (((50.0, 0.0, 22, 1, 1), (50.0, 0.0, 22, 23, 0)), [1, 0, 0]),
    ],
)
def test_match(rows: tuple[Row, ...], expected: list[int]) -> None:
    assert truth_of(*rows) == expected
