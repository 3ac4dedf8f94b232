"""Calorimeter towers: crystals and the hadron calorimeter behind them, in one grid."""

from __future__ import annotations

import functools
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import flat, from_columns

__all__ = ["LEAST_ENERGY", "towers"]

#: Towers with less energy are noise: of the crystals 0.06 GeV a tower, of the tower 0.2 GeV.
LEAST_ENERGY = 0.5  # GeV
_ROWS, _COLUMNS = Hcal.shape


@functools.cache
def _tower_of(collection: str) -> NDArray[np.int64]:
    """Tower of each channel; −1 for a number that belongs to no cell."""
    geometry = {one.collection: one for one in (EcalBarrel(), EcalEndcap(), Hcal())}[collection]
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    ieta, iphi, inside = Hcal().locate(*geometry.eta_phi(*geometry.numbers(number)))
    return np.where(inside, Hcal().flat_index(ieta, iphi).astype(np.int64), -1)


def towers(events: ak.Array, least_energy: float = LEAST_ENERGY) -> ak.Array:
    r"""Put crystals and hadron calorimeter together.

    Each crystal belongs to the tower in whose direction its centre lies, seen from the centre of
    the detector, :math:`|\eta| < 3`.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        With hits; collections that are not there count as empty.
    least_energy : float, GeV
        Towers with less are left out.

    Returns
    -------
    ak.Array
        B lists of ``Tower`` records, by rising η.

    Examples
    --------
    >>> crystal = [{"ieta": 1, "iphi": 11, "energy": 30.0}]
    >>> tower = [{"ieta": 1, "iphi": 1, "energy": 10.0}]
    >>> towers(ak.Array([{"EcalBarrelHit": crystal, "HcalHit": tower}])).energy.tolist()
    [[40.0]]
    """
    size = len(events) * _ROWS * _COLUMNS
    parts: dict[str, NDArray[Any]] = {name: np.zeros(size) for name in ("energyEm", "energyHad")}
    for geometry in (EcalBarrel(), EcalEndcap(), Hcal()):
        if geometry.collection not in events.fields:
            continue
        keys = [*geometry.fields, "energy"]
        offsets, hit = flat(events[geometry.collection][keys])
        event = np.repeat(np.arange(len(events)), np.diff(offsets))
        table = _tower_of(geometry.collection)
        channel = geometry.flat_index(*(hit[key] for key in geometry.fields)).astype(np.int64)
        known = channel < len(table)
        tower = np.where(known, table[np.where(known, channel, 0)], -1)
        there = tower >= 0
        place = event[there] * (_ROWS * _COLUMNS) + tower[there]
        part = "energyHad" if isinstance(geometry, Hcal) else "energyEm"
        parts[part] += np.bincount(place, hit["energy"][there].astype(float), minlength=size)
    energy = parts["energyEm"] + parts["energyHad"]
    rows = np.flatnonzero(energy > max(least_energy, 0.0))
    event, tower = np.divmod(rows, _ROWS * _COLUMNS)
    eta, phi = Hcal().eta_phi(*Hcal().numbers(tower))
    columns = {name: one[rows] for name, one in parts.items()}
    columns |= {"energy": energy[rows], "et": energy[rows] / np.cosh(eta), "eta": eta, "phi": phi}
    columns["time"] = np.zeros(len(rows))
    counts = np.bincount(event, minlength=len(events))
    return from_columns(np.concatenate([[0], np.cumsum(counts)]), columns, "Tower")
