"""Mass sculpting: how a cut on the score bends the background's mass spectrum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.evaluation._distance import against_chance, shuffled
from hepvision.evaluation._samples import (
    Array,
    Integers,
    binned,
    checked_binary,
    checked_column,
    checked_edges,
)
from hepvision.physics.intervals import LEVEL, Interval

__all__ = ["Sculpting", "jensen_shannon", "sculpting"]


@dataclass(frozen=True, eq=False)
class Sculpting:
    """Background mass spectra with and without the cut, and their distance.

    Parameters
    ----------
    distance : Interval
        Jensen–Shannon distance (base 2): 0 alike, 1 without overlap.
    chance : float
        The distance that a random selection of as many events shows (root mean square).
    edges : array, shape (bins + 1,), GeV
        Bins of the mass.
    passing, reference : array, shape (bins,)
        Share of each bin in the passing events and in those compared with; each sums to 1.
    outside : float
        Weighted share of background events outside the bins; they are not compared.
    p_value : float
        Share of random selections whose distance is at least as large; never below
        1 / (selections + 1).

    Examples
    --------
    >>> mass = np.tile([100.0, 130.0], 100)
    >>> result = sculpting(np.arange(200) / 200, mass, np.arange(200) < 1, 0.5, [80, 120, 160])
    >>> result.distance.value < 0.01, result.passing.tolist()
    (True, [0.5, 0.5])
    """

    distance: Interval
    chance: float
    edges: Array
    passing: Array
    reference: Array
    outside: float
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the interval stays an :class:`Interval`.

        Returns
        -------
        dict
            The fields, arrays as lists, and the ``base`` of the logarithm.

        Examples
        --------
        >>> half = np.array([0.5, 0.5])
        >>> Sculpting(Interval(0, 0, 0), 0.0, np.arange(3.0), half, half, 0.0, 1.0).to_dict()[
        ...     "edges"
        ... ]
        [0.0, 1.0, 2.0]
        """
        return {
            "distance": self.distance,
            "chance": self.chance,
            "p_value": self.p_value,
            "base": 2,
            "edges": self.edges.tolist(),
            "passing": self.passing.tolist(),
            "reference": self.reference.tolist(),
            "outside": self.outside,
        }


def jensen_shannon(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    r"""Jensen–Shannon distance of two histograms, base 2.

    .. math:: \sqrt{\tfrac12 D(p\,\|\,m) + \tfrac12 D(q\,\|\,m)}, \quad m = \tfrac12 (p + q)

    Parameters
    ----------
    first, second : array, shape (bins,)
        Bin contents, normalised here.

    Returns
    -------
    float
        0 for equal shapes, 1 without overlap.

    Raises
    ------
    ValueError
        If shapes disagree, a content is negative, or a histogram is empty.

    References
    ----------
    D. M. Endres, J. E. Schindelin, IEEE Trans. Inf. Theory 49 (2003) 1858.

    Examples
    --------
    >>> jensen_shannon([1, 0], [0, 5]), jensen_shannon([1, 3], [2, 6])
    (1.0, 0.0)
    """
    p, q = (np.asarray(h, dtype=np.float64) for h in (first, second))
    if p.shape != q.shape or p.ndim != 1:
        raise ValueError(
            f"jensen_shannon: histograms must share one shape (bins,), got {p.shape} and "
            f"{q.shape}. Use the same bins."
        )
    if min(p.min(), q.min()) < 0.0 or min(p.sum(), q.sum()) <= 0.0:
        raise ValueError(
            f"jensen_shannon: contents must not be negative nor all empty, got minima {p.min():g} "
            f"and {q.min():g}, sums {p.sum():g} and {q.sum():g}. Use wider bins."
        )
    p, q = p / p.sum(), q / q.sum()
    middle = 0.5 * (p + q)
    divergence = 0.5 * float((special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum())
    return math.sqrt(min(max(divergence / math.log(2.0), 0.0), 1.0))


def _spectra(place: Integers, passed: Array, weight: Array, bins: int) -> Array:
    """Passing and failing spectrum, shape (2, bins)."""
    return np.stack(
        [
            np.bincount(place, weight * passed, minlength=bins),
            np.bincount(place, weight * (1.0 - passed), minlength=bins),
        ]
    )


def _square_error(spectra: Array, member: Array, place: Integers, weight: Array) -> float:
    """Error of the squared distance from each event's influence; ``member`` has shape (2, B)."""
    shares = spectra / spectra.sum(axis=1, keepdims=True)
    middle = shares.mean(axis=0)
    ratio = np.divide(shares, middle, out=np.ones_like(shares), where=(shares > 0) & (middle > 0))
    slope = 0.5 * np.log2(ratio)
    slope -= (shares * slope).sum(axis=1, keepdims=True)
    part = weight * (member * slope[:, place] / spectra.sum(axis=1, keepdims=True)).sum(axis=0)
    return math.sqrt(float(np.dot(part, part)))


def sculpting(
    score: npt.ArrayLike,
    mass: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    threshold: float,
    edges: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    against: Literal["failing", "all"] = "failing",
    selections: int = 200,
    seed: int = 0,
) -> Sculpting:
    """Jensen–Shannon distance of the background's mass spectra on both sides of a cut.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    mass : array, shape (B,), GeV
        The observable that must not be sculpted.
    is_signal : array, shape (B,)
        True for signal, False for background.
    threshold : float
        The cut: ``score >= threshold`` passes.
    edges : array, shape (bins + 1,), GeV
        Rising edges, the same for everything that is compared.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.
    against : "failing" or "all"
        Whether passing events are compared with those that fail, or with all.
    selections, seed : int
        How many random selections tell what chance gives, and from which seed. Each has the
        weights of the events that pass, with masses of any.

    Returns
    -------
    Sculpting
        The plain distance, with an interval from which chance is taken, so that it reaches 0 where
        nothing is seen; what chance gives, with the p-value; and both spectra.

    Raises
    ------
    ValueError
        If arrays are not fit, edges do not rise, there are no selections, no event passes or none
        fails inside the bins, or weights make a bin negative.

    References
    ----------
    ATLAS Collaboration, ATL-PHYS-PUB-2018-014 (2018).

    Examples
    --------
    >>> rng = np.random.default_rng(8)
    >>> mass = rng.uniform(100, 180, 2000)
    >>> bent = sculpting(mass, mass, np.arange(2000) < 1, 140.0, np.linspace(100, 180, 9))
    >>> bent.distance.value > 0.9 > 0.1 > bent.chance
    True
    """
    column, mask, weights = checked_binary(score, is_signal, weight)
    values = checked_column("mass", mass, column.size)[~mask]
    bounds = checked_edges(edges, 2)
    bins, own = bounds.size - 1, weights[~mask]
    inside, place = binned(values, bounds)
    passed = (column[~mask][inside] >= threshold).astype(np.float64)
    kept = own[inside]
    mix = np.array([[1.0, 0.0], [1.0, 1.0] if against == "all" else [0.0, 1.0]])

    def drawn(random: np.random.Generator) -> float:
        # a random selection may leave a bin negative where weights are; it counts as empty
        both = np.maximum(mix @ _spectra(place[shuffled(kept, random)], passed, kept, bins), 0.0)
        return jensen_shannon(*both) ** 2 if both.sum(axis=1).min() > 0.0 else 1.0

    spectra = mix @ _spectra(place, passed, kept, bins)
    square = jensen_shannon(*spectra) ** 2
    linear = _square_error(spectra, mix[:, 1 - passed.astype(np.int64)], place, kept)
    shares = spectra / spectra.sum(axis=1, keepdims=True)
    distance, chance, p_value = against_chance(square, linear, drawn, selections, seed, level)
    outside = float(1.0 - kept.sum() / own.sum())
    return Sculpting(distance, chance, bounds, shares[0], shares[1], outside, p_value)
