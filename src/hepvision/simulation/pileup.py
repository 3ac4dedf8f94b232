"""Pile-up: which events of a pool are laid over each event, how turned, and what that gives."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.simulation._channels import ENDCAP_FIRST, HCAL_FIRST, THERE, Work, add, crystal
from hepvision.simulation._pool import Pool
from hepvision.simulation.detector import Response
from hepvision.simulation.tracker import COLUMNS

__all__ = ["Uses", "add_turned", "draw_uses", "overlaid_tracks", "turned"]

Array = npt.NDArray[Any]

#: Turns are multiples of 10°: ten crystals, two towers.
TURNS, TURN = 36, 10
_ANGLE = math.radians(TURN)
_ETA, _PHI, _DZ, _ETA_ECAL, _PHI_ECAL = (
    COLUMNS.index(name) for name in ("eta", "phi", "dz", "etaEcal", "phiEcal")
)


@dataclasses.dataclass(frozen=True)
class Uses:
    """Which events of a pool are laid over each event, and how they are turned.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of each event.
    row : array of int64, shape (U,)
        Event of the pool.
    turn : array of int64, shape (U,)
        Multiples of 10° in φ.
    mirrored : array of bool, shape (U,)
        Whether z is mirrored.

    Examples
    --------
    >>> one = np.ones(1, int)
    >>> Uses(np.array([0, 1]), one, 3 * one, one > 0).turn.tolist()
    [3]
    """

    offsets: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    turn: npt.NDArray[np.int64]
    mirrored: npt.NDArray[np.bool_]


def draw_uses(
    rng: np.random.Generator, mean: float, split: npt.NDArray[np.int8], pool: Pool | None
) -> Uses:
    """Choose pile-up for a batch of events.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    mean : float
        Mean number of pile-up interactions.
    split : array of int8, shape (B,)
        Part of each event; parts use disjoint events of the pool.
    pool : Pool or None
        None only for a mean of 0.

    Returns
    -------
    Uses
        Poisson many an event, each turned and half of them mirrored.

    Raises
    ------
    ValueError
        The mean is negative, or there is no pool.

    Examples
    --------
    >>> draw_uses(np.random.default_rng(1), 0.0, np.zeros(2, np.int8), None).offsets.tolist()
    [0, 0, 0]
    """
    if not 0.0 <= mean <= 500.0:
        raise ValueError(
            f"pile-up: must lie between 0 and 500, got {mean:g}. Give --pileup 0 or more."
        )
    if mean > 0.0 and pool is None:
        raise ValueError(f"pile-up: a mean of {mean:g} needs a pool, got none. Make one.")
    counts = rng.poisson(mean, len(split))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    size = int(offsets[-1])
    edges = np.array([pool.part(k) if pool is not None else (0, 0) for k in range(3)])
    low, high = edges[np.repeat(split, counts)].reshape(-1, 2).T
    row = low + (rng.random(size) * (high - low)).astype(np.int64)
    return Uses(offsets, row, rng.integers(0, TURNS, size), rng.random(size) < 0.5)


@numba.njit(cache=True)
def _turned_crystals(x: Array, y: Array, z: Array) -> Array:
    table = np.empty((TURNS, len(x)), np.int32)
    for turn in range(TURNS):
        cosine, sine = math.cos(turn * _ANGLE), math.sin(turn * _ANGLE)
        for row in range(len(x)):
            a, b = x[row] * cosine - y[row] * sine, x[row] * sine + y[row] * cosine
            found = crystal(a, b, z[row])
            # a centre on the stepped inner edge may turn into the hole: the next one further out
            stretch = 1.0
            while found < 0 and stretch < 1.2:
                stretch += 0.02
                found = crystal(stretch * a, stretch * b, z[row])
            table[turn, row] = found - ENDCAP_FIRST
    return table


@functools.cache
def turned() -> npt.NDArray[np.int32]:
    """Where each endcap crystal's energy goes when the event is turned.

    Returns
    -------
    array of int32, shape (36, 20000)
        Flat index of the crystal that the turned centre falls into; −1 for no crystal.

    Examples
    --------
    >>> bool((turned()[0][turned()[0] >= 0] == np.flatnonzero(turned()[0] >= 0)).all())
    True
    """
    flat = np.flatnonzero(THERE)
    ix, iy, side = (number.astype(float) for number in EcalEndcap().numbers(flat))
    pitch = EcalEndcap.pitch
    table = np.full((TURNS, 20000), -1, np.int32)
    table[:, flat] = _turned_crystals(
        (ix - 50.5) * pitch, (iy - 50.5) * pitch, side * EcalEndcap.face
    )
    return table


@numba.njit(cache=True)
def add_turned(
    work: Work,
    start: int,
    stop: int,
    channel: Array,
    energy: Array,
    time: Array,
    turn: int,
    mirrored: bool,
    table: Array,
) -> None:
    """Lay one event of a pool over the event at hand.

    Parameters
    ----------
    work : Work
        Where energy is added.
    start, stop : int
        Rows of the pool's event.
    channel, energy, time : arrays, shape (N,)
        Deposits of the pool.
    turn : int
        Multiples of 10°.
    mirrored : bool
        Whether z changes sign.
    table : array of int32, shape (36, 20000)
        From :func:`turned`.

    Examples
    --------
    >>> from hepvision.simulation._channels import work_space
    >>> work, one = work_space(), np.ones(1, np.float32)
    >>> add_turned(work, 0, 1, np.array([5], np.uint32), one, one, 2, False, turned())
    >>> int(np.argmax(work.sums[:, 0]))
    25
    """
    crystals, towers = 10 * turn, 2 * turn
    for row in range(start, stop):
        place = int(channel[row])
        if place < ENDCAP_FIRST:
            eta = place // 360
            phi = place - 360 * eta + crystals
            # wrapped without a division, which would cost as much as the rest
            phi -= 360 if phi >= 360 else 0
            place = 360 * (169 - eta if mirrored else eta) + phi
        elif place < HCAL_FIRST:
            place = int(table[turn, place - ENDCAP_FIRST])
            if place < 0:
                continue
            if mirrored:
                place += 10000 if place < 10000 else -10000
            place += ENDCAP_FIRST
        else:
            eta = (place - HCAL_FIRST) // 72
            phi = place - HCAL_FIRST - 72 * eta + towers
            phi -= 72 if phi >= 72 else 0
            place = HCAL_FIRST + 72 * (55 - eta if mirrored else eta) + phi
        add(work, place, energy[row], time[row])


def _rows(offsets: npt.NDArray[np.int64], row: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Rows of a jagged array that some of its lists hold, and how many each."""
    counts = offsets[row + 1] - offsets[row]
    ends = np.cumsum(counts)
    inside = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
    return np.repeat(offsets[row], counts) + inside, counts


def overlaid_tracks(
    hard: Response, place: npt.NDArray[np.float64], pool: Pool | None, uses: Uses
) -> tuple[Array, Array, Array, Array, Array]:
    """Tracks and interactions of events with their pile-up.

    Parameters
    ----------
    hard : Response
        The B hard events.
    place : array, shape (B, 3), mm
        Where they happened.
    pool : Pool or None
        Source of the pile-up.
    uses : Uses
        Which, and how turned.

    Returns
    -------
    offsets : array of int64, shape (B + 1,)
        Rows of each event.
    tracks : array of float32, shape (T, 8)
        The hard event's first.
    interaction : array of int64, shape (T,)
        0 for the hard one, then pile-up, numbered within the event.
    place_offsets : array of int64, shape (B + 1,)
        Rows of ``places``.
    places : array, shape (V, 3), mm
        Interactions of each event, the hard one first.

    Examples
    --------
    >>> none, ends = np.zeros(0, np.float32), np.zeros(2, np.int64)
    >>> hard = Response(ends, none, none, none, ends, none.reshape(0, 8), none.astype(bool))
    >>> uses = draw_uses(np.random.default_rng(1), 0.0, np.zeros(1, np.int8), None)
    >>> overlaid_tracks(hard, np.array([[0.0, 0.0, 7.0]]), None, uses)[-1].tolist()
    [[0.0, 0.0, 7.0]]
    """
    events = len(hard)
    number = np.diff(uses.offsets)
    place_offsets = uses.offsets + np.arange(events + 1)
    places = np.zeros((int(place_offsets[-1]), 3))
    places[place_offsets[:-1]] = place
    event = np.repeat(np.arange(events), np.diff(hard.track_offsets))
    tracks, interaction = hard.tracks, np.zeros(len(event), np.int64)
    if pool is not None and len(uses.row):
        order = np.arange(len(uses.row)) - np.repeat(uses.offsets[:-1], number) + 1
        angle = np.deg2rad(TURN * uses.turn)
        sign = np.where(uses.mirrored, -1.0, 1.0)
        x, y, z = pool.vertex[uses.row].T.astype(float)
        shifted = np.repeat(place_offsets[:-1], number) + order
        cosine, sine = np.cos(angle), np.sin(angle)
        turned_place = (x * cosine - y * sine, x * sine + y * cosine, sign * z)
        places[shifted] = np.stack(turned_place, axis=1)
        rows, counts = _rows(pool.response.track_offsets, uses.row)
        more = pool.response.tracks[rows].astype(np.float64)
        for column in (_ETA, _DZ, _ETA_ECAL):
            more[:, column] *= np.repeat(sign, counts)
        for column in (_PHI, _PHI_ECAL):
            shift = more[:, column] + np.repeat(angle, counts)
            more[:, column] = (shift + np.pi) % (2.0 * np.pi) - np.pi
        pile_up = np.repeat(np.repeat(np.arange(events), number), counts)
        event = np.concatenate([event, pile_up])
        by_event = np.argsort(event, kind="stable")
        tracks = np.concatenate([tracks, more.astype(np.float32)])[by_event]
        interaction = np.concatenate([interaction, np.repeat(order, counts)])[by_event]
        event = event[by_event]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(event, minlength=events))])
    return offsets, tracks, interaction, place_offsets, places
