"""Two classifiers on the same events: the difference of their AUCs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import checked_binary, checked_column
from hepvision.evaluation.delong import class_variance, influence, ranked_auc
from hepvision.evaluation.distinguish import two_sided
from hepvision.evaluation.paired_measures import paired_measure
from hepvision.evaluation.roc import auc
from hepvision.physics.intervals import (
    LEVEL,
    Interval,
    bootstrap,
    bootstrap_interval,
    normal_quantile,
)

__all__ = ["PairedAuc", "paired_auc", "paired_bootstrap"]


@dataclass(frozen=True)
class PairedAuc:
    """AUCs of two classifiers on the same events.

    Parameters
    ----------
    first, second : Interval
        The two AUCs.
    difference : Interval
        First minus second, with the correlation taken into account.
    correlation : float
        Correlation of the two AUCs' errors; 0 where one of them has none.
    p_value : float
        Two-sided probability of a difference this large between equal classifiers.

    Examples
    --------
    >>> same = paired_auc([0.1, 0.5, 0.4, 0.9], [0.2, 0.6, 0.5, 0.95], [0, 0, 1, 1])
    >>> same.difference.value, same.p_value
    (0.0, 1.0)
    """

    first: Interval
    second: Interval
    difference: Interval
    correlation: float
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the intervals stay :class:`Interval`.

        Returns
        -------
        dict
            The fields.

        Examples
        --------
        >>> list(paired_auc([0, 1], [0, 1], [0, 1]).to_dict())
        ['first', 'second', 'difference', 'correlation', 'p_value']
        """
        return {
            "first": self.first,
            "second": self.second,
            "difference": self.difference,
            "correlation": self.correlation,
            "p_value": self.p_value,
        }


def paired_auc(
    score_first: npt.ArrayLike,
    score_second: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> PairedAuc:
    r"""Difference of two AUCs by DeLong's paired covariance.

    Parameters
    ----------
    score_first, score_second : array, shape (B,)
        Scores of the same events in the same order.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights; ones if not given. With a negative one the bootstrap of
        :func:`paired_bootstrap` gives interval and p-value (normal, from its spread).
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap.

    Returns
    -------
    PairedAuc
        Both AUCs, their difference, its p-value.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a class is absent.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> labels = rng.random(3000) < 0.5
    >>> sharp = rng.normal(size=3000) + labels
    >>> pair = paired_auc(sharp, sharp + rng.normal(size=3000), labels)
    >>> print(pair.difference, round(pair.correlation, 1))
    0.065 +0.007 −0.007 0.7
    """
    first, mask, weights = checked_binary(score_first, is_signal, weight)
    second = checked_column("score_second", score_second, first.size)
    chosen = None if weight is None else weights
    areas = [auc(s, mask, chosen, level, replicas=replicas, seed=seed) for s in (first, second)]
    area_first, part_first = influence(first, mask, weights)
    area_second, part_second = influence(second, mask, weights)
    gap = area_first - area_second
    variances = [class_variance(part**2, mask, weights) for part in (part_first, part_second)]
    covariance = class_variance(part_first * part_second, mask, weights)
    norm = math.sqrt(variances[0] * variances[1])
    correlation = min(max(covariance / norm, -1.0), 1.0) if norm > 0.0 else 0.0
    if weights.min() < 0.0:
        drawn = _replicas(first, second, mask, weights, replicas, seed)
        difference = bootstrap_interval(gap, drawn, level)
        error = float(np.nanstd(drawn))
    else:
        # the variance of the difference itself: no cancellation when the classifiers are alike
        error = math.sqrt(class_variance((part_first - part_second) ** 2, mask, weights))
        half = normal_quantile(level) * error
        difference = Interval(gap, gap - half, gap + half)
        if error <= 0.0 and gap != 0.0:
            difference = _apart(gap, *areas)
    p_value = two_sided(gap, error, first.size)
    return PairedAuc(areas[0], areas[1], difference, correlation, p_value)


def _apart(gap: float, first: Interval, second: Interval) -> Interval:
    """Both extreme, so that no event scatters: what their own intervals leave."""
    own, other = (
        [one.low or 0.0, 1.0 if one.high is None else one.high] for one in (first, second)
    )
    return Interval(gap, own[0] - other[1], own[1] - other[0])


def _replicas(
    first: npt.NDArray[np.float64],
    second: npt.NDArray[np.float64],
    is_signal: npt.NDArray[np.bool_],
    weight: npt.NDArray[np.float64],
    replicas: int,
    seed: int,
) -> npt.NDArray[np.float64]:
    area_first, area_second = ranked_auc(first, is_signal), ranked_auc(second, is_signal)
    return bootstrap(lambda w: area_first(w) - area_second(w), weight, replicas, seed)


def paired_bootstrap(
    score_first: npt.ArrayLike,
    score_second: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 1000,
    seed: int = 0,
) -> Interval:
    """Difference of two AUCs, both measured on the same resampled events.

    Parameters
    ----------
    score_first, score_second : array, shape (B,)
        Scores of the same events in the same order.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights of any sign; ones if not given.
    level : float
        Confidence level.
    replicas, seed : int
        How many resamplings, and from which seed.

    Returns
    -------
    Interval
        First minus second, with percentiles of the replicas.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a class is absent.

    References
    ----------
    B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, Chapman & Hall (1993).

    Examples
    --------
    >>> labels = np.arange(400) % 2 == 0
    >>> rng = np.random.default_rng(3)
    >>> good, poor = rng.normal(size=400) + 2 * labels, rng.normal(size=400)
    >>> print(paired_bootstrap(good, poor, labels, replicas=200))
    0.45 +0.03 −0.03
    """
    first, mask, weights = checked_binary(score_first, is_signal, weight)
    second = checked_column("score_second", score_second, first.size)
    found = paired_measure(first, second, mask, weights, level=level, replicas=replicas, seed=seed)
    return found.difference
