"""DeLong's theory of the AUC: each event's contribution to its error, weights included."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from hepvision.evaluation._samples import Array, Booleans, Integers
from hepvision.physics.intervals import (
    LEVEL,
    Interval,
    clopper_pearson,
    effective_count,
    normal_quantile,
)

__all__ = ["auc_interval", "class_variance", "influence", "ranked_auc"]


def _ranks(score: Array) -> tuple[Integers, Integers, Integers]:
    """Order of rising score, index of each ranked event's tie group, last place of each group."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    new = ranked[1:] != ranked[:-1]
    group = np.concatenate(([0], np.cumsum(new)))
    return order, group, np.flatnonzero(np.append(new, True))


def _below(weight: Array, last: Integers) -> Array:
    """Weight below each tie group, plus half the group's own."""
    upto = np.cumsum(weight)[last]
    return 0.5 * (upto + np.concatenate(([0.0], upto[:-1])))


def influence(score: Array, is_signal: Booleans, weight: Array) -> tuple[float, Array]:
    r"""AUC and what each event contributes to its error.

    With the placement :math:`V_i`, the weighted share of the other class that event *i* is on the
    right side of (ties half), the contribution is :math:`w_i (V_i - A) / W`, *W* being the weight
    of the event's class. Sums of squares of contributions are DeLong's variance, products of two
    classifiers' contributions his covariance.

    Parameters
    ----------
    score, weight : array, shape (B,)
        Scores and event weights.
    is_signal : array of bool, shape (B,)
        True for signal.

    Returns
    -------
    auc : float
        Area under the curve.
    contribution : array, shape (B,)
        In the order of the events.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837.
    X. Sun, W. Xu, IEEE Signal Process. Lett. 21 (2014) 1389.

    Examples
    --------
    >>> area, part = influence(np.array([0.0, 1, 2]), np.array([False, True, True]), np.ones(3))
    >>> area, part.tolist()
    (1.0, [0.0, 0.0, 0.0])
    """
    order, group, last = _ranks(score)
    mask = is_signal[order]
    signal = np.where(mask, weight[order], 0.0)
    background = np.where(mask, 0.0, weight[order])
    total_signal, total_background = float(signal.sum()), float(background.sum())
    right = _below(background, last) / total_background
    wrong = _below(signal, last) / total_signal
    placement = np.where(mask, right[group], 1.0 - wrong[group])
    area = float(np.dot(signal, placement)) / total_signal
    contribution = np.empty_like(placement)
    contribution[order] = (placement - area) * (
        signal / total_signal + background / total_background
    )
    return area, contribution


def class_variance(product: Array, is_signal: Booleans, weight: Array) -> float:
    r"""DeLong's (co)variance from products of contributions.

    Parameters
    ----------
    product : array, shape (B,)
        Squares of contributions, or products of two classifiers'.
    is_signal : array of bool, shape (B,)
        True for signal.
    weight : array, shape (B,)
        Event weights.

    Returns
    -------
    float
        The sum, each class times :math:`n_\mathrm{eff} / (n_\mathrm{eff} - 1)`.

    Examples
    --------
    >>> class_variance(np.full(4, 0.01), np.array([True, True, False, False]), np.ones(4))
    0.08
    """
    variance = 0.0
    for chosen in (is_signal, ~is_signal):
        count = effective_count(weight[chosen])
        correction = count / (count - 1.0) if count > 1.0 + 1e-9 else 1.0
        variance += correction * float(product[chosen].sum())
    return variance


def auc_interval(area: float, variance: float, count: float, level: float = LEVEL) -> Interval:
    r"""Interval of an AUC, symmetric in :math:`\ln A/(1-A)` so that it stays inside [0, 1].

    Parameters
    ----------
    area, variance : float
        The AUC and its DeLong variance.
    count : float
        Effective count of the smaller class. Below 2 the variance cannot be measured, and its
        upper bound A(1−A)/count is used; where the classes do not overlap at all, the open end is
        the Clopper–Pearson limit of ``count`` successes in ``count``.
    level : float
        Confidence level.

    Returns
    -------
    Interval
        The AUC.

    References
    ----------
    Z. W. Birnbaum, O. M. Klose, Ann. Math. Statist. 28 (1957) 929 (the bound).
    M. S. Pepe, The Statistical Evaluation of Medical Tests, Oxford (2003), section 5.2.

    Examples
    --------
    >>> print(auc_interval(0.9, 0.0004, 500.0))
    0.900 +0.018 −0.022
    >>> print(auc_interval(1.0, 0.0, 10.0))
    1.00 +0.00 −0.17
    """
    area = min(max(area, 0.0), 1.0)
    if area in (0.0, 1.0):
        low, high = clopper_pearson(area * count, count, level)
        return Interval(area, float(low), float(high))
    if count < 2.0:
        variance = max(variance, area * (1.0 - area) / count)
    half = normal_quantile(level) * math.sqrt(variance) / (area * (1.0 - area))
    centre = float(special.logit(area))
    low, high = special.expit(centre - half), special.expit(centre + half)
    return Interval(area, min(float(low), area), max(float(high), area))


def ranked_auc(score: Array, is_signal: Booleans) -> Callable[[Array], float]:
    """The AUC as a function of the weights, events ranked once.

    Parameters
    ----------
    score : array, shape (B,)
        Scores.
    is_signal : array of bool, shape (B,)
        True for signal.

    Returns
    -------
    callable
        Weights, shape (B,) → AUC; NaN where a class has no positive weight left.

    Examples
    --------
    >>> area = ranked_auc(np.array([0.0, 1, 2]), np.array([False, True, False]))
    >>> area(np.array([1.0, 1.0, 3.0]))
    0.25
    """
    order, group, last = _ranks(score)
    signal, background = is_signal[order], ~is_signal[order]

    def area(weight: Array) -> float:
        ranked = weight[order]
        above, below = ranked * signal, ranked * background
        norm = float(above.sum()) * float(below.sum())
        if above.sum() <= 0.0 or norm <= 0.0:
            return math.nan
        return float(np.dot(above, _below(below, last)[group])) / norm

    return area
