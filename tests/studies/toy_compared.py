"""Run folders to compare: entries that scored the same events, each as well as it can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from hepvision.core.files import write_json
from hepvision.studies._predictions import write_predictions
from hepvision.tasks._predictions import Predictions

CLASSES = ("top", "qcd")


def entry(
    name: str,
    noise: float = 1.0,
    *,
    model: Any = "mlp",
    uses: Sequence[str] = ("features",),
    title: str = "",
    examples: int | None = None,
    parameters: int = 10_000,
    latency: float = 1e-3,
) -> dict[str, Any]:
    """A block of a card, and how much noise its scores have."""
    training = {} if examples is None else {"examples": examples}
    block = {"name": name, "uses": list(uses), "model": model, "title": title, "training": training}
    return {**block, "toy": {"noise": noise, "parameters": parameters, "latency": latency}}


def events(count: int, seed: int, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """What all entries see of the events: class, split, and how like its class each is."""
    rng = np.random.default_rng(seed)
    target = rng.integers(0, len(classes), count)
    seen = rng.normal(size=(count, len(classes)))
    seen[np.arange(count), target] += 1.8
    return {
        "event_id": rng.permutation(10 * count)[:count].astype(np.uint64),
        "object_index": np.zeros(count, np.int32),
        "split": rng.choice(3, count, p=[0.4, 0.2, 0.4]).astype(np.int8),
        "sample": np.array(classes)[target],
        "target": target,
        "seen": seen,
    }


def compared(
    folder: Path,
    entries: Sequence[Mapping[str, Any]],
    *,
    seeds: Sequence[int] = (1, 2, 3),
    count: int = 4000,
    events_seed: int = 1,
    classes: Sequence[str] = CLASSES,
    record: bool = True,
) -> Path:
    """Write a run folder as ``hepvision run`` leaves it, as far as a comparison reads it.

    Parameters
    ----------
    folder : Path
        To be made.
    entries : sequence of mapping
        Of :func:`entry`.
    seeds : sequence of int
        Trainings of each.
    count : int
        Events, of all classes and splits.
    events_seed : int
        Other events for another.
    classes : sequence of str
        The first is the signal.
    record : bool
        Whether the split is kept.
    """
    made = events(count, events_seed, classes)
    folder.mkdir(parents=True)
    card = {
        "title": "Top jets",
        "samples": {name: {"store": name, "title": name} for name in classes},
        "select": [],
        "per": "event",
        "split": {"seed": 0},
        "representations": {"features": "jet_features", "image": {"name": "jet_image"}},
        "entries": [{key: one[key] for key in one if key != "toy"} for one in entries],
        "training": {"epochs": 3},
        "seeds": list(seeds),
    }
    (folder / "card.yaml").write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
    about = {"version": "0.1.0", "processor": "a processor", "cores": 2, "components": []}
    write_json(folder / "environment.json", about)
    if record:
        keys = ("event_id", "object_index", "sample", "split")
        content = np.arange(1, count + 1, dtype=np.uint64)
        table = {**{key: made[key] for key in keys}, "content": content}
        pq.write_table(pa.table(table), folder / "split.parquet")
    for number, one in enumerate(entries):
        for seed in seeds:
            _trained(folder / one["name"] / str(seed), one, seed, number, made, classes)
    return folder


def _trained(
    home: Path,
    one: Mapping[str, Any],
    seed: int,
    number: int,
    made: Mapping[str, np.ndarray],
    classes: Sequence[str],
) -> None:
    rng = np.random.default_rng([seed, number, len(one["name"])])
    toy = one["toy"]
    noise = toy["noise"] * (1 + 0.05 * rng.normal())
    logits = made["seen"] + noise * rng.normal(size=made["seen"].shape)
    odds = np.exp(logits)
    kept = np.flatnonzero(made["split"] > 0)
    kept = rng.permutation(kept)  # no order is promised
    predictions = Predictions(
        (odds / odds.sum(axis=1, keepdims=True))[kept],
        {"class": made["target"][kept]},
        np.ones(len(kept)),
        made["split"][kept],
        made["event_id"][kept],
        made["object_index"][kept],
        made["sample"][kept],
    )
    home.mkdir(parents=True)
    write_predictions(home, predictions, tuple(classes))
    learner = one["model"] in ("boosted_trees", "cuts")
    events = 2 * (one["training"].get("examples") or int((made["split"] == 0).sum()) // 2)
    timing = {
        "parameters": toy["parameters"],
        "flops": None if learner else 2 * toy["parameters"],
        "latency": toy["latency"],
        "training_events": events,
        "epochs": 1 if learner else 3,
        "seconds": 60.0 * toy["noise"],
        "seconds_an_epoch": 0.0 if learner else 20.0 * toy["noise"],
        "scored_a_second": 40 / toy["latency"],
        "precision": "float32",
        "threads": 2,
    }
    write_json(home / "timing.json", timing)
