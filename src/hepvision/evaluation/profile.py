"""Mean score in bins of an observable: flat where the score does not know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.evaluation._samples import (
    Array,
    binned,
    checked_column,
    checked_edges,
    checked_weight,
)
from hepvision.physics.intervals import LEVEL

__all__ = ["Profile", "profile"]

LEAST = 5.0
"""Effective events that a bin needs to count in the test of flatness."""


@dataclass(frozen=True, eq=False)
class Profile:
    r"""Mean of a score in bins of an observable.

    Parameters
    ----------
    edges : array, shape (bins + 1,)
        Bins, in the observable's unit.
    mean, low, high : array, shape (bins,)
        Weighted mean and the ends of its interval; NaN below two effective events.
    effective : array, shape (bins,)
        Effective count.
    overall : float
        Weighted mean of all events in the bins.
    chi2 : float
        :math:`\chi^2` of a flat profile, over bins of five effective events or more.
    degrees : int
        Its degrees of freedom.

    Examples
    --------
    >>> found = profile([0.1, 0.3, 0.2, 0.4], [91.0, 92.0, 101.0, 102.0], [90, 100, 110])
    >>> found.mean.round(3).tolist(), found.degrees
    ([0.2, 0.3], 0)
    """

    edges: Array
    mean: Array
    low: Array
    high: Array
    effective: Array
    overall: float
    chi2: float
    degrees: int

    @property
    def p_value(self) -> float:
        """Chance of a larger χ² where the profile is flat; 1 without degrees of freedom."""
        return float(special.chdtrc(self.degrees, self.chi2)) if self.degrees else 1.0

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; bins without a mean hold None.

        Returns
        -------
        dict
            The fields, arrays as lists, and ``p_value``.

        Examples
        --------
        >>> profile([0.1, 0.3], [91.0, 92.0], [90, 100, 110]).to_dict()["high"][1] is None
        True
        """
        columns = {
            name: [None if np.isnan(one) else float(one) for one in getattr(self, name)]
            for name in ("mean", "low", "high", "effective")
        }
        return {
            "edges": self.edges.tolist(),
            **columns,
            "overall": self.overall,
            "chi2": self.chi2,
            "degrees": self.degrees,
            "p_value": self.p_value,
        }


def profile(
    score: npt.ArrayLike,
    observable: npt.ArrayLike,
    edges: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> Profile:
    r"""Mean score in bins of an observable, with Student's intervals.

    The error of a bin's mean is
    :math:`\sqrt{\sum w^2 (s - \bar s)^2} / \sum w`, times
    :math:`\sqrt{n_\mathrm{eff} / (n_\mathrm{eff} - 1)}`.

    Parameters
    ----------
    score : array, shape (B,)
        Scores of one class.
    observable : array, shape (B,)
        What the score should not know, such as a mass in GeV.
    edges : array, shape (bins + 1,)
        Rising edges; events outside do not count.
    weight : array, shape (B,), optional
        Event weights of any sign; ones if not given.
    level : float
        Confidence level.

    Returns
    -------
    Profile
        Means with intervals, and :math:`\chi^2` of a flat line.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, edges do not rise, or no event lies in a bin.

    References
    ----------
    M. Andrews et al., EPJ Web Conf. 214 (2019) 06031, figure 3 (score against mass).
    L. Kish, Survey Sampling, Wiley (1965) (effective counts).

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> mass = rng.uniform(100, 180, 5000)
    >>> flat, bent = rng.random(5000), rng.random(5000) + mass / 500
    >>> [profile(s, mass, np.linspace(100, 180, 9)).p_value > 0.01 for s in (flat, bent)]
    [True, False]
    """
    column = checked_column("score", score)
    other = checked_column("observable", observable, column.size)
    weights = checked_weight(weight, column.size)
    bounds = checked_edges(edges)
    inside, place = binned(other, bounds)
    if not inside.any() or weights[inside].sum() <= 0.0:
        raise ValueError(
            f"edges: events must lie between {bounds[0]:g} and {bounds[-1]:g}, got none. "
            "Widen the bins."
        )
    bins = bounds.size - 1
    own, values = weights[inside], column[inside]

    def total(numbers: Array) -> Array:
        return np.bincount(place, numbers, minlength=bins).astype(np.float64)

    sums, squares = total(own), total(own**2)
    count = np.divide(sums**2, squares, out=np.zeros(bins), where=squares > 0.0)
    # a sum of weights below its own error has no mean; never so with positive weights
    known = (sums > 0.0) & (count >= 2.0 - 1e-9)
    mean = np.divide(total(own * values), sums, out=np.full(bins, np.nan), where=known)
    scatter = np.sqrt(total((own * (values - np.where(known, mean, 0.0)[place])) ** 2))
    free = np.where(known, count - 1.0, 1.0)
    error = np.divide(scatter, sums, out=np.full(bins, np.nan), where=known)
    error *= np.sqrt((free + 1.0) / free)
    half = special.stdtrit(free, 0.5 * (1.0 + level)) * error
    overall = float(np.average(values, weights=own))
    chi2, degrees = _flatness(mean, error, known & (count >= LEAST - 1e-9) & (error > 0.0))
    return Profile(bounds, mean, mean - half, mean + half, count, overall, chi2, degrees)


def _flatness(mean: Array, error: Array, used: npt.NDArray[np.bool_]) -> tuple[float, int]:
    if used.sum() < 2:
        return 0.0, 0
    precision = error[used] ** -2
    line = float(np.average(mean[used], weights=precision))
    return float(np.dot(precision, (mean[used] - line) ** 2)), int(used.sum()) - 1
