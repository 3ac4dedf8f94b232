"""Super-clusters of the barrel: a 5×5 core and what the field spread beside it in φ."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import FIRST_EDGE_DEGREES, EcalBarrel
from hepvision.reconstruction._seeds import SEED_ET, local_maxima
from hepvision.reconstruction._table import record
from hepvision.reconstruction.shower_shapes import (
    BARREL_CRYSTAL,
    POSITION_WEIGHT,
    window,
    window_shapes,
)

__all__ = ["barrel_kernel"]

REACH = 17  # columns on each side: 0.3 rad
CORE = 2  # rows and columns on each side of the seed that belong to it whatever they hold
CRYSTAL = 0.08  # GeV, twice the noise: a crystal beside the core must have it
DOMINO = 0.1  # GeV: five crystals in η with less end a cluster
SATELLITE = 0.35  # GeV: the highest five of a cluster beside the core must have it
ROWS, COLUMNS = EcalBarrel.shape
STRIP = 2 * REACH + 1
FIRST_CENTRE = FIRST_EDGE_DEGREES + 0.5


@numba.njit(cache=True)
def _dominoes(
    grid: NDArray[np.float64],
    used: NDArray[np.bool_],
    row: int,
    column: int,
    strip: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Copy the free crystals of the strip; give the sum of each column."""
    sums = np.zeros(STRIP)
    strip[:] = 0.0
    for d in range(STRIP):
        c = (column + d - REACH) % COLUMNS
        in_core = abs(d - REACH) <= CORE
        for i in range(5):
            r = row + i - 2
            if r < 0 or r >= ROWS or used[r, c]:
                continue
            energy = grid[r, c]
            if in_core or energy > CRYSTAL:
                strip[i, d] = energy
                sums[d] += energy
    return sums


@numba.njit(cache=True)
def _label(sums: NDArray[np.float64]) -> NDArray[np.int64]:
    """Cluster of each column: 0 the core and its tail, −1 none, others satellites."""
    labels = np.full(STRIP, -1, np.int64)
    labels[REACH - CORE : REACH + CORE + 1] = 0
    heights = np.zeros(STRIP)
    clusters = 1
    for side in (-1, 1):
        current, falling = 0, True
        before = sums[REACH + side * CORE]
        for step in range(CORE + 1, REACH + 1):
            d = REACH + side * step
            if sums[d] < DOMINO:
                current, before = -1, 0.0
                continue
            if current < 0 or (falling and sums[d] > before):
                current, falling = clusters, False
                clusters += 1
            falling = falling or sums[d] < before
            labels[d] = current
            heights[current] = max(heights[current], sums[d])
            before = sums[d]
    for d in range(STRIP):
        if labels[d] > 0 and heights[labels[d]] < SATELLITE:
            labels[d] = -1
    return labels


@numba.njit(cache=True)
def _place(
    strip: NDArray[np.float64],
    labels: NDArray[np.int64],
    eta: NDArray[np.float64],
    row: int,
) -> tuple[float, float, float]:
    """Energy, and the mean place of the clusters by energy: η and columns from the seed."""
    total, weighted_eta, weighted_step = 0.0, 0.0, 0.0
    for label in range(labels.max() + 1):
        energy = 0.0
        for d in range(STRIP):
            if labels[d] == label:
                energy += strip[:, d].sum()
        if energy <= 0.0:
            continue
        norm, mean_eta, mean_step = 0.0, 0.0, 0.0
        for d in range(STRIP):
            if labels[d] != label:
                continue
            for i in range(5):
                if strip[i, d] <= 0.0:
                    continue
                weight = max(0.0, POSITION_WEIGHT + np.log(strip[i, d] / energy))
                norm += weight
                mean_eta += weight * eta[row + i - 2]
                mean_step += weight * (d - REACH)
        if norm <= 0.0:
            continue
        total += energy
        weighted_eta += energy * mean_eta / norm
        weighted_step += energy * mean_step / norm
    if total <= 0.0:
        return 0.0, eta[row], 0.0
    return total, weighted_eta / total, weighted_step / total


@numba.njit(cache=True)
def _take(
    used: NDArray[np.bool_],
    strip: NDArray[np.float64],
    labels: NDArray[np.int64],
    row: int,
    column: int,
) -> None:
    for d in range(STRIP):
        if labels[d] < 0:
            continue
        c = (column + d - REACH) % COLUMNS
        for i in range(5):
            r = row + i - 2
            if 0 <= r < ROWS and strip[i, d] != 0.0:
                used[r, c] = True


@numba.njit(cache=True)
def barrel_kernel(
    offsets: NDArray[np.int64],
    flat: NDArray[np.int64],
    energy: NDArray[np.float64],
    eta: NDArray[np.float64],
    least_et: float,
    table: NDArray[np.float64],
) -> int:
    """Find the barrel's super-clusters in a batch of events.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's hits start.
    flat : array of int, shape (N,)
        Crystals, row · 360 + column.
    energy : array, shape (N,), GeV
        Of the hits.
    eta : array, shape (170,)
        Centres of the rows.
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
    >>> eta, table = np.zeros(170), np.zeros((1, 9))
    >>> barrel_kernel(np.array([0, 1]), np.array([30_600]), np.array([20.0]), eta, 10.0, table)
    1
    """
    grid, used = np.zeros((ROWS, COLUMNS)), np.zeros((ROWS, COLUMNS), np.bool_)
    energies, taken = grid.ravel(), used.ravel()
    sine = np.repeat(1.0 / np.cosh(eta), COLUMNS)
    strip = np.zeros((5, STRIP))
    step = np.arange(-2.0, 3.0)
    along, across = np.repeat(step, 5).reshape(5, 5), np.zeros((5, 5))
    across[:] = step
    filled = 0
    for event in range(len(offsets) - 1):
        hits = flat[offsets[event] : offsets[event + 1]]
        for k in range(len(hits)):
            energies[hits[k]] += energy[offsets[event] + k]
        for seed in local_maxima(grid, hits, sine, SEED_ET, ROWS, True):
            row, column = seed // COLUMNS, seed % COLUMNS
            if used[row, column]:
                continue
            labels = _label(_dominoes(grid, used, row, column, strip))
            total, at_eta, at_step = _place(strip, labels, eta, row)
            _take(used, strip, labels, row, column)
            if total / np.cosh(at_eta) < least_et:
                continue
            phi = np.deg2rad((column + at_step + FIRST_CENTRE + 180.0) % 360.0 - 180.0)
            shapes = window_shapes(
                window(grid, row, column, ROWS, True), along, across, BARREL_CRYSTAL
            )
            filled = record(table, filled, event, seed, (total, at_eta, phi), shapes)
        for hit in hits:
            energies[hit], taken[hit] = 0.0, False
    return filled
