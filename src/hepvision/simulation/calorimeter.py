"""Showers into cells: what one particle at the calorimeter's face deposits."""

from __future__ import annotations

import math

import numba
import numpy as np

from hepvision.physics.propagation import BARREL
from hepvision.simulation._channels import Work, add, crystal, tower
from hepvision.simulation.showers.electromagnetic import electromagnetic_shower
from hepvision.simulation.showers.hadronic import hadronic_shower, muon_deposit

__all__ = ["deposit", "preshower"]

PHOTON, ELECTRON, MUON, HADRON, NEUTRAL_HADRON = 0, 1, 2, 3, 4
BARREL_LENGTH, ENDCAP_LENGTH = 23.0, 22.0  # cm
_C = 299.792458  # mm/ns


@numba.njit(cache=True)
def preshower(eta: float) -> float:
    """Lead in front of the endcap crystals.

    Parameters
    ----------
    eta : float
        Direction from the centre of the detector.

    Returns
    -------
    float, radiation lengths
        3 between 1.65 and 2.6, else 0.

    Examples
    --------
    >>> preshower(1.5), preshower(-2.0)
    (0.0, 3.0)
    """
    return 3.0 if 1.65 < abs(eta) < 2.6 else 0.0


@numba.njit(cache=True)
def deposit(
    rng: np.random.Generator,
    kind: int,
    energy: float,
    surface: int,
    place: tuple[float, float, float],
    direction: tuple[float, float, float],
    time: float,
    work: Work,
) -> None:
    """Let one particle shower and add its energy to the cells.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    kind : int
        ``PHOTON``, ``ELECTRON``, ``MUON``, ``HADRON`` (charged) or ``NEUTRAL_HADRON``.
    energy : float, GeV
        Energy, kinetic for hadrons.
    surface : int
        ``BARREL`` or ``ENDCAP``.
    place : tuple of 3 float, mm
        Entry.
    direction : tuple of 3 float
        Unit vector along which it flies.
    time : float, ns
        Arrival.
    work : Work
        Where the energy is added.
    """
    x, y, z = place
    distance = math.sqrt(x * x + y * y + z * z)
    length = BARREL_LENGTH if surface == BARREL else ENDCAP_LENGTH
    if kind == PHOTON or kind == ELECTRON:
        upstream = 0.0
        if surface != BARREL:
            upstream = preshower(math.asinh(z / max(math.hypot(x, y), 1e-6)))
        rows = electromagnetic_shower(rng, energy, kind == PHOTON, upstream, length, work.spots)
    elif kind == MUON:
        rows = muon_deposit(rng, energy, length, work.spots)
    else:
        rows = hadronic_shower(rng, energy, kind == HADRON, length, work.spots)
    _place(work, rows, length, place, direction, time - distance / _C)


@numba.njit(cache=True)
def _place(
    work: Work,
    rows: int,
    length: float,
    place: tuple[float, float, float],
    direction: tuple[float, float, float],
    delay: float,
) -> None:
    """Add spots, given in cm along and across the direction, to the cells they fall into."""
    spots = work.spots
    x, y, z = place
    ux, uy, uz = direction
    across = max(math.hypot(ux, uy), 1e-9)
    ax, ay = -uy / across, ux / across
    bx, by, bz = -uz * ay, uz * ax, ux * ay - uy * ax
    for row in range(rows):
        depth, a, b = 10.0 * spots[row, 0], 10.0 * spots[row, 1], 10.0 * spots[row, 2]
        px = x + depth * ux + a * ax + b * bx
        py = y + depth * uy + a * ay + b * by
        pz = z + depth * uz + b * bz
        if spots[row, 0] <= length:
            channel = crystal(px, py, pz)
        else:
            channel = tower(px, py, pz)
        if channel >= 0 and spots[row, 3] > 0.0:
            add(work, channel, spots[row, 3], delay)
