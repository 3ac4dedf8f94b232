"""Does the score know an observable? Pearson and distance correlation in the background."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.core.seeds import generator
from hepvision.evaluation._distance import dependence, p_value, shuffled, standardised, thinned
from hepvision.evaluation._samples import Array, checked_binary, checked_column, checked_weight
from hepvision.physics.intervals import (
    LEVEL,
    Interval,
    bootstrap,
    bootstrap_interval,
    effective_count,
    normal_quantile,
)

__all__ = ["LARGEST", "Correlation", "background_correlation", "distance_correlation", "pearson"]

LARGEST = 50_000
"""Events that the distance correlation uses unless told otherwise."""

PERMUTED = 5_000
"""Events that are permuted to see what chance gives; with more, the floor is scaled down."""


@dataclass(frozen=True)
class Correlation:
    """Dependence of the score on an observable in the background.

    Parameters
    ----------
    pearson : Interval
        Linear correlation.
    distance : Interval
        Distance correlation: 0 only for independence.
    chance : float
        The distance correlation that this many independent events show on average, by formula.
    floor : float or None
        The same from permutations of the observable (root mean square), if there were any.
    p_value : float or None
        Share of permutations whose distance correlation is at least as large; never below
        1 / (permutations + 1).
    events : int
        Background events that the distance correlation used.

    Examples
    --------
    >>> score, mass = np.tile([0.1, 0.9], 50), np.repeat([90.0, 91.0, 92.0, 93.0], 25)
    >>> background_correlation(score, mass, np.arange(100) == 0).events
    99
    """

    pearson: Interval
    distance: Interval
    chance: float
    floor: float | None
    p_value: float | None
    events: int

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the intervals stay :class:`Interval`.

        Returns
        -------
        dict
            The fields.

        Examples
        --------
        >>> flat = Interval(0.0, 0.0, 0.0)
        >>> list(Correlation(flat, flat, 0.0, 0.0, 1.0, 10).to_dict())
        ['pearson', 'distance', 'chance', 'floor', 'p_value', 'events']
        """
        return {
            "pearson": self.pearson,
            "distance": self.distance,
            "chance": self.chance,
            "floor": self.floor,
            "p_value": self.p_value,
            "events": self.events,
        }


def pearson(
    score: npt.ArrayLike,
    observable: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> Interval:
    r"""Weighted linear correlation, its interval free of any assumed distribution.

    The error comes from each event's influence :math:`uv - \tfrac r2 (u^2 + v^2)` on *r*, *u* and
    *v* being standardised, and is applied to :math:`\tanh^{-1} r`.

    Parameters
    ----------
    score, observable : array, shape (B,)
        The two columns.
    weight : array, shape (B,), optional
        Event weights; ones if not given. With a negative one a bootstrap gives the interval.
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap.

    Returns
    -------
    Interval
        The correlation, from −1 to 1.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a column is constant.

    References
    ----------
    S. J. Devlin, R. Gnanadesikan, J. R. Kettenring, Biometrika 62 (1975) 531.

    Examples
    --------
    >>> rng = np.random.default_rng(6)
    >>> x = rng.normal(size=1000)
    >>> print(pearson(x, x + rng.normal(size=1000)))
    0.722 +0.015 −0.015
    """
    x = checked_column("score", score)
    y = checked_column("observable", observable, x.size)
    weights = checked_weight(weight, x.size)
    u, v = standardised("score", x, weights), standardised("observable", y, weights)
    value = float(np.clip(np.average(u * v, weights=weights), -1.0, 1.0))
    if weights.min() < 0.0:

        def again(drawn: Array) -> float:
            if drawn.sum() <= 0.0:
                return math.nan
            a = u - np.average(u, weights=drawn)
            b = v - np.average(v, weights=drawn)
            norm = float(np.dot(drawn, a**2)) * float(np.dot(drawn, b**2))
            return float(np.dot(drawn, a * b)) / math.sqrt(norm) if norm > 0.0 else math.nan

        return bootstrap_interval(value, bootstrap(again, weights, replicas, seed), level)
    part = weights * (u * v - 0.5 * value * (u**2 + v**2)) / weights.sum()
    count = effective_count(weights)
    correction = count / (count - 1.0) if count > 1.0 + 1e-9 else 1.0
    if 1.0 - value**2 < 1e-14:
        return Interval(value, value, value)
    error = math.sqrt(correction * float(np.dot(part, part))) / (1.0 - value**2)
    half, centre = normal_quantile(level) * error, math.atanh(value)
    low, high = math.tanh(centre - half), math.tanh(centre + half)
    return Interval(value, min(low, value), max(high, value))


def distance_correlation(
    score: npt.ArrayLike,
    observable: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    largest: int | None = LARGEST,
    seed: int = 0,
) -> Interval:
    r"""Weighted distance correlation of two columns in O(N log N).

    .. math:: R^2 = \frac{\mathrm{dCov}^2(x, y)}{\mathrm{dCov}(x, x)\,\mathrm{dCov}(y, y)}

    A finite sample of independent columns stays above 0, on average by ``chance`` of
    :func:`background_correlation`. The value is the plain one; the interval is that of the true
    correlation, with chance taken off, so that it reaches 0 where nothing is seen.

    Parameters
    ----------
    score, observable : array, shape (B,)
        The two columns.
    weight : array, shape (B,), optional
        Event weights of any sign; ones if not given.
    level : float
        Confidence level.
    largest : int or None
        Larger samples are thinned to this many events, at random; None uses all.
    seed : int
        Of the thinning.

    Returns
    -------
    Interval
        *R*, from 0 to 1.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a column is constant.

    References
    ----------
    G. J. Székely, M. L. Rizzo, N. K. Bakirov, Ann. Statist. 35 (2007) 2769, arXiv:0803.4101.
    X. Huo, G. J. Székely, Technometrics 58 (2016) 435, arXiv:1410.1503.
    G. Kasieczka, D. Shih, Phys. Rev. Lett. 125 (2020) 122001, arXiv:2001.05310.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 501)
    >>> print(distance_correlation(x, x**2), "|", round(abs(pearson(x, x**2).value), 3))
    0.491 +0.006 −0.014 | 0.0
    """
    return dependence(*thinned(score, observable, weight, largest, seed)).interval(level)


def background_correlation(
    score: npt.ArrayLike,
    observable: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    largest: int | None = LARGEST,
    permutations: int = 0,
    replicas: int = 200,
    seed: int = 0,
) -> Correlation:
    """How much the score depends on an observable, in the background.

    Parameters
    ----------
    score, observable : array, shape (B,)
        Score, and for instance a mass in GeV.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.
    largest : int or None
        The distance correlation is measured on this many events at most.
    permutations : int
        How many permutations of the observable (with weights: draws of it, weights staying with
        the score) tell what chance gives besides the formula; on at most ``PERMUTED`` of the
        events, the floor then scaled as one over the root of the count. 0 spares their time.
    replicas, seed : int
        Of the bootstrap that negative weights ask for, of the thinning and the permutations.

    Returns
    -------
    Correlation
        Pearson's and the distance correlation, and what chance alone gives the latter, by formula
        and by permutations.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, a class is absent, a column is constant, or
        the permutations are negative.

    References
    ----------
    G. Kasieczka, D. Shih, Phys. Rev. Lett. 125 (2020) 122001, arXiv:2001.05310.

    Examples
    --------
    >>> rng = np.random.default_rng(7)
    >>> mass = rng.exponential(50, 1000)
    >>> result = background_correlation(rng.random(1000), mass, np.arange(1000) < 10)
    >>> result.pearson.contains(0.0), 0.02 < result.chance < 0.08
    (True, True)
    """
    column, mask, weights = checked_binary(score, is_signal, weight)
    other = checked_column("observable", observable, column.size)[~mask]
    column, own = column[~mask], None if weight is None else weights[~mask]
    x, y, thin = thinned(column, other, own, largest, seed)
    found = dependence(x, y, thin)
    null = _permuted(x, y, thin, permutations, seed)
    floor = math.sqrt(float(null.mean())) if null.size else None
    return Correlation(
        pearson(column, other, own, level, replicas=replicas, seed=seed),
        found.interval(level),
        math.sqrt(found.chance),
        floor,
        p_value(found.square, null) if null.size else None,
        x.size,
    )


def _permuted(x: Array, y: Array, weight: Array, permutations: int, seed: int) -> Array:
    """Squared distance correlations of shuffled pairs, scaled to the whole sample's count."""
    if permutations < 0:
        raise ValueError(f"permutations: must be 0 or more, got {permutations}. Ask for 50.")
    shuffle = generator(seed, "bootstrap", "shuffle")
    scale = 1.0
    if x.size > PERMUTED:
        rows = shuffle.permutation(x.size)[:PERMUTED]
        count = effective_count(weight)
        x, y, weight = x[rows], y[rows], weight[rows]
        scale = effective_count(weight) / count
    null = [dependence(x, y[shuffled(weight, shuffle)], weight).square for _ in range(permutations)]
    return scale * np.array(null)
