"""What the kernels of barrel and endcaps find, a row a super-cluster."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMNS", "record"]

#: Event in the batch, flat index of the seed, GeV, -, rad, GeV, GeV, -, -.
COLUMNS = ("event", "seed", "raw", "eta", "phi", "e3x3", "e5x5", "sieie", "sipip")


@numba.njit(cache=True)
def record(
    table: NDArray[np.float64],
    row: int,
    event: int,
    seed: int,
    place: tuple[float, float, float],
    shapes: tuple[float, float, float, float],
) -> int:
    """Fill a row, for use in kernels.

    Parameters
    ----------
    table : array, shape (M, 9)
        Columns as ``COLUMNS`` tells.
    row : int
        The first free one.
    event, seed : int
        Event in the batch and flat index of the crystal.
    place : tuple of 3 float, GeV, -, rad
        Energy, η and φ.
    shapes : tuple of 4 float
        As ``window_shapes`` gives them.

    Returns
    -------
    int
        The next free row.

    Examples
    --------
    >>> table = np.zeros((1, 9))
    >>> record(table, 0, 3, 30_600, (20.0, 0.0, 0.1), (18.0, 20.0, 0.01, 0.01))
    1
    """
    table[row, 0], table[row, 1] = event, seed
    for k in range(3):
        table[row, 2 + k] = place[k]
    for k in range(4):
        table[row, 5 + k] = shapes[k]
    return row + 1
