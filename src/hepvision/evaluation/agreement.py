"""Whether two taggers pick the same events: overlap of what passes, correlation of scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import Array, Booleans, checked_binary, checked_weight
from hepvision.evaluation.correlation import pearson
from hepvision.evaluation.working_point import choose_threshold
from hepvision.physics.intervals import LEVEL, Interval, weighted_efficiency

__all__ = ["chance_overlap", "midranks", "overlap", "passing", "rank_correlation"]


def passing(
    score: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    signal_efficiency: float = 0.5,
) -> Booleans:
    """Which events a tagger keeps at a signal efficiency of these very events.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    is_signal : array, shape (B,)
        True for signal.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    signal_efficiency : float
        ε_s.

    Returns
    -------
    array of bool, shape (B,)
        True where it passes.

    Examples
    --------
    >>> passing([0.1, 0.9, 0.6, 0.5], [0, 1, 1, 0]).tolist()
    [False, True, False, False]
    """
    cut = choose_threshold(score, is_signal, weight, signal_efficiency=signal_efficiency)
    return np.asarray(np.asarray(score, dtype=np.float64) >= cut)


def overlap(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> Interval:
    """Of the events that pass either of two taggers, the share that passes both.

    Parameters
    ----------
    first, second : array of bool, shape (B,)
        Which of the same events pass.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.

    Returns
    -------
    Interval
        1 if both keep the same events; without a value where neither keeps any.

    Raises
    ------
    ValueError
        If shapes disagree.

    References
    ----------
    P. Jaccard, Bull. Soc. Vaud. Sci. Nat. 37 (1901) 547.

    Examples
    --------
    >>> print(overlap([True] * 60 + [False] * 40, [False] * 20 + [True] * 60 + [False] * 20))
    0.50 +0.06 −0.06
    """
    one, other = np.asarray(first, bool), np.asarray(second, bool)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(
            f"overlap: both must have one shape (B,), got {one.shape} and {other.shape}. "
            "Use the same events."
        )
    either = one | other
    if not either.any():
        return Interval(None, 0.0, 1.0)
    own = None if weight is None else checked_weight(weight, one.size)[either]
    return weighted_efficiency((one & other)[either], own, level)


def chance_overlap(first: float, second: float) -> float:
    """Overlap of two taggers that know nothing of each other.

    Parameters
    ----------
    first, second : float
        Shares of the events that pass.

    Returns
    -------
    float
        Both over either.

    Examples
    --------
    >>> round(chance_overlap(0.5, 0.5), 3)
    0.333
    """
    either = first + second - first * second
    return first * second / either if either > 0.0 else 0.0


def midranks(score: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Array:
    """Rank of each event as the share of weight below it, ties at their middle.

    Parameters
    ----------
    score : array, shape (B,)
        Any scale.
    weight : array, shape (B,), optional
        Event weights; ones if not given.

    Returns
    -------
    array, shape (B,)
        From 0 to 1.

    Examples
    --------
    >>> midranks([3.0, 1.0, 3.0, 9.0]).tolist()
    [0.5, 0.125, 0.5, 0.875]
    """
    column = np.asarray(score, dtype=np.float64)
    weights = checked_weight(weight, column.size)
    _, group = np.unique(column, return_inverse=True)
    filled = np.bincount(group, weights)
    below = np.cumsum(filled) - 0.5 * filled
    return np.asarray(below[group] / weights.sum())


def rank_correlation(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Correlation of the ranks that two taggers give, within each class.

    Parameters
    ----------
    first, second : array, shape (B,)
        Scores of the same events.
    is_signal : array, shape (B,)
        True for signal.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.

    Returns
    -------
    dict
        ``signal`` and ``background``; 0 where a tagger gives all the same score.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a class is absent.

    References
    ----------
    C. Spearman, Am. J. Psychol. 15 (1904) 72.

    Examples
    --------
    >>> score, labels = np.arange(100) / 100, np.arange(100) % 2 == 0
    >>> print(rank_correlation(score, score**3, labels)["signal"])
    1.000 +0.000 −0.000
    """
    one, mask, weights = checked_binary(first, is_signal, weight)
    other, _, _ = checked_binary(second, is_signal, weight)
    found = {}
    for name, rows in (("signal", mask), ("background", ~mask)):
        own = weights[rows]
        rank, beside = (midranks(score[rows], own) for score in (one, other))
        flat = np.ptp(rank) == 0.0 or np.ptp(beside) == 0.0
        found[name] = Interval(0.0, -1.0, 1.0) if flat else pearson(rank, beside, own, level)
    return found
