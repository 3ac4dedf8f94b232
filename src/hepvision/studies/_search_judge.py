"""The networks of a search on events that no trial saw, beside a named entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from hepvision.core.errors import CorruptFileError
from hepvision.core.names import hint
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.paired_measures import PairedMeasure, paired_measure
from hepvision.evaluation.working_point import choose_threshold
from hepvision.physics.intervals import effective_count
from hepvision.studies._compare_fairness import Sample, aligned, require_one_question
from hepvision.studies._compare_rows import Row, read_rows
from hepvision.studies._search_block import Search
from hepvision.studies.inputs import Table

__all__ = ["FEWEST", "Judged", "judge", "require_same_test", "rows_of"]

#: Background events that must be left for a signal efficiency to mean something.
FEWEST = 30
#: What names an example, in tables and predictions.
_KEYS = ("sample", "event_id", "object_index")


@dataclass(frozen=True)
class Judged:
    """One network against the named entry, on test events.

    Parameters
    ----------
    name, against : str
        Entries.
    auc, efficiency : PairedMeasure
        AUC, and ε_s at the card's ε_b.
    left : float
        Background events that pass there, as equally weighted ones; of the network and seed with
        the fewest.
    events : int
        Test events.
    seeds : tuple of int
        Trainings of both.
    parameters : tuple of float
        Of both.
    """

    name: str
    against: str
    auc: PairedMeasure
    efficiency: PairedMeasure
    left: float
    events: int
    seeds: tuple[int, int]
    parameters: tuple[float, float]

    @property
    def not_worse(self) -> bool:
        """Whether neither measure is worse with 95 % confidence."""
        return "worse" not in (self.auc.verdict, self.efficiency.verdict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data but for intervals."""
        return {
            **vars(self),
            "auc": self.auc.to_dict(),
            "efficiency": self.efficiency.to_dict(),
            "seeds": list(self.seeds),
            "parameters": list(self.parameters),
            "not_worse": self.not_worse,
        }


def rows_of(run: Path, names: Sequence[str]) -> list[Row]:
    """Entries of a run; CorruptFileError if one is not there, or not finished."""
    _, rows, lost = read_rows([run])
    by_name = {str(row.entry["name"]): row for row in rows}
    for name in names:
        if name not in by_name:
            why = next((one for one in lost if f" {name} " in one), hint(name, by_name))
            raise CorruptFileError(f"{run}: no entry {name!r} to judge: {why}")
    return [by_name[name] for name in names]


def require_same_test(run: Path, name: str, table: Table) -> None:
    """Refuse a reference of other classes or test examples before anything is trained.

    Raises
    ------
    ValueError
        They differ.
    CorruptFileError
        The entry is not there, or not finished.
    """
    (row,) = rows_of(run, [name])
    theirs, ours = row.predictions[0].of_split(2), table.part(2)
    same = row.classes == table.classes
    what = "test examples" if same else "classes"
    if same:
        mine = _in_order(*(table.columns[key][ours] for key in _KEYS))
        same = all(map(np.array_equal, mine, _in_order(*(getattr(theirs, key) for key in _KEYS))))
    if not same:
        raise ValueError(
            f"reference: {run} must have the same {what}, got others. Give a run of the same "
            "samples, selection and split."
        )


def _in_order(sample: Any, event: Any, index: Any) -> list[Any]:
    """Names of examples, sorted."""
    columns = [np.asarray(sample).astype(str), np.asarray(event), np.asarray(index)]
    order = np.lexsort(columns[::-1])
    return [column[order] for column in columns]


def judge(
    run: Path,
    names: Sequence[str],
    reference: Path,
    against: str,
    search: Search,
    replicas: int = 1000,
) -> list[Judged]:
    """Paired bootstrap of each network of a run against the named entry of the reference.

    Raises
    ------
    ValueError
        The runs have other classes or other test examples.
    CorruptFileError
        An entry is not there, or not finished.
    """
    rows, (other,) = rows_of(run, names), rows_of(reference, [against])
    require_one_question([*rows, other])
    return [_pair(row, other, search, replicas) for row in rows]


def _pair(first: Row, second: Row, search: Search, replicas: int) -> Judged:
    test = aligned([first, second], 2)
    if test is None:
        raise ValueError(
            f"search: {first.label} and {second.label} must have the same test examples, got "
            "others. Give a run of the same samples, selection and split."
        )
    (ours, theirs), is_signal, weight = _binary(test, first, search)
    auc = paired_measure(ours, theirs, is_signal, weight, replicas=replicas)
    level = search.background_efficiency
    efficiency = paired_measure(ours, theirs, is_signal, weight, level, replicas=replicas)
    left = [_left(score, is_signal, weight, level) for score in (*ours, *theirs)]
    return Judged(
        str(first.entry["name"]),
        str(second.entry["name"]),
        auc,
        efficiency,
        min(left),
        len(is_signal),
        (len(first.seeds), len(second.seeds)),
        (first.cost("parameters") or 0.0, second.cost("parameters") or 0.0),
    )


def _left(score: Any, is_signal: Any, weight: Any, level: float) -> float:
    """Effective count of the background that passes: heavy events count for fewer than they are."""
    cut = choose_threshold(score, is_signal, weight, background_efficiency=level)
    return effective_count(weight[(score >= cut) & ~is_signal])


def _binary(test: Sample, row: Row, search: Search) -> tuple[list[Any], Any, Any]:
    """Scores of both rows, one line a seed, of signal and the background that counts."""
    signal = row.classes.index(row.signal)
    other: int | Literal["rest"] = "rest"
    if search.background != "rest":
        other = row.classes.index(search.background)
    found = [
        [signal_versus(table, test.target, signal, other) for table in tables]
        for tables in test.scores
    ]
    part = found[0][0]
    scores = [np.stack([one.score for one in each]) for each in found]
    return scores, part.is_signal, test.weight[part.rows]
