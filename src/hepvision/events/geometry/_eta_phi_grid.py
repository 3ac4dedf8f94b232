"""Cells in rows of η, alike in both halves of the detector, and equal columns of φ."""

import dataclasses
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["EtaPhiGrid"]


@dataclasses.dataclass(frozen=True)
class EtaPhiGrid:
    """Index fields, places and edges of a part whose cells are counted by ieta and iphi.

    Of n rows in each half, ieta (−n…−1, 1…n; there is no 0) is image row 0…2n−1; iphi counts the
    columns from 1. A part says how it is divided where it is declared: the edges in |η| of one
    half, the number of columns, and in degrees where the first one starts.
    """

    collection: ClassVar[str]
    fields: ClassVar[tuple[str, ...]] = ("ieta", "iphi")
    shape: ClassVar[tuple[int, int]]
    periodic: ClassVar[bool] = True
    _edges: ClassVar[NDArray[np.float64]]
    _centres: ClassVar[NDArray[np.float64]]
    _low: ClassVar[float]
    _width: ClassVar[float]
    _ieta: ClassVar[NDArray[np.int8]]
    _iphi: ClassVar[NDArray[Any]]

    def __init_subclass__(cls, half: NDArray[np.float64], columns: int, low: float) -> None:
        """Lay out the rows and columns of a part."""
        rows = len(half) - 1
        cls.shape = (2 * rows, columns)
        cls._edges = np.concatenate([-half[:0:-1], half])
        cls._centres = 0.5 * (cls._edges[1:] + cls._edges[:-1])
        cls._low, cls._width = low, 360.0 / columns
        # a look-up is ten times as fast as dividing
        cls._ieta = np.repeat(np.setdiff1d(np.arange(-rows, rows + 1), 0), columns).astype(np.int8)
        iphi = np.tile(np.arange(1, columns + 1), 2 * rows)
        cls._iphi = iphi.astype(np.int8 if columns < 128 else np.int16)

    @property
    def channels(self) -> int:
        """Number of cells."""
        return self.shape[0] * self.shape[1]

    @property
    def eta_edges(self) -> NDArray[np.float64]:
        """Edges of the rows in η, shape (rows + 1,)."""
        return self._edges.copy()

    @property
    def phi_edges(self) -> NDArray[np.float64]:
        """Edges of the columns in φ, shape (columns + 1,), rad, rising."""
        return np.deg2rad(self._width * np.arange(self.shape[1] + 1) + self._low)

    def _columns(self, row: NDArray[Any], column: NDArray[Any]) -> tuple[NDArray[Any], Any]:
        """First column of the cell that holds a column, and how many it spans."""
        return column, 1

    def row_column(self, ieta: Any, iphi: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Place in the image of the part.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Cell numbers.

        Returns
        -------
        row, column : arrays of int, shape (...)
            From 0 on.
        """
        ieta, iphi = np.asarray(ieta, np.int64), np.asarray(iphi, np.int64)
        half = self.shape[0] // 2
        return ieta + np.where(ieta < 0, half, half - 1), iphi - 1

    def flat_index(self, ieta: Any, iphi: Any) -> NDArray[np.uint32]:
        """Row · columns + column.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Cell numbers.

        Returns
        -------
        array of uint32, shape (...)
            From 0 to rows · columns − 1.
        """
        row, column = self.row_column(ieta, iphi)
        return (row * self.shape[1] + column).astype(np.uint32)

    def numbers(self, flat: Any) -> tuple[NDArray[np.int8], NDArray[Any]]:
        """Cell numbers of flat indices.

        Parameters
        ----------
        flat : array of int, shape (...)
            Flat indices.

        Returns
        -------
        ieta, iphi : arrays of int, shape (...)
            Cell numbers.
        """
        flat = np.asarray(flat)
        return self._ieta[flat], self._iphi[flat]

    def eta_phi(self, ieta: Any, iphi: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Centres of cells.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Cell numbers.

        Returns
        -------
        eta, phi : arrays, shape (...), -, rad
            Seen from the centre of the detector; φ in [−π, π).
        """
        row, column = self.row_column(ieta, iphi)
        first, span = self._columns(row, column)
        # one expression, so that its arrays are used again
        degrees = (self._width * (first + 0.5 * span) + self._low + 180.0) % 360.0 - 180.0
        return self._centres[row], np.deg2rad(degrees)

    def locate(self, eta: Any, phi: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
        """Cells at directions.

        Parameters
        ----------
        eta, phi : array, shape (...), -, rad
            Directions from the centre of the detector.

        Returns
        -------
        ieta, iphi : arrays of int, shape (...)
            Cell numbers; meaningless outside.
        inside : array of bool, shape (...)
            Whether |η| is below the last edge.
        """
        eta, phi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(phi, float))
        rows, columns = self.shape
        row = np.clip(np.searchsorted(self._edges, eta, side="right") - 1, 0, rows - 1)
        column = np.floor((np.rad2deg(phi) - self._low) / self._width).astype(np.int64) % columns
        first, _ = self._columns(row, column)
        ieta, iphi = self.numbers(row * columns + first)
        return ieta, iphi, np.abs(eta) < self._edges[-1]
