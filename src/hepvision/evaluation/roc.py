"""Receiver operating characteristic and the area under it, ties and weights exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import Array, Booleans, checked_binary
from hepvision.evaluation.delong import auc_interval, class_variance, influence, ranked_auc
from hepvision.physics.intervals import (
    LEVEL,
    Interval,
    bootstrap,
    bootstrap_interval,
    effective_count,
)

__all__ = ["Roc", "auc", "roc"]


@dataclass(frozen=True, eq=False)
class Roc:
    """Efficiencies of all cuts ``score >= threshold``, from the tightest to the loosest.

    Parameters
    ----------
    threshold : array, shape (T,)
        Distinct scores, falling; the first is infinite: nothing passes.
    signal_efficiency, background_efficiency : array, shape (T,)
        Weighted ε_s and ε_b, from 0 to 1. Equal scores make one step.

    Examples
    --------
    >>> curve = roc([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1])
    >>> curve.signal_efficiency.tolist(), curve.background_efficiency.tolist()
    ([0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 1.0])
    """

    threshold: Array
    signal_efficiency: Array
    background_efficiency: Array

    @property
    def area(self) -> float:
        """Area below the curve ε_s(ε_b): the AUC."""
        return float(np.trapezoid(self.signal_efficiency, self.background_efficiency))

    def thinned(self, points: int = 1000) -> Roc:
        """Fewer steps, for a picture: dense in ε_s, in ε_b and in log ε_b.

        Parameters
        ----------
        points : int
            About how many steps to keep; a shorter curve stays whole.

        Returns
        -------
        Roc
            A subset of the steps, ends included.

        Raises
        ------
        ValueError
            If fewer than 6 points are asked for.

        Examples
        --------
        >>> curve = roc(np.arange(10000), np.arange(10000) % 3 > 0)
        >>> curve.threshold.size, curve.thinned(300).threshold.size <= 302
        (10001, True)
        """
        if points < 6:
            raise ValueError(f"points: must be 6 or more, got {points}. Ask for 1000.")
        size = self.threshold.size
        if size <= points:
            return self
        grid = np.linspace(0.0, 1.0, points // 3)
        below = np.maximum.accumulate(self.background_efficiency)
        above = np.maximum.accumulate(self.signal_efficiency)
        first = below[np.searchsorted(below, 0.0, side="right")]
        places = (
            np.searchsorted(above, grid),
            np.searchsorted(below, grid),
            np.searchsorted(below, np.geomspace(first, 1.0, points // 3)),
            np.array([0, size - 1]),
        )
        keep = np.unique(np.minimum(np.concatenate(places), size - 1))
        return Roc(
            self.threshold[keep], self.signal_efficiency[keep], self.background_efficiency[keep]
        )


def roc(score: npt.ArrayLike, is_signal: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Roc:
    r"""Every step of the receiver operating characteristic.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights; ones if not given.

    Returns
    -------
    Roc
        One step a distinct score, and the one where nothing passes.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a class is absent.

    Examples
    --------
    >>> roc([0.2, 0.6, 0.7], [False, True, False], weight=[1.0, 1.0, 3.0]).background_efficiency
    array([0.  , 0.75, 0.75, 1.  ])
    """
    column, mask, weights = checked_binary(score, is_signal, weight)
    order = np.argsort(column, kind="stable")[::-1]
    ranked = column[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    signal = np.cumsum(np.where(mask, weights, 0.0)[order])[last]
    background = np.cumsum(np.where(mask, 0.0, weights)[order])[last]
    return Roc(
        np.concatenate(([np.inf], ranked[last])),
        np.concatenate(([0.0], signal / signal[-1])),
        np.concatenate(([0.0], background / background[-1])),
    )


def auc(
    score: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> Interval:
    r"""Area under the ROC curve: the chance that signal scores above background, ties half.

    The interval is DeLong's, with contributions weighted event by event, so that weights that
    depend on the score are right too. With a negative weight it is a seeded bootstrap.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap.

    Returns
    -------
    Interval
        The AUC.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a class is absent.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> labels = rng.random(2000) < 0.5
    >>> print(auc(rng.normal(size=2000) + labels, labels))
    0.768 +0.010 −0.011
    """
    column, mask, weights = checked_binary(score, is_signal, weight)
    if weights.min() < 0.0:
        return _bootstrap_auc(column, mask, weights, level, replicas, seed)
    area, contribution = influence(column, mask, weights)
    variance = class_variance(contribution**2, mask, weights)
    count = min(effective_count(weights[mask]), effective_count(weights[~mask]))
    return auc_interval(area, variance, count, level)


def _bootstrap_auc(
    score: Array, is_signal: Booleans, weight: Array, level: float, replicas: int, seed: int
) -> Interval:
    area = ranked_auc(score, is_signal)
    return bootstrap_interval(area(weight), bootstrap(area, weight, replicas, seed), level)
