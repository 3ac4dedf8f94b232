r"""Electromagnetic showers in lead tungstate, one at a time, as a list of energy spots.

For numba kernels (the caller owns one buffer and uses it for every shower)::

    spots = np.empty((SPOT_CAPACITY, 4), np.float32)
    n = electromagnetic_shower(rng, energy, is_photon, upstream, crystal_length, spots)
    for i in range(n):
        depth, x, y, e = spots[i, 0], spots[i, 1], spots[i, 2], spots[i, 3]  # cm, cm, cm, GeV

A spot lies at ``entry + depth * axis + x * u + y * v``. It belongs to the crystals if
``depth <= crystal_length``; what leaks out of the back has ``depth > HCAL_FRONT``, the distance
from the crystals' face to the hadron calorimeter's absorber. The sum of the spots
is the energy that is deposited: the incident energy without what is scattered back out of the
front or absorbed ``upstream``.

References
----------
G. Grindhammer and S. Peters, The parameterized simulation of electromagnetic showers in
homogeneous and sampling calorimeters, arXiv:hep-ex/0001020.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from hepvision.physics.shower_profile import (
    LEAD_TUNGSTATE,
    core_radius,
    core_weight,
    depth_fluctuation,
    mean_alpha,
    mean_maximum,
    tail_radius,
)

__all__ = ["HCAL_FRONT", "SPOT_CAPACITY", "append_cascade", "electromagnetic_shower"]

SPOT_CAPACITY = 32768
"""Rows that a buffer of spots must have."""

HCAL_FRONT = 51.0
"""Distance (cm) from the crystals' face to the hadron calorimeter."""

_X0 = LEAD_TUNGSTATE.radiation_length / 10.0
_MOLIERE = LEAD_TUNGSTATE.moliere_radius / 10.0
_CRITICAL = LEAD_TUNGSTATE.critical_energy
_Z = LEAD_TUNGSTATE.atomic_number
_STEP = 0.5
_CORE_SPOT = 0.012
_TAIL_SPOT = 0.004
_FRONT_LOSS = 0.004
_PAIR_PATH = 9.0 / 7.0


@numba.njit(cache=True)
def electromagnetic_shower(
    rng: np.random.Generator,
    energy: float,
    is_photon: bool,
    upstream: float,
    crystal_length: float,
    spots: np.ndarray,
) -> int:
    r"""Fill ``spots`` with one shower.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the fluctuations.
    energy : float, GeV
        Energy of the electron or photon where it meets ``upstream`` material.
    is_photon : bool
        A photon first flies to its conversion; an electron showers at once.
    upstream : float, radiation lengths
        Insensitive material right in front of the crystals (a preshower); 0 for none.
    crystal_length : float, cm
        Sensitive depth.
    spots : array, shape (SPOT_CAPACITY, 4), float32
        Filled with depth along the axis from the crystals' face, two transverse distances (cm)
        and energy (GeV).

    Returns
    -------
    int
        Rows filled.

    References
    ----------
    G. Grindhammer and S. Peters, arXiv:hep-ex/0001020.

    Examples
    --------
    >>> import numpy as np
    >>> spots = np.empty((SPOT_CAPACITY, 4), np.float32)
    >>> n = electromagnetic_shower(np.random.default_rng(1), 10.0, True, 0.0, 23.0, spots)
    >>> bool(9.5 < spots[:n, 3].sum() < 10.0)
    True
    """
    start = -upstream
    if not is_photon:
        return append_cascade(rng, start, energy, crystal_length, spots, 0)
    start += _PAIR_PATH * rng.standard_exponential()
    share = rng.random()
    filled = append_cascade(rng, start, share * energy, crystal_length, spots, 0)
    return append_cascade(rng, start, (1.0 - share) * energy, crystal_length, spots, filled)


@numba.njit(cache=True)
def append_cascade(
    rng: np.random.Generator,
    start: float,
    energy: float,
    crystal_length: float,
    spots: np.ndarray,
    filled: int,
) -> int:
    r"""Append the spots of one electron's shower.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the fluctuations.
    start : float, radiation lengths
        Depth of the first interaction behind the crystals' face; below 0 in front of it.
    energy : float, GeV
        Energy of the electron there.
    crystal_length : float, cm
        Sensitive depth.
    spots : array, shape (SPOT_CAPACITY, 4), float32
        As in :func:`electromagnetic_shower`.
    filled : int
        Rows in use.

    Returns
    -------
    int
        Rows in use afterwards.

    Examples
    --------
    >>> import numpy as np
    >>> spots = np.empty((SPOT_CAPACITY, 4), np.float32)
    >>> append_cascade(np.random.default_rng(1), 0.0, 5.0, 23.0, spots, 7) > 100
    True
    """
    log_energy = math.log(max(energy, 0.03))
    log_y = math.log(max(energy, 0.03) / _CRITICAL)
    maximum, alpha = _draw_profile(rng, log_y)
    beta = (alpha - 1.0) / maximum
    norm = math.log(beta) * alpha - math.lgamma(alpha) + math.log(_STEP)
    core_left = rng.random()
    tail_left = rng.random()
    first = filled
    total = 0.0
    depth = 0.5 * _STEP
    end = maximum + 12.0 / beta + 2.0
    room = spots.shape[0]
    scale = max(1.0, energy / 100.0)
    while depth < end:
        part = energy * math.exp(norm + (alpha - 1.0) * math.log(depth) - beta * depth)
        tau = depth / maximum
        weight = core_weight(tau, log_energy, _Z)
        core_left += part * weight / (_CORE_SPOT * scale)
        tail_left += part * (1.0 - weight) / (_TAIL_SPOT * scale)
        radius = core_radius(tau, log_energy, _Z) * _MOLIERE
        while core_left > 1.0 and filled < room:
            core_left -= 1.0
            total += _place(rng, start + depth, radius, _CORE_SPOT * scale, spots, filled)
            filled += 1
        radius = tail_radius(tau, log_energy, _Z) * _MOLIERE
        while tail_left > 1.0 and filled < room:
            tail_left -= 1.0
            spot = _TAIL_SPOT * scale * rng.standard_exponential()
            total += _place(rng, start + depth, radius, spot, spots, filled)
            filled += 1
        depth += _STEP
    if filled == first and filled < room:
        total = _place(rng, start + maximum, 0.0, energy, spots, filled)
        filled += 1
    factor = (energy * (1.0 - _FRONT_LOSS * rng.standard_exponential())) / total
    return _settle(start, factor, crystal_length, spots, first, filled)


@numba.njit(cache=True)
def _draw_profile(rng: np.random.Generator, log_y: float) -> tuple[float, float]:
    """Depth of the maximum and shape parameter of one shower."""
    sigma_t, sigma_a, rho = depth_fluctuation(max(log_y, 2.0))
    normal = rng.standard_normal()
    other = rho * normal + math.sqrt(1.0 - rho * rho) * rng.standard_normal()
    maximum = mean_maximum(max(log_y, 1.1)) * math.exp(sigma_t * normal)
    alpha = mean_alpha(log_y, _Z) * math.exp(sigma_a * other)
    return maximum, max(alpha, 1.1)


@numba.njit(cache=True)
def _place(
    rng: np.random.Generator,
    depth: float,
    radius: float,
    energy: float,
    spots: np.ndarray,
    row: int,
) -> float:
    """Write one spot; ``r = R sqrt(s / (1 - s))`` with s uniform has the profile's density."""
    while True:
        x = 2.0 * rng.random() - 1.0
        y = 2.0 * rng.random() - 1.0
        square = x * x + y * y
        if square < 0.999:
            break
    stretch = radius / math.sqrt(1.0 - square)
    spots[row, 0] = (depth + _STEP * (rng.random() - 0.5)) * _X0
    spots[row, 1] = x * stretch
    spots[row, 2] = y * stretch
    spots[row, 3] = energy
    return energy


@numba.njit(cache=True)
def _settle(
    start: float, factor: float, crystal_length: float, spots: np.ndarray, first: int, filled: int
) -> int:
    """Scale spots to the shower's energy and drop those that fall before the face."""
    kept = first
    for row in range(first, filled):
        if spots[row, 0] >= 0.0:
            for column in range(3):
                spots[kept, column] = spots[row, column]
            if spots[kept, 0] > crystal_length:
                spots[kept, 0] += HCAL_FRONT - crystal_length
            spots[kept, 3] = spots[row, 3] * factor
            kept += 1
    return kept
