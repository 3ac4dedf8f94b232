r"""How electromagnetic showers in a homogeneous calorimeter spread around their axis.

Radii are in Molière radii. The functions are compiled, take numbers or arrays, and may be called
from a numba kernel.

References
----------
G. Grindhammer and S. Peters, The parameterized simulation of electromagnetic showers in
homogeneous and sampling calorimeters, arXiv:hep-ex/0001020.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

__all__ = ["core_radius", "core_weight", "radial_containment", "spot_count", "tail_radius"]

# a number or an array, returned as it came: numba hides which from the type checker
Values = Any


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
