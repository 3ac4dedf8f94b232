"""What else is around a photon: tracks, crystals and towers in cones of ΔR < 0.3.

Thresholds and cones are those of the CMS photon identification of 2012; beside each the reason.

References
----------
CMS Collaboration, Performance of photon reconstruction and identification with the CMS detector
in proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P08010, arXiv:1502.02702.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.physics.kinematics import turn_between
from hepvision.physics.propagation import BARREL_ETA

__all__ = ["crystal_sum", "tower_sums", "track_sum"]

CONE = 0.3
HOLLOW = 0.04  # tracks nearer than this may be the photon's own conversion
STRIP = 0.015  # half height in η of the band that conversions are spread over
TRACK_DZ, TRACK_DXY = 2.0, 1.0  # mm, from the primary vertex and the beam line
CRYSTALS = 3.5  # radius of the circle around the photon that is left out, in crystals
CRYSTAL_STRIP = 2.5  # half height in η of the band that is left out, in crystals
BARREL_ENERGY = 0.095  # GeV, above the noise
ENDCAP_ET = 0.110  # GeV
BEHIND = 0.15  # towers nearer than this are behind the photon
TOWER_ENERGY = 0.7  # GeV, 3.5 times the noise


@numba.njit(cache=True)
def track_sum(
    event: NDArray[np.int64],
    eta: NDArray[np.float64],
    phi: NDArray[np.float64],
    offsets: NDArray[np.int64],
    tracks: NDArray[np.float64],
    vertex_z: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Transverse momentum of the primary vertex's tracks in a hollow cone.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each photon.
    eta, phi : array, shape (N,), -, rad
        Directions of the photons from the primary vertex.
    offsets : array of int, shape (B+1,)
        Where each event's tracks start.
    tracks : array, shape (T, 5), GeV, -, rad, mm, mm
        pt, η, φ, dz, dxy.
    vertex_z : array, shape (B,), mm
        Primary vertices.

    Returns
    -------
    array, shape (N,), GeV
        Sum of pt for 0.04 < ΔR < 0.3, the strip |Δη| < 0.015 left out, within 2 mm of the
        vertex along the beam and 1 mm across.

    Examples
    --------
    >>> one, at = np.zeros(1, np.int64), np.zeros(1)
    >>> tracks = np.array([[5.0, 0.1, 0.1, 0.0, 0.0], [9.0, 0.0, 0.1, 0.0, 0.0]])
    >>> track_sum(one, at, at, np.array([0, 2]), tracks, at).tolist()
    [5.0]
    """
    sums = np.zeros(len(event))
    for n in range(len(event)):
        for k in range(offsets[event[n]], offsets[event[n] + 1]):
            if abs(tracks[k, 3] - vertex_z[event[n]]) > TRACK_DZ or abs(tracks[k, 4]) > TRACK_DXY:
                continue
            step = tracks[k, 1] - eta[n]
            distance = np.hypot(step, turn_between(tracks[k, 2], phi[n]))
            if HOLLOW < distance < CONE and abs(step) > STRIP:
                sums[n] += tracks[k, 0]
    return sums


@numba.njit(cache=True)
def crystal_sum(
    event: NDArray[np.int64],
    eta: NDArray[np.float64],
    phi: NDArray[np.float64],
    offsets: NDArray[np.int64],
    hits: NDArray[np.float64],
    in_barrel: bool,
) -> NDArray[np.float64]:
    """Transverse energy of the crystals around, without the photon's own.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each photon.
    eta, phi : array, shape (N,), -, rad
        Places of the super-clusters seen from the centre of the detector.
    offsets : array of int, shape (B+1,)
        Where each event's hits start.
    hits : array, shape (H, 3), GeV, -, rad
        Energy, η, φ.
    in_barrel : bool
        Whether the hits are the barrel's.

    Returns
    -------
    array, shape (N,), GeV
        Sum of ET for ΔR < 0.3; left out are 3.5 crystals around and a strip of |Δη| of 2.5
        crystals, and crystals below 95 MeV (barrel) or 110 MeV of ET (endcaps).

    Examples
    --------
    >>> one, at = np.zeros(1, np.int64), np.zeros(1)
    >>> hits = np.array([[2.0, 0.1, 0.1], [40.0, 0.0, 0.0], [0.05, 0.1, 0.1]])
    >>> crystal_sum(one, at, at, np.array([0, 3]), hits, True).round(3).tolist()
    [1.99]
    """
    sums = np.zeros(len(event))
    for n in range(len(event)):
        forward = abs(eta[n]) > BARREL_ETA
        crystal = 0.00864 * np.sinh(abs(eta[n])) if forward else 0.01745
        for k in range(offsets[event[n]], offsets[event[n] + 1]):
            step = abs(hits[k, 1] - eta[n])
            if step > CONE or step < CRYSTAL_STRIP * crystal:
                continue
            distance = np.hypot(step, turn_between(hits[k, 2], phi[n]))
            if distance > CONE or distance < CRYSTALS * crystal:
                continue
            et = hits[k, 0] / np.cosh(hits[k, 1])
            if (in_barrel and hits[k, 0] > BARREL_ENERGY) or (not in_barrel and et > ENDCAP_ET):
                sums[n] += et
    return sums


@numba.njit(cache=True)
def tower_sums(
    event: NDArray[np.int64],
    eta: NDArray[np.float64],
    phi: NDArray[np.float64],
    offsets: NDArray[np.int64],
    hits: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hadronic energy behind the photon and transverse energy around it.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each photon.
    eta, phi : array, shape (N,), -, rad
        Places of the super-clusters seen from the centre of the detector.
    offsets : array of int, shape (B+1,)
        Where each event's tower hits start.
    hits : array, shape (H, 3), GeV, -, rad
        Energy, η, φ.

    Returns
    -------
    behind, around : arrays, shape (N,), GeV
        Energy of towers with ΔR < 0.15, and ET of those with 0.15 < ΔR < 0.3; towers above
        0.7 GeV count.

    Examples
    --------
    >>> one, at = np.zeros(1, np.int64), np.zeros(1)
    >>> hits = np.array([[2.0, 0.0, 0.1], [3.0, 0.0, 0.2]])
    >>> [float(s[0]) for s in tower_sums(one, at, at, np.array([0, 2]), hits)]
    [2.0, 3.0]
    """
    behind, around = np.zeros(len(event)), np.zeros(len(event))
    for n in range(len(event)):
        for k in range(offsets[event[n]], offsets[event[n] + 1]):
            if hits[k, 0] < TOWER_ENERGY:
                continue
            distance = np.hypot(hits[k, 1] - eta[n], turn_between(hits[k, 2], phi[n]))
            if distance < BEHIND:
                behind[n] += hits[k, 0]
            elif distance < CONE:
                around[n] += hits[k, 0] / np.cosh(hits[k, 1])
    return behind, around
