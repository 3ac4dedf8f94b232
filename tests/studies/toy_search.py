"""A study of two samples of random photons, with a small search: seconds a trial."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from hepvision.events.store import write_store
from toy_events import toy_events

__all__ = ["exchange", "toy_search"]


def exchange(folder: Path) -> None:
    """Other events where the stores of a card were."""
    for name in "ab":
        shutil.rmtree(folder / name)
    toy_search(folder, events=70)


def toy_search(folder: Path, events: int = 60, **search: Any) -> dict[str, Any]:
    """A card, and its stores.

    Parameters
    ----------
    folder : Path
        Where the stores are.
    events : int
        Of each class.
    **search
        Keys of the search block.
    """
    for number, name in enumerate("ab"):
        if not (folder / name).exists():
            made = toy_events(events, seed=number, photons=2, first_id=10_000 * number, mean=3)
            write_store(folder / name, made)
    return {
        "title": "toy",
        "samples": {name: {"store": str(folder / name)} for name in "ab"},
        "representations": {"m": {"name": "four_momenta"}},
        "entries": [
            {"name": "net", "uses": ["m"], "model": {"name": "mlp"}},
            {"name": "big", "uses": ["m"], "model": {"name": "mlp", "hidden": [64, 64]}},
        ],
        "training": {
            "epochs": 2,
            "batch": 16,
            "patience": 0,
            "precision": "float32",
            "threads": 1,
        },
        "search": {
            "entry": "net",
            "against": "big",
            "trials": 4,
            "finalists": 1,
            "background_efficiency": 0.3,
            "ranges": {
                "model.hidden": {
                    "each": {"low": 4, "high": 32},
                    "length": {"low": 1, "high": 3},
                },
                "model.dropout": {"low": 0.0, "high": 0.5},
                "training.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
            },
            **search,
        },
    }
