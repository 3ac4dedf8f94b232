r"""Flight of particles through the solenoid to the face of the electromagnetic calorimeter.

A charge :math:`q` in the field :math:`B` along z moves on a helix whose azimuth turns by
:math:`\kappa = -0.2998\,q B / p_T` per metre of transverse path, so a positive particle turns
clockwise. The face is the cylinder r = 1.29 m closed by the planes \|z\| = 3.15 m; between the two,
beyond \|η\| = 1.479, particles fly on to the plane.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.physics.kinematics import turn_between

__all__ = [
    "BARREL",
    "BARREL_ETA",
    "CORNER",
    "ENDCAP",
    "FIELD",
    "HALF_LENGTH",
    "LOST",
    "RADIUS",
    "SPEED_OF_LIGHT",
    "advance",
    "calorimeter_face",
    "closest_approach",
    "curvature",
    "way_to_face",
]

Floats = npt.NDArray[np.float64]

FIELD = 3.8  # T
#: Of the calorimeter's face: the barrel's radius and the endcaps' |z|.
RADIUS, HALF_LENGTH = 1290.0, 3150.0  # mm
#: |η| seen from the centre where the barrel's face ends, its |z|/r, and |z|.
BARREL_ETA = 1.479
CORNER = math.sinh(BARREL_ETA)
BARREL_END = RADIUS * CORNER
SPEED_OF_LIGHT = 299.792458  # mm/ns
_TURN = 2.99792458e-4 * FIELD  # GeV/mm for unit charge
#: Which surface is hit.
LOST, BARREL, ENDCAP = 0, 1, 2


@numba.njit(cache=True)
def curvature(pt: float, charge: float) -> float:
    """Turn of the azimuth per transverse path.

    Parameters
    ----------
    pt : float, GeV
        Transverse momentum, above 0.
    charge : float, e
        Electric charge.

    Returns
    -------
    float, rad/mm
        Negative for positive charges.

    Examples
    --------
    >>> round(1.0 / curvature(1.0, -1.0))
    878
    """
    return -_TURN * charge / pt


@numba.njit(cache=True)
def advance(
    x: float,
    y: float,
    z: float,
    cosine: float,
    sine: float,
    slope: float,
    kappa: float,
    path: float,
) -> tuple[float, float, float, float, float]:
    """Place and heading after some transverse path along the helix.

    Parameters
    ----------
    x, y, z : float, mm
        Start.
    cosine, sine : float
        Of the azimuth of the momentum there.
    slope : float
        pz / pT.
    kappa : float, rad/mm
        From :func:`curvature`; 0 for a straight line.
    path : float, mm
        Transverse path length; may be negative.

    Returns
    -------
    x, y, z, cosine, sine : float
        Place (mm) and azimuth of the momentum there.

    Examples
    --------
    >>> advance(0.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 10.0)
    (10.0, 0.0, 20.0, 1.0, 0.0)
    """
    half = 0.5 * kappa * path
    if abs(half) < 1e-9:
        return x + path * cosine, y + path * sine, z + slope * path, cosine, sine
    turned, aside = math.cos(half), math.sin(half)
    # the chord: exact, and without cancellation for straight tracks
    chord = path * aside / half
    along, across = cosine * turned - sine * aside, sine * turned + cosine * aside
    return (
        x + chord * along,
        y + chord * across,
        z + slope * path,
        along * turned - across * aside,
        across * turned + along * aside,
    )


@numba.njit(cache=True)
def _path_to_radius(
    x: float, y: float, cosine: float, sine: float, kappa: float, radius: float
) -> float:
    """Transverse path from inside a cylinder to its first crossing; infinite if there is none."""
    if abs(kappa) < 1e-12:
        along = x * cosine + y * sine
        inside = along * along + radius * radius - x * x - y * y
        return -along + math.sqrt(inside) if inside >= 0.0 else np.inf
    bend = 1.0 / kappa
    cx = x - bend * sine
    cy = y + bend * cosine
    distance = math.sqrt(cx * cx + cy * cy)
    size = abs(bend)
    if distance < 1e-9:
        return np.inf
    inner = (radius * radius - distance * distance - size * size) / (2.0 * distance * size)
    if inner <= -1.0 or inner >= 1.0:
        return np.inf
    crossing = math.acos(inner)
    start = math.atan2(y - cy, x - cx) - math.atan2(cy, cx)
    turn = -crossing - start if kappa > 0.0 else start - crossing
    turn %= 2.0 * math.pi
    return turn * size


@numba.njit(cache=True)
def way_to_face(
    x: float, y: float, z: float, cosine: float, sine: float, slope: float, kappa: float
) -> tuple[int, float]:
    """How far it is to the calorimeter's face, and which part is hit.

    Parameters
    ----------
    x, y, z : float, mm
        Start, inside the face.
    cosine, sine : float
        Of the azimuth of the momentum there.
    slope : float
        pz / pT.
    kappa : float, rad/mm
        From :func:`curvature`; 0 for a neutral particle.

    Returns
    -------
    surface : int
        ``BARREL``, ``ENDCAP`` or ``LOST`` (starts outside, or circles for ever).
    path : float, mm
        Transverse path length.

    Examples
    --------
    >>> way_to_face(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    (1, 1290.0)
    >>> way_to_face(0.0, 0.0, 0.0, 1.0, 0.0, 0.1, curvature(0.5, 1.0))[0] == ENDCAP
    True
    """
    if x * x + y * y >= RADIUS * RADIUS or abs(z) >= HALF_LENGTH:
        return LOST, 0.0
    to_plane = np.inf
    if slope != 0.0:
        to_plane = (math.copysign(HALF_LENGTH, slope) - z) / slope
    to_cylinder = _path_to_radius(x, y, cosine, sine, kappa, RADIUS)
    if to_cylinder < np.inf and abs(z + slope * to_cylinder) <= BARREL_END:
        return BARREL, to_cylinder
    if to_plane < np.inf:
        return ENDCAP, to_plane
    return LOST, 0.0


@numba.njit(cache=True)
def closest_approach(
    x: float, y: float, z: float, phi: float, slope: float, kappa: float
) -> tuple[float, float, float]:
    """Where a track passes nearest to the beam line.

    Parameters
    ----------
    x, y, z : float, mm
        A point of the track.
    phi : float, rad
        Azimuth of the momentum there.
    slope : float
        pz / pT.
    kappa : float, rad/mm
        From :func:`curvature`.

    Returns
    -------
    phi : float, rad
        Azimuth of the momentum at closest approach.
    dxy : float, mm
        Signed transverse distance, ``y cos φ − x sin φ`` there.
    z : float, mm
        Place along the beam.

    Examples
    --------
    >>> closest_approach(3.0, 2.0, 5.0, 0.0, 1.0, 0.0)
    (0.0, 2.0, 2.0)
    """
    if abs(kappa) < 1e-12:
        along = x * math.cos(phi) + y * math.sin(phi)
        return phi, y * math.cos(phi) - x * math.sin(phi), z - slope * along
    # the vector from the circle's centre to the origin gives the direction of closest approach
    normal_x = math.sin(phi) - kappa * x
    normal_y = -math.cos(phi) - kappa * y
    size = math.hypot(normal_x, normal_y)
    if size < 1e-12:
        return phi, math.hypot(x, y), z
    nearest = math.atan2(normal_x, -normal_y)
    turn = turn_between(nearest, phi)
    # ((1 - size²)) / κ without cancellation
    numerator = 2.0 * (x * math.sin(phi) - y * math.cos(phi)) - kappa * (x * x + y * y)
    dxy = -numerator / (1.0 + size)
    return phi + turn, dxy, z + slope * turn / kappa


@numba.njit(cache=True)
def _faces(
    place: Floats, momentum: Floats, charge: Floats
) -> tuple[npt.NDArray[np.int8], Floats, Floats]:
    rows = len(charge)
    surface = np.zeros(rows, np.int8)
    hit = np.zeros((rows, 3))
    direction = np.zeros((rows, 3))
    for row in range(rows):
        px, py, pz = momentum[row, 0], momentum[row, 1], momentum[row, 2]
        x, y, z = place[row, 0], place[row, 1], place[row, 2]
        pt = max(math.hypot(px, py), 1e-9)
        kappa = curvature(pt, charge[row])
        phi = math.atan2(py, px)
        cosine, sine, slope = math.cos(phi), math.sin(phi), pz / pt
        surface[row], path = way_to_face(x, y, z, cosine, sine, slope, kappa)
        x, y, z, _, _ = advance(x, y, z, cosine, sine, slope, kappa, path)
        phi += kappa * path
        hit[row, 0], hit[row, 1], hit[row, 2] = x, y, z
        direction[row, 0], direction[row, 1] = pt * math.cos(phi), pt * math.sin(phi)
        direction[row, 2] = pz
    return surface, hit, direction


def calorimeter_face(
    place: Any, momentum: Any, charge: Any
) -> tuple[npt.NDArray[np.int8], Floats, Floats]:
    """Entry of particles into the electromagnetic calorimeter.

    Parameters
    ----------
    place : array, shape (N, 3), mm
        Where each starts.
    momentum : array, shape (N, 3), GeV
        Its momentum there.
    charge : array, shape (N,), e
        Its charge.

    Returns
    -------
    surface : array of int8, shape (N,)
        ``BARREL``, ``ENDCAP`` or ``LOST``.
    hit : array, shape (N, 3), mm
        Point of entry; the start for lost ones.
    momentum : array, shape (N, 3), GeV
        Momentum there.

    Raises
    ------
    ValueError
        The shapes do not fit together.

    Examples
    --------
    >>> surface, hit, _ = calorimeter_face([[0, 0, 0]], [[3.0, 4.0, 0.0]], [0])
    >>> surface.tolist(), hit.round(1).tolist()
    ([1], [[774.0, 1032.0, 0.0]])
    """
    place, momentum = np.asarray(place, float), np.asarray(momentum, float)
    charge = np.asarray(charge, float)
    if place.shape != momentum.shape or place.shape != (len(charge), 3):
        raise ValueError(
            f"propagation: needs arrays of shape (N, 3), (N, 3) and (N,), got {place.shape}, "
            f"{momentum.shape} and {charge.shape}. Give one row a particle."
        )
    return _faces(place, momentum, charge)
