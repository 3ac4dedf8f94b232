"""All measures of a classifier with any number of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.evaluation._samples import Array, Booleans, Integers, checked_weight
from hepvision.evaluation.calibration import log_loss, reliability
from hepvision.evaluation.confusion import checked_classes, confusion
from hepvision.evaluation.roc import auc
from hepvision.evaluation.working_point import FEW, choose_threshold, working_point
from hepvision.physics.intervals import LEVEL, effective_count

__all__ = [
    "BACKGROUND_EFFICIENCIES",
    "SIGNAL_EFFICIENCIES",
    "Discriminant",
    "classification_metrics",
    "signal_versus",
]

BACKGROUND_EFFICIENCIES = (0.1, 0.01)
"""ε_b at which ε_s is reported."""

SIGNAL_EFFICIENCIES = (0.3, 0.5, 0.8)
"""ε_s at which 1/ε_b is reported."""


@dataclass(frozen=True, eq=False)
class Discriminant:
    """One number an event that separates the signal from one background or from all.

    Parameters
    ----------
    score : array, shape (M,)
        :math:`p_s / (p_s + p_b)`.
    is_signal : array of bool, shape (M,)
        True for signal.
    rows : array of int, shape (M,)
        Which of the B events these are.

    Examples
    --------
    >>> part = signal_versus([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], [0, 2], 0, against=2)
    >>> part.score.round(3).tolist(), part.is_signal.tolist()
    ([0.857, 0.25], [True, False])
    """

    score: Array
    is_signal: Booleans
    rows: Integers


def _checked_table(scores: npt.ArrayLike, logits: bool) -> Array:
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(
            f"scores: must have shape (B, K) with K >= 2, got {table.shape}. "
            "Give one column a class."
        )
    bad = table.size - int(np.count_nonzero(np.isfinite(table)))
    if bad:
        raise ValueError(
            f"scores: must be finite, got {bad} of {table.size} values NaN or infinite. "
            "Look at the network's outputs or the inputs."
        )
    if not logits and table.size:
        total = table.sum(axis=1)
        worst = float(total[np.argmax(np.abs(total - 1.0))])
        if table.min() < 0.0 or abs(worst - 1.0) > 1e-2:
            raise ValueError(
                f"probabilities: must be 0 or more and sum to 1 in each row, got a smallest of "
                f"{table.min():g} and a sum of {worst:g}. Apply softmax to logits first."
            )
    return table


def signal_versus(
    scores: npt.ArrayLike,
    target: npt.ArrayLike,
    signal_index: int,
    against: int | Literal["rest"] = "rest",
    *,
    logits: bool = False,
) -> Discriminant:
    r"""The best discriminant of the signal against one class or all others.

    .. math:: D = \frac{p_s}{p_s + \sum_b p_b}

    Parameters
    ----------
    scores : array, shape (B, K)
        Class probabilities, or logits if ``logits``.
    target : array of int, shape (B,)
        True class numbers.
    signal_index : int
        Class number of the signal.
    against : int or "rest"
        Class number of the background; events of third classes are left out.
    logits : bool
        Whether ``scores`` are logits.

    Returns
    -------
    Discriminant
        Scores, labels and row numbers; 0.5 where both probabilities are 0.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, rows do not sum to 1, or a class is unknown.

    References
    ----------
    J. Neyman, E. S. Pearson, Phil. Trans. R. Soc. A 231 (1933) 289.

    Examples
    --------
    >>> signal_versus([[2.0, 0.0], [0.0, 1.0]], [0, 1], 0, logits=True).score.round(3).tolist()
    [0.881, 0.269]
    """
    table = _checked_table(scores, logits)
    classes = table.shape[1]
    numbers = np.asarray(target)
    if numbers.shape != table.shape[:1]:
        raise ValueError(
            f"target: must have shape ({table.shape[0]},), got {numbers.shape}. "
            "Give one class number an event."
        )
    others = [k for k in range(classes) if k != signal_index] if against == "rest" else [against]
    if not 0 <= signal_index < classes or not all(0 <= k < classes for k in others):
        raise ValueError(
            f"signal_versus: classes must lie in 0 to {classes - 1}, got signal {signal_index} "
            f"against {against}. Check the class numbers."
        )
    if signal_index in others:
        raise ValueError(
            f"signal_versus: signal and background must differ, got {signal_index} for both. "
            "Choose another background."
        )
    rows = np.flatnonzero(np.isin(numbers, [signal_index, *others]))
    table = table[rows]
    if logits:
        score = special.expit(table[:, signal_index] - special.logsumexp(table[:, others], axis=1))
    else:
        both = table[:, signal_index] + table[:, others].sum(axis=1)
        score = np.full(rows.size, 0.5)
        np.divide(table[:, signal_index], both, out=score, where=both > 0.0)
    return Discriminant(score, np.asarray(numbers[rows] == signal_index), rows)


@dataclass(frozen=True, eq=False)
class _Sample:
    """Probabilities, classes and weights that have been checked."""

    probabilities: Array
    target: Integers
    weight: Array | None

    def versus(self, signal: int, against: int | Literal["rest"]) -> tuple[Array, Booleans, Any]:
        part = signal_versus(self.probabilities, self.target, signal, against)
        return part.score, part.is_signal, None if self.weight is None else self.weight[part.rows]


def _checked_sample(
    probabilities: npt.ArrayLike,
    target: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    names: tuple[str, ...],
) -> _Sample:
    table = _checked_table(probabilities, logits=False)
    if table.shape[1] != len(names):
        raise ValueError(
            f"probabilities: must have one column a class ({len(names)}), got {table.shape}. "
            "Check class_names."
        )
    numbers = checked_classes("target", target, names)
    if numbers.size != table.shape[0]:
        raise ValueError(
            f"target: must have shape ({table.shape[0]},), got {numbers.shape}. "
            "Give one class number an event."
        )
    weights = None if weight is None else checked_weight(weight, numbers.size)
    return _Sample(table, numbers, weights)


def classification_metrics(
    probabilities: npt.ArrayLike,
    target: npt.ArrayLike,
    class_names: Sequence[str],
    weight: npt.ArrayLike | None = None,
    signal: int | str = 0,
    *,
    validation: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None] | None = None,
    background_efficiencies: Sequence[float] = BACKGROUND_EFFICIENCIES,
    signal_efficiencies: Sequence[float] = SIGNAL_EFFICIENCIES,
    least_background: int = FEW,
    level: float = LEVEL,
    replicas: int = 200,
    seed: int = 0,
) -> dict[str, Any]:
    """Everything the field asks of a classifier, with intervals.

    Parameters
    ----------
    probabilities : array, shape (B, K)
        Class probabilities of the test sample; rows sum to 1.
    target : array of int, shape (B,)
        True class numbers.
    class_names : sequence of str
        The K classes.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    signal : int or str
        The signal, by number or name.
    validation : tuple (probabilities, target, weight), optional
        The sample on which cuts are chosen. Without it they are chosen on the test sample itself,
        and ``chosen_on`` says so.
    background_efficiencies, signal_efficiencies : sequence of float
        Where ε_s and 1/ε_b are reported.
    least_background : int
        Working points that leave fewer (effective) background events bring a warning.
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap that negative weights ask for.

    Returns
    -------
    dict
        For :class:`hepvision.evaluation.metrics.Metrics`: ``signal``, ``chosen_on``, ``events``
        (a class each), ``accuracy``, ``log_loss``, ``versus`` (``rest`` and, with three classes
        or more, each background; in each ``auc``, ``at_background_efficiency`` and
        ``at_signal_efficiency`` with a working point an efficiency), ``confusion``,
        ``calibration``, ``warnings``.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a class is absent or unknown.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> target = rng.integers(0, 2, 4000)
    >>> chance = special.expit(rng.normal(size=4000) + 2 * target - 1)
    >>> numbers = classification_metrics(
    ...     np.stack([1 - chance, chance], axis=1), target, ("jet", "photon"), signal="photon"
    ... )
    >>> print(numbers["versus"]["rest"]["auc"])
    0.916 +0.004 −0.004
    """
    names = tuple(class_names)
    test = _checked_sample(probabilities, target, weight, names)
    chosen = test if validation is None else _checked_sample(*validation, names)
    index = _class_number(signal, names)
    drawing = {"replicas": replicas, "seed": seed}
    leaving = {**drawing, "least": least_background}
    matrix = confusion(
        test.target, test.probabilities.argmax(axis=1), names, test.weight, level, **drawing
    )
    backgrounds: dict[str, int | Literal["rest"]] = {"rest": "rest"}
    if len(names) > 2:
        backgrounds |= {names[k]: k for k in range(len(names)) if k != index}
    fixed = (tuple(background_efficiencies), tuple(signal_efficiencies))
    versus = {
        name: _versus(
            test.versus(index, against), chosen.versus(index, against), fixed, level, leaving
        )
        for name, against in backgrounds.items()
    }
    of_signal = test.probabilities[:, index].clip(0.0, 1.0)
    table = reliability(of_signal, test.target == index, test.weight, 10, level, **drawing)
    return {
        "signal": names[index],
        "chosen_on": "test" if validation is None else "validation",
        "events": _events(test, names),
        "accuracy": matrix.accuracy,
        "log_loss": log_loss(probabilities, test.target, test.weight, level, **drawing),
        "versus": versus,
        "confusion": matrix.to_dict(),
        "calibration": table.to_dict(),
        "warnings": _warnings(versus),
    }


def _class_number(signal: int | str, names: tuple[str, ...]) -> int:
    if isinstance(signal, str) and signal in names:
        return names.index(signal)
    if isinstance(signal, int) and 0 <= signal < len(names):
        return signal
    raise ValueError(f"signal: must be one of {', '.join(names)}, got {signal!r}. Name a class.")


def _events(sample: _Sample, names: tuple[str, ...]) -> dict[str, dict[str, float | int]]:
    weights = checked_weight(sample.weight, sample.target.size)
    return {
        name: {
            "count": int((sample.target == k).sum()),
            "weight": float(weights[sample.target == k].sum()),
            "effective": effective_count(weights[sample.target == k]),
        }
        for k, name in enumerate(names)
    }


def _versus(
    test: tuple[Array, Booleans, Any],
    chosen: tuple[Array, Booleans, Any],
    fixed: tuple[tuple[float, ...], tuple[float, ...]],
    level: float,
    drawing: dict[str, int],
) -> dict[str, Any]:
    at_background = {
        f"{target:g}": choose_threshold(*chosen, background_efficiency=target)
        for target in fixed[0]
    }
    at_signal = {
        f"{target:g}": choose_threshold(*chosen, signal_efficiency=target) for target in fixed[1]
    }

    def points(cuts: dict[str, float]) -> dict[str, Any]:
        return {
            name: working_point(cut, *test, level, **drawing).to_dict()
            for name, cut in cuts.items()
        }

    return {
        "auc": auc(*test, level, replicas=drawing["replicas"], seed=drawing["seed"]),
        "at_background_efficiency": points(at_background),
        "at_signal_efficiency": points(at_signal),
    }


def _warnings(versus: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"{name} at {side} {target}: {point['warning']}"
        for name, measures in versus.items()
        for side, key in (("ε_b", "at_background_efficiency"), ("ε_s", "at_signal_efficiency"))
        for target, point in measures[key].items()
        if point["warning"]
    ]
