"""Which hits analysis files keep: selective readout, clusters, cones and out-of-time hits.

CMS reads crystals in full only where a 5×5 trigger tower (or super-crystal) and its neighbours hold
energy, and suppresses noise elsewhere. Of these hits analysis files keep 5×5 windows around the
seeds of clusters, cones around photons and electrons, crystals at the border of barrel and endcaps,
and hits whose time is suspicious. The last are pile-up of the neighbouring bunch crossings, 50 ns
away: two in three isolated barrel hits of the real events are 20–60 ns off.

References
----------
CMS Collaboration, Performance of photon reconstruction and identification with the CMS detector in
proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P08010 (selective readout, noise);
CMS software, reducedRecHitsSequence and interestingDetIdCollectionProducer (what is kept).
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.simulation._channels import (
    ENDCAP_FIRST,
    HCAL_FIRST,
    HITS,
    Work,
    add,
    exists,
    part_of,
)
from hepvision.simulation.readout import Cells, hit_time, normal_tail, skip, smeared

__all__ = ["Plan", "keep_interesting", "plan"]

Array = npt.NDArray[Any]

#: From the interaction point to an endcap, in crystals.
_DISTANCE = EcalEndcap.face / EcalEndcap.pitch
#: Noise a crystal: a barrel crystal at η = 0 and its growth with |η|, an endcap crystal in Et.
#: Measured on the negative hits of fully read windows of the real events.
_BARREL_NOISE, _BARREL_GROWTH, _ENDCAP_NOISE_ET = 0.040, 0.15, 0.046  # GeV
#: Transverse energies of a 5×5 tower of the barrel and of the endcaps from which on it, or also its
#: eight neighbours, are read in full. The endcaps' trigger does not correct for lost transparency.
_MEDIUM, _HIGH = (1.0, 2.5), (2.0, 5.0)  # GeV
#: Transverse energy of a cluster's seed in barrel and endcaps.
_SEED_ET = (1.0, 0.20)  # GeV
#: Crystals in η and φ around a barrel seed in which weaker seeds start clusters, as tracks of
#: converted photons do.
_ROAD, _ROAD_SEED = (2, 17), 0.35  # GeV
#: Transverse energy of photons and electrons, the cone around them in which hits are kept, and
#: least energy of such hits in the barrel, least Et in the endcaps.
_CANDIDATE_ET, _CONE, _CONE_ENERGY = 10.0, 0.6, (0.095, 0.110)  # GeV
#: Hits of other bunch crossings a pile-up interaction: barrel, endcaps, HB.
_LATE = (4.3, 2.8, 2.4)
_LATE_BARREL, _LATE_BARREL_MEAN = 0.15, 0.15  # GeV
_LATE_ENDCAP, _LATE_ENDCAP_MEAN = 0.12, 0.12  # GeV of Et
_LATE_BORDER = 0.6  # more of them in the barrel's outermost rings, which are kept whole
_LATE_HB, _LATE_HB_WIDTH = 0.25, 0.28  # GeV
#: Share of the soft towers of this crossing that are kept, and its rise per GeV.
_HB_SHARE, _HB_RISE = 0.5, 0.05
#: Pulses of earlier crossings pull the base line down: how often, and how far in noise widths.
_PULLED, _PULL = 0.012, 4.0
#: HE is hardly kept at all.
_HE_ENERGY = 30.0  # GeV
_WINDOW = 60.0  # ns
_FULL, _PASSED, _LATE_HIT, _KEPT, _NEAR = 1, 2, 4, 8, 16
_TOWERS = 34 * 72


class Plan(NamedTuple):
    """What the kernel must know of the crystals; arrays of shape (HCAL_FIRST,)."""

    width: Array  # noise, GeV
    sine: Array  # of the polar angle
    eta: Array
    phi: Array
    border: Array  # whether at the border of barrel and endcaps
    there: Array  # whether there is a crystal


@functools.cache
def plan() -> Plan:
    """Tables of the crystals.

    Returns
    -------
    Plan
        Do not change them: they are made once.
    """
    crystals = ((EcalBarrel(), ENDCAP_FIRST), (EcalEndcap(), HCAL_FIRST - ENDCAP_FIRST))
    places = [part.eta_phi(*part.numbers(np.arange(count))) for part, count in crystals]
    eta, phi = (np.concatenate(values) for values in zip(*places, strict=True))
    cosh = np.cosh(eta)
    barrel = np.arange(HCAL_FIRST) < ENDCAP_FIRST
    return Plan(
        np.where(
            barrel, _BARREL_NOISE * (1.0 + _BARREL_GROWTH * np.abs(eta)), _ENDCAP_NOISE_ET * cosh
        ),
        1.0 / cosh,
        eta,
        phi,
        np.where(barrel, np.abs(eta) > 84.0 * 0.01745, np.abs(eta) < 1.52),
        exists()[:HCAL_FIRST],
    )


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
    _add_late(rng, work, pileup, table, state)
    _mark_full(work, cells, table, state)
    _measure(rng, work, cells, table, state, measured)
    candidates = _windows(table, state, measured)
    _cones(table, state, measured, candidates)
    return _write(rng, work, cells, table, state, measured, out, filled)


@numba.njit(cache=True)
def _late_time(rng: np.random.Generator) -> float:
    """Apparent time of energy of the crossing before or after."""
    if rng.random() < 0.2:
        return -45.0 + 10.0 * rng.standard_normal()
    return 46.0 + 9.0 * rng.standard_normal()


@numba.njit(cache=True)
def _add_late(rng: np.random.Generator, work: Work, pileup: int, table: Plan, state: Array) -> None:
    """Energy of the crossings beside this one, in single cells."""
    inside = rng.poisson(_LATE[0] * pileup)
    for number in range(inside + rng.poisson(_LATE_BORDER * pileup)):
        channel = int(rng.random() * ENDCAP_FIRST)
        if number >= inside:
            channel = channel % 360 + (0 if rng.random() < 0.5 else 169 * 360)
        energy = _LATE_BARREL + _LATE_BARREL_MEAN * rng.standard_exponential()
        add(work, channel, energy, _late_time(rng))
        state[channel] |= _LATE_HIT
    for _ in range(rng.poisson(_LATE[1] * pileup)):
        # denser towards the beam
        eta = 3.0 - 1.5 * rng.random() ** 1.5
        radius, phi = _DISTANCE / math.sinh(eta), 2.0 * math.pi * rng.random()
        column = math.floor(50.0 + radius * math.cos(phi))
        row = math.floor(50.0 + radius * math.sin(phi))
        channel = ENDCAP_FIRST + 100 * row + column + (10000 if rng.random() < 0.5 else 0)
        if min(row, column) >= 0 and max(row, column) < 100 and table.there[channel]:
            energy = _LATE_ENDCAP + _LATE_ENDCAP_MEAN * rng.standard_exponential()
            add(work, channel, energy / table.sine[channel], _late_time(rng))
            state[channel] |= _LATE_HIT
    for _ in range(rng.poisson(_LATE[2] * pileup)):
        row = 12 + int(rng.random() * 32)
        if rng.random() < 0.3:  # most of them in the four outermost rings
            row = 12 + row % 4 if row < 28 else 40 + row % 4
        channel = HCAL_FIRST + 72 * row + int(rng.random() * 72)
        state[channel] |= _LATE_HIT


@numba.njit(cache=True)
def _group(channel: int) -> int:
    """Trigger tower or super-crystal of a crystal."""
    if channel < ENDCAP_FIRST:
        return channel // 1800 * 72 + channel % 360 // 5
    place = channel - ENDCAP_FIRST
    return _TOWERS + place // 500 * 20 + place % 100 // 5


@numba.njit(cache=True)
def _mark_full(work: Work, cells: Cells, table: Plan, state: Array) -> None:
    """Crystals that are read whatever they hold."""
    sums = np.zeros(_TOWERS + 800)
    for channel in work.touched[: work.counters[HITS]]:
        if channel < HCAL_FIRST:
            scale = cells.scale[part_of(channel)]
            sums[_group(channel)] += scale * work.sums[channel, 0] * table.sine[channel]
    groups: Array = np.flatnonzero(sums > min(_MEDIUM))
    for group in groups:
        barrel = group < _TOWERS
        part = 0 if barrel else 1
        if sums[group] < _MEDIUM[part]:
            continue
        reach = 1 if sums[group] > _HIGH[part] else 0
        place, width, height = (group, 72, 34) if barrel else (group - _TOWERS, 20, 20)
        block = 0 if barrel else place // 400
        row, column = place // width - block * height, place % width
        for i in range(max(row - reach, 0), min(row + reach + 1, height)):
            for j in range(column - reach, column + reach + 1):
                if barrel or 0 <= j < width:
                    _mark_group(barrel, i + block * height, j % width, table, state)


@numba.njit(cache=True)
def _mark_group(barrel: bool, row: int, column: int, table: Plan, state: Array) -> None:
    first, columns = (0, 360) if barrel else (ENDCAP_FIRST, 100)
    for i in range(5 * row, 5 * row + 5):
        for j in range(5 * column, 5 * column + 5):
            channel = first + columns * i + j
            if table.there[channel]:
                state[channel] |= _FULL


@numba.njit(cache=True)
def _measure(
    rng: np.random.Generator,
    work: Work,
    cells: Cells,
    table: Plan,
    state: Array,
    measured: Array,
) -> None:
    """Energies with their noise; what passes zero suppression or is read in full."""
    for channel in work.touched[: work.counters[HITS]]:
        if state[channel] & _FULL == 0 or channel >= HCAL_FIRST:
            part = part_of(channel)
            width = table.width[channel] if part < 2 else cells.noise[2]
            energy = _draw(rng, work, cells, channel, part, width)
            kept = part < 2 or rng.random() < _HB_SHARE + _HB_RISE * energy
            late = part < 2 and state[channel] & _LATE_HIT
            if (energy > cells.ratio[part] * width and kept) or late:
                state[channel] |= _PASSED
                measured[channel] = energy
    full: Array = np.flatnonzero(state[:HCAL_FIRST] & _FULL)
    for channel in full:
        part = part_of(channel)
        energy = _draw(rng, work, cells, channel, part, table.width[channel])
        if rng.random() < _PULLED:
            energy -= _PULL * table.width[channel] * rng.standard_exponential()
        state[channel] |= _PASSED
        measured[channel] = energy
    for channel in HCAL_FIRST + np.flatnonzero(state[HCAL_FIRST:] & _LATE_HIT):
        measured[channel] += _LATE_HB + _LATE_HB_WIDTH * rng.standard_normal()
        state[channel] |= _PASSED
    work.counters[HITS] = 0
    for part in range(2):
        place = cells.begin[part] + skip(rng, cells.log_silent[part])
        while place < cells.begin[part + 1]:
            channel = cells.there[place]
            if state[channel] == 0 and work.sums[channel, 0] == 0.0:
                state[channel] |= _PASSED
                measured[channel] = table.width[channel] * normal_tail(rng, cells.ratio[part])
            place += 1 + skip(rng, cells.log_silent[part])


@numba.njit(cache=True)
def _draw(
    rng: np.random.Generator, work: Work, cells: Cells, channel: int, part: int, width: float
) -> float:
    energy = cells.scale[part] * work.sums[channel, 0]
    return smeared(rng, energy, width, cells.calibration[part])


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
            if other >= 0 and state[other] & _PASSED:
                state[other] |= bit


@numba.njit(cache=True)
def _windows(table: Plan, state: Array, measured: Array) -> Array:
    """Keep 5×5 crystals around the seeds of clusters; seeds of photons and electrons."""
    passed: Array = np.flatnonzero(state[:HCAL_FIRST] & _PASSED)
    candidates = np.empty(len(passed), np.int64)
    number = 0
    for channel in passed:
        barrel = channel < ENDCAP_FIRST
        if table.border[channel] or state[channel] & _LATE_HIT:
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
    passed: Array = np.flatnonzero(state[:HCAL_FIRST] & _PASSED)
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
        if state[channel] & (_KEPT if crystal else _PASSED) == 0 or hidden:
            continue
        width = table.width[channel] if crystal else cells.noise[2]
        energy = measured[channel]
        channels[filled] = channel
        energies[filled] = energy
        times[filled] = hit_time(rng, time, width / max(abs(energy), 0.5 * width), _WINDOW)
        filled += 1
    return filled
