"""Kernels of jets: which generated hadrons and jets they are."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.physics.flavour import heavy_flavour
from hepvision.physics.kinematics import turn_between

__all__ = ["flavours", "nearest"]

Array = NDArray[Any]


@numba.njit(cache=True)
def nearest(offsets: Array, axes: Array, others: Array, places: Array, within: float) -> Array:
    """The nearest other jet of each jet.

    Parameters
    ----------
    offsets, others : arrays of int, shape (B + 1,)
        Where each event's jets and other jets start.
    axes, places : arrays, shape (N, 2) and (M, 2), -, rad
        η and φ of both.
    within : float
        Largest ΔR.

    Returns
    -------
    array of int64, shape (N,)
        Index within the event, −1 for none.

    Examples
    --------
    >>> axes, places = np.zeros((1, 2)), np.array([[0.3, 0.0], [0.1, 0.1]])
    >>> nearest(np.array([0, 1]), axes, np.array([0, 2]), places, 0.25).tolist()
    [1]
    """
    found = np.full(len(axes), -1, np.int64)
    for event in range(len(offsets) - 1):
        for n in range(offsets[event], offsets[event + 1]):
            least = within
            for m in range(others[event], others[event + 1]):
                turn = turn_between(places[m, 1], axes[n, 1])
                distance = math.hypot(places[m, 0] - axes[n, 0], turn)
                if distance < least:
                    least, found[n] = distance, m - others[event]
    return found


@numba.njit(cache=True)
def flavours(
    offsets: Array,
    axes: Array,
    generated: Array,
    directions: Array,
    pdg_id: Array,
    radius: float,
    least_pt: float,
) -> Array:
    """The heaviest quark of the hadrons in each jet; a hadron belongs to its nearest jet.

    Parameters
    ----------
    offsets, generated : arrays of int, shape (B + 1,)
        Where each event's jets and generated particles start.
    axes : array, shape (N, 2), -, rad
        η and φ of the jets.
    directions : array, shape (G, 3), GeV, -, rad
        pt, η and φ of the particles.
    pdg_id : array of int, shape (G,)
        Their numbers.
    radius : float
        Largest ΔR of a hadron and its jet.
    least_pt : float, GeV
        Softer hadrons do not count.

    Returns
    -------
    array of int64, shape (N,)
        5, 4 or 0.

    Examples
    --------
    >>> axes, one = np.zeros((1, 2)), np.array([0, 1])
    >>> flavours(one, axes, one, np.array([[20.0, 0.1, 0.1]]), np.array([-511]), 0.5, 5.0).tolist()
    [5]
    """
    found = np.zeros(len(axes), np.int64)
    for event in range(len(offsets) - 1):
        for k in range(generated[event], generated[event + 1]):
            heavy = heavy_flavour(pdg_id[k])
            if heavy == 0 or directions[k, 0] < least_pt:
                continue
            least, mine = radius, -1
            for n in range(offsets[event], offsets[event + 1]):
                turn = turn_between(directions[k, 2], axes[n, 1])
                distance = math.hypot(directions[k, 1] - axes[n, 0], turn)
                if distance < least:
                    least, mine = distance, n
            if mine >= 0:
                found[mine] = max(found[mine], heavy)
    return found
