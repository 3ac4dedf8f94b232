"""Super-clusters of the endcaps: 5×5 crystals around a seed, and those near it in φ."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.physics.kinematics import turn_between
from hepvision.reconstruction._seeds import SEED_ET, local_maxima
from hepvision.reconstruction._table import record
from hepvision.reconstruction.shower_shapes import (
    ENDCAP_CRYSTAL,
    POSITION_WEIGHT,
    window,
    window_shapes,
)

__all__ = ["endcap_kernel"]

SATELLITE_ET = 0.35  # GeV, of the highest crystal of a cluster beside the core
REACH_ETA, REACH_PHI = 0.07, 0.3
SIDE, PITCH, FACE = EcalEndcap.shape[1], EcalEndcap.pitch, EcalEndcap.face
CRYSTAL = 0.3  # GeV, twice the noise: a crystal of a satellite must have it


@numba.njit(cache=True)
def _basic_cluster(
    grid: NDArray[np.float64], used: NDArray[np.bool_], seed: int, least: float
) -> tuple[float, float, float]:
    """Take the free 5×5 around a seed: energy and log-weighted x, y at the front face."""
    row, column = seed // SIDE, seed % SIDE
    energies = window(grid, row, column, SIDE, False)
    total = 0.0
    for i in range(5):
        for j in range(5):
            r, c = row + i - 2, column + j - 2
            if energies[i, j] == 0.0:
                continue
            if used[r, c] or energies[i, j] < least:
                energies[i, j] = 0.0
                continue
            used[r, c] = True
            total += energies[i, j]
    norm, x, y = 0.0, 0.0, 0.0
    for i in range(5):
        for j in range(5):
            if energies[i, j] <= 0.0 or total <= 0.0:
                continue
            weight = max(0.0, POSITION_WEIGHT + np.log(energies[i, j] / total))
            norm += weight
            x += weight * (column + j - 2 - 49.5) * PITCH
            y += weight * (row % SIDE + i - 2 - 49.5) * PITCH
    if norm <= 0.0:
        return 0.0, 0.0, 0.0
    return total, x / norm, y / norm


@numba.njit(cache=True)
def _shapes(grid: NDArray[np.float64], seed: int) -> tuple[float, float, float, float]:
    """Shapes with the distance from the beam in the place of η."""
    row, column = seed // SIDE, seed % SIDE
    along, across = np.zeros((5, 5)), np.zeros((5, 5))
    x0, y0 = column - 49.5, row % SIDE - 49.5
    radius = np.hypot(x0, y0)
    for i in range(5):
        for j in range(5):
            x, y = x0 + j - 2, y0 + i - 2
            along[i, j] = np.hypot(x, y) - radius
            across[i, j] = np.arctan2(x0 * y - y0 * x, x0 * x + y0 * y) * radius
    energies = window(grid, row, column, SIDE, False)
    return window_shapes(energies, along, across, ENDCAP_CRYSTAL)


@numba.njit(cache=True)
def _super_cluster(
    grid: NDArray[np.float64],
    used: NDArray[np.bool_],
    seeds: NDArray[np.int64],
    first: int,
    eta: NDArray[np.float64],
    phi: NDArray[np.float64],
) -> tuple[float, float, float]:
    """Core and satellites of a seed: energy, η and φ, the mean by energy."""
    core = seeds[first]
    sign = 1.0 if core >= SIDE * SIDE else -1.0
    total, x, y = _basic_cluster(grid, used, core, -np.inf)
    x, y = total * x, total * y
    for k in range(first + 1, len(seeds)):
        other = seeds[k]
        if used[other // SIDE, other % SIDE]:
            continue
        turn = turn_between(phi[other], phi[core])
        if abs(eta[other] - eta[core]) > REACH_ETA or abs(turn) > REACH_PHI:
            continue
        energy, at_x, at_y = _basic_cluster(grid, used, other, CRYSTAL)
        total += energy
        x += energy * at_x
        y += energy * at_y
    if total <= 0.0:
        return 0.0, eta[core], phi[core]
    return total, sign * np.arcsinh(FACE * total / np.hypot(x, y)), np.arctan2(y, x)


@numba.njit(cache=True)
def endcap_kernel(
    offsets: NDArray[np.int64],
    flat: NDArray[np.int64],
    energy: NDArray[np.float64],
    eta: NDArray[np.float64],
    phi: NDArray[np.float64],
    least_et: float,
    table: NDArray[np.float64],
) -> int:
    """Find the endcaps' super-clusters in a batch of events.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's hits start.
    flat : array of int, shape (N,)
        Crystals, row · 100 + column, the −z endcap first.
    energy : array, shape (N,), GeV
        Of the hits.
    eta, phi : array, shape (20000,), -, rad
        Centres of the crystals.
    least_et : float, GeV
        Raw transverse energy that a super-cluster must have to be kept.
    table : array, shape (M, 9)
        Filled by ``record``; M at least the number of hits above ``SEED_ET``.

    Returns
    -------
    int
        Rows filled.

    Examples
    --------
    >>> eta, phi, table = np.full(20_000, -2.0), np.zeros(20_000), np.zeros((1, 9))
    >>> hits = np.array([0, 1]), np.array([5_020]), np.array([90.0])
    >>> endcap_kernel(*hits, eta, phi, 10.0, table)
    1
    """
    grid, used = np.zeros((2 * SIDE, SIDE)), np.zeros((2 * SIDE, SIDE), np.bool_)
    energies, taken = grid.ravel(), used.ravel()
    sine = 1.0 / np.cosh(eta)
    filled = 0
    for event in range(len(offsets) - 1):
        hits = flat[offsets[event] : offsets[event + 1]]
        for k in range(len(hits)):
            energies[hits[k]] += energy[offsets[event] + k]
        seeds = local_maxima(grid, hits, sine, SATELLITE_ET, SIDE, False)
        for first in range(len(seeds)):
            seed = seeds[first]
            if taken[seed]:
                continue
            if energies[seed] * sine[seed] < SEED_ET:
                break
            place = _super_cluster(grid, used, seeds, first, eta, phi)
            if place[0] / np.cosh(place[1]) < least_et:
                continue
            filled = record(table, filled, event, seed, place, _shapes(grid, seed))
        for hit in hits:
            energies[hit], taken[hit] = 0.0, False
    return filled
