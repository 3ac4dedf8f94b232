"""Electromagnetic clusters of generated particles: what could be reconstructed as photons."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.physics.propagation import FIELD, HALF_LENGTH, RADIUS

__all__ = ["two_clusters"]

Particles = dict[str, npt.NDArray[Any]]
ECAL_RADIUS, ECAL_Z = RADIUS / 1000.0, HALF_LENGTH / 1000.0  # m
BENDING = 0.149896 * FIELD  # GeV/m: half of 0.299792 times the field in tesla
ET_SEEN = 0.15  # GeV; softer particles change nothing


@numba.njit(cache=True)
def _cluster_pairs(
    offsets: npt.NDArray[np.int64],
    et: npt.NDArray[np.float64],
    eta: npt.NDArray[np.float64],
    phi: npt.NDArray[np.float64],
    window: float,
    et_min: float,
    eta_max: float,
    mass_min: float,
) -> npt.NDArray[np.bool_]:
    """Whether an event has two clusters above a mass; rows are sorted by falling et."""
    passed = np.zeros(len(offsets) - 1, np.bool_)
    for event in range(len(passed)):
        first, last = offsets[event], offsets[event + 1]
        used = np.zeros(last - first, np.bool_)
        clusters = np.zeros((last - first, 3))
        count = 0
        for seed in range(first, last):
            if used[seed - first]:
                continue
            total = 0.0
            for row in range(seed, last):
                turn = abs(phi[row] - phi[seed])
                turn = min(turn, 2 * np.pi - turn)
                near = abs(eta[row] - eta[seed]) < window and turn < window
                if near and not used[row - first]:
                    used[row - first] = True
                    total += et[row]
            if total > et_min and abs(eta[seed]) < eta_max:
                clusters[count] = total, eta[seed], phi[seed]
                count += 1
        for a in range(count):
            for b in range(a + 1, count):
                angle = np.cosh(clusters[a, 1] - clusters[b, 1])
                angle -= np.cos(clusters[a, 2] - clusters[b, 2])
                if 2 * clusters[a, 0] * clusters[b, 0] * angle > mass_min**2:
                    passed[event] = True
    return passed


def two_clusters(
    offsets: npt.NDArray[np.int64],
    particles: Particles,
    *,
    et_min: float,
    eta_max: float,
    mass_min: float,
    window: float = 0.09,
    hadron_share: float = 0.5,
) -> npt.NDArray[np.bool_]:
    r"""Which events have two electromagnetic clusters of some energy and mass.

    Within a square about the hardest particle, photons and electrons count in full and hadrons in
    part, all of them where they reach the crystals: a third of the jets that pass for a photon
    with H/E < 0.5 owe it to hadrons that shower early.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of each event.
    particles : dict of arrays, shape (N,)
        pdgId, charge, px, py, pz; GeV.
    et_min : float, GeV
        Smallest transverse energy of a cluster.
    eta_max : float
        Largest :math:`|\eta|` of a cluster.
    mass_min : float, GeV
        Smallest mass of the two.
    window : float
        Half the width of a cluster in :math:`\eta` and :math:`\phi`.
    hadron_share : float
        Part of a hadron's energy that counts.

    Returns
    -------
    array of bool, shape (B,)
        True where such a pair exists.

    Examples
    --------
    >>> two = {"pdgId": np.array([22, 22]), "px": np.array([60.0, -60.0])}
    >>> two |= {"py": np.zeros(2), "pz": np.zeros(2), "charge": np.zeros(2)}
    >>> two_clusters(np.array([0, 2]), two, et_min=20.0, eta_max=1.6, mass_min=80.0)
    array([ True])
    """
    kind = np.abs(particles["pdgId"])
    pt = np.hypot(particles["px"], particles["py"])
    share = np.where((kind == 22) | (kind == 11), 1.0, np.where(kind > 100, hadron_share, 0.0))
    slope = particles["pz"] / np.maximum(pt, 1e-9)
    # half the angle by which the field turns a track on its way to the crystals
    radius = np.minimum(ECAL_RADIUS, ECAL_Z / np.maximum(np.abs(slope), 1e-9))
    turn = BENDING * radius * particles["charge"] / np.maximum(pt, 1e-9)
    rows = np.flatnonzero((share * pt > ET_SEEN) & (np.abs(turn) < 1))
    et = (share * pt)[rows]
    phi = np.arctan2(particles["py"][rows], particles["px"][rows]) - np.arcsin(turn[rows])
    event = np.searchsorted(offsets, rows, side="right") - 1
    order = np.lexsort((-et, event))
    counts = np.bincount(event, minlength=len(offsets) - 1)
    return _cluster_pairs(
        np.concatenate([[0], np.cumsum(counts)]),
        et[order],
        np.arcsinh(slope[rows])[order],
        np.remainder(phi + np.pi, 2 * np.pi)[order],
        window,
        et_min,
        eta_max,
        mass_min,
    )
