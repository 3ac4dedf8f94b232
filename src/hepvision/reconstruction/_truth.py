"""What a reconstructed photon was at generator level."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.physics.kinematics import turn_between

__all__ = ["match"]

CONE = 0.2
SHARE = 0.5  # of the photon's pt: softer prompt particles did not make it
GENERATIONS = 50  # guards against a record that goes round in circles


@numba.njit(cache=True)
def _hadron_above(
    first: int, index: int, pdg_id: NDArray[np.int64], mother: NDArray[np.int64]
) -> tuple[int, bool]:
    """Number of the first hadron among the ancestors, and whether there is a hadron or tau."""
    here, tau = index, False
    for _ in range(GENERATIONS):
        here = mother[first + here]
        if here < 0:
            break
        kind = abs(pdg_id[first + here])
        if kind > 100:
            return pdg_id[first + here], True
        tau = tau or kind == 15
    return 0, tau


@numba.njit(cache=True)
def match(
    event: NDArray[np.int64],
    pt: NDArray[np.float64],
    eta: NDArray[np.float64],
    phi: NDArray[np.float64],
    offsets: NDArray[np.int64],
    directions: NDArray[np.float64],
    pdg_id: NDArray[np.int64],
    status: NDArray[np.int64],
    mother: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Match photons to the final particle with the highest pt within ΔR < 0.2.

    Parameters
    ----------
    event : array of int, shape (N,)
        Event of each photon.
    pt, eta, phi : array, shape (N,), GeV, -, rad
        Momenta of the photons.
    offsets : array of int, shape (B+1,)
        Where each event's generated particles start.
    directions : array, shape (G, 3), GeV, -, rad
        pt, η, φ of generated particles.
    pdg_id, status, mother : array of int, shape (G,)
        Kind, status (1 final) and index of the mother in the event.

    Returns
    -------
    array of int64, shape (N, 3)
        genPartFlav, genPartIdx, fakePdgId. Particles from hadrons or taus are not prompt.

    Examples
    --------
    >>> one, at, pt = np.zeros(1, np.int64), np.zeros(1), np.full(1, 40.0)
    >>> gen = np.array([[50.0, 0.0, 0.0], [41.0, 0.0, 0.01]])
    >>> kinds = np.array([111, 22]), np.array([2, 1]), np.array([-1, 0])
    >>> match(one, pt, at, at, np.array([0, 2]), gen, *kinds).tolist()
    [[0, 1, 111]]
    """
    result = np.zeros((len(event), 3), np.int64)
    for n in range(len(event)):
        first, best, highest = offsets[event[n]], -1, 0.0
        for k in range(first, offsets[event[n] + 1]):
            if status[k] != 1 or directions[k, 0] <= highest:
                continue
            turn = turn_between(directions[k, 2], phi[n])
            if np.hypot(directions[k, 1] - eta[n], turn) < CONE:
                best, highest = k - first, directions[k, 0]
        result[n, 1] = best
        if best < 0:
            continue
        kind = abs(pdg_id[first + best])
        hadron, indirect = _hadron_above(first, best, pdg_id, mother)
        if indirect or (kind != 22 and kind != 11):
            result[n, 2] = hadron if hadron != 0 or kind < 100 else pdg_id[first + best]
        elif highest >= SHARE * pt[n]:
            result[n, 0] = 1 if kind == 22 else 11
    return result
