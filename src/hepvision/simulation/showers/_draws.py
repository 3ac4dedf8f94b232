r"""Random numbers for energy spots, by the thousand a shower.

One 64-bit number places a spot: its bits are looked up in tables of directions and quantiles. The
numbers are a counter, mixed (SplitMix64); each shower takes its start from the event's generator.

References
----------
G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
OOPSLA (2014) 453.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy.special import gammaincinv, xlogy

__all__ = [
    "COSINE",
    "EXPONENTIAL",
    "FAR",
    "FAR_WEIGHT",
    "SINE",
    "TABLE",
    "WIDENED",
    "advanced",
    "mixed",
    "part",
    "start",
    "uniform",
]

TABLE = 2048
"""Rows of the tables, a power of two."""

WIDENED = 2.2
"""By which factor the tail of a shower is drawn too long."""

_MIDDLES = (np.arange(TABLE) + 0.5) / TABLE
COSINE, SINE = np.cos(2.0 * np.pi * _MIDDLES), np.sin(2.0 * np.pi * _MIDDLES)
_EDGES = np.arange(TABLE + 1) / TABLE
#: Means between quantiles, so that the mean of the table is 1.
EXPONENTIAL = np.diff(_EDGES - xlogy(_EDGES, _EDGES)) * TABLE
_GAMMA = gammaincinv(1.5, _MIDDLES)
FAR = WIDENED * _GAMMA
_RATIO = np.exp(_GAMMA - FAR)
#: Density of a gamma distribution of shape 3/2 over that of the wider one.
FAR_WEIGHT = _RATIO / _RATIO.mean()

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_A, _B, _C, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


@numba.njit(cache=True)
def start(rng: np.random.Generator) -> np.uint64:
    """First state of a shower's numbers.

    Parameters
    ----------
    rng : Generator
        The event's.

    Returns
    -------
    uint64
        The state.
    """
    return np.uint64(rng.integers(0, 2**63 - 1))


@numba.njit(cache=True, inline="always")
def advanced(state: np.uint64) -> np.uint64:
    """Next state.

    Parameters
    ----------
    state : uint64
        The state.

    Returns
    -------
    uint64
        The next one.
    """
    return np.uint64(state + _STEP)


@numba.njit(cache=True, inline="always")
def mixed(state: np.uint64) -> np.uint64:
    """The 64 random bits of a state.

    Parameters
    ----------
    state : uint64
        The state.

    Returns
    -------
    uint64
        The bits.
    """
    z = (state ^ (state >> _A)) * _FIRST
    z = (z ^ (z >> _B)) * _SECOND
    return np.uint64(z ^ (z >> _C))


@numba.njit(cache=True, inline="always")
def part(bits: np.uint64, first: int, count: int) -> int:
    """Some of the bits as a number.

    Parameters
    ----------
    bits : uint64
        Random bits.
    first, count : int
        Which.

    Returns
    -------
    int
        0 to ``2**count - 1``.
    """
    return int(np.int64((bits >> np.uint64(first)) & np.uint64((1 << count) - 1)))


@numba.njit(cache=True, inline="always")
def uniform(state: np.uint64) -> float:
    """A uniform number in [0, 1) of 53 bits.

    Parameters
    ----------
    state : uint64
        The state.

    Returns
    -------
    float
        The number.
    """
    return np.int64(mixed(state) >> _11) * 2.0**-53
