"""A measure of several trainings on one test sample: one value, all that makes it uncertain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.core.seeds import generator
from hepvision.evaluation._samples import Array, checked_binary, checked_column, checked_weight
from hepvision.evaluation.delong import auc_interval, influence
from hepvision.evaluation.working_point import choose_threshold, rejection
from hepvision.physics.intervals import (
    LEVEL,
    Interval,
    clopper_pearson,
    effective_count,
    normal_quantile,
)

__all__ = [
    "Measured",
    "accuracy_over_seeds",
    "auc_over_seeds",
    "rejection_over_seeds",
    "resampled",
]


@dataclass(frozen=True, eq=False)
class Measured:
    r"""A measure, averaged over trainings with different seeds, and its sources of error.

    Parameters
    ----------
    scale : "share" or "logarithm"
        Whether values are shares, such as an AUC, or ln ε_b.
    values : array, shape (S,)
        One a seed.
    contribution : array, shape (B,)
        Of each test event to the error of the mean: sums of squares are variances, products with
        another tagger's covariances.
    replicas : array, shape (R,)
        Departure of the mean in each resampling of the validation events that chose the cut; no
        entry where nothing was chosen.
    count : float
        Effective count of the test events that it rests on.

    Examples
    --------
    >>> one = Measured("share", np.array([0.9, 0.92]), np.array([0.003, -0.004]), np.empty(0), 500)
    >>> print(one.interval())
    0.910 +0.017 −0.021
    >>> {name: round(error, 3) for name, error in one.errors().items()}
    {'test': 0.005, 'validation': 0.0, 'seeds': 0.018}
    """

    scale: Literal["share", "logarithm"]
    values: Array
    contribution: Array
    replicas: Array
    count: float

    @property
    def value(self) -> float:
        """Mean over seeds, on the scale of the values; −∞ for ln ε_b where nothing passes."""
        return float(self.values.mean())

    def variances(self) -> dict[str, float]:
        """Variance of the mean from finite test events, finite validation events, and seeds.

        Returns
        -------
        dict
            ``test``, ``validation``, ``seeds``; the last is 0 with one seed, where nothing is
            known of it.
        """
        seeds = self.values.size
        known = seeds > 1 and math.isfinite(self.value)
        spread = float(self.values.var(ddof=1)) / seeds if known else 0.0
        return {
            "test": float(np.dot(self.contribution, self.contribution)),
            "validation": float(self.replicas.var()) if self.replicas.size else 0.0,
            "seeds": spread,
        }

    def errors(self, level: float = LEVEL) -> dict[str, float]:
        """Half-widths of each source; that of few seeds by Student's distribution.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        dict
            ``test``, ``validation``, ``seeds``, on the scale of the values.
        """
        found = {key: math.sqrt(one) for key, one in self.variances().items()}
        z, seeds = normal_quantile(level), self.values.size
        student = float(special.stdtrit(seeds - 1, 0.5 + 0.5 * level)) if seeds > 1 else 0.0
        return {key: (student if key == "seeds" else z) * one for key, one in found.items()}

    def interval(self, level: float = LEVEL) -> Interval:
        """The mean with all sources in quadrature.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        Interval
            Of the share, or of 1/ε_b: then the test events enter by Clopper and Pearson.

        References
        ----------
        Student, Biometrika 6 (1908) 1. C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.
        """
        half = self.errors(level)
        if self.scale == "share":
            total = sum(one**2 for one in half.values()) / normal_quantile(level) ** 2
            return auc_interval(self.value, total, self.count, level)
        if not math.isfinite(self.value):
            _, limit = clopper_pearson(0.0, self.count, level)
            return rejection(Interval(0.0, 0.0, float(limit)))
        share = min(math.exp(self.value), 1.0)
        variance = self.variances()["test"] * share**2
        count = share * (1.0 - share) / variance if variance > 0.0 else self.count
        low, high = (float(end) for end in clopper_pearson(share * count, count, level))
        others = math.hypot(half["validation"], half["seeds"])
        down = math.hypot(math.log(share / low), others) if low > 0.0 else math.inf
        up = math.hypot(math.log(high / share), others) if high > share else others
        return rejection(Interval(share, share * math.exp(-down), share * math.exp(up)))


def _table(scores: npt.ArrayLike) -> Array:
    table = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if table.ndim != 2 or not table.shape[0]:
        raise ValueError(
            f"scores: must have shape (S, B), got {table.shape}. Give one row a training."
        )
    return table


def auc_over_seeds(
    scores: npt.ArrayLike, is_signal: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Measured:
    """AUC of several trainings of one tagger on the same test events.

    Parameters
    ----------
    scores : array, shape (S, B)
        One row a training; larger is more like signal.
    is_signal : array, shape (B,)
        True for signal.
    weight : array, shape (B,), optional
        Event weights; ones if not given.

    Returns
    -------
    Measured
        With DeLong's contributions, averaged over the seeds event by event, so that what all
        seeds have in common is not taken for an independent measurement.

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
    >>> print(auc_over_seeds(rng.normal(size=(3, 2000)) + labels, labels).interval())
    0.760 +0.009 −0.009
    """
    areas, parts = [], []
    for row in _table(scores):
        column, mask, weights = checked_binary(row, is_signal, weight)
        area, part = influence(column, mask, weights)
        areas.append(area)
        parts.append(part)
    counts = [effective_count(weights[chosen]) for chosen in (mask, ~mask)]
    correction = [math.sqrt(n / (n - 1.0)) if n > 1.0 + 1e-9 else 1.0 for n in counts]
    contribution = np.mean(parts, axis=0) * np.where(mask, *correction)
    return Measured("share", np.array(areas), contribution, np.empty(0), min(counts))


def accuracy_over_seeds(right: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Measured:
    """Share of events that go to their true class, in several trainings.

    Parameters
    ----------
    right : array of bool, shape (S, B)
        Whether each event does, one row a training.
    weight : array, shape (B,), optional
        Event weights; ones if not given.

    Returns
    -------
    Measured
        The accuracy.

    Raises
    ------
    ValueError
        If shapes disagree or weights do not sum to more than 0.

    Examples
    --------
    >>> print(accuracy_over_seeds([[True] * 80 + [False] * 20]).interval())
    0.80 +0.04 −0.04
    """
    table = _table(right)
    weights = checked_weight(weight, table.shape[1]) / checked_weight(weight, table.shape[1]).sum()
    values = table @ weights
    contribution = weights * (table.mean(axis=0) - values.mean())
    return Measured("share", values, contribution, np.empty(0), effective_count(weights))


def resampled(events: int, replicas: int = 200, seed: int = 0) -> npt.NDArray[np.int8]:
    """How often each event is drawn in each resampling; the same for all taggers.

    Parameters
    ----------
    events : int
        How many there are.
    replicas : int
        How many resamplings; fewer, 20 at least, where they would not fit into 20 million.
    seed : int
        Same seed, same draws.

    Returns
    -------
    array of int8, shape (R, events)
        Poisson(1).

    References
    ----------
    B. Efron, Ann. Statist. 7 (1979) 1.

    Examples
    --------
    >>> resampled(1000, 50).shape
    (50, 1000)
    """
    fitting = max(20, min(replicas, 20_000_000 // max(events, 1)))
    return generator(seed, "bootstrap").poisson(1.0, (fitting, events)).astype(np.int8)


def rejection_over_seeds(
    scores: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    chosen_on: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None],
    signal_efficiency: float,
    draws: npt.NDArray[np.int8] | None = None,
) -> Measured:
    """ε_b of several trainings, each cut at a signal efficiency chosen on validation events.

    Parameters
    ----------
    scores : array, shape (S, B)
        Of the test events, one row a training.
    is_signal : array, shape (B,)
        True for signal.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    chosen_on : tuple (scores (S, V), is_signal (V,), weight (V,) or None)
        The validation events.
    signal_efficiency : float
        ε_s at which the cut lies.
    draws : array of int, shape (R, V), optional
        Of :func:`resampled`, for the error of the cut; none if not given.

    Returns
    -------
    Measured
        ln of the mean ε_b; values are ln ε̄ + (ε_b − ε̄)/ε̄, seed by seed.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a class is absent.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> labels = rng.random(4000) < 0.5
    >>> test, other = (rng.normal(size=(2, 4000)) + 2 * labels for _ in range(2))
    >>> made = rejection_over_seeds(test, labels, None, (other, labels, None), 0.5)
    >>> print(made.interval())
    45 +6 −5
    """
    table, before = _table(scores), _table(chosen_on[0])
    if len(table) != len(before):
        raise ValueError(
            f"scores: test and validation must have as many trainings, got {len(table)} and "
            f"{len(before)}. Give the same seeds."
        )
    shares, passes, moved = [], [], []
    for row, other in zip(table, before, strict=True):
        column, mask, weights = checked_binary(row, is_signal, weight)
        cut = choose_threshold(
            other, chosen_on[1], chosen_on[2], signal_efficiency=signal_efficiency
        )
        background = np.where(mask, 0.0, weights) / weights[~mask].sum()
        passes.append(column >= cut)
        shares.append(float(background[passes[-1]].sum()))
        if draws is not None:
            cuts = _cuts(other, chosen_on[1], chosen_on[2], signal_efficiency, draws)
            moved.append(_passing(column, background, cuts))
    count = effective_count(weights[~mask])
    mean = float(np.mean(shares))
    if mean <= 0.0:
        empty = np.full(len(table), -math.inf)
        return Measured("logarithm", empty, np.zeros(mask.size), np.empty(0), count)
    contribution = background * (np.mean(passes, axis=0) - mean) / mean
    replicas = np.mean(moved, axis=0) / mean - 1.0 if moved else np.empty(0)
    values = math.log(mean) + np.array(shares) / mean - 1.0
    return Measured("logarithm", values, contribution, replicas, count)


def _cuts(
    score: Array,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    efficiency: float,
    draws: npt.NDArray[np.int8],
) -> Array:
    """The cut in each resampling of the validation events, shape (R,)."""
    signal = np.flatnonzero(np.asarray(is_signal, bool))
    column = checked_column("score", score)[signal]
    weights = checked_weight(weight, len(score))[signal]
    order = np.argsort(-column, kind="stable")
    column, weights, places = column[order], weights[order], signal[order]
    found = np.empty(len(draws))
    for k, drawn in enumerate(draws):
        upto = np.cumsum(weights * drawn[places])
        found[k] = column[min(np.searchsorted(upto, efficiency * upto[-1]), column.size - 1)]
    return found


def _passing(score: Array, share: Array, cuts: Array) -> Array:
    """Share that passes each cut, shape (R,)."""
    order = np.argsort(-score, kind="stable")
    upto = np.concatenate([[0.0], np.cumsum(share[order])])
    return np.asarray(upto[np.searchsorted(-score[order], -cuts, side="right")])
