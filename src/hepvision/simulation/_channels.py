"""All cells of the calorimeters in one numbering, and energy added up in it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import barrel_flat
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import tower_flat
from hepvision.physics.propagation import CORNER

__all__ = [
    "CHANNELS",
    "ENDCAP_FIRST",
    "HCAL_FIRST",
    "HITS",
    "STACK",
    "THERE",
    "TRACKS",
    "Hits",
    "Work",
    "add",
    "crystal",
    "exists",
    "flush",
    "part_of",
    "tower",
    "with_room",
    "work_space",
]

Array = npt.NDArray[Any]
Hits = tuple[Array, Array, Array]

#: Barrel crystals come first, then both endcaps, then the towers; each in its flat index.
ENDCAP_FIRST, HCAL_FIRST, CHANNELS = 61200, 81200, 85232
_FACE, _PITCH, _OUTER = EcalEndcap.face, EcalEndcap.pitch, 20.0 * EcalEndcap.pitch
#: Which numbers of both endcaps belong to a crystal.
THERE = np.tile(EcalEndcap().exists().ravel(), 2)


def exists() -> npt.NDArray[np.bool_]:
    """Which numbers belong to a cell: endcap grids have corners, 10° towers a second column.

    Returns
    -------
    array of bool, shape (CHANNELS,)
        True for cells.
    """
    there = np.ones(CHANNELS, np.bool_)
    there[ENDCAP_FIRST:HCAL_FIRST] = THERE
    towers = np.ones((56, 72), np.bool_)
    towers[:8, 1::2] = towers[48:, 1::2] = False
    there[HCAL_FIRST:] = towers.ravel()
    return there


#: Counters of ``Work``.
HITS, STACK, TRACKS = 0, 1, 2


class Work(NamedTuple):
    """Work space for one event at a time."""

    sums: Array  # (CHANNELS, 2) float32, energy and energy times time
    touched: Array  # (CHANNELS,) int32, channels that hold something
    counters: Array  # (3,) rows in use of touched, stack, tracks
    stack: Array  # (rows, 11) particles still to fly
    tracks: Array  # (rows, 8) measured tracks
    spots: Array  # (4, rows) one shower
    found: Array  # (rows,) int32, channels of its spots
    frozen_offsets: Array  # the library of soft showers
    frozen_spots: Array


def work_space(
    spots: int = 1, particles: int = 1, frozen: tuple[Array, Array] | None = None
) -> Work:
    """Empty work space.

    Parameters
    ----------
    spots : int
        Rows of a shower.
    particles : int
        Tracks an event and particles in flight at a time.
    frozen : tuple of arrays, optional
        Library of soft showers; without it they are drawn like hard ones.

    Returns
    -------
    Work
        All zero.
    """
    if frozen is None:
        frozen = (np.zeros(1, np.int64), np.zeros((0, 4), np.float32))
    return Work(
        np.zeros((CHANNELS, 2), np.float32),
        np.zeros(CHANNELS, np.int32),
        np.zeros(3, np.int64),
        np.zeros((particles, 11)),
        np.zeros((particles, 8)),
        np.zeros((4, spots), np.float32),
        np.zeros(spots, np.int32),
        *frozen,
    )


@numba.njit(cache=True, inline="always")
def part_of(channel: int) -> int:
    """Part of the calorimeters that a channel belongs to.

    Parameters
    ----------
    channel : int
        Number of the cell.

    Returns
    -------
    int
        0 barrel, 1 endcaps, 2 towers.
    """
    return 0 if channel < ENDCAP_FIRST else (1 if channel < HCAL_FIRST else 2)


@numba.njit(cache=True)
def crystal(x: float, y: float, z: float) -> int:
    """Crystal that a point belongs to, as seen from the centre of the detector.

    A point beyond the barrel's end belongs to the endcap and the other way round; what falls
    beside the endcap's stepped outer edge goes to the nearest crystal further in.

    Parameters
    ----------
    x, y, z : float, mm
        The point.

    Returns
    -------
    int
        Channel, or −1 near the beam.
    """
    square = max(x * x + y * y, 1e-12)
    if z * z < CORNER * CORNER * square:
        found = barrel_flat(math.asinh(z / math.sqrt(square)), math.atan2(y, x))
        if found >= 0:
            return found
    shrink = _FACE / abs(z)
    x *= shrink
    y *= shrink
    first = ENDCAP_FIRST + (10000 if z > 0.0 else 0)
    column = math.floor(x * (1.0 / _PITCH)) + 50
    row = math.floor(y * (1.0 / _PITCH)) + 50
    if 0 <= column < 100 and 0 <= row < 100 and THERE[100 * row + column]:
        return first + 100 * row + column
    radius = math.sqrt(square) * shrink
    for step in range(1, 5):
        pull = 1.0 - 0.5 * step * _PITCH / radius
        column = math.floor(x * pull / _PITCH) + 50
        row = math.floor(y * pull / _PITCH) + 50
        outside = column < 0 or column >= 100 or row < 0 or row >= 100
        if radius > _OUTER and not outside and THERE[100 * row + column]:
            return first + 100 * row + column
    return -1


@numba.njit(cache=True)
def tower(x: float, y: float, z: float) -> int:
    """Tower that a point belongs to, as seen from the centre of the detector.

    Parameters
    ----------
    x, y, z : float, mm
        The point.

    Returns
    -------
    int
        Channel, or −1 beyond |η| = 3.
    """
    radius = max(math.sqrt(x * x + y * y), 1e-6)
    found = tower_flat(math.asinh(z / radius), math.atan2(y, x))
    return HCAL_FIRST + found if found >= 0 else -1


@numba.njit(cache=True, inline="always")
def add(work: Work, channel: int, energy: float, time: float) -> None:
    """Add energy to a channel of the event at hand.

    Parameters
    ----------
    work : Work
        Where it is added.
    channel : int
        Number of the cell.
    energy, time : float, GeV and ns
        What and when.
    """
    if work.sums[channel, 0] == 0.0:
        work.touched[work.counters[HITS]] = channel
        work.counters[HITS] += 1
    work.sums[channel, 0] += energy
    work.sums[channel, 1] += energy * time


@numba.njit(cache=True)
def flush(work: Work, threshold: float, out: Hits, filled: int) -> tuple[Hits, int]:
    """Move the event at hand to the end of the output, in order of channels.

    Parameters
    ----------
    work : Work
        Emptied.
    threshold : float, GeV
        Smaller sums are left out.
    out : tuple of arrays
        Channel (uint32), energy and time (float32); replaced by longer ones when they are full.
    filled : int
        Rows in use.

    Returns
    -------
    out, filled
        Afterwards.
    """
    count = work.counters[HITS]
    work.counters[HITS] = 0
    channels = np.sort(work.touched[:count])
    out = with_room(out, filled + count)
    for channel in channels:
        energy = work.sums[channel, 0]
        if energy > threshold:
            out[0][filled] = channel
            out[1][filled] = energy
            out[2][filled] = work.sums[channel, 1] / energy
            filled += 1
        work.sums[channel, 0] = 0.0
        work.sums[channel, 1] = 0.0
    return out, filled


@numba.njit(cache=True)
def with_room(hits: Hits, least: int) -> Hits:
    """Arrays of hits with so many rows or more.

    Parameters
    ----------
    hits : tuple of arrays
        Channel, energy and time.
    least : int
        Rows that are needed.

    Returns
    -------
    tuple of arrays
        The same, or ones of twice the rows that begin alike.
    """
    if least <= len(hits[0]):
        return hits
    return _longer(hits[0], least), _longer(hits[1], least), _longer(hits[2], least)


@numba.njit(cache=True)
def _longer(array: Array, least: int) -> Array:
    longer = np.empty(2 * least, array.dtype)
    longer[: len(array)] = array
    return longer
