r"""Hadrons and muons in the crystals and the hadron calorimeter behind, as energy spots.

For numba kernels, with the buffer of :mod:`~hepvision.simulation.showers.electromagnetic`::

    n = hadronic_shower(rng, kinetic_energy, is_charged, crystal_length, spots)
    n = muon_deposit(rng, energy, crystal_length, spots)

A spot with ``depth <= crystal_length`` lies in the crystals, any other (``depth > HCAL_FRONT``)
in the hadron calorimeter. Energies are what the calorimeters read: the crystals on the scale of
electrons, the hadron calorimeter on that of 50 GeV pions that crossed the crystals.

References
----------
R. Wigmans, Calorimetry, Oxford University Press (2000), chapter 2: the electromagnetic fraction
:math:`1 - (E/E_0)^{k-1}`; CMS Collaboration, The CMS barrel calorimeter response to particle beams
from 2 to 350 GeV/c, Eur. Phys. J. C 60 (2009) 359.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from hepvision.physics.shower_profile import LEAD_TUNGSTATE
from hepvision.simulation.showers.electromagnetic import HCAL_FRONT, append_cascade

__all__ = ["hadronic_shower", "muon_deposit"]

_X0 = LEAD_TUNGSTATE.radiation_length / 10.0
_LAMBDA_CRYSTAL = 20.3
_LAMBDA_BRASS = 16.4
_HCAL_DEPTH = 6.0
_MIP_CRYSTAL = 0.0101
_MIP_HCAL = 1.9
_SPOT = 0.25
_STOCHASTIC, _HCAL_STOCHASTIC = 1.65, 0.7  # sqrt(GeV)
_GRAIN = 3.0
_CRYSTAL_RESPONSE = 0.75
_HCAL_RESPONSE = 0.72
_HCAL_SCALE = 1.0 / (0.5 + 0.5 * _HCAL_RESPONSE)


@numba.njit(cache=True)
def hadronic_shower(
    rng: np.random.Generator,
    energy: float,
    is_charged: bool,
    crystal_length: float,
    spots: np.ndarray,
) -> int:
    r"""Fill ``spots`` with one hadron.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the fluctuations.
    energy : float, GeV
        Kinetic energy at the crystals' face; for an antibaryon add what annihilation sets free.
    is_charged : bool
        A charged hadron ionises until it interacts.
    crystal_length : float, cm
        Sensitive depth of the crystals.
    spots : array, shape (4, SPOT_CAPACITY), float32
        Filled with depth along the axis from the crystals' face, two transverse distances (cm)
        and energy (GeV).

    Returns
    -------
    int
        Rows filled.

    References
    ----------
    CMS Collaboration, Eur. Phys. J. C 60 (2009) 359.

    Examples
    --------
    >>> import numpy as np
    >>> spots = np.empty((4, 4096), np.float32)
    >>> n = hadronic_shower(np.random.default_rng(2), 50.0, True, 23.0, spots)
    >>> bool(10.0 < spots[3, :n].sum() < 90.0)
    True
    """
    reached = _LAMBDA_CRYSTAL * rng.standard_exponential()
    filled = 0
    if is_charged:
        filled = _ionise(rng, energy, min(reached, crystal_length), spots)
        for row in range(filled):
            energy -= spots[3, row]
    if energy < 0.02:
        return filled
    mean = 1.0 - max(energy, 1.2) ** -0.18
    share = _electromagnetic_share(rng, mean, energy)
    start = reached / _LAMBDA_CRYSTAL
    in_crystals = crystal_length / _LAMBDA_CRYSTAL
    first = rng.random()
    pions = energy * share
    filled = _pions(rng, start, pions * first, in_crystals, spots, filled)
    later = start + rng.standard_exponential()
    filled = _pions(rng, later, pions * (1.0 - first), in_crystals, spots, filled)
    return _hadrons(rng, start, energy * (1.0 - share), in_crystals, spots, filled)


@numba.njit(cache=True)
def muon_deposit(
    rng: np.random.Generator, energy: float, crystal_length: float, spots: np.ndarray
) -> int:
    r"""Fill ``spots`` with the ionisation of a muon in both calorimeters.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the fluctuations.
    energy : float, GeV
        Kinetic energy at the crystals' face.
    crystal_length : float, cm
        Sensitive depth of the crystals.
    spots : array, shape (4, SPOT_CAPACITY), float32
        As in :func:`hadronic_shower`.

    Returns
    -------
    int
        Rows filled.

    Examples
    --------
    >>> import numpy as np
    >>> spots = np.empty((4, 4096), np.float32)
    >>> n = muon_deposit(np.random.default_rng(2), 20.0, 23.0, spots)
    >>> bool(1.5 < spots[3, :n].sum() < 5.0)
    True
    """
    filled = _ionise(rng, energy, crystal_length, spots)
    for row in range(filled):
        energy -= spots[3, row]
    deposit = min(_moyal(rng, _MIP_HCAL, 0.15 * _MIP_HCAL), energy)
    if deposit <= 0.0:
        return filled
    for part in range(4):
        depth = HCAL_FRONT + (part + 0.5) * 0.25 * _HCAL_DEPTH * _LAMBDA_BRASS
        _write(spots, filled, depth, 0.0, 0.0, 0.25 * deposit)
        filled += 1
    return filled


@numba.njit(cache=True)
def _ionise(rng: np.random.Generator, energy: float, length: float, spots: np.ndarray) -> int:
    """Write the ionisation along ``length`` cm of crystal; never more than ``energy``."""
    mean = _MIP_CRYSTAL * length
    deposit = min(_moyal(rng, mean, 0.07 * mean), energy)
    if deposit <= 0.0:
        return 0
    for part in range(4):
        _write(spots, part, (part + 0.5) * 0.25 * length, 0.0, 0.0, 0.25 * deposit)
    return 4


@numba.njit(cache=True)
def _moyal(rng: np.random.Generator, peak: float, width: float) -> float:
    """Draw from the Moyal density, close to Landau's."""
    normal = rng.standard_normal()
    return peak - width * math.log(max(normal * normal, 1e-6))


@numba.njit(cache=True)
def _electromagnetic_share(rng: np.random.Generator, mean: float, energy: float) -> float:
    """Draw the share of the energy that goes into neutral pions."""
    spread = 0.9 * mean * (1.0 - mean) / (0.6 + 0.12 * math.log(1.0 + energy))
    variance = min(0.8 * mean * (1.0 - mean), 0.28 * spread)
    total = mean * (1.0 - mean) / variance - 1.0
    return rng.beta(mean * total, (1.0 - mean) * total)


@numba.njit(cache=True)
def _pions(
    rng: np.random.Generator,
    start: float,
    energy: float,
    in_crystals: float,
    spots: np.ndarray,
    filled: int,
) -> int:
    """Append the neutral pions born at ``start`` interaction lengths behind the face."""
    if energy < 0.02:
        return filled
    if start >= in_crystals:
        return _hcal_core(rng, start - in_crystals, energy, spots, filled)
    length = in_crystals * _LAMBDA_CRYSTAL
    from_face = start * _LAMBDA_CRYSTAL
    angle = 0.3 / (energy + 0.3)
    x = angle * rng.standard_normal() * (length - from_face) * 0.3
    y = angle * rng.standard_normal() * (length - from_face) * 0.3
    end = append_cascade(rng, from_face / _X0, energy, length, spots, filled, _GRAIN)
    for row in range(filled, end):
        spots[1, row] += x
        spots[2, row] += y
        if spots[0, row] > length:
            spots[3, row] *= _HCAL_SCALE
    return end


@numba.njit(cache=True)
def _hcal_core(
    rng: np.random.Generator, depth: float, energy: float, spots: np.ndarray, filled: int
) -> int:
    """Append an electromagnetic core inside the hadron calorimeter."""
    if depth > _HCAL_DEPTH:
        return filled
    shape = (energy + 0.5) / (_HCAL_STOCHASTIC * _HCAL_STOCHASTIC)
    energy *= rng.standard_gamma(shape) / shape
    count = min(1 + int(energy), 30)
    for _ in range(count):
        where = HCAL_FRONT + depth * _LAMBDA_BRASS + 4.0 + 6.0 * rng.random()
        x = 2.0 * rng.standard_normal()
        y = 2.0 * rng.standard_normal()
        _write(spots, filled, where, x, y, _HCAL_SCALE * energy / count)
        filled += 1
    return filled


@numba.njit(cache=True)
def _hadrons(
    rng: np.random.Generator,
    start: float,
    energy: float,
    in_crystals: float,
    spots: np.ndarray,
    filled: int,
) -> int:
    """Append the charged part of the shower."""
    # soft hadrons deposit much of their energy by ionisation, which fluctuates less
    shape = (energy + 1.5) / (_STOCHASTIC * _STOCHASTIC)
    energy *= rng.standard_gamma(shape) / shape
    count = min(1 + int(energy / _SPOT), 400)
    each = energy / count
    for _ in range(count):
        depth = start + 0.5 * rng.standard_gamma(1.5)
        spot = each * rng.standard_exponential()
        spread = 2.5 + 3.0 * (depth - start)
        square = rng.random() * 0.95
        radius = spread * math.sqrt(square / (1.0 - square))
        phi = 2.0 * math.pi * rng.random()
        x = radius * math.cos(phi)
        y = radius * math.sin(phi)
        if depth < in_crystals:
            spot *= _CRYSTAL_RESPONSE
            _write(spots, filled, depth * _LAMBDA_CRYSTAL, x, y, spot)
            filled += 1
        elif depth - in_crystals < _HCAL_DEPTH:
            where = HCAL_FRONT + (depth - in_crystals) * _LAMBDA_BRASS
            _write(spots, filled, where, x, y, spot * _HCAL_SCALE * _HCAL_RESPONSE)
            filled += 1
    return filled


@numba.njit(cache=True)
def _write(spots: np.ndarray, row: int, depth: float, x: float, y: float, energy: float) -> None:
    """Write one spot."""
    spots[0, row] = depth
    spots[1, row] = x
    spots[2, row] = y
    spots[3, row] = energy
