"""Which cells the detector reads out: towers with energy in full, elsewhere what tops the noise.

CMS reads crystals in full only where a 5×5 trigger tower (or super-crystal) and its neighbours hold
energy, and suppresses noise elsewhere. Energy of the neighbouring bunch crossings, 50 ns away, is
read with the rest.

References
----------
CMS Collaboration, Performance of photon reconstruction and identification with the CMS detector in
proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P08010 (selective readout, noise).
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
from hepvision.simulation.readout import Cells, normal_tail, skip, smeared

__all__ = ["FULL", "LATE_HIT", "PASSED", "Plan", "add_late", "mark_full", "measure", "plan"]

Array = npt.NDArray[Any]

#: What is known of a cell, as bits: read in full, passes the readout, holds energy of another
#: crossing.
FULL, PASSED, LATE_HIT = 1, 2, 4
#: From the interaction point to an endcap, in crystals.
_DISTANCE = EcalEndcap.face / EcalEndcap.pitch
#: Noise a crystal: a barrel crystal at η = 0 and its growth with |η|, an endcap crystal in Et.
#: Measured on the negative hits of fully read windows of the real events.
_BARREL_NOISE, _BARREL_GROWTH, _ENDCAP_NOISE_ET = 0.040, 0.15, 0.046  # GeV
#: Transverse energies of a 5×5 tower of the barrel and of the endcaps from which on it, or also its
#: eight neighbours, are read in full. The endcaps' trigger does not correct for lost transparency.
_MEDIUM, _HIGH = (1.0, 2.5), (2.0, 5.0)  # GeV
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
def _late_time(rng: np.random.Generator) -> float:
    """Apparent time of energy of the crossing before or after."""
    if rng.random() < 0.2:
        return -45.0 + 10.0 * rng.standard_normal()
    return 46.0 + 9.0 * rng.standard_normal()


@numba.njit(cache=True)
def add_late(rng: np.random.Generator, work: Work, pileup: int, table: Plan, state: Array) -> None:
    """Energy of the crossings beside this one, in single cells."""
    inside = rng.poisson(_LATE[0] * pileup)
    for number in range(inside + rng.poisson(_LATE_BORDER * pileup)):
        channel = int(rng.random() * ENDCAP_FIRST)
        if number >= inside:
            channel = channel % 360 + (0 if rng.random() < 0.5 else 169 * 360)
        energy = _LATE_BARREL + _LATE_BARREL_MEAN * rng.standard_exponential()
        add(work, channel, energy, _late_time(rng))
        state[channel] |= LATE_HIT
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
            state[channel] |= LATE_HIT
    for _ in range(rng.poisson(_LATE[2] * pileup)):
        row = 12 + int(rng.random() * 32)
        if rng.random() < 0.3:  # most of them in the four outermost rings
            row = 12 + row % 4 if row < 28 else 40 + row % 4
        channel = HCAL_FIRST + 72 * row + int(rng.random() * 72)
        state[channel] |= LATE_HIT


@numba.njit(cache=True)
def _group(channel: int) -> int:
    """Trigger tower or super-crystal of a crystal."""
    if channel < ENDCAP_FIRST:
        return channel // 1800 * 72 + channel % 360 // 5
    place = channel - ENDCAP_FIRST
    return _TOWERS + place // 500 * 20 + place % 100 // 5


@numba.njit(cache=True)
def mark_full(work: Work, cells: Cells, table: Plan, state: Array) -> None:
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
                state[channel] |= FULL


@numba.njit(cache=True)
def measure(
    rng: np.random.Generator,
    work: Work,
    cells: Cells,
    table: Plan,
    state: Array,
    measured: Array,
) -> None:
    """Energies with their noise; what passes zero suppression or is read in full."""
    for channel in work.touched[: work.counters[HITS]]:
        if state[channel] & FULL == 0 or channel >= HCAL_FIRST:
            part = part_of(channel)
            width = table.width[channel] if part < 2 else cells.noise[2]
            energy = _draw(rng, work, cells, channel, part, width)
            kept = part < 2 or rng.random() < _HB_SHARE + _HB_RISE * energy
            late = part < 2 and state[channel] & LATE_HIT
            if (energy > cells.ratio[part] * width and kept) or late:
                state[channel] |= PASSED
                measured[channel] = energy
    full: Array = np.flatnonzero(state[:HCAL_FIRST] & FULL)
    for channel in full:
        part = part_of(channel)
        energy = _draw(rng, work, cells, channel, part, table.width[channel])
        if rng.random() < _PULLED:
            energy -= _PULL * table.width[channel] * rng.standard_exponential()
        state[channel] |= PASSED
        measured[channel] = energy
    for channel in HCAL_FIRST + np.flatnonzero(state[HCAL_FIRST:] & LATE_HIT):
        measured[channel] += _LATE_HB + _LATE_HB_WIDTH * rng.standard_normal()
        state[channel] |= PASSED
    work.counters[HITS] = 0
    for part in range(2):
        place = cells.begin[part] + skip(rng, cells.log_silent[part])
        while place < cells.begin[part + 1]:
            channel = cells.there[place]
            if state[channel] == 0 and work.sums[channel, 0] == 0.0:
                state[channel] |= PASSED
                measured[channel] = table.width[channel] * normal_tail(rng, cells.ratio[part])
            place += 1 + skip(rng, cells.log_silent[part])


@numba.njit(cache=True)
def _draw(
    rng: np.random.Generator, work: Work, cells: Cells, channel: int, part: int, width: float
) -> float:
    energy = cells.scale[part] * work.sums[channel, 0]
    return smeared(rng, energy, width, cells.calibration[part])
