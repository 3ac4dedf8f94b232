"""Trials an hour of a search with two one-thread workers against one.

Target: 1.6 on two cores. All trials train the same small network on the same windows and differ in
their learning rate alone, so that they take equally long: some seconds, still ten times less than
those of a study, so that what a trial costs beside its training counts for more than it does there.
What is done once is left out: the time runs from where each worker has ended a trial to the end of
the last. Pairs run in turn.

    python benchmarks/search.py [--events 2000] [--trials 12] [--pairs 3]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _pairs import spread

import hepvision
from hepvision.core.card import read_yaml
from hepvision.core.names import require


def card_of(events: int) -> dict[str, Any]:
    """Electrons against photons from their windows, with a search that varies one number."""
    card = dict(read_yaml("electron_photon"))
    for key in ("sizes", "from_files", "published"):
        card.pop(key, None)
    card["simulate"] = {**card["simulate"], "events": events}
    card["representations"] = {"crop": card["representations"]["crop"]}
    model = {"name": "convolutions", "maps": [16, 32]}
    card["entries"] = [{"name": "crop", "uses": ["crop"], "model": model}]
    card["training"] = {"epochs": 24, "batch": 64, "patience": 0, "threads": 1}
    card["search"] = {
        "entry": "crop",
        "ranges": {"training.learning_rate": {"low": 0.0001, "high": 0.01, "log": True}},
        "prune": False,
        "finalists": 1,
    }
    return card


def rate(card: dict[str, Any], folder: Path, workers: int, trials: int) -> float:
    """Trials an hour, from where each worker has ended one to the end of the last."""
    optuna = require("optuna", "search")
    hepvision.search(card, folder, trials=trials, workers=workers, progress=False)
    storage = f"sqlite:///{folder / 'trials.db'}"
    (study,) = optuna.get_all_study_names(storage)
    every = optuna.load_study(study_name=study, storage=storage).get_trials()
    ends = sorted(one.datetime_complete for one in every if "costs" in one.user_attrs)
    ends = ends[workers - 1 :]
    return 3600.0 * (len(ends) - 1) / float((ends[-1] - ends[0]).total_seconds())


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args(words)
    card, ratios = card_of(given.events), []
    with tempfile.TemporaryDirectory() as name:
        for pair in range(given.pairs):
            one, two = (
                rate(card, Path(name) / f"{pair}-{workers}", workers, given.trials)
                for workers in (1, 2)
            )
            ratios.append(two / one)
            print(f"one worker {one:.0f} trials an hour, two {two:.0f}", flush=True)
    print(f"two workers / one: {spread(np.array(ratios))}")


if __name__ == "__main__":
    main()
