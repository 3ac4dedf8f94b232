"""Kernels of electrons and muons: their tracks, what surrounds them, what they were."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.physics.flavour import heavy_flavour
from hepvision.physics.kinematics import turn_between
from hepvision.reconstruction._flow_kernel import PHOTON

__all__ = ["cone_sums", "origins", "tracks_of_clusters", "tracks_of_muons"]

Array = NDArray[Any]

#: A cluster's track enters within this of it, in η and φ.
_NEAR_ETA, _NEAR_PHI = 0.03, 0.10
#: A muon's track flies within this of it and has its pT.
_NEAR, _ALIKE = 0.03, 0.3
_GENERATIONS = 50  # guards against a record that goes round in circles


@numba.njit(cache=True)
def tracks_of_clusters(
    event: Array, place: Array, offsets: Array, tracks: Array, least_pt: float
) -> Array:
    """The track of each super-cluster: of those that enter near it the hardest.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each cluster.
    place : array, shape (N, 2), -, rad
        η and φ of the clusters, seen from the centre of the detector.
    offsets : array of int, shape (B + 1,)
        Where each event's tracks start.
    tracks : array, shape (T, 3), GeV, -, rad
        pt, and η and φ where they enter the crystals; pt 0 for those that may not be taken.
    least_pt : float, GeV
        Softer tracks are not taken.

    Returns
    -------
    array of int64, shape (N,)
        Row of the track, −1 for none.
    """
    found = np.full(len(event), -1, np.int64)
    for n in range(len(event)):
        hardest = least_pt
        for k in range(offsets[event[n]], offsets[event[n] + 1]):
            if tracks[k, 0] <= hardest or abs(tracks[k, 1] - place[n, 0]) > _NEAR_ETA:
                continue
            if abs(turn_between(tracks[k, 2], place[n, 1])) < _NEAR_PHI:
                found[n], hardest = k, tracks[k, 0]
    return found


@numba.njit(cache=True)
def tracks_of_muons(event: Array, muons: Array, offsets: Array, tracks: Array) -> Array:
    """The track of each generated muon: of those with its direction and pT the nearest.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each muon.
    muons : array, shape (N, 3), GeV, -, rad
        pt, η, φ.
    offsets : array of int, shape (B + 1,)
        Where each event's tracks start.
    tracks : array, shape (T, 3), GeV, -, rad
        pt, η, φ.

    Returns
    -------
    array of int64, shape (N,)
        Row of the track, −1 for none.
    """
    found = np.full(len(event), -1, np.int64)
    for n in range(len(event)):
        nearest = _NEAR
        for k in range(offsets[event[n]], offsets[event[n] + 1]):
            if abs(tracks[k, 0] - muons[n, 0]) > _ALIKE * muons[n, 0]:
                continue
            turn = turn_between(tracks[k, 2], muons[n, 2])
            distance = math.hypot(tracks[k, 1] - muons[n, 1], turn)
            if distance < nearest:
                found[n], nearest = k, distance
    return found


@numba.njit(cache=True)
def cone_sums(
    event: Array,
    leptons: Array,
    own: Array,
    offsets: Array,
    candidates: Array,
    kind: Array,
    track: Array,
    cone: float,
    hole: Array,
) -> Array:
    """Charged and neutral transverse momentum around leptons, without what is their own.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each lepton.
    leptons : array, shape (N, 2), -, rad
        η and φ.
    own : array of int, shape (N,)
        Row of each lepton's track.
    offsets : array of int, shape (B + 1,)
        Where each event's candidates start.
    candidates : array, shape (C, 3), GeV, -, rad
        pt, η, φ.
    kind, track : array of int, shape (C,)
        As in ``Candidates``.
    cone : float
        Largest ΔR.
    hole : array, shape (2,)
        Neutral candidates within this of the lepton in η and φ are its own.

    Returns
    -------
    array, shape (N, 2), GeV
        The sums.
    """
    sums = np.zeros((len(event), 2))
    for n in range(len(event)):
        for k in range(offsets[event[n]], offsets[event[n] + 1]):
            step = abs(candidates[k, 1] - leptons[n, 0])
            turn = abs(turn_between(candidates[k, 2], leptons[n, 1]))
            if math.hypot(step, turn) > cone:
                continue
            if kind[k] < PHOTON:
                if track[k] != own[n]:
                    sums[n, 0] += candidates[k, 0]
            elif step > hole[0] or turn > hole[1]:
                sums[n, 1] += candidates[k, 0]
    return sums


@numba.njit(cache=True)
def origins(
    event: Array,
    leptons: Array,
    kind: int,
    offsets: Array,
    directions: Array,
    pdg_id: Array,
    status: Array,
    mother: Array,
) -> Array:
    """What leptons were at generator level.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each lepton.
    leptons : array, shape (N, 3), GeV, -, rad
        pt, η, φ.
    kind : int
        11 or 13.
    offsets : array of int, shape (B + 1,)
        Where each event's generated particles start.
    directions : array, shape (G, 3), GeV, -, rad
        pt, η, φ.
    pdg_id, status, mother : array of int, shape (G,)
        Kind, status (1 final) and index of the mother in the event.

    Returns
    -------
    array of int64, shape (N, 2)
        genPartFlav: 1 prompt, 15 from a tau, 5 and 4 from hadrons with b and c, 22 a photon,
        0 otherwise; genPartIdx: the final lepton within ΔR < 0.1 with half the pT or more and
        nearest in direction, else such a photon, else −1.
    """
    found = np.zeros((len(event), 2), np.int64)
    for n in range(len(event)):
        first, best = offsets[event[n]], -1
        for wanted in (kind, 22):
            nearest = 0.1
            for k in range(first, offsets[event[n] + 1]):
                if status[k] != 1 or abs(pdg_id[k]) != wanted or (best >= 0 and nearest == 0.1):
                    continue
                if directions[k, 0] < 0.5 * leptons[n, 0]:
                    continue
                turn = turn_between(directions[k, 2], leptons[n, 2])
                distance = math.hypot(directions[k, 1] - leptons[n, 1], turn)
                if distance < nearest:
                    best, nearest = k - first, distance
        found[n, 1] = best
        if best >= 0:
            found[n, 0] = 22
            if abs(pdg_id[first + best]) == kind:
                found[n, 0] = _source(first, best, pdg_id, mother)
    return found


@numba.njit(cache=True)
def _source(first: int, index: int, pdg_id: Array, mother: Array) -> int:
    """1 prompt, 15 from a tau, 5, 4 or 0 from hadrons."""
    here, tau = index, False
    for _ in range(_GENERATIONS):
        here = mother[first + here]
        if here < 0:
            break
        if abs(pdg_id[first + here]) > 100:
            heaviest = 0
            while here >= 0:  # a D of a B is the B's
                heaviest = max(heaviest, heavy_flavour(pdg_id[first + here]))
                here = mother[first + here]
            return heaviest
        tau = tau or abs(pdg_id[first + here]) == 15
    return 15 if tau else 1
