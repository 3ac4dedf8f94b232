r"""Electromagnetic showers in lead tungstate, one at a time, as a list of energy spots.

For numba kernels (the caller owns one buffer and uses it for every shower)::

    spots = np.empty((SPOT_CAPACITY, 4), np.float32)
    n = electromagnetic_shower(rng, energy, is_photon, upstream, crystal_length, spots)
    for i in range(n):
        depth, x, y, e = spots[i, 0], spots[i, 1], spots[i, 2], spots[i, 3]  # cm, cm, cm, GeV

A spot lies at ``entry + depth * axis + x * u + y * v``. It belongs to the crystals if
``depth <= crystal_length``; what leaks out of the back has ``depth > HCAL_FRONT``, the distance
from the crystals' face to the hadron calorimeter's absorber. The sum of the spots is the energy
that is deposited: the incident energy without what is scattered back out of the front or absorbed
``upstream``.

The number of spots is the radial fluctuation (Grindhammer and Peters), so they are heavy near the
axis, where a crystal takes them all, and light far out: radii are drawn from a density wider than
the shower's and the spots carry the ratio of the two. The mean shape does not change.

References
----------
G. Grindhammer and S. Peters, The parameterized simulation of electromagnetic showers in
homogeneous and sampling calorimeters, arXiv:hep-ex/0001020.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from hepvision.physics.shower_profile import LEAD_TUNGSTATE
from hepvision.simulation.showers.lead_tungstate import (
    FREE_PATH,
    LATE,
    draw_profile,
    early_share,
    front_loss,
    radial_shape,
)

__all__ = ["HCAL_FRONT", "SPOT_CAPACITY", "append_cascade", "electromagnetic_shower"]

SPOT_CAPACITY = 32768
"""Rows that a buffer of spots must have."""

HCAL_FRONT = 51.0
"""Distance (cm) from the crystals' face to the hadron calorimeter."""

_X0 = LEAD_TUNGSTATE.radiation_length / 10.0
_STEP = 0.5
_CORE_SPOT, _HALO_SPOT, _TAIL_SPOT = 0.028, 0.0030, 0.0027  # GeV, mean of a soft shower's spots
# a photon that Compton scatters deposits this much at least
_FLOOR, _LEAST_MEAN = 0.0003, 0.0007
_WIDENED = 2.2  # by which factor the tail is drawn too long
_OFFSET = 0.49  # cm at 1 GeV: hard photons carry tail and halo off the axis
_HALO_OFFSET = 0.15  # of that
_TAIL_SPREAD = 0.12  # of the tail's length, at 1 GeV
_START = 0.047  # radiation lengths
_EARLY_PATH = 2.70
_PAIR_PATH = 9.0 / 7.0
_HARD, _SOFT = 60.0, 0.3  # GeV: beyond either, fewer spots a GeV
_FINER_FROM = 30.0
_UNSEEN, _DEEPEST = 5e-4, 60.0  # share of the energy and depth where a shower ends
_FALL, _FLOWN = math.exp(-_STEP / _EARLY_PATH), 1.0 - math.exp(-_STEP / FREE_PATH)
_LIGHT_UP_TO, _HEAVY_FROM = math.log(2.0), math.log(12.0)


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
    grain: float = 1.0,
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
    grain : float
        How many times heavier the spots are than in an electron's own shower.

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
    if energy <= 0.0 or filled >= spots.shape[0]:
        return filled
    maximum, alpha, scale = draw_profile(rng, energy)
    means = _spot_energies(energy, grain)
    start += _START * rng.standard_exponential()
    shift = _OFFSET * max(energy, 0.1) ** -0.36
    aside = (shift * rng.standard_normal(), shift * rng.standard_normal())
    due = (rng.random(), rng.random(), rng.random())
    wide = math.exp(_TAIL_SPREAD * rng.standard_normal() / math.sqrt(max(energy, 0.3)))
    log_energy = math.log(max(energy, 0.02))
    beta = (alpha - 1.0) / maximum
    early = early_share(energy)
    norm = math.log(beta) * alpha - math.lgamma(alpha) + math.log(_STEP * (1.0 - early))
    early *= 1.0 - _FALL
    late, left, depth, first = 0.0, 1.0, 0.5 * _STEP, filled
    while left > _UNSEEN and depth < _DEEPEST:
        part = math.exp(norm + (alpha - 1.0) * math.log(depth) - beta * depth) + early
        early *= _FALL
        # photons that set out in this step have half a step to stop in
        stopped = late * _FLOWN + LATE * part * 0.5 * _FLOWN
        late += LATE * part - stopped
        part = (1.0 - LATE) * part + stopped
        left -= part
        core, halo, tail, in_core, in_tail = radial_shape(depth / scale, log_energy)
        shape = (core, halo, wide * tail, in_core, in_tail)
        top = start + depth - 0.5 * _STEP
        filled, due = _fill_step(rng, part * energy, shape, means, aside, top, due, spots, filled)
        depth += _STEP
    if filled == first:
        spots[filled, 0], spots[filled, 1], spots[filled, 2] = (start + maximum) * _X0, 0.0, 0.0
        spots[filled, 3] = energy
        filled += 1
    share = 1.0 - front_loss(rng, energy, start)
    return _settle(energy * share, crystal_length, spots, first, filled)


@numba.njit(cache=True)
def _spot_energies(energy: float, grain: float) -> tuple[float, float, float, float]:
    """Mean energies of spots of core, halo and tail, and how evenly hard showers deal them out.

    Many light spots make the crystals far out fluctuate as in soft showers; in hard ones half as
    many, of less uneven energies, fluctuate alike.
    """
    heavy = (math.log(max(energy, 0.02)) - _LIGHT_UP_TO) / (_HEAVY_FROM - _LIGHT_UP_TO)
    heavy = min(max(heavy, 0.0), 1.0)
    coarse = grain * max(1.0, energy / _HARD, _SOFT / max(energy, 0.01))
    coarse /= (min(max(energy, _FINER_FROM), _HARD) / _FINER_FROM) ** 0.45
    return (
        coarse * _CORE_SPOT,
        coarse * _HALO_SPOT * (1.0 + heavy),
        coarse * _TAIL_SPOT * (1.0 + 0.7 * heavy),
        heavy,
    )


@numba.njit(cache=True)
def _fill_step(
    rng: np.random.Generator,
    energy: float,
    shape: tuple[float, float, float, float, float],
    means: tuple[float, float, float, float],
    aside: tuple[float, float],
    top: float,
    due: tuple[float, float, float],
    spots: np.ndarray,
    filled: int,
) -> tuple[int, tuple[float, float, float]]:
    """Append the spots of one step in depth; fractions of spots are left to the next."""
    core, halo, tail, in_core, in_tail = shape
    core_spot, halo_spot, tail_spot, heavy = means
    core_due = due[0] + energy * in_core / core_spot
    halo_due = due[1] + energy * (1.0 - in_core - in_tail) / halo_spot
    tail_due = due[2] + energy * in_tail / tail_spot
    room = spots.shape[0]
    while core_due > 1.0 and filled < room:
        core_due -= 1.0
        spot = core_spot * _place_near(rng, core, 0.0, 0.0, spots, filled)
        filled = _deposit(rng, top, spot, spots, filled)
    x, y = _HALO_OFFSET * aside[0], _HALO_OFFSET * aside[1]
    while halo_due > 1.0 and filled < room:
        halo_due -= 1.0
        spot = halo_spot * _place_near(rng, halo, x, y, spots, filled)
        filled = _deposit(rng, top, _fluctuate(rng, spot, 1.0 - 0.8 * heavy), spots, filled)
    while tail_due > 1.0 and filled < room:
        tail_due -= 1.0
        spot = tail_spot * _place_far(rng, tail, aside[0], aside[1], spots, filled)
        filled = _deposit(rng, top, _fluctuate(rng, spot, 1.0 - 0.4 * heavy), spots, filled)
    return filled, (core_due, halo_due, tail_due)


@numba.njit(cache=True)
def _disc(rng: np.random.Generator) -> tuple[float, float, float]:
    """A point in the unit disc and its squared radius, which is uniform."""
    while True:
        x = 2.0 * rng.random() - 1.0
        y = 2.0 * rng.random() - 1.0
        square = x * x + y * y
        if 1e-12 < square < 0.9995:
            return x, y, square


@numba.njit(cache=True)
def _place_near(
    rng: np.random.Generator, radius: float, x0: float, y0: float, spots: np.ndarray, row: int
) -> float:
    r"""Place a spot of core or halo and return its weight.

    With :math:`q = r^2/R^2`, the density :math:`(1+q)^{-2}` is drawn as
    :math:`\frac12(1+q)^{-3/2}`, which is wider.
    """
    x, y, square = _disc(rng)
    rest = 1.0 - square
    stretch = radius * math.sqrt((2.0 - square) / (rest * rest))
    spots[row, 1] = x0 + x * stretch
    spots[row, 2] = y0 + y * stretch
    return 2.0 * rest


@numba.njit(cache=True)
def _place_far(
    rng: np.random.Generator, length: float, x0: float, y0: float, spots: np.ndarray, row: int
) -> float:
    """Place a spot of the tail, drawn too far out, and return its weight."""
    x, y, square = _disc(rng)
    normal = rng.standard_normal()
    far = _WIDENED * (rng.standard_exponential() + 0.5 * normal * normal)
    stretch = length * far / math.sqrt(square)
    spots[row, 1] = x0 + x * stretch
    spots[row, 2] = y0 + y * stretch
    return _WIDENED**1.5 * math.exp(far / _WIDENED - far)


@numba.njit(cache=True)
def _fluctuate(rng: np.random.Generator, mean: float, spread: float) -> float:
    """Energy of a spot; those too light are dropped or raised, so that the mean stays."""
    if mean < _LEAST_MEAN:
        if rng.random() * _LEAST_MEAN > mean:
            return 0.0
        mean = _LEAST_MEAN
    return _FLOOR + (mean - _FLOOR) * (1.0 - spread + spread * rng.standard_exponential())


@numba.njit(cache=True)
def _deposit(
    rng: np.random.Generator, top: float, energy: float, spots: np.ndarray, row: int
) -> int:
    """Write depth and energy of a spot, if it has any, and return the next row."""
    if energy <= 0.0:
        return row
    spots[row, 0] = (top + _STEP * rng.random()) * _X0
    spots[row, 3] = energy
    return row + 1


@numba.njit(cache=True)
def _settle(
    energy: float, crystal_length: float, spots: np.ndarray, first: int, filled: int
) -> int:
    """Scale spots to the shower's energy, drop those before the face, move what leaks out."""
    total = 0.0
    for row in range(first, filled):
        total += spots[row, 3]
    factor = energy / total
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
