"""A library of showers for soft particles, made once by the shower models themselves.

Hundreds of particles an event are too soft to become a photon candidate; most of the time goes
into starting their showers, not into what they deposit. A shower is drawn from the library at an
energy beside the particle's, turned about its axis and scaled.

References
----------
E. Barberio et al., "Fast simulation of electromagnetic showers in the ATLAS calorimeter: Frozen
showers", J. Phys. Conf. Ser. 160 (2009) 012082.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.simulation.showers.electromagnetic import SPOT_CAPACITY, electromagnetic_shower
from hepvision.simulation.showers.hadronic import hadronic_shower

__all__ = ["library", "thaw"]

Array = npt.NDArray[Any]

SEED = 2009
#: Energies are 20 MeV times powers of two, up to 82 GeV.
_LEAST, _BINS = 0.02, 13
#: Showers an energy: hadrons differ more from each other.
_SHOWERS = 128
_KINDS = 6  # photon and electron, bare and behind the preshower, charged and neutral hadron
_PRESHOWER = 3.0  # radiation lengths
_LENGTH = 23.0  # cm


@numba.njit(cache=True)
def _thinned(rng: np.random.Generator, spots: Array, rows: int, kept: int, out: Array) -> int:
    """Fewer spots of equal energy, drawn by energy at equal distances: the shape is unbiased."""
    total = 0.0
    for row in range(rows):
        total += spots[3, row]
    if rows <= kept:
        out[:rows] = spots[:, :rows].T
        return rows
    each = total / kept
    place = each * rng.random()
    sum_ = 0.0
    filled = 0
    for row in range(rows):
        sum_ += spots[3, row]
        while place < sum_ and filled < kept:
            out[filled, :3] = spots[:3, row]
            out[filled, 3] = each
            filled += 1
            place += each
    return filled


@numba.njit(cache=True)
def _made(rng: np.random.Generator, spots: Array) -> tuple[Array, Array]:
    offsets = np.zeros(_KINDS * _BINS * _SHOWERS + 1, np.int64)
    out = np.empty((1 << 16, 4), np.float32)
    filled = 0
    for kind in range(_KINDS):
        for step in range(_BINS):
            energy = _LEAST * 2.0**step
            kept = int(16.0 + 40.0 * energy**0.75)
            for shower in range(_SHOWERS):
                if kind < 4:
                    upstream = _PRESHOWER if kind >= 2 else 0.0
                    rows = electromagnetic_shower(
                        rng, energy, kind % 2 == 0, upstream, _LENGTH, spots
                    )
                else:
                    rows = hadronic_shower(rng, energy, kind == 4, _LENGTH, spots)
                if filled + kept > len(out):
                    longer = np.empty((2 * len(out), 4), np.float32)
                    longer[:filled] = out[:filled]
                    out = longer
                filled += _thinned(rng, spots, rows, kept, out[filled:])
                offsets[(kind * _BINS + step) * _SHOWERS + shower + 1] = filled
    return offsets, out[:filled].copy()


@functools.cache
def library() -> tuple[Array, Array]:
    """All showers.

    Returns
    -------
    offsets : array of int64, shape (N + 1,)
        Rows of each shower, by kind, energy and number.
    spots : array of float32, shape (S, 4)
        Depth, two transverse distances (cm), energy (GeV).
    """
    return _made(np.random.default_rng(SEED), np.empty((4, SPOT_CAPACITY), np.float32))


@numba.njit(cache=True)
def thaw(
    rng: np.random.Generator,
    kind: int,
    behind: bool,
    energy: float,
    offsets: Array,
    frozen: Array,
    spots: Array,
) -> int:
    """Fill ``spots`` with a shower of the library.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    kind : int
        ``PHOTON``, ``ELECTRON``, ``HADRON`` (charged) or ``NEUTRAL_HADRON``.
    behind : bool
        Whether the preshower is in front.
    energy : float, GeV
        Energy.
    offsets, frozen : arrays
        From :func:`library`.
    spots : array, shape (4, S)
        As the shower models fill it.

    Returns
    -------
    int
        Rows filled.
    """
    # between two energies either is taken, so that the mean changes smoothly
    place = math.log2(max(energy / _LEAST, 1.0)) + rng.random()
    step = min(int(place), _BINS - 1)
    family = kind + 1 if kind > 1 else (kind + 2 if behind else kind)
    shower = (family * _BINS + step) * _SHOWERS + int(_SHOWERS * rng.random())
    first, last = offsets[shower], offsets[shower + 1]
    scale = energy / (_LEAST * 2.0**step)
    angle = 2.0 * math.pi * rng.random()
    cosine, sine = math.cos(angle), math.sin(angle)
    for row in range(first, last):
        x, y = frozen[row, 1], frozen[row, 2]
        spots[0, row - first] = frozen[row, 0]
        spots[1, row - first] = cosine * x - sine * y
        spots[2, row - first] = sine * x + cosine * y
        spots[3, row - first] = scale * frozen[row, 3]
    return last - first
