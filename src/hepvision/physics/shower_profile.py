r"""How electromagnetic showers in a homogeneous calorimeter develop along their axis.

Depths are in radiation lengths from the start of the shower. The compiled functions take numbers
or arrays and may be called from a numba kernel.

References
----------
G. Grindhammer and S. Peters, The parameterized simulation of electromagnetic showers in
homogeneous and sampling calorimeters, arXiv:hep-ex/0001020.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from scipy.special import gammainc, gammaln

__all__ = [
    "LEAD_TUNGSTATE",
    "Material",
    "contained_fraction",
    "depth_fluctuation",
    "longitudinal_profile",
    "mean_alpha",
    "mean_maximum",
]

# a number or an array, returned as it came: numba hides which from the type checker
Values = Any
Mixed = float | np.ndarray


class Material(NamedTuple):
    r"""What a homogeneous calorimeter is made of.

    Attributes
    ----------
    radiation_length : float, mm
        :math:`X_0`.
    moliere_radius : float, mm
        :math:`R_M`.
    critical_energy : float, GeV
        :math:`E_c`.
    atomic_number : float
        Effective :math:`Z = \sum_i p_i Z_i`, with the fractions by mass :math:`p_i`.

    Examples
    --------
    >>> LEAD_TUNGSTATE.radiation_length
    8.9
    """

    radiation_length: float
    moliere_radius: float
    critical_energy: float
    atomic_number: float


LEAD_TUNGSTATE = Material(8.9, 21.9, 9.6e-3, 68.4)


@numba.njit(cache=True)
def mean_maximum(log_y: Values) -> Values:
    r"""Depth of the maximum that the mean logarithm stands for.

    :math:`\exp\langle\ln T\rangle = \ln y - 0.812`.

    Parameters
    ----------
    log_y : float or array, shape (...)
        :math:`\ln(E/E_c)`, above 0.812.

    Returns
    -------
    float or array, shape (...), radiation lengths
        The depth of the maximum.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, appendix A.1.2.

    Examples
    --------
    >>> round(mean_maximum(8.0), 3)
    7.188
    """
    return log_y - 0.812


@numba.njit(cache=True)
def mean_alpha(log_y: Values, atomic_number: float) -> Values:
    r"""Shape parameter that the mean logarithm stands for.

    :math:`\exp\langle\ln\alpha\rangle = 0.81 + (0.458 + 2.26/Z)\ln y`.

    Parameters
    ----------
    log_y : float or array, shape (...)
        :math:`\ln(E/E_c)`.
    atomic_number : float
        Effective Z of the material.

    Returns
    -------
    float or array, shape (...)
        :math:`\alpha` of the gamma distribution over depth.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, appendix A.1.2.

    Examples
    --------
    >>> round(mean_alpha(8.0, 68.4), 3)
    4.738
    """
    return 0.81 + (0.458 + 2.26 / atomic_number) * log_y


@numba.njit(cache=True)
def depth_fluctuation(log_y: Values) -> tuple[Values, Values, Values]:
    r"""Widths and correlation of :math:`\ln T` and :math:`\ln\alpha` from shower to shower.

    :math:`\sigma(\ln T) = (-1.4 + 1.26\ln y)^{-1}`,
    :math:`\sigma(\ln\alpha) = (-0.58 + 0.86\ln y)^{-1}`, :math:`\rho = 0.705 - 0.023\ln y`.

    Parameters
    ----------
    log_y : float or array, shape (...)
        :math:`\ln(E/E_c)`, well above 1.1.

    Returns
    -------
    tuple of float or array, shape (...)
        The two widths and the coefficient of correlation.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, appendix A.1.2.

    Examples
    --------
    >>> [round(value, 3) for value in depth_fluctuation(8.0)]
    [0.115, 0.159, 0.521]
    """
    return 1.0 / (1.26 * log_y - 1.4), 1.0 / (0.86 * log_y - 0.58), 0.705 - 0.023 * log_y


def longitudinal_profile(depth: Mixed, maximum: Mixed, alpha: Mixed) -> np.ndarray:
    r"""Energy share per radiation length, a gamma distribution over depth.

    :math:`f(t) = \beta^\alpha t^{\alpha-1} e^{-\beta t}/\Gamma(\alpha)` with
    :math:`\beta = (\alpha-1)/T`.

    Parameters
    ----------
    depth : array, shape (...), radiation lengths
        Depth from the start of the shower; nothing is deposited before 0.
    maximum : array, shape (...), radiation lengths
        Depth :math:`T` of the maximum.
    alpha : array, shape (...)
        Shape parameter, above 1.

    Returns
    -------
    array, shape (...), per radiation length
        The profile, of unit integral.

    Raises
    ------
    ValueError
        If ``alpha`` is not above 1 or ``maximum`` not above 0.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, eq. 2.

    Examples
    --------
    >>> longitudinal_profile([-1.0, 6.0, 12.0], 6.0, 4.0).round(4)
    array([0.    , 0.112 , 0.0446])
    """
    beta = _beta(maximum, alpha)
    scaled = beta * np.maximum(np.asarray(depth, float), 0.0)
    with np.errstate(divide="ignore"):
        return beta * np.exp((alpha - 1.0) * np.log(scaled) - scaled - gammaln(alpha))


def contained_fraction(depth: Mixed, maximum: Mixed, alpha: Mixed) -> np.ndarray:
    r"""Energy share before a depth: the regularised incomplete gamma function.

    Parameters
    ----------
    depth : array, shape (...), radiation lengths
        Depth from the start of the shower.
    maximum : array, shape (...), radiation lengths
        Depth :math:`T` of the maximum.
    alpha : array, shape (...)
        Shape parameter, above 1.

    Returns
    -------
    array, shape (...)
        Between 0 and 1.

    Raises
    ------
    ValueError
        If ``alpha`` is not above 1 or ``maximum`` not above 0.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, eq. 2.

    Examples
    --------
    >>> contained_fraction([0.0, 25.8], 7.0, 4.8).round(4)
    array([0.    , 0.9986])
    """
    return gammainc(alpha, _beta(maximum, alpha) * np.maximum(np.asarray(depth, float), 0.0))


def _beta(maximum: Mixed, alpha: Mixed) -> np.ndarray:
    """Rate of the exponential decrease with depth."""
    if np.any(np.asarray(alpha) <= 1.0) or np.any(np.asarray(maximum) <= 0.0):
        rule = "alpha must be above 1 and the maximum above 0"
        advice = "Check the energy: ln(E/E_c) must be above 0.812"
        raise ValueError(f"shower profile: {rule}, got {alpha} and {maximum}. {advice}")
    return (np.asarray(alpha, float) - 1.0) / np.asarray(maximum, float)
