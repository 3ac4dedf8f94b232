"""Rapidity-mass matrices of objects in slots, whole batches at a time."""

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["ANGULAR", "COLUMNS", "columns_of", "matrices"]

#: What the hyperbolic cosines are multiplied by, so that they are as large as the masses: the C of
#: arXiv:1805.11650, and of the author's own programs, where it comes from QCD events.
ANGULAR = 0.15
#: What is known of the object in a slot; all 0 where there is none.
COLUMNS = ("pt", "rapidity", "phi", "mass", "transverse_energy")


@numba.njit(cache=True)
def pair_mass(one, other):  # type: ignore[no-untyped-def]
    """Mass of two objects, written such that small angles keep their digits."""
    pt, other_pt = one[0], other[0]
    both, both_pt = math.hypot(pt, one[3]) * math.hypot(other_pt, other[3]), pt * other_pt
    squared = one[3] * one[3] + other[3] * other[3] + 2 * (both - both_pt)
    squared += 4 * both * math.sinh(0.5 * (one[1] - other[1])) ** 2
    squared += 4 * both_pt * math.sin(0.5 * (one[2] - other[2])) ** 2
    return math.sqrt(max(squared, 0.0))


@numba.njit(cache=True)
def transverse_mass(one, missing, phi):  # type: ignore[no-untyped-def]
    """Of an object and missing transverse momentum."""
    total = one[4] + missing
    x = one[0] * math.cos(one[2]) + missing * math.cos(phi)
    y = one[0] * math.sin(one[2]) + missing * math.sin(phi)
    return math.sqrt(max(total * total - x * x - y * y, 0.0))


@numba.njit(cache=True)
def _fill(slots, most, missing, phi, unit, out):  # type: ignore[no-untyped-def]
    """One event's matrix; slots without an object give zeros."""
    out[0, 0] = missing / unit
    for i in range(slots.shape[0]):
        one = slots[i]
        if one[0] <= 0:
            continue
        if missing > 0:
            out[0, i + 1] = transverse_mass(one, missing, phi) / unit
        out[i + 1, 0] = ANGULAR * (math.cosh(one[1]) - 1)
        if i % most == 0:
            out[i + 1, i + 1] = one[4] / unit
        else:
            before = slots[i - 1, 4]
            out[i + 1, i + 1] = (before - one[4]) / (before + one[4])
        for j in range(i + 1, slots.shape[0]):
            if slots[j, 0] > 0:
                out[i + 1, j + 1] = pair_mass(one, slots[j]) / unit
                apart = 0.5 * (one[1] - slots[j, 1])
                out[j + 1, i + 1] = ANGULAR * (math.cosh(apart) - 1)


@numba.njit(cache=True)
def _sparse(slots, most, missing, phi, unit, scale):  # type: ignore[no-untyped-def]
    side = slots.shape[1] + 1
    offsets = np.zeros(slots.shape[0] + 1, np.int64)
    for b in range(slots.shape[0]):
        there = 1
        for i in range(slots.shape[1]):
            there += slots[b, i, 0] > 0
        offsets[b + 1] = offsets[b] + there * there
    index = np.empty(offsets[slots.shape[0]], np.uint32)
    value = np.empty(index.size, np.float32)
    out = np.zeros((side, side))
    count = 0
    for b in range(slots.shape[0]):
        out[:] = 0
        if unit[b] > 0:
            _fill(slots[b], most, missing[b], phi[b], unit[b], out)
        for at in range(side * side):
            one = out[at // side, at % side]
            if one != 0:
                index[count] = at
                value[count] = one / scale
                count += 1
        offsets[b + 1] = count
    return offsets, index[:count].copy(), value[:count].copy()


def matrices(
    slots: NDArray[np.float64],
    most: int,
    missing: tuple[NDArray[np.float64], NDArray[np.float64]],
    unit: NDArray[np.float64],
    scale: float,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Rapidity-mass matrices of a batch.

    Parameters
    ----------
    slots : array, shape (B, S, 5)
        ``COLUMNS`` of the objects, GeV and rad; ``most`` slots a type, filled from the first on.
    most : int
        Slots a type.
    missing : tuple of array, shape (B,), GeV, rad
        Missing transverse momentum and its azimuth.
    unit : array, shape (B,), GeV
        What energies and masses are divided by; 0 for an empty matrix.
    scale : float
        What all elements are divided by.

    Returns
    -------
    offsets, index, value : arrays, shape (B+1,), (n,), (n,)
        As ``Sparse`` takes them.
    """
    made: tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]] = _sparse(
        slots, most, *missing, unit, scale
    )
    return made


def columns_of(
    pt: Any, eta: Any, phi: Any, mass: Any, boost: Any = 0.0
) -> tuple[NDArray[np.float64], ...]:
    """``COLUMNS`` of objects, after a boost along the beam by this rapidity.

    Parameters
    ----------
    pt, eta, phi, mass : array, shape (N,), GeV, -, rad, GeV
        Objects with a pT.
    boost : float or array, shape (N,)
        Rapidity of the frame.

    Returns
    -------
    tuple of array, shape (N,)
        In the order of ``COLUMNS``.

    Examples
    --------
    >>> [float(one[0]) for one in columns_of([3.0], [0.0], [0.1], [4.0])]
    [3.0, 0.0, 0.1, 4.0, 5.0]
    """
    pt, eta, phi, mass = (np.asarray(one, np.float64) for one in (pt, eta, phi, mass))
    transverse = np.hypot(pt, mass)
    rapidity = np.arcsinh(pt * np.sinh(eta) / transverse) - boost
    # E sin θ, with θ in the frame
    slope = transverse * np.sinh(rapidity) / pt
    return pt, rapidity, phi, mass, np.hypot(pt, mass / np.hypot(1.0, slope))
