"""Hadron calorimeter towers of a CMS-like detector, |ieta| 1–28 in 5° or 10° of φ."""

import dataclasses
from typing import Any, ClassVar

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Hcal", "tower_columns", "tower_flat"]

_HALF = np.concatenate(
    [np.arange(21) * 0.087, [1.830, 1.930, 2.043, 2.172, 2.322, 2.500, 2.650, 3.000]]
)
_ETA_EDGES = np.concatenate([-_HALF[:0:-1], _HALF])
ROWS, COLUMNS = 56, 72
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
class Hcal:
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
    fields: ClassVar[tuple[str, ...]] = ("ieta", "iphi")
    shape: ClassVar[tuple[int, int]] = (ROWS, COLUMNS)
    periodic: ClassVar[bool] = True

    @property
    def channels(self) -> int:
        """Number of towers."""
        return 40 * COLUMNS + 16 * COLUMNS // 2

    @property
    def eta_edges(self) -> NDArray[np.float64]:
        """Edges of the rows in η, shape (57,)."""
        return _ETA_EDGES.copy()

    @property
    def phi_edges(self) -> NDArray[np.float64]:
        """Edges of the columns in φ, shape (73,), rad, rising from 0."""
        return np.deg2rad(5.0 * np.arange(COLUMNS + 1))

    def row_column(self, ieta: Any, iphi: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Place in the tower image.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Tower numbers.

        Returns
        -------
        row, column : arrays of int, shape (...)
            0…55 and 0…71.
        """
        ieta, iphi = np.asarray(ieta, np.int64), np.asarray(iphi, np.int64)
        return ieta + np.where(ieta < 0, 28, 27), iphi - 1

    def flat_index(self, ieta: Any, iphi: Any) -> NDArray[np.uint32]:
        """Row · 72 + column.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Tower numbers.

        Returns
        -------
        array of uint32, shape (...)
            0…4031.
        """
        row, column = self.row_column(ieta, iphi)
        return (row * COLUMNS + column).astype(np.uint32)

    def numbers(self, flat: Any) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Tower numbers of flat indices.

        Parameters
        ----------
        flat : array of int, shape (...)
            Flat indices.

        Returns
        -------
        ieta, iphi : arrays of int, shape (...)
            Tower numbers.
        """
        row, column = np.divmod(np.asarray(flat, np.int64), COLUMNS)
        ieta = np.where(row < 28, row - 28, row - 27)
        return ieta.astype(np.int8), (column + 1).astype(np.int8)

    def eta_phi(self, ieta: Any, iphi: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Centres of towers.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Tower numbers.

        Returns
        -------
        eta, phi : arrays, shape (...), -, rad
            Seen from the centre of the detector; φ in [−π, π).
        """
        row, column = self.row_column(ieta, iphi)
        eta = 0.5 * (_ETA_EDGES[row] + _ETA_EDGES[row + 1])
        wide = np.abs(np.asarray(ieta)) >= FIRST_WIDE
        degrees = np.where(wide, 5.0 * (column - column % 2 + 1), 5.0 * column + 2.5)
        return eta, np.deg2rad((degrees + 180.0) % 360.0 - 180.0)

    def locate(self, eta: Any, phi: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
        """Towers at directions.

        Parameters
        ----------
        eta, phi : array, shape (...), -, rad
            Directions from the centre of the detector.

        Returns
        -------
        ieta, iphi : arrays of int, shape (...)
            Tower numbers; meaningless outside.
        inside : array of bool, shape (...)
            Whether |η| < 3.
        """
        eta, phi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(phi, float))
        row = np.clip(np.searchsorted(_ETA_EDGES, eta, side="right") - 1, 0, ROWS - 1)
        column = np.floor(np.rad2deg(phi) / 5.0).astype(np.int64) % COLUMNS
        ieta, iphi = self.numbers(row * COLUMNS + column)
        iphi = np.where(np.abs(ieta) >= FIRST_WIDE, iphi - (iphi - 1) % 2, iphi)
        return ieta, iphi, np.abs(eta) < 3.0


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
