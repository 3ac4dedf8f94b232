"""Made-up events: crystals, towers, tracks and generated particles with known answers."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import from_columns

__all__ = ["Row", "event_of", "shower"]

Row = dict[str, float]
TRACK = ("pt", "eta", "phi", "charge", "dz", "dxy", "etaEcal", "phiEcal", "vertexIdx")
GEN = ("pt", "eta", "phi", "mass", "pdgId", "status", "genPartIdxMother", "vx", "vy", "vz")
BARREL, HCAL = EcalBarrel(), Hcal()


def shower(eta: float, phi: float, energy: float) -> list[tuple[float, float, float]]:
    """3×3 crystals around a direction, most of the energy in the middle: η, φ, energy."""
    ieta, iphi, _ = BARREL.locate(eta, phi)
    row, column = BARREL.row_column(ieta, iphi)
    cells = []
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            flat = (row + i) * 360 + (column + j) % 360
            place = BARREL.eta_phi(*BARREL.numbers(flat))
            share = 0.904 if i == j == 0 else 0.012
            cells.append((float(place[0]), float(place[1]), share * energy))
    return cells


def _hits(part: Any, cells: list[tuple[float, float, float]]) -> ak.Array:
    eta, phi, energy = np.array(cells, float).reshape(-1, 3).T
    ieta, iphi, _ = part.locate(eta, phi)
    columns = {"ieta": ieta, "iphi": iphi, "energy": energy}
    columns |= {"time": 0 * energy} if part is BARREL else {"depth": np.ones(len(energy))}
    return from_columns([0, len(energy)], columns, part.collection)


def _rows(name: str, keys: tuple[str, ...], rows: list[Row]) -> ak.Array:
    columns = {key: np.array([row.get(key, 0.0) for row in rows], float) for key in keys}
    return from_columns([0, len(rows)], columns, name)


def event_of(
    crystals: list[tuple[float, float, float]] = (),
    towers: list[tuple[float, float, float]] = (),
    tracks: list[Row] = (),
    generated: list[Row] = (),
    forward: list[Row] = (),
) -> ak.Array:
    """One event. A track enters the crystals where it flies unless it says otherwise."""
    full = [{"etaEcal": one["eta"], "phiEcal": one["phi"], **one} for one in tracks]
    alone = [{"genPartIdxMother": -1, "status": 1, **one} for one in generated]
    made = {
        "EcalBarrelHit": _hits(BARREL, list(crystals)),
        "HcalHit": _hits(HCAL, list(towers)),
        "Track": _rows("Track", TRACK, full),
        "Vertex": _rows("Vertex", ("x", "y", "z", "sumPt2"), [{"sumPt2": 1.0}]),
        "GenPart": _rows("GenPart", GEN, alone),
        "Tower": _rows("Tower", ("eta", "phi", "et", "energy"), list(forward)),
    }
    return ak.zip(made, depth_limit=1)
