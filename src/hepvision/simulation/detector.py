"""A CMS-like detector without noise: particles in, deposits and tracks out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.physics.propagation import LOST, SPEED_OF_LIGHT, advance, curvature, way_to_face
from hepvision.simulation._channels import STACK, TRACKS, Work, flush, work_space
from hepvision.simulation._frozen import library
from hepvision.simulation._kinds import ELECTRON, HADRON, MUON, NEUTRAL_HADRON, PHOTON
from hepvision.simulation.calorimeter import deposit
from hepvision.simulation.material import (
    bremsstrahlung_fraction,
    bremsstrahlung_rate,
    pair_share,
    passed,
    progress,
    radiation_lengths,
    reached,
)
from hepvision.simulation.showers.electromagnetic import SPOT_CAPACITY
from hepvision.simulation.tracker import COLUMNS, measure

__all__ = ["Response", "respond"]

Array = npt.NDArray[Any]

#: Columns of the stack of particles in flight.
KIND, X, Y, Z, PX, PY, PZ, ENERGY, CHARGE, TIME, ROW = range(11)
_MASS_NUCLEON = 0.938
#: Particles this much later than light belong to the next bunch crossing.
_LATE = 25.0  # ns
_SOFTEST = 0.02  # GeV, of photons and electrons that are followed
#: Softer bremsstrahlung stays with the electron, from which it would hardly part.
_LEAST_RADIATED, _LEAST_SHARE = 0.05, 0.01
_ETA_MAX = 3.1
#: pz / pT beyond which nothing reaches the calorimeters, from anywhere in the beam spot.
_STEEPEST = math.sinh(3.3)
_IN_FLIGHT = 20_000


@dataclasses.dataclass(frozen=True)
class Response:
    """What a batch of events leaves in the detector, before noise.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of ``channel``, ``energy`` and ``time`` of each event.
    channel : array of uint32, shape (N,)
        Barrel crystals, endcap crystals, towers in one numbering, rising within an event.
    energy, time : array of float32, shape (N,), GeV and ns
        Energy and its mean time after light from the centre.
    track_offsets : array of int64, shape (B + 1,)
        Rows of ``tracks`` of each event.
    tracks : array of float32, shape (T, 8)
        Columns as in ``tracker.COLUMNS``.
    converted : array of bool, shape (P,)
        Photons among the particles that made a pair in the tracker.

    Examples
    --------
    >>> none, ends = np.zeros(0, np.float32), np.zeros(3, np.int64)
    >>> len(Response(ends, none, none, none, ends, none.reshape(0, 8), none.astype(bool)))
    2
    """

    offsets: npt.NDArray[np.int64]
    channel: npt.NDArray[np.uint32]
    energy: npt.NDArray[np.float32]
    time: npt.NDArray[np.float32]
    track_offsets: npt.NDArray[np.int64]
    tracks: npt.NDArray[np.float32]
    converted: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of events."""
        return len(self.offsets) - 1

    def track(self, name: str) -> npt.NDArray[np.float32]:
        """One column of the tracks.

        Parameters
        ----------
        name : str
            One of ``tracker.COLUMNS``.

        Returns
        -------
        array of float32, shape (T,)
            Its values.
        """
        return self.tracks[:, COLUMNS.index(name)]


@numba.njit(cache=True)
def _kind(pdg_id: int, charge: float) -> int:
    """What the detector takes a particle for; −1: it leaves nothing."""
    size = abs(pdg_id)
    if size == 22:
        return PHOTON
    if size == 11:
        return ELECTRON
    if size == 13:
        return MUON
    if size <= 18 or (size > 1_000_000 and size < 1_000_000_000):
        return -1
    return HADRON if charge != 0.0 else NEUTRAL_HADRON


@numba.njit(cache=True)
def _visible(pdg_id: int, kind: int, energy: float, momentum: float) -> float:
    """Energy that a particle can deposit: kinetic for hadrons, two nucleons' for antibaryons."""
    if kind != HADRON and kind != NEUTRAL_HADRON:
        return energy
    mass = math.sqrt(max(energy * energy - momentum * momentum, 0.0))
    if (abs(pdg_id) // 1000) % 10 == 0 or abs(pdg_id) > 1_000_000_000:
        return energy - mass
    return energy - mass + (2.0 * _MASS_NUCLEON if pdg_id < 0 else 0.0)


@numba.njit(cache=True)
def _push(work: Work, parent: Array, kind: int, share: float, charge: float) -> None:
    """Put a particle on the stack that takes a share of its parent's momentum."""
    row = work.counters[STACK]
    if row >= len(work.stack) or share * parent[ENERGY] < _SOFTEST:
        return
    work.counters[STACK] += 1
    # columns one by one: a slice would cost more than the particle's flight
    for column in range(ROW + 1):
        work.stack[row, column] = parent[column]
    for column in range(PX, ENERGY + 1):
        work.stack[row, column] = share * parent[column]
    work.stack[row, KIND] = kind
    work.stack[row, CHARGE] = charge


@numba.njit(cache=True)
def _track(rng: np.random.Generator, work: Work, kind: int, one: Array) -> None:
    """Measure a charged particle where it was made."""
    row = work.counters[TRACKS]
    place = (one[X], one[Y], one[Z])
    momentum = (one[PX], one[PY], one[PZ])
    if row < len(work.tracks) and measure(
        rng, kind, place, momentum, one[CHARGE], work.tracks[row]
    ):
        work.counters[TRACKS] += 1


@numba.njit(cache=True)
def _advance(one: Array, path: float, kappa: float) -> None:
    """Move a particle along its helix, in place."""
    px, py, pz = one[PX], one[PY], one[PZ]
    pt = math.sqrt(px * px + py * py)
    one[X], one[Y], one[Z], cosine, sine = advance(
        one[X], one[Y], one[Z], px / pt, py / pt, pz / pt, kappa, path
    )
    one[PX], one[PY] = pt * cosine, pt * sine
    total = max(one[ENERGY], math.sqrt(pt * pt + pz * pz))
    one[TIME] += path * total / (pt * SPEED_OF_LIGHT)


@numba.njit(cache=True)
def _least(energy: float) -> float:
    """Smallest share of an electron's energy that is radiated as a photon of its own."""
    return max(_LEAST_SHARE, _LEAST_RADIATED / energy)


@numba.njit(cache=True)
def _radiates(rng: np.random.Generator, one: Array, path: float, kappa: float) -> float:
    """Share of the way to the face after which a photon converts or an electron radiates.

    1 or more: it gets there unscathed.
    """
    turn = abs(kappa * path)
    if turn > math.pi:
        return 2.0
    way = progress(one[X], one[Y], one[Z])
    before = passed(way)
    slope = one[PZ] / max(math.sqrt(one[PX] * one[PX] + one[PY] * one[PY]), 1e-9)
    thickness = radiation_lengths(math.asinh(slope))
    if one[KIND] == PHOTON:
        length = 9.0 / 7.0 * rng.standard_exponential()
    else:
        # a bent way through the material is longer than a straight one
        thickness *= 1.0 if turn < 0.1 else 0.5 * turn / math.sin(0.5 * turn)
        least = _least(one[ENERGY])
        if least >= 1.0:
            return 2.0
        length = rng.standard_exponential() / bremsstrahlung_rate(least)
    after = before + length / thickness
    if after >= 1.0 or way >= 1.0:
        return 2.0
    return max(reached(after) - way, 0.0) / (1.0 - way)


@numba.njit(cache=True)
def _fly(
    rng: np.random.Generator, work: Work, one: Array, visible: float, converted: Array
) -> None:
    """Follow one particle to where it converts, radiates or meets the calorimeter."""
    kind = int(one[KIND])
    pt = max(math.sqrt(one[PX] * one[PX] + one[PY] * one[PY]), 1e-9)
    kappa = curvature(pt, one[CHARGE])
    surface, path = way_to_face(
        one[X], one[Y], one[Z], one[PX] / pt, one[PY] / pt, one[PZ] / pt, kappa
    )
    if surface == LOST:
        return
    if kind in (PHOTON, ELECTRON):
        share = _radiates(rng, one, path, kappa)
        if share < 1.0:
            _advance(one, share * path, kappa)
            if kind == PHOTON:
                converted[int(one[ROW])] = True
                part = pair_share(rng)
                for child in range(2):
                    _push(work, one, ELECTRON, part if child == 0 else 1.0 - part, 2.0 * child - 1)
                    _track_last(rng, work, part if child == 0 else 1.0 - part, one)
            else:
                part = bremsstrahlung_fraction(rng, _least(one[ENERGY]))
                _push(work, one, PHOTON, part, 0.0)
                _push(work, one, ELECTRON, 1.0 - part, one[CHARGE])
            return
    _advance(one, path, kappa)
    square = one[X] * one[X] + one[Y] * one[Y]
    distance = math.sqrt(square + one[Z] * one[Z])
    edge = math.sinh(_ETA_MAX) * math.sqrt(square)
    if one[TIME] - distance / SPEED_OF_LIGHT > _LATE or abs(one[Z]) > edge:
        return
    size = math.sqrt(pt * pt + one[PZ] * one[PZ])
    direction = (one[PX] / size, one[PY] / size, one[PZ] / size)
    energy = visible if kind > ELECTRON else one[ENERGY]
    if energy > _SOFTEST:
        place = (one[X], one[Y], one[Z])
        deposit(rng, kind, energy, surface, place, direction, one[TIME], work)


@numba.njit(cache=True)
def _track_last(rng: np.random.Generator, work: Work, share: float, parent: Array) -> None:
    """Measure the electron that was pushed last, if it was hard enough to be pushed."""
    if share * parent[ENERGY] >= _SOFTEST and work.counters[STACK] > 0:
        _track(rng, work, ELECTRON, work.stack[work.counters[STACK] - 1])


@numba.njit(cache=True)
def _event(
    rng: np.random.Generator,
    work: Work,
    start: int,
    stop: int,
    pdg_id: Array,
    charge: Array,
    states: Array,
    converted: Array,
) -> None:
    """All particles of one event."""
    one = np.empty(11)
    mine = converted[start:stop]
    ignored = np.zeros(stop - start + 1, np.bool_)
    for row in range(start, stop):
        kind = _kind(pdg_id[row], charge[row])
        px, py, pz = states[row, 3], states[row, 4], states[row, 5]
        pt = math.hypot(px, py)
        if kind < 0 or abs(pz) > _STEEPEST * pt or states[row, 6] < _SOFTEST:
            continue
        one[KIND], one[CHARGE], one[ROW] = kind, charge[row], row - start
        for column in range(7):
            one[X + column] = states[row, column]
        one[TIME] = states[row, 7]
        momentum = math.hypot(pt, pz)
        visible = _visible(pdg_id[row], kind, one[ENERGY], momentum)
        if charge[row] != 0.0:
            _track(rng, work, min(kind, HADRON), one)
        _fly(rng, work, one, visible, mine)
        while work.counters[STACK] > 0:
            work.counters[STACK] -= 1
            for column in range(ROW + 1):
                one[column] = work.stack[work.counters[STACK], column]
            _fly(rng, work, one, 0.0, ignored)


@numba.njit(cache=True)
def _respond(
    rng: np.random.Generator,
    work: Work,
    offsets: Array,
    pdg_id: Array,
    charge: Array,
    states: Array,
    threshold: float,
) -> tuple[Any, ...]:
    events = len(offsets) - 1
    hits = (np.empty(4096, np.uint32), np.empty(4096, np.float32), np.empty(4096, np.float32))
    tracks = np.empty((1024, 8), np.float32)
    hit_offsets = np.zeros(events + 1, np.int64)
    track_offsets = np.zeros(events + 1, np.int64)
    converted = np.zeros(len(pdg_id), np.bool_)
    filled, measured = 0, 0
    for event in range(events):
        start, stop = offsets[event], offsets[event + 1]
        _event(rng, work, start, stop, pdg_id, charge, states, converted)
        hits, filled = flush(work, threshold, hits, filled)
        hit_offsets[event + 1] = filled
        count = work.counters[TRACKS]
        work.counters[TRACKS] = 0
        if measured + count > len(tracks):
            longer = np.empty((2 * (measured + count), 8), np.float32)
            longer[:measured] = tracks[:measured]
            tracks = longer
        tracks[measured : measured + count] = work.tracks[:count]
        measured += count
        track_offsets[event + 1] = measured
    return (
        hit_offsets,
        hits[0][:filled].copy(),
        hits[1][:filled].copy(),
        hits[2][:filled].copy(),
        track_offsets,
        tracks[:measured].copy(),
        converted,
    )


def respond(
    offsets: npt.NDArray[np.int64],
    particles: Mapping[str, Array],
    rng: np.random.Generator,
    *,
    threshold: float = 0.0,
) -> Response:
    """Send the final states of a batch of events through the detector.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of ``particles`` of each event.
    particles : mapping of arrays, shape (P,)
        pdgId, charge (e), px, py, pz, energy (GeV), vx, vy, vz (mm), time (ns).
    rng : Generator
        Random numbers of this batch.
    threshold : float, GeV
        Deposits below are left out.

    Returns
    -------
    Response
        Deposits without noise, tracks, and which photons converted.

    Raises
    ------
    ValueError
        The offsets do not fit the particles.

    Examples
    --------
    >>> columns = {name: np.zeros(1) for name in ("charge", "py", "pz", "vx", "vy", "vz", "time")}
    >>> columns |= {"pdgId": np.array([22]), "px": np.array([50.0]), "energy": np.array([50.0])}
    >>> response = respond(np.array([0, 1]), columns, np.random.default_rng(3))
    >>> bool(45.0 < response.energy.sum() < 50.5)
    True
    """
    rows = len(particles["pdgId"])
    if len(offsets) < 1 or offsets[-1] != rows:
        raise ValueError(f"detector: offsets must end at {rows}, got {offsets[-1:]}. Mend them.")
    names = ("vx", "vy", "vz", "px", "py", "pz", "energy", "time")
    states = np.stack([np.asarray(particles[name], np.float64) for name in names], axis=1)
    result = _respond(
        rng,
        work_space(SPOT_CAPACITY, _IN_FLIGHT, library()),
        np.asarray(offsets, np.int64),
        np.asarray(particles["pdgId"], np.int64),
        np.asarray(particles["charge"], np.float64),
        states,
        threshold,
    )
    return Response(*result)
