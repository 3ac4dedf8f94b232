"""Hadron calorimeter towers of a CMS-like detector, |ieta| 1–28 in 5° or 10° of φ."""

import dataclasses
from typing import Any, ClassVar

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry._eta_phi_grid import EtaPhiGrid

__all__ = ["Hcal", "tower_columns", "tower_flat"]

_HALF = np.concatenate(
    [np.arange(21) * 0.087, [1.830, 1.930, 2.043, 2.172, 2.322, 2.500, 2.650, 3.000]]
)
COLUMNS = 72
FIRST_WIDE = 21  # from this |ieta| on a tower spans 10°, numbered by its first, odd iphi


@numba.njit(cache=True)
def tower_flat(eta, phi):  # type: ignore[no-untyped-def]
    """Flat index of the tower at a direction, for use in kernels.

    Parameters
    ----------
    eta, phi : float, -, rad
        Direction from the centre of the detector.

    Returns
    -------
    int
        ``row · 72 + column``, with the first column of a 10° tower, or −1 outside |η| < 3.

    Examples
    --------
    >>> tower_flat(3.5, 0.0)
    -1
    """
    a = abs(eta)
    if a >= 3.0:
        return -1
    half = int(a / 0.087) if a < 1.74 else int(np.searchsorted(_HALF, a, side="right")) - 1
    row = 28 + half if eta >= 0 else 27 - half
    column = int(np.floor(phi * (36.0 / np.pi))) % 72
    if half >= 20:
        column -= column % 2
    return row * 72 + column


@dataclasses.dataclass(frozen=True)
class Hcal(EtaPhiGrid, half=_HALF, columns=COLUMNS, low=0.0):
    """HB and HE towers: index fields, places, edges.

    Tower ieta (−28…−1, 1…28) is row 0…55; iphi (1…72) is column 0…71 with centre at
    φ = 5° · iphi − 2.5°. From |ieta| 21 on a tower spans two columns and is named by the odd one.

    References
    ----------
    CMS Collaboration, JINST 3 (2008) S08004.

    Examples
    --------
    >>> hcal = Hcal()
    >>> eta, phi = hcal.eta_phi(np.array([1, 21]), np.array([1, 1]))
    >>> np.rad2deg(phi).round(1).tolist()
    [2.5, 5.0]
    """

    collection: ClassVar[str] = "HcalHit"

    @property
    def channels(self) -> int:
        """Number of towers."""
        narrow = 2 * (FIRST_WIDE - 1)
        return (narrow + self.shape[0]) * COLUMNS // 2

    def _columns(self, row: NDArray[Any], column: NDArray[Any]) -> tuple[NDArray[Any], Any]:
        half = self.shape[0] // 2
        wide = (row <= half - FIRST_WIDE) | (row >= half + FIRST_WIDE - 1)
        return column - (wide & (column % 2 == 1)), np.where(wide, 2, 1)


def tower_columns(iphi: Any) -> NDArray[np.int64]:
    """First of the five crystal columns (iphi − 1) that a 5° tower column lies behind.

    Parameters
    ----------
    iphi : array of int, shape (...)
        Tower iphi, 1…72.

    Returns
    -------
    array of int, shape (...)
        Column of crystal ``5 · iphi + 6``, modulo 360.

    Examples
    --------
    >>> tower_columns(np.array([1, 72])).tolist()
    [10, 5]
    """
    return (5 * np.asarray(iphi, np.int64) + 5) % 360
