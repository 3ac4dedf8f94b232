"""What lies in a run folder, read for the report; nothing else is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import read_json
from hepvision.figures.style import pretty
from hepvision.representations._canvas import PARTS
from hepvision.studies._predictions import PREDICTIONS, read_predictions
from hepvision.studies.gallery import part_key
from hepvision.tasks._predictions import Predictions

__all__ = ["EntryFolder", "RunFolder"]

Array = npt.NDArray[np.float64]
TEST = 2


@dataclass(frozen=True, eq=False)
class EntryFolder:
    """One entry with one seed, as its folder has it.

    Parameters
    ----------
    name, title, seed : str
        As in the card.
    metrics, timing : dict
        Its measures, and its cost.
    history : list of dict
        One row an epoch; empty if it was not kept.
    predictions : Predictions or None
        Of the test split; None if they were not kept.
    """

    name: str
    title: str
    seed: str
    metrics: Mapping[str, Any]
    timing: Mapping[str, Any]
    history: list[dict[str, float]]
    predictions: Predictions | None

    @property
    def versus(self) -> Mapping[str, Any]:
        """Measures against each background and all of them."""
        return dict(self.metrics.get("versus", {}))

    @property
    def label(self) -> str:
        """Name and seed."""
        return f"{self.name} (seed {self.seed})"


@dataclass(frozen=True)
class RunFolder:
    """A run, as its folder has it.

    Parameters
    ----------
    path : Path
        The folder.
    """

    path: Path

    @cached_property
    def card(self) -> dict[str, Any]:
        """The resolved card."""
        path = self.path / "card.yaml"
        try:
            found = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise CorruptFileError(f"{path}: must be YAML. Run the study anew.") from error
        if not isinstance(found, dict):
            raise CorruptFileError(f"{path}: must be a mapping. Run the study anew.")
        return found

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """All measures."""
        return dict(read_json(self.path / "metrics.json"))

    @cached_property
    def timing(self) -> dict[str, Any]:
        """Cost of every entry."""
        return dict(self._optional("timing.json"))

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions and machine."""
        return dict(self._optional("environment.json"))

    @cached_property
    def samples(self) -> dict[str, Any]:
        """Where the events come from."""
        return dict(self._optional("samples.json"))

    def _optional(self, name: str) -> Any:
        path = self.path / name
        return read_json(path) if path.is_file() else {}

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the scores."""
        return list(self.metrics.get("classes", []))

    @property
    def signal(self) -> str:
        """Name of the signal class."""
        return str(self.metrics.get("signal", next(iter(self.classes), "")))

    @property
    def backgrounds(self) -> list[str]:
        """What the signal is held against: each background, then all of them together."""
        single = [name for name in self.classes if name != self.signal]
        return [*single, "rest"] if len(single) > 1 else ["rest"]

    def title_of(self, key: str) -> str:
        """How a class is called in figures."""
        if key == "rest":
            single = [name for name in self.classes if name != self.signal]
            return "all backgrounds" if len(single) != 1 else self.title_of(single[0])
        sample = (self.card.get("samples") or {}).get(key) or {}
        return str(sample.get("title") or pretty(key))

    def entries(self) -> Iterator[EntryFolder]:
        """Entries and seeds, in the order of the card."""
        titles = {row["name"]: row.get("title") or row["name"] for row in self.card["entries"]}
        for name in (one for one in titles if one in self.metrics["entries"]):
            for seed, measures in self.metrics["entries"][name].items():
                home = self.path / name / seed
                history = home / "history.json"
                yield EntryFolder(
                    name,
                    str(titles[name]),
                    seed,
                    measures,
                    self.timing.get(name, {}).get(seed, {}),
                    list(read_json(history)) if history.is_file() else [],
                    self._predictions(home),
                )

    def _predictions(self, home: Path) -> Predictions | None:
        if not (home / PREDICTIONS).is_file():
            return None
        observables = self.card.get("observables") or ()
        return read_predictions(home, self.classes, observables).of_split(TEST)

    def images(self, what: str) -> dict[str, dict[str, dict[str, Array]]]:
        """Images, ``example`` or ``average``: by region, class and part, shape (3, H, W), GeV."""
        path = self.path / "images.npz"
        found: dict[str, dict[str, dict[str, Array]]] = {}
        if not path.is_file():
            return found
        try:
            with np.load(path, allow_pickle=False) as file:
                for region, parts in PARTS.items():
                    for key in self.classes:
                        names = {part: part_key(f"{what}_{key}", region, part) for part in parts}
                        if all(name in file for name in names.values()):
                            drawn = {k: np.asarray(file[name], float) for k, name in names.items()}
                            found.setdefault(region, {})[key] = drawn
        except (ValueError, OSError, EOFError) as error:
            raise CorruptFileError(f"{path}: cannot be read. Delete it and run again.") from error
        return found
