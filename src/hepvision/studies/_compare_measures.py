"""Numbers of a comparison: measures with intervals, paired tests, agreement, learning curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hepvision.evaluation.agreement import chance_overlap, midranks, passing
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.distinguish import difference, holm
from hepvision.evaluation.over_seeds import (
    Measured,
    accuracy_over_seeds,
    auc_over_seeds,
    rejection_over_seeds,
    resampled,
)
from hepvision.evaluation.working_point import FEW
from hepvision.studies._compare_fairness import Sample
from hepvision.studies._compare_rows import Row

__all__ = [
    "EFFICIENCIES",
    "LEADS",
    "Agreement",
    "Numbers",
    "Pair",
    "agreement",
    "measured",
    "pairs",
]

#: A class by its number, or all but the signal.
Background = int | Literal["rest"]
#: Signal efficiencies at which background rejections are given; the first one leads.
EFFICIENCIES = (0.5, 0.3)
LEADS = "rejection_at_0.5"
#: Measures by which rows are told apart.
TESTED = ("auc", LEADS)
#: A cut that keeps so much more signal than asked for is marked.
STEP = 0.02
#: Probability of a difference by chance below which two rows are told apart.
SIGNIFICANT = 0.05


@dataclass(frozen=True, eq=False)
class Numbers:
    """Measures of one row.

    Parameters
    ----------
    measures : dict of Measured
        ``auc``, ``accuracy``, ``rejection_at_0.5``, ``rejection_at_0.3``.
    remaining : dict of float
        Background events behind each rejection, the mean over seeds.
    reached : dict of float
        ε_s of each cut on the events that chose it, the mean over seeds.
    discriminant : array, shape (S, M)
        Score of the signal against the background.
    """

    measures: dict[str, Measured]
    remaining: dict[str, float]
    reached: dict[str, float]
    discriminant: NDArray[np.float64]

    def steps(self, name: str) -> float | None:
        """ε_s of a cut that lies where it should not, since the score comes in steps."""
        wanted = float(name.rpartition("_")[2]) if name in self.reached else 1.0
        found = self.reached.get(name, 0.0)
        return found if found > wanted + STEP else None

    def few(self, name: str) -> bool:
        """Whether a rejection rests on too few background events."""
        return self.remaining.get(name, FEW) < FEW

    @property
    def lead(self) -> float:
        """What rows are sorted by: the rejection that leads, or how far its limit reaches."""
        found = self.measures[LEADS].interval()
        return float(found.value if found.value is not None else found.low or 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: intervals, and how they come about."""
        made: dict[str, Any] = {}
        for name, one in self.measures.items():
            finite = math.isfinite(one.value)
            values = np.exp(-one.values) if one.scale == "logarithm" else one.values
            made[name] = {
                **one.interval().to_dict(),
                "relative_errors" if one.scale == "logarithm" else "errors": one.errors(),
                "seeds": [float(value) for value in values] if finite else [None] * len(values),
            }
            if name in self.remaining:
                made[name]["remaining"] = self.remaining[name]
                made[name]["signal_efficiency"] = self.reached[name]
        return made


@dataclass(frozen=True)
class Pair:
    """Two rows, by their numbers, and what tells them apart.

    Parameters
    ----------
    first, second : int
        Numbers of the rows, from 0.
    tests : dict
        Measure → difference, p-value, adjusted p-value; None where nothing can be said.
    """

    first: int
    second: int
    tests: dict[str, dict[str, Any] | None]

    @property
    def apart(self) -> bool:
        """Whether any measure tells them apart."""
        return any(one is not None and one["adjusted"] < SIGNIFICANT for one in self.tests.values())


def _versus(
    scores: NDArray[np.float64],
    target: NDArray[np.int64],
    signal: int,
    other: int | Literal["rest"],
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    found = [signal_versus(one, target, signal, other) for one in scores]
    return np.stack([one.score for one in found]), found[0].is_signal, found[0].rows


def measured(
    rows: Sequence[Row],
    test: Sample,
    validation: Sample | Sequence[Sample],
    against: Background = "rest",
) -> list[Numbers]:
    """Measures of all rows on the same test examples.

    Parameters
    ----------
    rows : sequence of Row
        Their order is that of the scores.
    test : Sample
        Judged on.
    validation : Sample, or one a row
        On which cuts are chosen; the test examples if there are none.
    against : int or "rest"
        Class number of the background.
    """
    signal = rows[0].classes.index(rows[0].signal)
    found = []
    drawn: dict[int, NDArray[np.int8]] = {}
    for k, scores in enumerate(test.scores):
        value, mask, events = _versus(scores, test.target, signal, against)
        weight = _weights(test.weight[events])
        chosen, place = (validation, k) if isinstance(validation, Sample) else (validation[k], 0)
        chosen, place = (chosen, place) if len(chosen.key) else (test, k)
        before, truth, which = _versus(chosen.scores[place], chosen.target, signal, against)
        draws = None
        if chosen is not test:
            if len(truth) not in drawn:
                drawn[len(truth)] = resampled(len(truth))
            draws = drawn[len(truth)]
        right = scores.argmax(axis=2) == test.target
        measures = {
            "auc": auc_over_seeds(value, mask, weight),
            "accuracy": accuracy_over_seeds(right, _weights(test.weight)),
        }
        remaining, reached = {}, {}
        for efficiency in EFFICIENCIES:
            name = f"rejection_at_{efficiency:g}"
            judged_by = (before, truth, _weights(chosen.weight[which]))
            one = rejection_over_seeds(value, mask, weight, judged_by, efficiency, draws)
            measures[name] = one
            remaining[name] = math.exp(one.value) * one.count if math.isfinite(one.value) else 0.0
            reached[name] = _reached(*judged_by, efficiency)
        found.append(Numbers(measures, remaining, reached, value))
    return found


def _reached(
    scores: NDArray[np.float64], mask: NDArray[np.bool_], weight: Any, efficiency: float
) -> float:
    kept = [passing(one, mask, weight, signal_efficiency=efficiency)[mask] for one in scores]
    own = None if weight is None else weight[mask]
    return float(np.mean([np.average(one, weights=own) for one in kept]))


def _weights(weight: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """None where all are equal, so that counts are whole."""
    return None if np.ptp(weight) == 0.0 and weight[0] > 0.0 else weight


def pairs(found: Sequence[Numbers]) -> list[Pair]:
    """Paired tests of all rows, by all measures, adjusted for their number."""
    made: list[tuple[int, int, str, Any]] = []
    for i, j in combinations(range(len(found)), 2):
        for name in TESTED:
            one = difference(found[i].measures[name], found[j].measures[name])
            made.append((i, j, name, one))
    known = [one for one in made if one[3] is not None]
    adjusted = iter(holm([one[3].p_value for one in known]).tolist())
    tests: dict[tuple[int, int], dict[str, dict[str, Any] | None]] = {}
    for i, j, name, one in made:
        told = None
        if one is not None:
            told = {
                "difference": one.difference,
                "p_value": one.p_value,
                "adjusted": next(adjusted),
                "seeds_known": one.seeds_known,
            }
        tests.setdefault((i, j), {})[name] = told
    return [Pair(i, j, one) for (i, j), one in tests.items()]


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far taggers pick the same events, shape (rows, rows) each.

    On the diagonal stand different seeds of one row; NaN where there is one seed.

    Parameters
    ----------
    signal, background : array
        Overlap of what passes at ε_s = 0.5.
    correlation_signal, correlation_background : array
        Correlation of ranks.
    chance : float
        Overlap of the background of two taggers that know nothing of each other, at the median ε_b.
    """

    signal: NDArray[np.float64]
    background: NDArray[np.float64]
    correlation_signal: NDArray[np.float64]
    correlation_background: NDArray[np.float64]
    chance: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data; None on the diagonal of single seeds."""
        made: dict[str, Any] = {"chance": self.chance}
        for name in ("signal", "background", "correlation_signal", "correlation_background"):
            table = getattr(self, name)
            made[name] = [[None if math.isnan(x) else float(x) for x in row] for row in table]
        return made


def agreement(
    rows: Sequence[Row],
    found: Sequence[Numbers],
    test: Sample,
    against: Background = "rest",
) -> Agreement:
    """Agreement of all pairs of rows, averaged over their seeds."""
    signal = rows[0].classes.index(rows[0].signal)
    _, mask, events = _versus(test.scores[0][:1], test.target, signal, against)
    weight = test.weight[events]
    sides = {"signal": mask, "background": ~mask}
    kept = [[passing(one, mask, weight) for one in numbers.discriminant] for numbers in found]
    tables = {}
    for name, side in sides.items():
        own = weight[side] / weight[side].sum()
        passed = [[one[side] for one in seeds] for seeds in kept]
        ranks = [
            [_standard(midranks(one[side], own), own) for one in numbers.discriminant]
            for numbers in found
        ]
        tables[name] = _each(passed, lambda a, b, own=own: _shared(a, b, own))
        tables[f"correlation_{name}"] = _each(
            ranks, lambda a, b, own=own: float(np.dot(own, a * b))
        )
    behind = np.median([np.average(one[~mask], weights=weight[~mask]) for k in kept for one in k])
    return Agreement(**tables, chance=chance_overlap(float(behind), float(behind)))


def _standard(rank: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    apart = rank - np.dot(own, rank)
    spread = math.sqrt(float(np.dot(own, apart**2)))
    return apart / spread if spread > 0.0 else apart


def _shared(a: NDArray[np.bool_], b: NDArray[np.bool_], own: NDArray[np.float64]) -> float:
    either = float(own[a | b].sum())
    return float(own[a & b].sum()) / either if either > 0.0 else 0.0


def _each(values: Sequence[Sequence[Any]], measure: Any) -> NDArray[np.float64]:
    """A measure of all pairs of rows, over all pairs of their seeds."""
    size = len(values)
    table = np.full((size, size), np.nan)
    for i in range(size):
        if len(values[i]) > 1:
            table[i, i] = np.mean([measure(a, b) for a, b in combinations(values[i], 2)])
        for j in range(i):
            table[i, j] = np.mean([measure(a, b) for a in values[i] for b in values[j]])
            table[j, i] = table[i, j]
    return table
