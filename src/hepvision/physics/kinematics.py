"""Angles and masses on the (η, φ) plane."""

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["delta_phi", "delta_r", "diphoton_mass", "eta_of", "turn_between", "wrap_phi"]


def wrap_phi(phi: Any) -> NDArray[np.float64]:
    r"""An azimuth, wrapped to :math:`[-\pi, \pi)`.

    Parameters
    ----------
    phi : array, shape (...), rad
        Azimuths.

    Returns
    -------
    array, shape (...), rad
        The same directions.

    Examples
    --------
    >>> float(wrap_phi(np.pi))
    -3.141592653589793
    """
    return np.asarray((np.asarray(phi, np.float64) + np.pi) % (2 * np.pi) - np.pi)


def delta_phi(phi_a: Any, phi_b: Any) -> NDArray[np.float64]:
    r"""Signed azimuthal distance, wrapped to :math:`[-\pi, \pi)`.

    Parameters
    ----------
    phi_a, phi_b : array, shape (...), rad
        Azimuths; the shapes must broadcast.

    Returns
    -------
    array, shape (...), rad
        ``phi_a - phi_b`` the short way round the beam axis.

    Examples
    --------
    >>> float(delta_phi(3.0, -3.0).round(4))
    -0.2832
    """
    return wrap_phi(np.asarray(phi_a, np.float64) - np.asarray(phi_b, np.float64))


@numba.njit(cache=True)
def turn_between(phi_a: float, phi_b: float) -> float:
    r"""Signed azimuthal distance, wrapped to :math:`[-\pi, \pi)`: :func:`delta_phi` for kernels.

    Parameters
    ----------
    phi_a, phi_b : float, rad
        Azimuths.

    Returns
    -------
    float, rad
        ``phi_a - phi_b`` the short way round the beam axis.

    Examples
    --------
    >>> round(turn_between(3.0, -3.0), 4)
    -0.2832
    """
    return (phi_a - phi_b + math.pi) % (2.0 * math.pi) - math.pi


def delta_r(eta_a: Any, phi_a: Any, eta_b: Any, phi_b: Any) -> NDArray[np.float64]:
    r"""Distance :math:`\sqrt{\Delta\eta^2 + \Delta\phi^2}`.

    Parameters
    ----------
    eta_a, phi_a, eta_b, phi_b : array, shape (...), -, rad
        Directions; the shapes must broadcast.

    Returns
    -------
    array, shape (...)
        Never negative.

    Examples
    --------
    >>> float(delta_r(0.0, 3.1, 0.0, -3.1).round(4))
    0.0832
    """
    return np.hypot(np.asarray(eta_a, np.float64) - eta_b, delta_phi(phi_a, phi_b))


def eta_of(x: Any, y: Any, z: Any) -> NDArray[np.float64]:
    """Pseudorapidity of a point or momentum.

    Parameters
    ----------
    x, y, z : array, shape (...)
        Components; not on the beam axis.

    Returns
    -------
    array, shape (...)
        ``arcsinh(z / r)``.

    Examples
    --------
    >>> float(eta_of(1.0, 0.0, 0.0))
    0.0
    """
    return np.asarray(np.arcsinh(np.asarray(z, np.float64) / np.hypot(x, y)))


def diphoton_mass(pt: Any, eta: Any, phi: Any) -> NDArray[np.float64]:
    r"""Mass of two massless particles.

    .. math:: m^2 = 2 p_{T1} p_{T2} (\cosh\Delta\eta - \cos\Delta\phi)

    Parameters
    ----------
    pt, eta, phi : array, shape (..., 2), GeV, -, rad
        The two particles.

    Returns
    -------
    array, shape (...), GeV
        Mass of the pair.

    Examples
    --------
    >>> float(diphoton_mass([50.0, 50.0], [0.0, 0.0], [0.0, -np.pi]))
    100.0
    """
    pt, eta, phi = (np.asarray(value, np.float64) for value in (pt, eta, phi))
    opening = np.cosh(eta[..., 0] - eta[..., 1]) - np.cos(phi[..., 0] - phi[..., 1])
    return np.asarray(np.sqrt(2 * pt[..., 0] * pt[..., 1] * np.maximum(opening, 0)))
