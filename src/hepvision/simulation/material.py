r"""Material of the tracker: how much there is, where, and what photons and electrons do in it.

Material lies along lines from the centre of the detector, so its place is told by how far a point
is on the way from the centre to the calorimeter's face (0 to 1).
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.physics.propagation import CORNER, HALF_LENGTH, RADIUS

__all__ = [
    "bremsstrahlung_fraction",
    "bremsstrahlung_rate",
    "conversion_probability",
    "pair_share",
    "passed",
    "progress",
    "radiation_lengths",
    "reached",
]

_STEP = 0.1
#: Radiation lengths in steps of 0.1 in |η| up to 3.
_KNOTS = np.array(
    [
        *(0.40, 0.41, 0.42, 0.44, 0.46, 0.48, 0.52, 0.57, 0.64, 0.74),
        *(0.88, 1.05, 1.25, 1.50, 1.78, 1.82, 1.78, 1.65, 1.52, 1.44),
        *(1.38, 1.36, 1.34, 1.32, 1.30, 1.25, 1.15, 1.05, 1.00, 1.00),
        1.00,
    ]
)
#: Where the material begins and ends on the way to the calorimeter's face.
_FIRST, _LAST = 0.03, 0.90


@numba.njit(cache=True)
def radiation_lengths(eta: float) -> float:
    """Material between the beam and the calorimeter.

    Parameters
    ----------
    eta : float
        Direction.

    Returns
    -------
    float, radiation lengths
        0.4 at η = 0, 1.8 at 1.4 to 1.6, 1.3 at 2.4.

    References
    ----------
    CMS Collaboration, JINST 3 (2008) S08004, figure 3.3.

    Examples
    --------
    >>> radiation_lengths(0.0), round(radiation_lengths(-1.5), 2)
    (0.4, 1.82)
    """
    place = min(abs(eta) / _STEP, len(_KNOTS) - 1.001)
    low = int(place)
    return _KNOTS[low] + (place - low) * (_KNOTS[low + 1] - _KNOTS[low])


@numba.njit(cache=True)
def progress(x: float, y: float, z: float) -> float:
    """How far a point is on the way from the centre to the calorimeter's face.

    Parameters
    ----------
    x, y, z : float, mm
        The point.

    Returns
    -------
    float
        0 at the centre, 1 on the face.

    Examples
    --------
    >>> progress(0.0, 645.0, 0.0), progress(0.0, 0.0, -3150.0)
    (0.5, 1.0)
    """
    radius = math.sqrt(x * x + y * y)
    if abs(z) > CORNER * radius:
        return abs(z) / HALF_LENGTH
    return radius / RADIUS


@numba.njit(cache=True)
def passed(way: float) -> float:
    """Share of the material that lies before a place.

    Parameters
    ----------
    way : float
        From :func:`progress`.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> passed(0.01), passed(0.95)
    (0.0, 1.0)
    """
    return min(max((way - _FIRST) / (_LAST - _FIRST), 0.0), 1.0)


@numba.njit(cache=True)
def reached(share: float) -> float:
    """Place before which some share of the material lies: the inverse of :func:`passed`.

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    float
        As from :func:`progress`.

    Examples
    --------
    >>> round(passed(reached(0.3)), 12)
    0.3
    """
    return _FIRST + (_LAST - _FIRST) * share


def conversion_probability(eta: Any) -> npt.NDArray[np.float64]:
    r"""Chance that a photon makes a pair in the tracker, :math:`1 - e^{-7X/9X_0}`.

    Parameters
    ----------
    eta : array, shape (...)
        Directions.

    Returns
    -------
    array, shape (...)
        0 to 1.

    Examples
    --------
    >>> conversion_probability([0.0, 1.5]).round(2).tolist()
    [0.27, 0.76]
    """
    eta = np.abs(np.asarray(eta, float))
    depth = np.interp(eta, _STEP * np.arange(len(_KNOTS)), _KNOTS)
    return -np.expm1(-7.0 / 9.0 * depth)


@numba.njit(cache=True)
def pair_share(rng: np.random.Generator) -> float:
    r"""Share of a photon's energy that the electron takes, density :math:`1 - 4x(1-x)/3`.

    Parameters
    ----------
    rng : Generator
        Random numbers.

    Returns
    -------
    float
        0 to 1.

    References
    ----------
    Particle Data Group, "Passage of particles through matter", complete screening.

    Examples
    --------
    >>> 0.0 < pair_share(np.random.default_rng(1)) < 1.0
    True
    """
    while True:
        x = rng.random()
        if rng.random() < 1.0 - 4.0 / 3.0 * x * (1.0 - x):
            return x


@numba.njit(cache=True)
def bremsstrahlung_rate(least: float) -> float:
    r"""Photons radiated per radiation length above a share of the electron's energy.

    The integral of :math:`\frac1y\left(\frac43 - \frac43 y + y^2\right)`.

    Parameters
    ----------
    least : float
        Smallest share, above 0.

    Returns
    -------
    float
        Mean number.

    References
    ----------
    Particle Data Group, "Passage of particles through matter", complete screening.

    Examples
    --------
    >>> round(bremsstrahlung_rate(0.01), 2)
    5.32
    """
    return -4.0 / 3.0 * (math.log(least) + 1.0 - least) + 0.5 * (1.0 - least * least)


@numba.njit(cache=True)
def bremsstrahlung_fraction(rng: np.random.Generator, least: float) -> float:
    """Share of the electron's energy that one radiated photon takes.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    least : float
        Smallest share.

    Returns
    -------
    float
        ``least`` to 1.

    Examples
    --------
    >>> 0.01 <= bremsstrahlung_fraction(np.random.default_rng(1), 0.01) <= 1.0
    True
    """
    while True:
        y = least ** rng.random()
        if rng.random() * 4.0 < 4.0 - 4.0 * y + 3.0 * y * y:
            return y
