"""Whether rows may be held against each other: same jets, nothing seen before, enough seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.figures.tables import number
from hepvision.studies._compare_rows import ComparedRun, Row
from hepvision.studies._split_record import read_split
from hepvision.tasks._predictions import Predictions

__all__ = ["SEEDS", "Check", "Sample", "aligned", "fairness", "require_one_question"]

#: Fewer trainings of a row than this are said.
SEEDS = 3
TRAIN, VALIDATION, TEST = 0, 1, 2
#: What decides which events a simulation makes, but for their number.
_SIMULATED = (
    "process",
    "seed",
    "pileup",
    "detector",
    "readout",
    "reconstruct",
    "content",
    "select",
)
_KEY = np.dtype([("sample", "i4"), ("event", "u8"), ("object", "i4")])


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What should hold.
    holds : bool or None
        None if it cannot be known.
    text : str
        What was found.
    """

    name: str
    holds: bool | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "holds": self.holds, "text": self.text}


@dataclass(frozen=True, eq=False)
class Sample:
    """The same examples as all rows scored them.

    Parameters
    ----------
    key : array, shape (B,)
        Sample, event and object of each.
    target : array of int, shape (B,)
        True class.
    weight : array, shape (B,)
        Event weights.
    scores : tuple of array, shape (S, B, K)
        One a row.
    left_out : int
        Examples that not all rows have.
    """

    key: NDArray[Any]
    target: NDArray[np.int64]
    weight: NDArray[np.float64]
    scores: tuple[NDArray[np.float64], ...]
    left_out: int = 0


def require_one_question(rows: Sequence[Row]) -> None:
    """Refuse rows that answer different questions: other classes, or another signal."""
    first = rows[0]
    for row in rows:
        for what in ("classes", "signal"):
            ours, theirs = getattr(first, what), getattr(row, what)
            if ours != theirs:
                raise ValueError(
                    f"compare: all rows must have one {what}, got {ours} in {first.label} and "
                    f"{theirs} in {row.label}. Compare runs of one study."
                )


def _keys(
    found: Mapping[str, Any] | Predictions, run: ComparedRun, names: Mapping[str, int]
) -> NDArray[Any]:
    columns = found if isinstance(found, Mapping) else vars(found)
    made = np.empty(len(columns["event_id"]), _KEY)
    kinds, place = np.unique(_texts(columns["sample"]), return_inverse=True)
    made["sample"] = np.array([names[_origin(run, str(one))] for one in kinds], np.int32)[place]
    made["event"], made["object"] = columns["event_id"], columns["object_index"]
    return made


def _texts(column: Any) -> NDArray[np.str_]:
    return np.asarray(column).astype(str)


def _origin(run: ComparedRun, sample: str) -> str:
    """Where a run's events of a sample come from: numbers of other events say nothing.

    Of what was simulated alike but for the number of events, the first are the same.
    """
    about = run.folder.samples.get(sample, {})
    if "process" in about and "seed" in about:
        told = {key: about.get(key) for key in _SIMULATED}
    elif "files" in about:
        told = {key: about.get(key) for key in ("reader", "options", "select")}
        told["files"] = sorted(str(one.get("sha256")) for one in about["files"])
    else:
        told = {"checksum": about.get("checksum")}
    return f"{sample} {json.dumps(told, sort_keys=True)}"


def _numbers(rows: Sequence[Row], runs: Sequence[ComparedRun]) -> dict[str, int]:
    scored = [(row.run, _texts(made.sample)) for row in rows for made in row.predictions]
    for run in runs:
        record = _record(run)
        if record is not None:
            scored.append((run, _texts(record["sample"])))
    found = {_origin(run, str(one)) for run, names in scored for one in np.unique(names)}
    return {name: k for k, name in enumerate(sorted(found))}


def _record(run: ComparedRun) -> Mapping[str, NDArray[Any]] | None:
    try:
        return read_split(run.folder.path)
    except CorruptFileError:
        return None


def aligned(rows: Sequence[Row], part: int, shared: bool = False) -> Sample | None:
    """One part of the split, its examples in one order for all rows and seeds.

    Parameters
    ----------
    rows : sequence of Row
        With the same classes.
    part : int
        1 validation, 2 test.
    shared : bool
        Whether to take those that all rows have, where they differ.

    Returns
    -------
    Sample or None
        None where they differ and ``shared`` is not set.

    Raises
    ------
    ValueError
        An example has another class or weight in another row, or twice in one, or none is shared.
    """
    names = _numbers(rows, ())
    tables = [[made.of_split(part) for made in row.predictions] for row in rows]
    places = [
        [_sorted(_keys(made, row.run, names), row.label) for made in tables_of]
        for row, tables_of in zip(rows, tables, strict=True)
    ]
    common = places[0][0][1]
    largest, differ = len(common), False
    for _, own in (one for places_of in places for one in places_of):
        if not np.array_equal(own, common):
            if not shared:
                return None
            differ, largest = True, max(largest, len(own))
            common = np.intersect1d(common, own, assume_unique=True)
    if differ and not len(common):
        raise ValueError("compare: rows must share test examples, got none in common.")
    sample: Sample | None = None
    for row, places_of, tables_of in zip(rows, places, tables, strict=True):
        scores = []
        for (order, own), made in zip(places_of, tables_of, strict=True):
            kept = order[np.isin(own, common)] if differ else order
            target = np.asarray(made.target["class"])[kept].astype(np.int64)
            weight = np.asarray(made.weight, np.float64)[kept]
            scores.append(np.asarray(made.scores, np.float64)[kept])
            if sample is None:
                sample = Sample(common, target, weight, (), largest - len(common))
            elif not (np.array_equal(target, sample.target) and np.allclose(weight, sample.weight)):
                raise ValueError(
                    f"compare: the same examples must have the same classes and weights, got "
                    f"others in {row.label}. Compare runs of one study's samples."
                )
        if sample is not None:
            sample = replace(sample, scores=(*sample.scores, np.stack(scores)))
    return sample


def _sorted(keys: NDArray[Any], label: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Order and sorted keys, each of which must be there once."""
    order = np.lexsort((keys["object"], keys["event"], keys["sample"]))
    found = keys[order]
    twice = int(np.count_nonzero(found[1:] == found[:-1]))
    if twice:
        raise ValueError(
            f"compare: an example must be scored once, got {twice} twice in {label}. Give the "
            "samples of the study numbers of their own."
        )
    return order, found


def fairness(
    runs: Sequence[ComparedRun],
    rows: Sequence[Row],
    test: Sample,
    validation: Sample | None,
) -> list[Check]:
    """All that was looked at, in the order of its weight."""
    used = [run for run in runs if any(row.run is run for row in rows)]
    return [
        _same_test(rows, test),
        _same_validation(rows, validation),
        *_sides(used, rows, test),
        _seeds(rows),
        _same_card(used),
    ]


def _same_test(rows: Sequence[Row], test: Sample) -> Check:
    count = f"{number(len(test.key))} test events"
    if test.left_out:
        text = f"all rows are judged on the {count} that they share; "
        text += f"{number(test.left_out)} are left out"
        return Check("same test events", False, text)
    return Check("same test events", True, f"the same {count} in all {len(rows)} rows")


def _same_validation(rows: Sequence[Row], validation: Sample | None) -> Check:
    name = "cuts and stopping on the same validation events"
    if validation is None:
        return Check(name, False, "each row has validation events of its own")
    if not len(validation.key):
        return Check(name, False, "there are none: cuts are chosen on the test events themselves")
    text = f"{number(len(validation.key))} of them; the test events are only judged on"
    return Check(name, True, text)


def _sides(used: Sequence[ComparedRun], rows: Sequence[Row], test: Sample) -> list[Check]:
    """Whether an event, or a copy of one, stands on both sides of a split."""
    names = _numbers(rows, used)
    kept = {run.name: _record(run) for run in used}
    unknown = [name for name, record in kept.items() if record is None]
    event = ["sample", "event"]
    # sample numbers of the test events are counted without those of the records
    own = list(_numbers(rows, ()))
    judged = test.key.copy()
    judged["sample"] = np.array([names[one] for one in own], np.int32)[test.key["sample"]]
    judged = np.unique(judged[event])
    none = np.zeros(0, judged.dtype)
    seen, copies, total = [none], [none], [none]
    for run in used:
        if (record := kept[run.name]) is None:
            continue
        keys = _keys(record, run, names)[event]
        # what is left out of all parts was seen by no training
        before = np.isin(record["split"], (TRAIN, VALIDATION))
        seen.append(judged[np.isin(judged, keys[before])])
        content, trained = record["content"], record["split"] == TRAIN
        inside = np.isin(keys, judged) & (record["split"] == TEST) & (content > 0)
        copies.append(keys[inside & np.isin(content, content[trained])])
        total.append(keys[inside])
    used_before, copied, looked_at = (
        len(np.unique(np.concatenate(one))) for one in (seen, copies, total)
    )
    if len(unknown) == len(used):
        text = "runs keep no record of their training events"
        return [Check("no event on both sides of a split", None, text)]
    more = f"; no record in {', '.join(unknown)}" if unknown else ""
    text = f"{_number(used_before)} test event{'' if used_before == 1 else 's'} "
    text += f"used in training or validation{' of any run' if len(used) > 1 else ''}"
    about = f"{_number(copied)} of {number(looked_at)} test events with the inputs of a training "
    about += "event"
    return [
        Check("no event on both sides of a split", not used_before, text + more),
        Check("no copy of a training event in the test", not copied, about + more),
    ]


def _number(count: int) -> str:
    return number(count) if count else "no"


def _seeds(rows: Sequence[Row]) -> Check:
    few = [f"{row.label} ({len(row.seeds)})" for row in rows if len(row.seeds) < SEEDS]
    name = f"{SEEDS} seeds or more"
    if not few:
        counts = sorted({len(row.seeds) for row in rows})
        return Check(name, True, f"{' to '.join(map(str, counts))} in every row")
    single = any(len(row.seeds) == 1 for row in rows)
    text = f"fewer in {', '.join(few) if len(few) < len(rows) else 'every row'}"
    if single:
        text += "; the spread of a single training is not known, and not in its intervals"
    return Check(name, False, text)


def _same_card(used: Sequence[ComparedRun]) -> Check:
    """Whether runs differ in what decides which examples there are."""
    name = "same samples, selection and split"
    if len(used) == 1:
        return Check(name, True, "one run")
    found: list[str] = []
    first = used[0]
    for run in used[1:]:
        cards = (run.folder.card, first.folder.card)
        found += [
            f"{key} of {run.name} is not that of {first.name}"
            for key in ("select", "per", "split")
            if cards[0].get(key) != cards[1].get(key)
        ]
        ours, theirs = (_checksums(one) for one in (first, run))
        if ours and theirs and ours != theirs:
            found.append(f"stores of {run.name} are not those of {first.name}")
    return Check(name, not found, "; ".join(found) or f"in all {len(used)} runs")


def _checksums(run: ComparedRun) -> dict[str, Any]:
    return {
        key: one.get("checksum") for key, one in run.folder.samples.items() if "checksum" in one
    }
