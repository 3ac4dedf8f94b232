r"""How wide a shower is in the 5×5 crystals around its seed.

.. math::

   \sigma_{i\eta i\eta}^2 = \frac{\sum_i w_i\,(i\eta_i - \overline{i\eta})^2}{\sum_i w_i}\,c^2,
   \qquad w_i = \max\left(0,\ 4.7 + \ln\frac{E_i}{E_{5\times5}}\right),

about the energy-weighted mean, with :math:`c = 0.01745` in the barrel and 0.0447 in the endcaps.

References
----------
CMS Collaboration, Performance of photon reconstruction and identification with the CMS detector
in proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P08010, arXiv:1502.02702.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BARREL_CRYSTAL",
    "ENDCAP_CRYSTAL",
    "POSITION_WEIGHT",
    "SHAPE_WEIGHT",
    "window",
    "window_shapes",
]

#: Width of a crystal that the widths are multiples of.
BARREL_CRYSTAL = 0.01745
ENDCAP_CRYSTAL = 0.0447
#: A crystal counts from exp(−4.7) = 0.9 % of the 5×5 energy on.
SHAPE_WEIGHT = 4.7
#: The same for the place of a cluster: from exp(−4.2) = 1.5 % of its energy on.
POSITION_WEIGHT = 4.2


@numba.njit(cache=True)
def window(
    grid: NDArray[np.float64], row: int, column: int, block: int, periodic: bool
) -> NDArray[np.float64]:
    """Take the 5×5 energies around a crystal, for use in kernels.

    Parameters
    ----------
    grid : array, shape (H, W), GeV
        Energies of all crystals of a detector part.
    row, column : int
        The crystal in the middle.
    block : int
        Rows that belong together; no window reaches from one block into the next (two endcaps
        share one grid).
    periodic : bool
        Whether the last column touches the first.

    Returns
    -------
    array, shape (5, 5), GeV
        Zero beyond an edge.

    Examples
    --------
    >>> grid = np.zeros((10, 10))
    >>> grid[0, 9] = 3.0
    >>> float(window(grid, 0, 0, 10, True)[2, 1])
    3.0
    """
    energies = np.zeros((5, 5))
    columns = grid.shape[1]
    for i in range(5):
        r = row + i - 2
        if r // block != row // block:
            continue
        for j in range(5):
            c = column + j - 2
            if periodic:
                c %= columns
            elif c < 0 or c >= columns:
                continue
            energies[i, j] = grid[r, c]
    return energies


@numba.njit(cache=True)
def window_shapes(
    energies: NDArray[np.float64],
    along: NDArray[np.float64],
    across: NDArray[np.float64],
    crystal: float,
) -> tuple[float, float, float, float]:
    """Sums and log-weighted widths of 5×5 crystals, for use in kernels.

    Parameters
    ----------
    energies : array, shape (5, 5), GeV
        Around the seed; negative ones count in the sums and not in the widths.
    along, across : array, shape (5, 5)
        Distance of each crystal from the seed in η and in φ, in crystals.
    crystal : float
        Width of a crystal that the results are multiples of.

    Returns
    -------
    e3x3, e5x5 : float, GeV
        Sums.
    sieie, sipip : float
        Widths in η and φ.

    Examples
    --------
    >>> energies, step = np.zeros((5, 5)), np.arange(-2.0, 3.0)
    >>> energies[1:4, 2] = [1.0, 8.0, 1.0]
    >>> along = np.repeat(step, 5).reshape(5, 5)
    >>> shapes = window_shapes(energies, along, along.T.copy(), 0.01745)
    >>> [round(float(value), 5) for value in shapes]
    [10.0, 10.0, 0.01255, 0.0]
    """
    e3x3 = energies[1:4, 1:4].sum()
    e5x5 = energies.sum()
    if e5x5 <= 0.0:
        return e3x3, e5x5, 0.0, 0.0
    positive, mean_along, mean_across = 0.0, 0.0, 0.0
    for i in range(5):
        for j in range(5):
            energy = max(energies[i, j], 0.0)
            positive += energy
            mean_along += energy * along[i, j]
            mean_across += energy * across[i, j]
    mean_along /= positive
    mean_across /= positive
    total, width_along, width_across = 0.0, 0.0, 0.0
    for i in range(5):
        for j in range(5):
            if energies[i, j] <= 0.0:
                continue
            weight = max(0.0, SHAPE_WEIGHT + np.log(energies[i, j] / e5x5))
            total += weight
            width_along += weight * (along[i, j] - mean_along) ** 2
            width_across += weight * (across[i, j] - mean_across) ** 2
    return (
        e3x3,
        e5x5,
        crystal * np.sqrt(width_along / total),
        crystal * np.sqrt(width_across / total),
    )
