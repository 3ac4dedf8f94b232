"""Which of the hits that are read analysis files keep: clusters, cones and out-of-time hits.

They keep 5×5 windows around the seeds of clusters, cones around photons and electrons, crystals at
the border of barrel and endcaps, and hits whose time is suspicious. The last are pile-up of the
neighbouring bunch crossings: two in three isolated barrel hits of the real events are 20–60 ns off.

References
----------
CMS software, reducedRecHitsSequence and interestingDetIdCollectionProducer (what is kept).
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.simulation._channels import ENDCAP_FIRST, HCAL_FIRST, Work, part_of
from hepvision.simulation._selective import (
    LATE_HIT,
    PASSED,
    Plan,
    add_late,
    mark_full,
    measure,
)
from hepvision.simulation.readout import Cells, hit_time

__all__ = ["keep_interesting"]

Array = npt.NDArray[Any]

#: Transverse energy of a cluster's seed in barrel and endcaps.
_SEED_ET = (1.0, 0.20)  # GeV
#: Crystals in η and φ around a barrel seed in which weaker seeds start clusters, as tracks of
#: converted photons do.
_ROAD, _ROAD_SEED = (2, 17), 0.35  # GeV
#: Transverse energy of photons and electrons, the cone around them in which hits are kept, and
#: least energy of such hits in the barrel, least Et in the endcaps.
_CANDIDATE_ET, _CONE, _CONE_ENERGY = 10.0, 0.6, (0.095, 0.110)  # GeV
#: HE is hardly kept at all.
_HE_ENERGY = 30.0  # GeV
_WINDOW = 60.0  # ns
#: More bits of a cell: kept, near a seed.
_KEPT, _NEAR = 8, 16


@numba.njit(cache=True)
def keep_interesting(
    rng: np.random.Generator,
    work: Work,
    cells: Cells,
    table: Plan,
    pileup: int,
    out: tuple[Array, Array, Array],
    filled: int,
) -> int:
    """Read out the event at hand as analysis files keep it, and empty the work space.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    work : Work
        Energy of all cells.
    cells : Cells
        From ``Readout.table``.
    table : Plan
        From ``plan``.
    pileup : int
        Interactions of the event: as many, on average, are in the crossings beside it.
    out : tuple of arrays
        Channel, energy, time; must have room for all cells.
    filled : int
        Rows in use.

    Returns
    -------
    int
        Rows in use afterwards.
    """
    state = np.zeros(len(work.sums), np.uint8)
    measured = np.zeros(len(work.sums), np.float32)
    add_late(rng, work, pileup, table, state)
    mark_full(work, cells, table, state)
    measure(rng, work, cells, table, state, measured)
    candidates = _windows(table, state, measured)
    _cones(table, state, measured, candidates)
    return _write(rng, work, cells, table, state, measured, out, filled)


@numba.njit(cache=True)
def _neighbour(channel: int, down: int, right: int) -> int:
    """A crystal near another one; −1 beyond the edge."""
    barrel = channel < ENDCAP_FIRST
    first, rows, columns = (0, 170, 360) if barrel else (ENDCAP_FIRST, 100, 100)
    if channel >= ENDCAP_FIRST + 10000:
        first += 10000
    row, column = (channel - first) // columns + down, (channel - first) % columns + right
    if row < 0 or row >= rows or (not barrel and (column < 0 or column >= columns)):
        return -1
    return first + columns * row + column % columns


@numba.njit(cache=True)
def _around(channel: int, measured: Array) -> float:
    """Sum of 5×5 crystals; 0 unless the middle one tops its neighbours."""
    total = 0.0
    for i in range(-2, 3):
        for j in range(-2, 3):
            other = _neighbour(channel, i, j)
            if other >= 0:
                total += measured[other]
                if abs(i) < 2 and abs(j) < 2 and measured[other] > measured[channel]:
                    return 0.0
    return total


@numba.njit(cache=True)
def _set_window(channel: int, rows: int, columns: int, bit: int, state: Array) -> None:
    """Mark the crystals around one that pass."""
    for i in range(-rows, rows + 1):
        for j in range(-columns, columns + 1):
            other = _neighbour(channel, i, j)
            if other >= 0 and state[other] & PASSED:
                state[other] |= bit


@numba.njit(cache=True)
def _windows(table: Plan, state: Array, measured: Array) -> Array:
    """Keep 5×5 crystals around the seeds of clusters; seeds of photons and electrons."""
    passed: Array = np.flatnonzero(state[:HCAL_FIRST] & PASSED)
    candidates = np.empty(len(passed), np.int64)
    number = 0
    for channel in passed:
        barrel = channel < ENDCAP_FIRST
        if table.border[channel] or state[channel] & LATE_HIT:
            state[channel] |= _KEPT
        if measured[channel] * table.sine[channel] < _SEED_ET[part_of(channel)]:
            continue
        total = _around(channel, measured)
        if total <= 0.0:
            continue
        _set_window(channel, 2, 2, _KEPT, state)
        if barrel:
            _set_window(channel, _ROAD[0], _ROAD[1], _NEAR, state)
        if total * table.sine[channel] > _CANDIDATE_ET:
            candidates[number] = channel
            number += 1
    for channel in passed:
        if state[channel] & _NEAR and measured[channel] > _ROAD_SEED:
            if _around(channel, measured) > 0.0:
                _set_window(channel, 2, 2, _KEPT, state)
    return candidates[:number]


@numba.njit(cache=True)
def _cones(table: Plan, state: Array, measured: Array, candidates: Array) -> None:
    """Keep what lies around photons and electrons."""
    if len(candidates) == 0:
        return
    passed: Array = np.flatnonzero(state[:HCAL_FIRST] & PASSED)
    for channel in passed:
        transverse = 1.0 if channel < ENDCAP_FIRST else table.sine[channel]
        if measured[channel] * transverse < _CONE_ENERGY[part_of(channel)]:
            continue
        for seed in candidates:
            away = table.eta[channel] - table.eta[seed]
            turn = (table.phi[channel] - table.phi[seed] + math.pi) % (2.0 * math.pi) - math.pi
            if away * away + turn * turn < _CONE * _CONE:
                state[channel] |= _KEPT
                break


@numba.njit(cache=True)
def _write(
    rng: np.random.Generator,
    work: Work,
    cells: Cells,
    table: Plan,
    state: Array,
    measured: Array,
    out: tuple[Array, Array, Array],
    filled: int,
) -> int:
    """Write down what is kept and empty the work space."""
    channels, energies, times = out
    for channel in range(len(state)):
        time, deposited = 0.0, work.sums[channel, 0]
        if deposited != 0.0:
            time = work.sums[channel, 1] / deposited
            work.sums[channel, 0] = work.sums[channel, 1] = 0.0
        crystal = channel < HCAL_FIRST
        row = (channel - HCAL_FIRST) // 72
        hidden = (row < 12 or row >= 44) and measured[channel] < _HE_ENERGY and not crystal
        if state[channel] & (_KEPT if crystal else PASSED) == 0 or hidden:
            continue
        width = table.width[channel] if crystal else cells.noise[2]
        energy = measured[channel]
        channels[filled] = channel
        energies[filled] = energy
        times[filled] = hit_time(rng, time, width / max(abs(energy), 0.5 * width), _WINDOW)
        filled += 1
    return filled
