r"""Mean shape and fluctuations of electromagnetic showers in a homogeneous calorimeter.

Depths are in radiation lengths from the start of the shower, radii in Molière radii. The compiled
functions take numbers or arrays and may be called from a numba kernel.

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
    "core_radius",
    "core_weight",
    "depth_fluctuation",
    "longitudinal_profile",
    "mean_alpha",
    "mean_maximum",
    "radial_containment",
    "spot_count",
    "tail_radius",
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


@numba.njit(cache=True)
def core_radius(tau: Values, log_energy: Values, atomic_number: float) -> Values:
    r"""Median radius of the core, :math:`R_C = z_1 + z_2\tau`.

    :math:`z_1 = 0.0251 + 0.00319\ln E`, :math:`z_2 = 0.1162 - 0.000381 Z`.

    Parameters
    ----------
    tau : float or array, shape (...)
        Depth over the depth of the maximum.
    log_energy : float or array, shape (...)
        :math:`\ln(E/\mathrm{GeV})`.
    atomic_number : float
        Effective Z of the material.

    Returns
    -------
    float or array, shape (...), Molière radii
        The core's median radius, growing with depth.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, appendix A.1.3.

    Examples
    --------
    >>> round(core_radius(1.0, 2.3, 68.4), 4)
    0.1226
    """
    return 0.0251 + 0.00319 * log_energy + (0.1162 - 0.000381 * atomic_number) * tau


@numba.njit(cache=True)
def tail_radius(tau: Values, log_energy: Values, atomic_number: float) -> Values:
    r"""Median radius of the tail, :math:`R_T = k_1(e^{k_3(\tau-k_2)} + e^{k_4(\tau-k_2)})`.

    :math:`k_1 = 0.659 - 0.00309 Z`, :math:`k_2 = 0.645`, :math:`k_3 = -2.59`,
    :math:`k_4 = 0.3585 + 0.0421\ln E`.

    Parameters
    ----------
    tau : float or array, shape (...)
        Depth over the depth of the maximum.
    log_energy : float or array, shape (...)
        :math:`\ln(E/\mathrm{GeV})`.
    atomic_number : float
        Effective Z of the material.

    Returns
    -------
    float or array, shape (...), Molière radii
        The tail's median radius: wide before the maximum, narrowest near it, wider after.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, appendix A.1.3.

    Examples
    --------
    >>> round(tail_radius(1.0, 2.3, 68.4), 3)
    0.705
    """
    shift = tau - 0.645
    slope = 0.3585 + 0.0421 * log_energy
    return (0.659 - 0.00309 * atomic_number) * (np.exp(-2.59 * shift) + np.exp(slope * shift))


@numba.njit(cache=True)
def core_weight(tau: Values, log_energy: Values, atomic_number: float) -> Values:
    r"""Share of the core, :math:`p = p_1\exp(u - e^u)` with :math:`u = (p_2-\tau)/p_3`.

    :math:`p_1 = 2.632 - 0.00094 Z`, :math:`p_2 = 0.401 + 0.00187 Z`,
    :math:`p_3 = 1.313 - 0.0686\ln E`.

    Parameters
    ----------
    tau : float or array, shape (...)
        Depth over the depth of the maximum.
    log_energy : float or array, shape (...)
        :math:`\ln(E/\mathrm{GeV})`.
    atomic_number : float
        Effective Z of the material.

    Returns
    -------
    float or array, shape (...)
        The core's share of the energy at this depth, between 0 and 1.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, appendix A.1.3.

    Examples
    --------
    >>> round(core_weight(1.0, 2.3, 68.4), 3)
    0.878
    """
    scaled = (0.401 + 0.00187 * atomic_number - tau) / (1.313 - 0.0686 * log_energy)
    return (2.632 - 0.00094 * atomic_number) * np.exp(scaled - np.exp(scaled))


@numba.njit(cache=True)
def spot_count(energy: Values, atomic_number: float) -> Values:
    r"""Number of equal energy spots, :math:`N_s = 93\ln Z\,E^{0.876}`.

    Parameters
    ----------
    energy : float or array, shape (...), GeV
        Energy of the incident particle.
    atomic_number : float
        Effective Z of the material.

    Returns
    -------
    float or array, shape (...)
        How many spots give the radial fluctuations of the paper.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, appendix A.1.4.

    Examples
    --------
    >>> round(spot_count(10.0, 68.4))
    2954
    """
    return 93.0 * np.log(atomic_number) * energy**0.876


@numba.njit(cache=True)
def radial_containment(radius: Values, core: Values, tail: Values, weight: Values) -> Values:
    r"""Share of the energy at one depth inside a radius.

    The integral of
    :math:`f(r) = p\,\frac{2rR_C^2}{(r^2+R_C^2)^2} + (1-p)\,\frac{2rR_T^2}{(r^2+R_T^2)^2}`.

    Parameters
    ----------
    radius : float or array, shape (...), any length
        Distance from the axis.
    core, tail : float or array, shape (...), the same length
        :func:`core_radius` and :func:`tail_radius`.
    weight : float or array, shape (...)
        :func:`core_weight`.

    Returns
    -------
    float or array, shape (...)
        Between 0 and 1.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020, eq. 22.

    Examples
    --------
    >>> radial_containment(1.0, 1.0, 1.0, 0.3)
    0.5
    """
    square = radius * radius
    within_tail = square / (square + tail * tail)
    return weight * square / (square + core * core) + (1.0 - weight) * within_tail


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
