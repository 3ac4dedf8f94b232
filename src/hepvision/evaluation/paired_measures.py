"""Two classifiers on the same resampled events: AUC, or signal efficiency at fixed background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import Array, checked_binary
from hepvision.evaluation.delong import ranked_auc
from hepvision.physics.intervals import LEVEL, Interval, bootstrap, bootstrap_interval

__all__ = ["PairedMeasure", "measure_of", "paired_measure"]

#: Level beyond which two classifiers count as told apart.
SURE = 0.95


@dataclass(frozen=True)
class PairedMeasure:
    """One measure of two classifiers on the same events.

    Parameters
    ----------
    first, second : Interval
        The measure of each; of several seeds, its mean.
    difference : Interval
        First minus second.
    sure : Interval
        The same with 95 % confidence.
    p_value : float
        Two-sided: twice the share of resamplings on the far side of 0.

    Examples
    --------
    >>> one = Interval(0.5, 0.4, 0.6)
    >>> PairedMeasure(one, one, Interval(0.0, -0.1, 0.1), Interval(0.0, -0.2, 0.2), 1.0).verdict
    'not told apart'
    """

    first: Interval
    second: Interval
    difference: Interval
    sure: Interval
    p_value: float

    @property
    def verdict(self) -> str:
        """``better``, ``worse`` or ``not told apart``, of the first, with 95 % confidence."""
        low, high = self.sure.low, self.sure.high
        if low is not None and low > 0.0:
            return "better"
        return "worse" if high is not None and high < 0.0 else "not told apart"

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the intervals stay :class:`Interval`.

        Returns
        -------
        dict
            The fields and the verdict.
        """
        return {**vars(self), "verdict": self.verdict}


def measure_of(
    score: npt.ArrayLike, is_signal: npt.ArrayLike, background_efficiency: float | None = None
) -> Callable[[npt.NDArray[np.float64]], float]:
    """A measure of a classifier as a function of the events' weights.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    is_signal : array, shape (B,)
        True for signal, False for background.
    background_efficiency : float, optional
        ε_b at which ε_s is measured, on the loosest cut that keeps at most this share of the
        background; the AUC if not given.

    Returns
    -------
    callable
        Weights, shape (B,) → number.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, a class is absent, or ε_b is no share.

    Examples
    --------
    >>> score, labels = [0.1, 0.3, 0.6, 0.7], [0, 1, 0, 1]
    >>> measure_of(score, labels)(np.ones(4)), measure_of(score, labels, 0.5)(np.ones(4))
    (0.75, 1.0)
    """
    column, mask, _ = checked_binary(score, is_signal, None)
    if background_efficiency is None:
        return ranked_auc(column, mask)
    if not 0.0 < background_efficiency <= 1.0:
        raise ValueError(
            f"background efficiency: must lie in (0, 1], got {background_efficiency}. Give one."
        )
    order = np.argsort(-column, kind="stable")
    signal = mask[order]
    # events of one score pass together
    ends = np.append(np.flatnonzero(np.diff(column[order])), column.size - 1)
    allowed = background_efficiency * (1.0 + 1e-12)

    def efficiency(weight: npt.NDArray[np.float64]) -> float:
        sorted_weight = weight[order]
        passed = np.cumsum(np.where(signal, sorted_weight, 0.0))[ends]
        kept = np.cumsum(np.where(signal, 0.0, sorted_weight))[ends]
        if passed[-1] <= 0.0 or kept[-1] <= 0.0:
            return float("nan")
        over = kept > allowed * kept[-1]
        step = int(np.argmax(over)) if over.any() else over.size
        return float(passed[step - 1] / passed[-1]) if step else 0.0

    return efficiency


def paired_measure(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    background_efficiency: float | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 1000,
    seed: int = 0,
) -> PairedMeasure:
    """AUC or ε_s of two classifiers, both measured on the same resampled events.

    Parameters
    ----------
    first, second : array, shape (B,) or (S, B)
        Scores of the same events in the same order; one row a seed, of which each is measured and
        the mean is taken. The resampling is of events; how seeds scatter is not in it.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights of any sign; ones if not given.
    background_efficiency : float, optional
        ε_b at which ε_s is measured; the AUC if not given. The cut is chosen on each resampled
        sample itself, so that its own error is part of the interval.
    level : float
        Confidence level of all but ``sure``.
    replicas, seed : int
        How many resamplings, and from which seed.

    Returns
    -------
    PairedMeasure
        Both, their difference, and whether it is more than chance.

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
    >>> paired_measure(good, poor, labels, replicas=200).verdict
    'better'
    """
    both = [np.atleast_2d(np.asarray(one, np.float64)) for one in (first, second)]
    _, mask, weights = checked_binary(both[0][0], is_signal, weight)
    measures = [[measure_of(one, mask, background_efficiency) for one in each] for each in both]

    def means(of: npt.NDArray[np.float64]) -> tuple[float, float]:
        found = [float(np.mean([one(of) for one in each])) for each in measures]
        return found[0], found[1]

    drawn = _drawn(means, weights, replicas, seed)
    values = means(weights)
    gap, gaps = values[0] - values[1], drawn[0] - drawn[1]
    finite = gaps[np.isfinite(gaps)]
    beyond = min(int((finite <= 0.0).sum()), int((finite >= 0.0).sum()))
    return PairedMeasure(
        bootstrap_interval(values[0], drawn[0], level),
        bootstrap_interval(values[1], drawn[1], level),
        bootstrap_interval(gap, gaps, level),
        bootstrap_interval(gap, gaps, SURE),
        min(1.0, 2.0 * (beyond + 1) / (finite.size + 1)),
    )


def _drawn(
    means: Callable[[Array], tuple[float, float]], weight: Array, replicas: int, seed: int
) -> tuple[Array, Array]:
    """Both measures in every resampling."""
    pairs: list[tuple[float, float]] = []

    def keep(of: Array) -> float:
        pairs.append(means(of))
        return 0.0

    bootstrap(keep, weight, replicas, seed)
    table = np.array(pairs)
    return table[:, 0], table[:, 1]
