"""Endcap crystals of a CMS-like calorimeter, two 100 × 100 grids."""

import dataclasses
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hepvision.physics.propagation import BARREL_ETA, HALF_LENGTH

__all__ = ["EcalEndcap"]

#: mm, at |z| = 3150 mm: crystals of 28.6 mm and the gaps between them. With this the front face of
#: every crystal in published event displays lies within 0.46 of a crystal of its place here.
PITCH = 29.38
INNER, OUTER = 11.5, 50.92  # crystals, from the beam to the first and last crystal's centre
SIDE = 100


@dataclasses.dataclass(frozen=True)
class EcalEndcap:
    """Endcap crystals: index fields, places, edges.

    Crystal (ix, iy), 1…100 each, is column ix − 1 and row iy − 1 of the image of its side; the
    beam passes between 50 and 51. Crystals exist from 11.5 to 50.9 pitches around it.

    References
    ----------
    CMS Collaboration, JINST 3 (2008) S08004.

    Examples
    --------
    >>> endcap = EcalEndcap()
    >>> int(endcap.flat_index(np.array([1]), np.array([50]), np.array([1]))[0])
    14900
    """

    collection: ClassVar[str] = "EcalEndcapHit"
    fields: ClassVar[tuple[str, ...]] = ("ix", "iy", "side")
    shape: ClassVar[tuple[int, int]] = (2 * SIDE, SIDE)
    periodic: ClassVar[bool] = False
    face: ClassVar[float] = HALF_LENGTH
    depth: ClassVar[float] = 220.0
    pitch: ClassVar[float] = PITCH

    @property
    def channels(self) -> int:
        """Number of crystals, both sides together."""
        return 2 * int(self.exists().sum())

    def exists(self) -> NDArray[np.bool_]:
        """Where the grid of one side holds a crystal.

        Returns
        -------
        array of bool, shape (100, 100)
            By row (iy) and column (ix).
        """
        centre = np.arange(SIDE) - 49.5
        distance = np.hypot(centre[:, None], centre)
        return (distance >= INNER) & (distance <= OUTER)

    def row_column(self, ix: Any, iy: Any, side: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Place in the stack of both sides, −z above +z.

        Parameters
        ----------
        ix, iy, side : array of int, shape (...)
            Crystal numbers; side is −1 or +1.

        Returns
        -------
        row, column : arrays of int, shape (...)
            0…199 and 0…99.
        """
        ix, iy, side = (np.asarray(value, np.int64) for value in (ix, iy, side))
        return np.where(side > 0, SIDE, 0) + iy - 1, ix - 1

    def flat_index(self, ix: Any, iy: Any, side: Any) -> NDArray[np.uint32]:
        """Row · 100 + column in the stack of both sides.

        Parameters
        ----------
        ix, iy, side : array of int, shape (...)
            Crystal numbers.

        Returns
        -------
        array of uint32, shape (...)
            0…19999.
        """
        row, column = self.row_column(ix, iy, side)
        return (row * SIDE + column).astype(np.uint32)

    def numbers(self, flat: Any) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int8]]:
        """Crystal numbers of flat indices.

        Parameters
        ----------
        flat : array of int, shape (...)
            Flat indices.

        Returns
        -------
        ix, iy, side : arrays of int, shape (...)
            Crystal numbers.
        """
        row, column = np.divmod(np.asarray(flat, np.int64), SIDE)
        side = np.where(row >= SIDE, 1, -1)
        return (column + 1).astype(np.int8), (row % SIDE + 1).astype(np.int8), side.astype(np.int8)

    def eta_phi(self, ix: Any, iy: Any, side: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Centres of crystals.

        Parameters
        ----------
        ix, iy, side : array of int, shape (...)
            Crystal numbers.

        Returns
        -------
        eta, phi : arrays, shape (...), -, rad
            Seen from the centre of the detector.
        """
        x = (np.asarray(ix, float) - 50.5) * PITCH
        y = (np.asarray(iy, float) - 50.5) * PITCH
        return np.arcsinh(HALF_LENGTH * np.asarray(side, float) / np.hypot(x, y)), np.arctan2(y, x)

    def locate(
        self, eta: Any, phi: Any
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
        """Crystals at directions.

        Parameters
        ----------
        eta, phi : array, shape (...), -, rad
            Directions from the centre of the detector.

        Returns
        -------
        ix, iy, side : arrays of int, shape (...)
            Crystal numbers; meaningless outside.
        inside : array of bool, shape (...)
            Whether there is a crystal and |η| ≥ 1.479.
        """
        eta, phi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(phi, float))
        radius = HALF_LENGTH / np.maximum(np.sinh(np.abs(eta)), 1e-9)
        column = np.floor(radius * np.cos(phi) / PITCH).astype(np.int64) + 50
        row = np.floor(radius * np.sin(phi) / PITCH).astype(np.int64) + 50
        grid = (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
        column, row = np.clip(column, 0, SIDE - 1), np.clip(row, 0, SIDE - 1)
        inside = grid & self.exists()[row, column] & (np.abs(eta) >= BARREL_ETA)
        side = np.where(eta > 0, 1, -1)
        return column + 1, row + 1, side, inside
