"""Signal against background as a yes or no, in a mix of one half each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.evaluation._samples import Array, checked_weight
from hepvision.physics.intervals import LEVEL, Interval, normal_quantile

__all__ = ["EvenMix", "even_mix", "even_mix_difference"]


@dataclass(frozen=True)
class EvenMix:
    """Two classifiers that say yes or no on the same events.

    Parameters
    ----------
    first, second : Interval
        Share of right answers of each in the mix.
    difference : Interval
        First minus second.
    p_value : float
        Two-sided probability of a difference this large between equal classifiers.

    Examples
    --------
    >>> half = Interval(0.5, 0.4, 0.6)
    >>> EvenMix(half, half, Interval(0.0, -0.1, 0.1), 1.0).p_value
    1.0
    """

    first: Interval
    second: Interval
    difference: Interval
    p_value: float


def even_mix(
    said_signal: npt.ArrayLike,
    target: npt.ArrayLike,
    signal: int = 0,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> Interval:
    r"""Share of right answers where half of the events are signal.

    .. math:: \tfrac12\,(\epsilon_s + 1 - \epsilon_b)

    with :math:`\epsilon_b` as the mean over the backgrounds, each alike, whatever their sizes: the
    "signal versus background discrimination efficiency with 50/50 splits" of the reference.

    Parameters
    ----------
    said_signal : array of bool, shape (B,)
        Whether an event was taken for signal.
    target : array of int, shape (B,)
        Class of each event.
    signal : int
        The class that is signal; all others are backgrounds.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.

    Returns
    -------
    Interval
        From the normal approximation of each class's share, with weights
        :math:`\sum w^2 / (\sum w)^2` in place of one over the number.

    Raises
    ------
    ValueError
        Shapes disagree, or there is no signal or no background.

    References
    ----------
    C. Fernández Madrazo et al., EPJ Web Conf. 214 (2019) 06017, arXiv:1708.07034.

    Examples
    --------
    >>> print(even_mix([1, 1, 1, 0] * 100 + [0, 0, 0, 0, 1] * 100, [0] * 400 + [1] * 500))
    0.775 +0.014 −0.014
    """
    right, numbers, weights = _checked(said_signal, target, signal, weight)
    return _interval(*_mean(right.astype(float), numbers, signal, weights), level)


def even_mix_difference(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    target: npt.ArrayLike,
    signal: int = 0,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> EvenMix:
    """Which of two classifiers is more often right, on the same events.

    Only events on which they disagree count, as in McNemar's test.

    Parameters
    ----------
    first, second : array, shape (B,)
        Whether an event was taken for signal, or with several seeds the share of them that did.
    target : array of int, shape (B,)
        Class of each event.
    signal : int
        The class that is signal.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.

    Returns
    -------
    EvenMix
        Both, their difference and its p-value.

    Raises
    ------
    ValueError
        As :func:`even_mix`.

    Examples
    --------
    >>> target = np.arange(1000) % 2
    >>> always, never = np.ones(1000), np.zeros(1000)
    >>> even_mix_difference(always, never, target).difference.value
    0.0
    """
    one, numbers, weights = _checked(first, target, signal, weight)
    other, _, _ = _checked(second, target, signal, weight)
    value, error = _mean(one - other, numbers, signal, weights)
    spread = abs(value) / error if error > 0 else (0.0 if value == 0 else np.inf)
    return EvenMix(
        _interval(*_mean(one, numbers, signal, weights), level),
        _interval(*_mean(other, numbers, signal, weights), level),
        _interval(value, error, level, bounded=False),
        float(2.0 * special.ndtr(-spread)),
    )


def _checked(said: Any, target: Any, signal: int, weight: Any) -> tuple[Array, Any, Array]:
    """Whether each answer is right, 0 to 1; classes; weights."""
    answer, numbers = np.asarray(said, np.float64), np.asarray(target)
    if answer.shape != numbers.shape or answer.ndim != 1:
        raise ValueError(
            f"said_signal: must have the target's shape {numbers.shape}, got {answer.shape}. "
            "Give one answer an event."
        )
    is_signal = numbers == signal
    if is_signal.all() or not is_signal.any():
        raise ValueError(
            f"target: must hold signal and background, got {int(is_signal.sum())} signal of "
            f"{numbers.size} events. Give both."
        )
    return np.where(is_signal, answer, 1.0 - answer), numbers, checked_weight(weight, numbers.size)


def _mean(values: Array, numbers: Any, signal: int, weights: Array) -> tuple[float, float]:
    """Mean of signal and of the backgrounds' means, half each, and its error."""
    classes = np.unique(numbers)
    total, variance = 0.0, 0.0
    for one in classes:
        share = 0.5 if one == signal else 0.5 / (len(classes) - 1)
        mine = numbers == one
        w, x = weights[mine], values[mine]
        mean = float(np.sum(w * x) / np.sum(w))
        total += share * mean
        variance += share**2 * float(np.sum((w * (x - mean)) ** 2) / np.sum(w) ** 2)
    return total, float(np.sqrt(variance))


def _interval(value: float, error: float, level: float, bounded: bool = True) -> Interval:
    reach = normal_quantile(level) * error
    low, high = value - reach, value + reach
    return Interval(value, max(low, 0.0), min(high, 1.0)) if bounded else Interval(value, low, high)
