"""Rows of a comparison, read from run folders: what is finished, and a line for what is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import read_json
from hepvision.studies._predictions import PREDICTIONS, read_predictions
from hepvision.studies._run_folder import RunFolder
from hepvision.tasks._predictions import Predictions

__all__ = ["ComparedRun", "Row", "read_rows"]

Block = Mapping[str, Any]


@dataclass(frozen=True)
class ComparedRun:
    """A run folder and what it is called beside the others."""

    name: str
    folder: RunFolder

    @cached_property
    def entries(self) -> list[Block]:
        """Blocks of the card's entries."""
        found = self.folder.card.get("entries")
        if not isinstance(found, list) or not all(
            isinstance(one, dict) and {"name", "uses", "model"} <= set(one) for one in found
        ):
            raise CorruptFileError(
                f"{self.folder.path / 'card.yaml'}: must name entries, got none. "
                "Run the study anew."
            )
        return found

    @property
    def seeds(self) -> list[str]:
        """Seeds of the card."""
        return [str(one) for one in self.folder.card.get("seeds") or (1,)]

    def block(self, key: str) -> Any:
        """The representation of a key, as the card has it."""
        return (self.folder.card.get("representations") or {}).get(key, key)


@dataclass(frozen=True, eq=False)
class Row:
    """One entry of one run, with all its finished seeds.

    Parameters
    ----------
    run : ComparedRun
        Where it is from.
    entry : mapping
        Its block of the card.
    label : str
        Its name, with that of the run where two have it.
    classes : tuple of str
        Names of the classes.
    seeds : tuple of str
        Those that are finished.
    predictions : tuple of Predictions
        One a seed: validation and test examples.
    timing : tuple of mapping
        One a seed.
    """

    run: ComparedRun
    entry: Block
    label: str
    classes: tuple[str, ...]
    seeds: tuple[str, ...]
    predictions: tuple[Predictions, ...]
    timing: tuple[Block, ...]

    @property
    def title(self) -> str:
        """As the card calls it."""
        return str(self.entry.get("title") or self.entry["name"])

    @property
    def representation(self) -> str:
        """Names of the representations it reads."""
        named = self.run.folder.card.get("representations") or {}
        known = Counter(_name(block) for block in named.values())
        return " + ".join(
            name if known[name] < 2 else f"{name} ({key})"
            for key in self.entry["uses"]
            for name in (_name(self.run.block(key)),)
        )

    @property
    def network(self) -> str:
        """Name of the model, with its size or method where one is named."""
        model = self.entry["model"]
        more = [str(model[key]) for key in ("size", "method") if _of(model).get(key)]
        return " ".join([_name(model), *more])

    @property
    def signal(self) -> str:
        """Name of the signal class."""
        task = self.run.folder.card.get("task")
        named = _of(task).get("signal")
        return str(named or self.classes[0])

    @cached_property
    def method(self) -> str:
        """What rows on one learning curve share: all but the number of training examples."""
        training = {
            **(self.run.folder.card.get("training") or {}),
            **self.entry.get("training", {}),
        }
        training.pop("examples", None)
        blocks = [self.run.block(key) for key in self.entry["uses"]]
        return json.dumps([blocks, self.entry["model"], training], sort_keys=True, default=str)

    def cost(self, key: str) -> float | None:
        """Mean of a cost over seeds; None where it is not known."""
        found = [one.get(key) for one in self.timing]
        known = [float(one) for one in found if one]
        return float(np.mean(known)) if known and len(known) == len(found) else None


def _of(block: Any) -> Block:
    return block if isinstance(block, Mapping) else {}


def _name(block: Any) -> str:
    return str(_of(block).get("name", block))


def read_rows(paths: Sequence[str | Path]) -> tuple[list[ComparedRun], list[Row], list[str]]:
    """Runs, rows in the order given, and a line for each entry or seed that is not finished.

    Raises
    ------
    CorruptFileError
        A folder is no run, or nothing is finished in any.
    """
    runs = [ComparedRun(name, RunFolder(path)) for name, path in _named(paths).items()]
    for run in runs:
        if not (run.folder.path / "card.yaml").is_file():
            raise CorruptFileError(
                f"{run.folder.path}: must be a run folder, got no card.yaml. "
                "Give the folder of 'hepvision run'."
            )
    counts = Counter(entry["name"] for run in runs for entry in run.entries)
    rows, lost = [], []
    for run in runs:
        for entry in run.entries:
            twice = counts[entry["name"]] > 1
            label = f"{run.name}/{entry['name']}" if twice else str(entry["name"])
            found, missing = _seeds(run, entry)
            lost += missing
            if found:
                classes = found[0][3]
                same = [one for one in found if one[3] == classes]
                columns = zip(
                    *((seed, made, timing) for seed, made, timing, _ in same), strict=True
                )
                seeds, made, timing = columns
                rows.append(Row(run, entry, label, classes, seeds, made, timing))
    if not rows:
        raise CorruptFileError(
            f"{runs[0].folder.path}: nothing is finished: {lost[0] if lost else 'no entry'}. "
            "Give the command of the run again; it goes on."
        )
    return runs, rows, lost


def _named(paths: Sequence[str | Path]) -> dict[str, Path]:
    """Shortest ends of the paths that differ; a folder that is given twice counts once."""
    folders = list({Path(path).resolve(): Path(path) for path in paths}.items())
    if not folders:
        raise ValueError("compare: needs a run folder or more, got none. Give some.")
    for parts in range(1, max(len(one.parts) for one, _ in folders) + 1):
        names = ["/".join(one.parts[-parts:]) for one, _ in folders]
        if len(set(names)) == len(names):
            break
    return {name: path for name, (_, path) in zip(names, folders, strict=True)}


Found = tuple[str, Predictions, Block, tuple[str, ...]]


def _seeds(run: ComparedRun, entry: Block) -> tuple[list[Found], list[str]]:
    """Finished seeds of an entry, and a line for each that is not."""
    found: list[Found] = []
    lost: list[str] = []
    for seed in run.seeds:
        home = run.folder.path / str(entry["name"]) / seed
        where = f"{run.name}: {entry['name']} (seed {seed})"
        missing = next((one for one in _needed() if not (home / one).is_file()), None)
        if missing is not None:
            started = "is not finished" if home.is_dir() else "has not begun"
            lost.append(f"{where} {started}: no {missing}")
            continue
        try:
            classes = _classes(home)
            made = read_predictions(home, classes, ())
            found.append((seed, made, dict(read_json(home / "timing.json")), classes))
        except (CorruptFileError, ValueError, TypeError) as error:
            lost.append(f"{where} is damaged: {' '.join(str(error).split())}")
    return found, lost


def _needed() -> Iterator[str]:
    yield from (PREDICTIONS, "timing.json")


def _classes(home: Path) -> tuple[str, ...]:
    """Classes in the order of their scores."""
    try:
        names = pq.read_schema(home / PREDICTIONS).names
    except (OSError, ValueError) as error:
        raise CorruptFileError(f"{home / PREDICTIONS}: cannot be read.") from error
    found = tuple(name.removeprefix("score_") for name in names if name.startswith("score_"))
    if len(found) < 2:
        raise CorruptFileError(f"{home / PREDICTIONS}: must hold scores of two classes or more.")
    return found
