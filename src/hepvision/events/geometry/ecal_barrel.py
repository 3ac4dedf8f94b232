"""Barrel crystals of a CMS-like calorimeter, 170 × 360 in η × φ."""

import dataclasses
from typing import ClassVar

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry._eta_phi_grid import EtaPhiGrid
from hepvision.physics.propagation import BARREL_ETA, RADIUS

__all__ = ["EcalBarrel", "barrel_flat", "module_edges"]

#: |η| where the four modules of a half barrel end, and the crystals (|ieta|) they hold. The
#: crystals of a module are equally wide; with this the front face of every crystal in published
#: event displays lies within 0.4 of a crystal of its place here.
MODULE_ETA = (0.0, 0.4445, 0.7925, 1.1404, BARREL_ETA)
MODULE_CRYSTALS = (0, 25, 45, 65, 85)
#: Azimuth of the low edge of iphi = 1, in degrees: its centre is at 1° − 10.5°.
FIRST_EDGE_DEGREES = -10.0
COLUMNS = 360
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
    a, ends, first = abs(eta), MODULE_ETA, MODULE_CRYSTALS
    # without branches, so that a loop over this is done many at a time
    half = a * _DENSITY[0]
    half = half if a < ends[1] else first[1] + (a - ends[1]) * _DENSITY[1]
    half = half if a < ends[2] else first[2] + (a - ends[2]) * _DENSITY[2]
    half = half if a < ends[3] else first[3] + (a - ends[3]) * _DENSITY[3]
    crystal = np.int64(min(half, 84.0))
    row = 85 + crystal if eta >= 0 else 84 - crystal
    turned = phi * (0.5 / np.pi) - FIRST_EDGE_DEGREES / 360.0
    column = np.int64(min((turned - np.floor(turned)) * 360.0, 359.0))
    return row * 360 + column if a < ends[4] else -1


@dataclasses.dataclass(frozen=True)
class EcalBarrel(EtaPhiGrid, half=module_edges(), columns=COLUMNS, low=FIRST_EDGE_DEGREES):
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
    radius: ClassVar[float] = RADIUS
    depth: ClassVar[float] = 230.0
