"""Networks that a search has chosen, trained beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hepvision.core.card import parse
from hepvision.core.chunks import each_chunk
from hepvision.core.progress import Bars
from hepvision.studies._study_examples import found_again
from hepvision.studies.card import Study
from hepvision.studies.entry import is_trained, memory_of, train_entry

__all__ = ["train_beside"]


class _Training(NamedTuple):
    """What goes to a worker: plain data and the names of one training."""

    card: Mapping[str, Any]
    folder: str
    entry: str
    seed: int


def train_beside(
    study: Study,
    folder: Path,
    names: Sequence[str],
    workers: int,
    scheduler: str | None,
    progress: bool,
) -> None:
    """Train entries of a study in its folder, one a worker; what is trained there stays.

    A single one is left to this process, which may take more threads.
    """
    card = study.model_dump(mode="json")
    trainings = [
        _Training(card, str(folder), name, seed)
        for name in names
        for seed in study.seeds
        if not is_trained(folder / name / str(seed))
    ]
    if len(trainings) < 2 or (workers < 2 and scheduler is None):
        return
    total, title = len(trainings), "finalists"
    with Bars(shown=progress) as bars:
        made = each_chunk(_train, trainings, min(workers, total), scheduler)
        bars.show(title, title, 0, total, f"0 of {total} trained", "")
        for done, _ in enumerate(made, 1):
            bars.show(title, title, done, total, f"{done} of {total} trained", "")


def _train(training: _Training) -> None:
    study = parse(Study, dict(training.card), "search")
    (entry,) = (one for one in study.entries if one.name == training.entry)
    table, inputs, measured = found_again(study, memory_of(study))
    train_entry(
        study, entry, training.seed, Path(training.folder), table, inputs, measured, progress=False
    )
