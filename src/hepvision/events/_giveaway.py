"""Columns that give the published label away, the order of the events among them."""

from __future__ import annotations

from collections.abc import Iterator

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events._finding import Finding
from hepvision.events.schema import FIELDS, SCALARS, flat

__all__ = ["Giveaway"]

KEPT = 5000  # events that are compared
ENOUGH = 10  # events of a class, and of the others
SURE = 0.995  # area under the ROC curve, or share of events told apart by a whole number
LEFT_OUT = {"label", "sample", "event_id", "split", "weight"}
TRUTH = {"GenPart", "GenJet", "Primary"}
TRUTH_FIELDS = ("gen", "hadronFlavour", "partonFlavour", "fakePdgId", "converted", "interaction")


def _features(events: ak.Array) -> dict[str, NDArray[np.float64]]:
    """One number an event of each column: its value, or count, first and mean of the objects."""
    made: dict[str, NDArray[np.float64]] = {}
    for name in events.fields:
        if name in SCALARS and name not in LEFT_OUT:
            made[name] = ak.to_numpy(events[name]).astype(np.float64)
        if name not in FIELDS:
            continue
        offsets, columns = flat(events[name])
        counts = np.diff(offsets)
        made[f"num({name})"] = counts.astype(np.float64)
        for key, values in columns.items():
            if key in LEFT_OUT or not len(values):
                continue
            numbers = values.astype(np.float64)
            first = numbers[np.minimum(offsets[:-1], len(numbers) - 1)]
            made[f"{name}[:, 0].{key}"] = np.where(counts > 0, first, np.nan)
    return made


def _area(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, the better way round; ties count half."""
    _, place = np.unique(values, return_inverse=True)
    ours = np.bincount(place[chosen], minlength=place.max() + 1).astype(np.float64)
    theirs = np.bincount(place[~chosen], minlength=place.max() + 1).astype(np.float64)
    below = np.cumsum(theirs) - theirs
    area = float((ours * (below + 0.5 * theirs)).sum() / (ours.sum() * theirs.sum()))
    return max(area, 1 - area)


def _purity(values: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Share of events that a table from few whole numbers to labels gets right; else 0."""
    kinds, place = np.unique(values, return_inverse=True)
    if len(kinds) > max(2, len(values) // 20) or (kinds != np.round(kinds)).any():
        return 0.0
    numbers, label = np.unique(labels, return_inverse=True)
    table = np.zeros((len(kinds), len(numbers)))
    np.add.at(table, (place, label), 1)
    return float(table.max(axis=1).sum() / len(values))


class Giveaway:
    """What separates the classes of the published ``label`` by itself."""

    def __init__(self) -> None:
        self._labels: list[NDArray[np.int64]] = []
        self._features: list[dict[str, NDArray[np.float64]]] = []
        self._names: dict[str, str] = {}
        self._seen = 0

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        if "label" not in events.fields or self._seen >= KEPT:
            return
        self._names |= (events.attrs.get("hepvision") or {}).get("labels") or {}
        self._labels.append(ak.to_numpy(events["label"]).astype(np.int64))
        self._features.append(_features(events))
        self._seen += len(events)

    def findings(self, path: str) -> Iterator[Finding]:
        """One for columns of truth, one for others, one for the order."""
        if not self._labels:
            return
        labels = np.concatenate(self._labels)
        classes, counts = np.unique(labels, return_counts=True)
        if len(classes) == 1 and len(labels) > 1:
            name = self._names.get(str(classes[0]), str(classes[0]))
            text = f"all of the {len(labels):,} events looked at are {name!r}"
            yield Finding("label", "label", text)
        usable = [
            c
            for c, n in zip(classes, counts, strict=True)
            if n >= ENOUGH and len(labels) - n >= ENOUGH
        ]
        if not usable:
            return
        if max(_area(np.arange(len(labels), dtype=float), labels == c) for c in usable) >= SURE:
            text = "events lie sorted by it. Shuffle them; a part of the file is one class"
            yield Finding("giveaway", "label", text)
        found = [name for name in self._common() if self._tells(name, labels, usable)]
        truth = [name for name in found if _is_truth(name)]
        rest = [name for name in found if name not in truth]
        if truth:
            text = "truth that gives the label away. Keep it out of the inputs"
            yield Finding("giveaway", _some(truth), text)
        if rest:
            text = "separates the classes by itself. Conditions, or a leak?"
            yield Finding("giveaway", _some(rest), text)

    def _common(self) -> list[str]:
        """Features that every piece has."""
        return [name for name in self._features[0] if all(name in one for one in self._features)]

    def _tells(self, name: str, labels: NDArray[np.int64], usable: list[np.int64]) -> bool:
        values = np.concatenate([one[name] for one in self._features])
        there = np.isfinite(values)
        values, labels = values[there], labels[there]
        if name in {"event", "luminosityBlock"} and len(np.unique(values)) == len(values):
            return False  # numbered in the order of the file, which is judged apart
        for label in usable:
            chosen = labels == label
            if min(chosen.sum(), (~chosen).sum()) >= ENOUGH and _area(values, chosen) >= SURE:
                return True
        most = np.unique(labels, return_counts=True)[1].max() if len(labels) else 0
        return (
            len(labels) >= 2 * ENOUGH
            and most < 0.9 * len(labels)
            and (_purity(values, labels) >= SURE)
        )


def _is_truth(name: str) -> bool:
    collection, _, key = name.removeprefix("num(").partition("[")
    return collection.rstrip(")") in TRUTH or key.rpartition(".")[2].startswith(TRUTH_FIELDS)


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
