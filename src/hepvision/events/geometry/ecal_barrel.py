"""Barrel crystals of a CMS-like calorimeter, 170 × 360 in η × φ."""

import dataclasses
from typing import Any, ClassVar

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["EcalBarrel", "barrel_flat", "module_edges"]

#: |η| where the four modules of a half barrel end, and the crystals (|ieta|) they hold. The
#: crystals of a module are equally wide; with this the front face of every crystal in published
#: event displays lies within 0.4 of a crystal of its place here.
MODULE_ETA = (0.0, 0.4445, 0.7925, 1.1404, 1.479)
MODULE_CRYSTALS = (0, 25, 45, 65, 85)
#: Azimuth of the low edge of iphi = 1, in degrees: its centre is at 1° − 10.5°.
FIRST_EDGE_DEGREES = -10.0
ROWS, COLUMNS = 170, 360
_DENSITY = tuple(np.diff(MODULE_CRYSTALS) / np.diff(MODULE_ETA))


def module_edges() -> NDArray[np.float64]:
    """Edges in |η| of the crystals of one half of the barrel.

    Returns
    -------
    array, shape (86,)
        From 0 to 1.479.

    Examples
    --------
    >>> len(module_edges()), float(module_edges()[-1])
    (86, 1.479)
    """
    return np.interp(np.arange(86), MODULE_CRYSTALS, MODULE_ETA)


_HALF = module_edges()
_ETA_EDGES = np.concatenate([-_HALF[:0:-1], _HALF])
# a look-up is ten times as fast as dividing
_IETA = np.repeat(np.setdiff1d(np.arange(-85, 86), 0), COLUMNS).astype(np.int8)
_IPHI = np.tile(np.arange(1, COLUMNS + 1), ROWS).astype(np.int16)


@numba.njit(cache=True)
def barrel_flat(eta, phi):  # type: ignore[no-untyped-def]
    """Flat index of the crystal at a direction, for use in kernels.

    Parameters
    ----------
    eta, phi : float, -, rad
        Direction from the centre of the detector.

    Returns
    -------
    int
        ``row · 360 + column``, or −1 outside |η| < 1.479.

    Examples
    --------
    >>> barrel_flat(2.0, 0.0)
    -1
    """
    a = abs(eta)
    # without branches, so that a loop over this is done many at a time
    half = a * _DENSITY[0]
    half = half if a < 0.4445 else 25.0 + (a - 0.4445) * _DENSITY[1]
    half = half if a < 0.7925 else 45.0 + (a - 0.7925) * _DENSITY[2]
    half = half if a < 1.1404 else 65.0 + (a - 1.1404) * _DENSITY[3]
    crystal = np.int64(min(half, 84.0))
    row = 85 + crystal if eta >= 0 else 84 - crystal
    turned = phi * (0.5 / np.pi) + 10.0 / 360.0
    column = np.int64(min((turned - np.floor(turned)) * 360.0, 359.0))
    return row * 360 + column if a < 1.479 else -1


@dataclasses.dataclass(frozen=True)
class EcalBarrel:
    """Barrel crystals: index fields, places, edges.

    Crystal ieta (−85…−1, 1…85) is image row 0…169; iphi (1…360) is column 0…359, with centre at
    φ = iphi · 1° − 10.5°. Front faces are 2.2 × 2.2 cm at r = 129 cm, 23 cm deep.

    References
    ----------
    CMS Collaboration, JINST 3 (2008) S08004.

    Examples
    --------
    >>> barrel = EcalBarrel()
    >>> barrel.row_column(np.array([-85, 85]), np.array([1, 360]))
    (array([  0, 169]), array([  0, 359]))
    """

    collection: ClassVar[str] = "EcalBarrelHit"
    fields: ClassVar[tuple[str, ...]] = ("ieta", "iphi")
    shape: ClassVar[tuple[int, int]] = (ROWS, COLUMNS)
    periodic: ClassVar[bool] = True
    radius: ClassVar[float] = 1290.0
    depth: ClassVar[float] = 230.0

    @property
    def channels(self) -> int:
        """Number of crystals."""
        return ROWS * COLUMNS

    @property
    def eta_edges(self) -> NDArray[np.float64]:
        """Edges of the rows in η, shape (171,)."""
        return _ETA_EDGES.copy()

    @property
    def phi_edges(self) -> NDArray[np.float64]:
        """Edges of the columns in φ, shape (361,), rad, rising from −10°."""
        return np.deg2rad(FIRST_EDGE_DEGREES + np.arange(COLUMNS + 1))

    def row_column(self, ieta: Any, iphi: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Place in the barrel image.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Crystal numbers.

        Returns
        -------
        row, column : arrays of int, shape (...)
            0…169 and 0…359.
        """
        ieta, iphi = np.asarray(ieta, np.int64), np.asarray(iphi, np.int64)
        return ieta + np.where(ieta < 0, 85, 84), iphi - 1

    def flat_index(self, ieta: Any, iphi: Any) -> NDArray[np.uint32]:
        """Row · 360 + column.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Crystal numbers.

        Returns
        -------
        array of uint32, shape (...)
            0…61199.
        """
        row, column = self.row_column(ieta, iphi)
        return (row * COLUMNS + column).astype(np.uint32)

    def numbers(self, flat: Any) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
        """Crystal numbers of flat indices.

        Parameters
        ----------
        flat : array of int, shape (...)
            Flat indices.

        Returns
        -------
        ieta, iphi : arrays of int, shape (...)
            Crystal numbers.
        """
        flat = np.asarray(flat)
        return _IETA[flat], _IPHI[flat]

    def eta_phi(self, ieta: Any, iphi: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Centres of crystals.

        Parameters
        ----------
        ieta, iphi : array of int, shape (...)
            Crystal numbers.

        Returns
        -------
        eta, phi : arrays, shape (...), -, rad
            Seen from the centre of the detector; φ in [−π, π).
        """
        row, column = self.row_column(ieta, iphi)
        eta = 0.5 * (_ETA_EDGES[row] + _ETA_EDGES[row + 1])
        phi = np.deg2rad((column + 0.5 + FIRST_EDGE_DEGREES + 180.0) % 360.0 - 180.0)
        return eta, phi

    def locate(self, eta: Any, phi: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
        """Crystals at directions.

        Parameters
        ----------
        eta, phi : array, shape (...), -, rad
            Directions from the centre of the detector.

        Returns
        -------
        ieta, iphi : arrays of int, shape (...)
            Crystal numbers; meaningless outside.
        inside : array of bool, shape (...)
            Whether |η| < 1.479.
        """
        eta, phi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(phi, float))
        row = np.searchsorted(_ETA_EDGES, eta, side="right") - 1
        inside = np.abs(eta) < MODULE_ETA[-1]
        row = np.clip(row, 0, ROWS - 1)
        column = np.floor(np.rad2deg(phi) - FIRST_EDGE_DEGREES).astype(np.int64) % COLUMNS
        ieta, iphi = self.numbers(row * COLUMNS + column)
        return ieta, iphi, inside
