"""Are the probabilities right? Log loss and reliability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import Array, checked_binary, checked_column, checked_weight
from hepvision.physics.intervals import (
    LEVEL,
    Interval,
    bootstrap,
    bootstrap_interval,
    effective_count,
    normal_quantile,
    weighted_efficiency,
)

__all__ = ["Reliability", "log_loss", "reliability", "weighted_mean"]


@dataclass(frozen=True)
class Reliability:
    """Predicted probability against observed share of signal.

    Parameters
    ----------
    edges : tuple of float, length bins + 1
        Bins of the predicted probability.
    predicted : tuple of float or None, length bins
        Mean prediction in each bin; None where the bin is empty.
    observed : tuple of Interval or None, length bins
        Weighted share of signal in each bin.
    weight : tuple of float, length bins
        Summed weights.
    error : float
        Expected calibration error: mean absolute distance of the two, weighted.

    Examples
    --------
    >>> table = reliability([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 1], bins=2)
    >>> round(table.error, 3), table.weight
    (0.1, (2.0, 2.0))
    """

    edges: tuple[float, ...]
    predicted: tuple[float | None, ...]
    observed: tuple[Interval | None, ...]
    weight: tuple[float, ...]
    error: float

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the intervals stay :class:`Interval`.

        Returns
        -------
        dict
            ``error`` and ``bins``, a list of dicts without the empty ones.

        Examples
        --------
        >>> len(reliability([0.1, 0.9], [0, 1]).to_dict()["bins"])
        2
        """
        bins = [
            {
                "from": self.edges[number],
                "to": self.edges[number + 1],
                "predicted": self.predicted[number],
                "observed": share,
                "weight": self.weight[number],
            }
            for number, share in enumerate(self.observed)
            if share is not None
        ]
        return {"error": self.error, "bins": bins}


def weighted_mean(
    values: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> Interval:
    r"""Weighted mean with the error :math:`\sqrt{\sum w^2 (x-\bar x)^2} / \sum w`.

    Parameters
    ----------
    values : array, shape (B,)
        The numbers.
    weight : array, shape (B,), optional
        Event weights; ones if not given. With a negative one a bootstrap gives the interval.
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap.

    Returns
    -------
    Interval
        The mean; with a single (effective) event its interval has no width.

    Raises
    ------
    ValueError
        If shapes disagree or a number is not finite.

    Examples
    --------
    >>> print(weighted_mean([1.0, 2.0, 3.0, 4.0]))
    2.5 +0.6 −0.6
    """
    column = checked_column("values", values)
    weights = checked_weight(weight, column.size)
    total = float(weights.sum())
    mean = float(np.dot(weights, column)) / total
    if weights.min() < 0.0:

        def again(drawn: Array) -> float:
            norm = float(drawn.sum())
            return float(np.dot(drawn, column)) / norm if norm > 0.0 else math.nan

        return bootstrap_interval(mean, bootstrap(again, weights, replicas, seed), level)
    count = effective_count(weights)
    correction = count / (count - 1.0) if count > 1.0 + 1e-9 else 1.0
    spread = float(np.dot(weights**2, (column - mean) ** 2))
    half = normal_quantile(level) * math.sqrt(correction * spread) / total
    return Interval(mean, mean - half, mean + half)


def log_loss(
    probabilities: npt.ArrayLike,
    target: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> Interval:
    r"""Cross-entropy: weighted mean of :math:`-\ln p_\mathrm{true}`.

    Parameters
    ----------
    probabilities : array, shape (B, K)
        Class probabilities; clipped at the machine precision of their type.
    target : array of int, shape (B,)
        True class numbers.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap that negative weights ask for.

    Returns
    -------
    Interval
        The log loss, in natural units of information.

    Raises
    ------
    ValueError
        If shapes disagree, a probability is not finite, or a class number is out of range.

    Examples
    --------
    >>> round(log_loss([[0.5, 0.5], [0.25, 0.75]], [0, 1]).value, 4)
    0.4904
    """
    table = np.asarray(probabilities)
    numbers = np.asarray(target)
    if table.ndim != 2 or numbers.shape != table.shape[:1]:
        raise ValueError(
            f"log_loss: needs probabilities (B, K) and target (B,), got {table.shape} and "
            f"{numbers.shape}. Give one row an event."
        )
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < table.shape[1]):
        raise ValueError(
            f"log_loss: target must lie in 0 to {table.shape[1] - 1}, got {numbers.min()} to "
            f"{numbers.max()}. Check the classes."
        )
    kind = table.dtype if np.issubdtype(table.dtype, np.floating) else np.dtype(np.float64)
    tiny = float(np.finfo(kind).eps)
    true = np.take_along_axis(table, numbers[:, None].astype(np.int64), axis=1)[:, 0]
    chance = np.clip(checked_column("probabilities", true), tiny, 1.0 - tiny)
    return weighted_mean(-np.log(chance), weight, level, replicas=replicas, seed=seed)


def reliability(
    probability: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    bins: int = 10,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> Reliability:
    """Observed share of signal in equal bins of the predicted probability.

    Parameters
    ----------
    probability : array, shape (B,)
        Predicted probability of signal.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    bins : int
        How many equal bins of [0, 1].
    level : float
        Confidence level of the Clopper–Pearson intervals.
    replicas, seed : int
        Of the bootstrap that negative weights ask for.

    Returns
    -------
    Reliability
        Bins without events, or whose weights sum to less than their own error, hold None.

    Raises
    ------
    ValueError
        If a probability lies outside [0, 1], or the arrays are not fit.

    References
    ----------
    A. Niculescu-Mizil, R. Caruana, ICML (2005) 625.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> chance = rng.random(5000)
    >>> reliability(chance, rng.random(5000) < chance).error < 0.03
    True
    """
    column, mask, weights = checked_binary(probability, is_signal, weight)
    if column.min() < 0.0 or column.max() > 1.0:
        raise ValueError(
            f"probability: must lie in [0, 1], got {column.min():g} to {column.max():g}. "
            "Turn logits into probabilities first."
        )
    if bins < 1:
        raise ValueError(f"bins: must be 1 or more, got {bins}. Ask for 10.")
    place = np.minimum((column * bins).astype(np.int64), bins - 1)
    means: list[float | None] = []
    shares: list[Interval | None] = []
    sums = np.bincount(place, weights, minlength=bins)
    squares = np.bincount(place, weights**2, minlength=bins)
    distance = 0.0
    for number in range(bins):
        chosen = place == number
        # negative weights: a sum below its own error says nothing; never so with positive ones
        if sums[number] <= 0.0 or sums[number] ** 2 < (1.0 - 1e-9) * squares[number]:
            means.append(None)
            shares.append(None)
            continue
        own = weights[chosen]
        mean = float(np.dot(own, column[chosen]) / sums[number])
        share = weighted_efficiency(
            mask[chosen], None if weight is None else own, level, replicas=replicas, seed=seed
        )
        means.append(mean)
        shares.append(share)
        distance += float(sums[number]) * abs(mean - (share.value or 0.0))
    edges = tuple(float(edge) for edge in np.linspace(0.0, 1.0, bins + 1))
    return Reliability(
        edges, tuple(means), tuple(shares), tuple(sums.tolist()), distance / float(sums.sum())
    )
