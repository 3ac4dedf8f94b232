"""Working points: a cut chosen on validation, its efficiencies measured on test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import checked_binary
from hepvision.evaluation.roc import roc
from hepvision.physics.intervals import LEVEL, Interval, effective_count, weighted_efficiency

__all__ = ["FEW", "WorkingPoint", "choose_threshold", "rejection", "working_point"]

FEW = 10
"""Fewer remaining background events than this bring a warning."""


@dataclass(frozen=True)
class WorkingPoint:
    """What the cut ``score >= threshold`` keeps.

    Parameters
    ----------
    threshold : float
        The cut.
    signal_efficiency, background_efficiency : Interval
        Weighted ε_s and ε_b of this very cut: how well it meets the ε_b or ε_s that it was chosen
        for is in the other one's interval.
    background_rejection : Interval
        1/ε_b; without remaining background only its lower limit.
    remaining : int
        Background events that pass.
    remaining_effective : float
        Their effective count; equal to ``remaining`` without weights.
    least : int
        Fewer remaining background events than this bring a warning.

    Examples
    --------
    >>> point = working_point(0.5, [0.1, 0.6, 0.7, 0.9], [0, 0, 1, 1])
    >>> point.remaining, point.warning
    (1, '1 background event remains: fewer than 10, take the rejection as an order of magnitude')
    """

    threshold: float
    signal_efficiency: Interval
    background_efficiency: Interval
    background_rejection: Interval
    remaining: int
    remaining_effective: float
    least: int = FEW

    @property
    def few(self) -> bool:
        """Whether fewer (effective) background events remain than there should be."""
        return self.remaining_effective < self.least

    @property
    def warning(self) -> str:
        """What to beware of; empty if there is nothing."""
        if not self.few:
            return ""
        if self.remaining == 0:
            return "no background event remains: the rejection is a lower limit"
        noun = "event remains" if self.remaining == 1 else "events remain"
        text = f"{self.remaining} background {noun}"
        if self.remaining >= self.least:
            text += f" with an effective count of {self.remaining_effective:.1f}"
        return f"{text}: fewer than {self.least}, take the rejection as an order of magnitude"

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the intervals stay :class:`Interval`.

        Returns
        -------
        dict
            The fields, and ``warning``.

        Examples
        --------
        >>> working_point(0.5, [0.1, 0.9], [0, 1]).to_dict()["remaining"]
        0
        """
        return {
            "threshold": self.threshold,
            "signal_efficiency": self.signal_efficiency,
            "background_efficiency": self.background_efficiency,
            "background_rejection": self.background_rejection,
            "remaining": self.remaining,
            "remaining_effective": self.remaining_effective,
            "warning": self.warning,
        }


def choose_threshold(
    score: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    signal_efficiency: float | None = None,
    background_efficiency: float | None = None,
) -> float:
    """Cut for a fixed ε_s or a fixed ε_b, on the validation sample.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    signal_efficiency : float, optional
        The tightest cut that keeps at least this share of the signal.
    background_efficiency : float, optional
        The loosest cut that keeps at most this share of the background.

    Returns
    -------
    float
        The cut: ``score >= threshold`` passes. Just above the largest score where even the
        tightest step keeps too much background.

    Raises
    ------
    ValueError
        If not exactly one efficiency in (0, 1] is given, or the arrays are not fit.

    Examples
    --------
    >>> choose_threshold([0.1, 0.3, 0.6, 0.7], [0, 1, 0, 1], signal_efficiency=0.5)
    0.7
    >>> choose_threshold([0.1, 0.3, 0.6, 0.7], [0, 1, 0, 1], background_efficiency=0.5)
    0.3
    """
    given = [e for e in (signal_efficiency, background_efficiency) if e is not None]
    if len(given) != 1 or not 0.0 < given[0] <= 1.0:
        raise ValueError(
            f"working point: needs one efficiency in (0, 1], got {given}. "
            "Fix either the signal's or the background's."
        )
    curve = roc(score, is_signal, weight)
    # a sum of weights may miss the target by rounding alone
    slack = 1e-12
    if signal_efficiency is not None:
        step = int(np.argmax(curve.signal_efficiency >= signal_efficiency - slack))
    else:
        over = curve.background_efficiency > given[0] + slack
        step = int(np.argmax(over)) - 1 if over.any() else over.size - 1
    if step == 0:
        return float(np.nextafter(curve.threshold[1], np.inf))
    return float(curve.threshold[step])


def rejection(background_efficiency: Interval) -> Interval:
    """Background rejection 1/ε_b; an open side where ε_b may be 0.

    Parameters
    ----------
    background_efficiency : Interval
        ε_b.

    Returns
    -------
    Interval
        1/ε_b; only a lower limit if nothing remains.

    Examples
    --------
    >>> print(rejection(Interval(0.0, 0.0, 0.002)))
    > 500
    >>> print(rejection(Interval(0.010, 0.008, 0.0125)))
    100 +25 −20
    """

    def inverse(number: float | None) -> float | None:
        return None if number is None or number <= 0.0 else 1.0 / number

    eps = background_efficiency
    return Interval(inverse(eps.value), inverse(eps.high), inverse(eps.low))


def working_point(
    threshold: float,
    score: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
    least: int = FEW,
) -> WorkingPoint:
    """Efficiencies of a cut on the test sample.

    Parameters
    ----------
    threshold : float
        The cut, from :func:`choose_threshold` on validation.
    score : array, shape (B,)
        Larger is more like signal.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level of the Clopper–Pearson intervals; half of the rest lies beyond each end,
        also beyond the limit when no background remains.
    replicas, seed : int
        Of the bootstrap that negative weights ask for.
    least : int
        Fewer remaining background events than this bring a warning.

    Returns
    -------
    WorkingPoint
        ε_s, ε_b and 1/ε_b with intervals.

    Raises
    ------
    ValueError
        If the threshold is not finite, or the arrays are not fit.

    References
    ----------
    C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> labels = rng.random(4000) < 0.5
    >>> point = working_point(1.0, rng.normal(size=4000) + 2 * labels, labels)
    >>> print(point.signal_efficiency, "|", point.background_rejection)
    0.849 +0.008 −0.008 | 6.0 +0.3 −0.3
    """
    if not math.isfinite(threshold):
        raise ValueError(f"threshold: must be finite, got {threshold}. Choose it on validation.")
    column, mask, weights = checked_binary(score, is_signal, weight)
    passed = column >= threshold

    def efficiency(chosen: npt.NDArray[np.bool_]) -> Interval:
        own = None if weight is None else weights[chosen]
        return weighted_efficiency(passed[chosen], own, level, replicas=replicas, seed=seed)

    kept = passed & ~mask
    background = efficiency(~mask)
    return WorkingPoint(
        threshold=float(threshold),
        signal_efficiency=efficiency(mask),
        background_efficiency=background,
        background_rejection=rejection(background),
        remaining=int(kept.sum()),
        remaining_effective=effective_count(weights[kept]),
        least=least,
    )
