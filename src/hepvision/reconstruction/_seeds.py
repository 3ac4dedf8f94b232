"""Where clusters start: local maxima of the crystal energies."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["SEED_ET", "local_maxima"]

#: GeV of transverse energy that starts a super-cluster.
SEED_ET = 1.0


@numba.njit(cache=True)
def _is_maximum(
    grid: NDArray[np.float64], row: int, column: int, block: int, periodic: bool
) -> bool:
    energy, columns = grid[row, column], grid.shape[1]
    for i in range(-1, 2):
        if (row + i) // block != row // block:
            continue
        for j in range(-1, 2):
            c = column + j
            if periodic:
                c %= columns
            elif c < 0 or c >= columns:
                continue
            other = grid[row + i, c]
            # of equal neighbours the first one is the maximum
            if other > energy or (other == energy and (i < 0 or (i == 0 and j < 0))):
                return False
    return True


@numba.njit(cache=True)
def local_maxima(
    grid: NDArray[np.float64],
    flat: NDArray[np.int64],
    sine: NDArray[np.float64],
    least_et: float,
    block: int,
    periodic: bool,
) -> NDArray[np.int64]:
    """Crystals above their eight neighbours, highest transverse energy first.

    Parameters
    ----------
    grid : array, shape (H, W), GeV
        Energies of all crystals.
    flat : array of int, shape (N,)
        Crystals that were hit, row · W + column.
    sine : array, shape (H·W,)
        sin θ of every crystal.
    least_et : float, GeV
        Transverse energy a maximum must have.
    block : int
        Rows that belong together.
    periodic : bool
        Whether the last column touches the first.

    Returns
    -------
    array of int64, shape (M,)
        Flat indices.

    Examples
    --------
    >>> grid = np.array([[0.0, 2.0, 1.0], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0]])
    >>> local_maxima(grid, np.array([1, 2, 6]), np.ones(9), 0.5, 3, False).tolist()
    [6, 1]
    """
    columns = grid.shape[1]
    found = np.empty(len(flat), np.int64)
    height = np.empty(len(flat))
    number = 0
    for k in range(len(flat)):
        row, column = flat[k] // columns, flat[k] % columns
        et = grid[row, column] * sine[flat[k]]
        if et >= least_et and _is_maximum(grid, row, column, block, periodic):
            found[number] = flat[k]
            height[number] = -et
            number += 1
    order = np.argsort(height[:number], kind="mergesort")
    return found[:number][order]
