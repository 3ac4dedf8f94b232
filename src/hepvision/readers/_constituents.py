"""Constituents of jets from columns of four-momenta: padding dropped, the jet summed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Momenta", "four_vectors", "gather", "masses"]

FINITE = 1e30  # larger numbers are taken for infinite
#: Mass² over E² that four-momenta in float32 do not resolve.
RESOLVED = 5e-7
#: The same beyond which a momentum is no particle's.
IMPOSSIBLE = 1e-3


class Momenta(NamedTuple):
    """Four-momenta that are there, and how many were not."""

    offsets: NDArray[np.int64]  # (B+1,)
    vectors: NDArray[np.float64]  # (4, N): E, px, py, pz in GeV
    sums: NDArray[np.float64]  # (B, 4): the same of all in a jet
    odd: int  # left out: not finite, or along the beam


@numba.njit(cache=True, nogil=True)
def _gather(
    values: NDArray[Any],
    columns: NDArray[np.int64],
    offsets: NDArray[np.int64],
    vectors: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> int:
    found = 0
    odd = 0
    for row in range(values.shape[0]):
        sum_e, sum_x, sum_y, sum_z = 0.0, 0.0, 0.0, 0.0
        for place in range(columns.shape[0]):
            e = np.float64(values[row, columns[place, 0]])
            x = np.float64(values[row, columns[place, 1]])
            y = np.float64(values[row, columns[place, 2]])
            z = np.float64(values[row, columns[place, 3]])
            if e == 0.0 and x == 0.0 and y == 0.0 and z == 0.0:
                continue
            size = abs(e) + abs(x) + abs(y) + abs(z)
            if not size < FINITE or (x == 0.0 and y == 0.0):
                odd += 1
                continue
            vectors[0, found] = e
            vectors[1, found] = x
            vectors[2, found] = y
            vectors[3, found] = z
            sum_e += e
            sum_x += x
            sum_y += y
            sum_z += z
            found += 1
        sums[row, 0] = sum_e
        sums[row, 1] = sum_x
        sums[row, 2] = sum_y
        sums[row, 3] = sum_z
        offsets[row + 1] = found
    return odd


def gather(values: NDArray[Any], columns: NDArray[np.int64]) -> Momenta:
    """Take the constituents out of zero-padded columns.

    Parameters
    ----------
    values : array, shape (B, W), GeV
        Rows of a table, one a jet.
    columns : array of int, shape (P, 4)
        Where in a row each constituent has its E, px, py, pz.

    Returns
    -------
    Momenta
        Without padding.

    Examples
    --------
    >>> jets = np.array([[5.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0]], np.float32)
    >>> found = gather(jets, np.arange(8).reshape(2, 4))
    >>> found.offsets.tolist(), found.vectors.T.tolist()
    ([0, 1], [[5.0, 3.0, 4.0, 0.0]])
    """
    jets = len(values)
    offsets = np.zeros(jets + 1, np.int64)
    vectors = np.empty((4, jets * len(columns)))
    sums = np.zeros((jets, 4))
    odd = _gather(values, columns, offsets, vectors, sums)
    return Momenta(offsets, vectors[:, : offsets[-1]], sums, int(odd))


def masses(squared: NDArray[np.float64], energy: NDArray[np.float64]) -> tuple[Any, int]:
    """Masses from their squares, 0 where float32 does not tell them from 0.

    Parameters
    ----------
    squared, energy : array, shape (N,), GeV², GeV
        E² − p², and E.

    Returns
    -------
    mass : array, shape (N,), GeV
        Not negative.
    impossible : int
        Number of momenta larger than their energy by more than rounding; their mass is 0.

    Examples
    --------
    >>> mass, impossible = masses(np.array([9.0, 1e-6, -4.0]), np.array([5.0, 10.0, 1.0]))
    >>> mass.tolist(), impossible
    ([3.0, 0.0, 0.0], 1)
    """
    scale = energy * energy
    impossible = int(np.count_nonzero((squared < -IMPOSSIBLE * scale) | (energy <= 0)))
    return np.sqrt(np.where(squared > RESOLVED * scale, squared, 0.0)), impossible


def four_vectors(vectors: Any) -> tuple[dict[str, NDArray[Any]], int]:
    """E, px, py, pz as pt, eta, phi, mass.

    Parameters
    ----------
    vectors : array, shape (4, N), GeV
        Four-momenta that are not along the beam.

    Returns
    -------
    columns : dict of array of float32, shape (N,), GeV, -, rad, GeV
        pt, eta, phi, mass.
    impossible : int
        As of ``masses``.

    Examples
    --------
    >>> columns, _ = four_vectors(np.array([[5.0], [3.0], [0.0], [0.0]]))
    >>> columns["pt"].tolist(), columns["mass"].tolist()
    ([3.0], [4.0])
    """
    energy, x, y, z = vectors
    squared = x * x + y * y
    pt = np.sqrt(squared)
    mass, impossible = masses(energy * energy - squared - z * z, energy)
    columns = {"pt": pt, "eta": np.arcsinh(z / pt), "phi": np.arctan2(y, x), "mass": mass}
    return {name: values.astype(np.float32) for name, values in columns.items()}, impossible
