"""Kernel of the energy flow: what the towers hold beyond what the tracks explain."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.hcal import tower_flat
from hepvision.physics.kinematics import turn_between

__all__ = ["CHARGED", "ELECTRON", "MUON", "NEUTRAL", "PHOTON", "expected", "unexplained"]

Array = NDArray[Any]

#: What a candidate is taken for.
CHARGED, ELECTRON, MUON, PHOTON, NEUTRAL = range(5)
_ROWS, _COLUMNS = 56, 72
_WIDE = 8  # rows of towers of 10° at either end
#: Columns of a tower: energy in the crystals and behind, and the place of the first, as sums.
_EM, _HAD, _ETA, _PHI = range(4)
#: Transverse energy that is left over by fluctuations alone is less in most towers.
_LEAST_EM, _LEAST_HAD = 0.3, 0.6  # GeV
#: What a muon leaves: 0.25 GeV in the crystals and some 2 GeV behind, and its fluctuation.
_MUON = 4.0  # GeV


@numba.njit(cache=True)
def expected(role: int, momentum: float) -> float:
    r"""Energy that a track explains in the calorimeters.

    For a hadron its mean response and half a width of it,
    :math:`\sigma = 1.1\,\sqrt{E/\mathrm{GeV}} \oplus 0.09\,E`: more would take neutral energy
    away, less would count fluctuations as neutral.

    Parameters
    ----------
    role : int
        ``CHARGED``, ``ELECTRON`` or ``MUON``.
    momentum : float, GeV
        Of the track.

    Returns
    -------
    float, GeV
        Energy.

    Examples
    --------
    >>> round(expected(CHARGED, 100.0), 1), expected(ELECTRON, 50.0)
    (98.3, 52.5)
    """
    if role == MUON:
        return _MUON
    if role == ELECTRON:
        return 1.05 * momentum
    response = 1.0 - 0.35 * max(momentum, 1.0) ** -0.3
    return response * momentum + 0.5 * math.hypot(1.1 * math.sqrt(momentum), 0.09 * momentum)


@numba.njit(cache=True)
def _tower(row: int, column: int) -> int:
    column %= _COLUMNS
    if row < _WIDE or row >= _ROWS - _WIDE:
        column -= column % 2
    return row * _COLUMNS + column


@numba.njit(cache=True)
def _take(cells: Array, tower: int, part: int, budget: float) -> float:
    """Take energy out of a tower, as far as it is there; what is still to be explained."""
    there = cells[tower, part]
    if there <= 0.0:
        return budget
    used = min(there, budget)
    if part == _EM:
        cells[tower, _ETA] *= 1.0 - used / there
        cells[tower, _PHI] *= 1.0 - used / there
    cells[tower, part] = there - used
    return budget - used


@numba.njit(cache=True)
def _explain(cells: Array, track: Array, role: int) -> None:
    """Take what a track explains out of the towers around the point where it enters."""
    middle = tower_flat(track[0], track[1])
    if middle < 0:
        return
    row, column = middle // _COLUMNS, middle % _COLUMNS
    # a wide tower has two narrow ones beside it
    step = 2 if row < _WIDE or row >= _ROWS - _WIDE else 1
    budget = expected(role, track[2])
    # the field spreads what an electron radiates over φ
    reach = 1 if role != ELECTRON else 4 // step
    first, second = (_EM, _HAD) if role == ELECTRON else (_HAD, _EM)
    for ring in range(reach + 1):
        for down in range(max(-1, -ring), min(1, ring) + 1):
            if row + down < 0 or row + down >= _ROWS:
                continue
            for right in range(-ring * step, (ring + 1) * step):
                if max(abs(down), abs(right // step)) != ring:
                    continue
                tower = _tower(row + down, column + right)
                budget = _take(cells, tower, first, budget)
                budget = _take(cells, tower, second, budget)
                if budget <= 0.0:
                    return


@numba.njit(cache=True)
def _left_over(cells: Array, centres: Array, touched: Array, out: Array, filled: int) -> int:
    """Write down what is left, and empty the towers."""
    for tower in touched:
        eta, phi = centres[tower, 0], centres[tower, 1]
        energy = cells[tower, _EM]
        if energy > _LEAST_EM * math.cosh(eta):
            out[filled, 0] = energy
            out[filled, 1] = eta + cells[tower, _ETA] / energy
            out[filled, 2] = turn_between(phi + cells[tower, _PHI] / energy, 0.0)
            out[filled, 3] = PHOTON
            filled += 1
        energy = cells[tower, _HAD]
        if energy > _LEAST_HAD * math.cosh(eta):
            out[filled, 0], out[filled, 1], out[filled, 2] = energy, eta, phi
            out[filled, 3] = NEUTRAL
            filled += 1
        cells[tower] = 0.0
    return filled


@numba.njit(cache=True)
def unexplained(
    tracks: tuple[Array, Array, Array],
    crystals: tuple[Array, Array, Array],
    towers: tuple[Array, Array, Array],
    centres: Array,
) -> tuple[Array, Array]:
    """What no track explains, tower by tower.

    Parameters
    ----------
    tracks : tuple of arrays
        Offsets (B + 1,); η and φ on the face of the crystals and momentum, (T, 3), GeV; role
        (T,), below 0 for tracks that explain nothing.
    crystals, towers : tuple of arrays
        Offsets (B + 1,); energy, η and φ, (H, 3), GeV; tower in front of or in which they lie
        (H,).
    centres : array, shape (4032, 2), -, rad
        Of the towers.

    Returns
    -------
    offsets : array of int64, shape (B + 1,)
        Rows of each event.
    found : array, shape (N, 4), GeV, -, rad, -
        Energy, η, φ seen from the centre of the detector, ``PHOTON`` or ``NEUTRAL``.
    """
    events = len(tracks[0]) - 1
    cells = np.zeros((_ROWS * _COLUMNS, 4))
    out = np.empty((len(crystals[2]) + len(towers[2]), 4))
    offsets = np.zeros(events + 1, np.int64)
    filled = 0
    for event in range(events):
        a, b = crystals[0][event], crystals[0][event + 1]
        c, d = towers[0][event], towers[0][event + 1]
        for row in range(a, b):
            tower, energy = crystals[2][row], crystals[1][row, 0]
            cells[tower, _EM] += energy
            cells[tower, _ETA] += energy * (crystals[1][row, 1] - centres[tower, 0])
            cells[tower, _PHI] += energy * turn_between(crystals[1][row, 2], centres[tower, 1])
        for row in range(c, d):
            cells[towers[2][row], _HAD] += towers[1][row, 0]
        first, last = tracks[0][event], tracks[0][event + 1]
        for place in np.argsort(-tracks[1][first:last, 2]):
            if tracks[2][first + place] >= 0:
                _explain(cells, tracks[1][first + place], tracks[2][first + place])
        touched = np.unique(np.concatenate((crystals[2][a:b], towers[2][c:d])))
        filled = _left_over(cells, centres, touched, out, filled)
        offsets[event + 1] = filled
    return offsets, out[:filled].copy()
