r"""Electromagnetic showers in lead tungstate, one at a time, as a list of energy spots.

For numba kernels (the caller owns one buffer and uses it for every shower)::

    spots = np.empty((4, SPOT_CAPACITY), np.float32)
    n = electromagnetic_shower(rng, energy, is_photon, upstream, crystal_length, spots)
    for i in range(n):
        depth, x, y, e = spots[0, i], spots[1, i], spots[2, i], spots[3, i]  # cm, cm, cm, GeV

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
from hepvision.simulation.showers._draws import (
    COSINE,
    EXPONENTIAL,
    FAR,
    FAR_WEIGHT,
    SINE,
    advanced,
    mixed,
    part,
    start,
    uniform,
)
from hepvision.simulation.showers.lead_tungstate import (
    EARLY_PATH,
    FREE_PATH,
    LATE,
    draw_profile,
    early_share,
    front_loss,
    radial_shape,
)

__all__ = ["HCAL_FRONT", "SPOT_CAPACITY", "append_cascade", "electromagnetic_shower"]

SPOT_CAPACITY = 32768
"""Columns that a buffer of spots must have."""

HCAL_FRONT = 51.0
"""Distance (cm) from the crystals' face to the hadron calorimeter."""

_X0 = LEAD_TUNGSTATE.radiation_length / 10.0
_STEP = 0.5
_CORE_SPOT, _HALO_SPOT, _TAIL_SPOT = 0.028, 0.0030, 0.0027  # GeV, mean of a soft shower's spots
# a photon that Compton scatters deposits this much at least
_FLOOR, _LEAST_MEAN = 0.0003, 0.0007
_OFFSET = 0.49  # cm at 1 GeV: hard photons carry tail and halo off the axis
_HALO_OFFSET = 0.15  # of that
_TAIL_SPREAD = 0.12  # of the tail's length, at 1 GeV
_ONSET = 0.047  # radiation lengths
_PAIR_PATH = 9.0 / 7.0
_WIDEST = 0.9995  # of the unit disc that core and halo are drawn from
_HARD, _SOFT = 50.0, 0.3  # GeV: beyond either, fewer spots a GeV
_FINER_FROM = 30.0
_UNSEEN, _DEEPEST = 5e-4, 60.0  # share of the energy and depth where a shower ends
_FALL, _FLOWN = math.exp(-_STEP / EARLY_PATH), 1.0 - math.exp(-_STEP / FREE_PATH)
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
    spots : array, shape (4, SPOT_CAPACITY), float32
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
    >>> spots = np.empty((4, SPOT_CAPACITY), np.float32)
    >>> n = electromagnetic_shower(np.random.default_rng(1), 10.0, True, 0.0, 23.0, spots)
    >>> bool(9.5 < spots[3, :n].sum() < 10.0)
    True
    """
    begin = -upstream
    if not is_photon:
        return append_cascade(rng, begin, energy, crystal_length, spots, 0)
    begin += _PAIR_PATH * rng.standard_exponential()
    share = rng.random()
    filled = append_cascade(rng, begin, share * energy, crystal_length, spots, 0)
    return append_cascade(rng, begin, (1.0 - share) * energy, crystal_length, spots, filled)


@numba.njit(cache=True)
def append_cascade(
    rng: np.random.Generator,
    begin: float,
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
    begin : float, radiation lengths
        Depth of the first interaction behind the crystals' face; below 0 in front of it.
    energy : float, GeV
        Energy of the electron there.
    crystal_length : float, cm
        Sensitive depth.
    spots : array, shape (4, SPOT_CAPACITY), float32
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
    >>> spots = np.empty((4, SPOT_CAPACITY), np.float32)
    >>> append_cascade(np.random.default_rng(1), 0.0, 5.0, 23.0, spots, 7) > 100
    True
    """
    if energy <= 0.0 or filled >= spots.shape[1]:
        return filled
    maximum, alpha, scale = draw_profile(rng, energy)
    means = _spot_energies(energy, grain)
    begin += _ONSET * rng.standard_exponential()
    shift = _OFFSET * max(energy, 0.1) ** -0.36
    aside = (shift * rng.standard_normal(), shift * rng.standard_normal())
    due = (rng.random(), rng.random(), rng.random())
    wide = math.exp(_TAIL_SPREAD * rng.standard_normal() / math.sqrt(max(energy, 0.3)))
    log_energy = math.log(max(energy, 0.02))
    state = start(rng)
    beta = (alpha - 1.0) / maximum
    early = early_share(energy)
    norm = math.log(beta) * alpha - math.lgamma(alpha) + math.log(_STEP * (1.0 - early))
    early *= 1.0 - _FALL
    late, left, depth, first = 0.0, 1.0, 0.5 * _STEP, filled
    while left > _UNSEEN and depth < _DEEPEST:
        here = math.exp(norm + (alpha - 1.0) * math.log(depth) - beta * depth) + early
        early *= _FALL
        # photons that set out in this step have half a step to stop in
        stopped = late * _FLOWN + LATE * here * 0.5 * _FLOWN
        late += LATE * here - stopped
        here = (1.0 - LATE) * here + stopped
        left -= here
        core, halo, tail, in_core, in_tail = radial_shape(depth / scale, log_energy)
        shape = (core, halo, wide * tail, in_core, in_tail)
        top = begin + depth - 0.5 * _STEP
        state, filled, due = _fill_step(
            state, here * energy, shape, means, aside, top, due, spots, filled
        )
        depth += _STEP
    if filled == first:
        spots[0, filled], spots[1, filled], spots[2, filled] = (begin + maximum) * _X0, 0.0, 0.0
        spots[3, filled] = energy
        filled += 1
    share = 1.0 - front_loss(rng, energy, begin)
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
    state: np.uint64,
    energy: float,
    shape: tuple[float, float, float, float, float],
    means: tuple[float, float, float, float],
    aside: tuple[float, float],
    top: float,
    due: tuple[float, float, float],
    spots: np.ndarray,
    filled: int,
) -> tuple[np.uint64, int, tuple[float, float, float]]:
    """Append the spots of one step in depth; fractions of spots are left to the next."""
    core, halo, tail, in_core, in_tail = shape
    core_spot, halo_spot, tail_spot, heavy = means
    core_due = due[0] + energy * in_core / core_spot
    halo_due = due[1] + energy * (1.0 - in_core - in_tail) / halo_spot
    tail_due = due[2] + energy * in_tail / tail_spot
    room = spots.shape[1] - filled
    cores = min(int(core_due), room)
    halos = min(int(halo_due), room - cores)
    tails = min(int(tail_due), room - cores - halos)
    for _ in range(cores):
        state = advanced(state)
        bits = mixed(state)
        spots[3, filled] = core_spot * _place_near(bits, core, 0.0, 0.0, top, spots, filled)
        filled += 1
    x, y = _HALO_OFFSET * aside[0], _HALO_OFFSET * aside[1]
    for _ in range(halos):
        state = advanced(state)
        bits = mixed(state)
        spot = halo_spot * _place_near(bits, halo, x, y, top, spots, filled)
        state, spots[3, filled] = _fluctuate(state, bits, spot, 1.0 - 0.8 * heavy)
        filled += spots[3, filled] > 0.0
    for _ in range(tails):
        state = advanced(state)
        bits = mixed(state)
        spot = tail_spot * _place_far(bits, tail, aside[0], aside[1], top, spots, filled)
        state, spots[3, filled] = _fluctuate(state, bits, spot, 1.0 - 0.4 * heavy)
        filled += spots[3, filled] > 0.0
    return state, filled, (core_due - cores, halo_due - halos, tail_due - tails)


@numba.njit(cache=True)
def _place_near(
    bits: np.uint64,
    radius: float,
    x0: float,
    y0: float,
    top: float,
    spots: np.ndarray,
    row: int,
) -> float:
    r"""Place a spot of core or halo and return its weight.

    With :math:`q = r^2/R^2`, the density :math:`(1+q)^{-2}` is drawn as
    :math:`\frac12(1+q)^{-3/2}`, which is wider.
    """
    square = (part(bits, 0, 24) + 0.5) * (_WIDEST * 2.0**-24)
    rest = 1.0 - square
    far = radius * math.sqrt(square * (2.0 - square)) / rest
    _place(bits, far, x0, y0, top, spots, row)
    return 2.0 * rest


@numba.njit(cache=True)
def _place_far(
    bits: np.uint64,
    length: float,
    x0: float,
    y0: float,
    top: float,
    spots: np.ndarray,
    row: int,
) -> float:
    """Place a spot of the tail, drawn too far out, and return its weight."""
    quantile = part(bits, 0, 11)
    _place(bits, length * FAR[quantile], x0, y0, top, spots, row)
    return FAR_WEIGHT[quantile]


@numba.njit(cache=True)
def _place(
    bits: np.uint64,
    far: float,
    x0: float,
    y0: float,
    top: float,
    spots: np.ndarray,
    row: int,
) -> None:
    """Place a spot this far from (x0, y0), at an angle and a depth within the step."""
    angle = part(bits, 24, 11)
    spots[0, row] = (top + (_STEP * 2.0**-9) * (part(bits, 35, 9) + 0.5)) * _X0
    spots[1, row] = x0 + far * COSINE[angle]
    spots[2, row] = y0 + far * SINE[angle]


@numba.njit(cache=True)
def _fluctuate(
    state: np.uint64, bits: np.uint64, mean: float, spread: float
) -> tuple[np.uint64, float]:
    """Energy of a spot; those too light are dropped or raised, so that the mean stays."""
    if mean < _LEAST_MEAN:
        state = advanced(state)
        if uniform(state) * _LEAST_MEAN > mean:
            return state, 0.0
        mean = _LEAST_MEAN
    drawn = EXPONENTIAL[part(bits, 44, 11)]
    return state, _FLOOR + (mean - _FLOOR) * (1.0 - spread + spread * drawn)


@numba.njit(cache=True)
def _settle(
    energy: float, crystal_length: float, spots: np.ndarray, first: int, filled: int
) -> int:
    """Scale spots to the shower's energy, drop those before the face, move what leaks out."""
    total = 0.0
    for row in range(first, filled):
        total += spots[3, row]
    factor = energy / total
    kept = first
    for row in range(first, filled):
        if spots[0, row] < 0.0:
            continue
        if kept < row:
            for column in range(3):
                spots[column, kept] = spots[column, row]
        if spots[0, kept] > crystal_length:
            spots[0, kept] += HCAL_FRONT - crystal_length
        spots[3, kept] = spots[3, row] * factor
        kept += 1
    return kept
