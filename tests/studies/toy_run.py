"""A run folder with every file, its numbers drawn from a seed: what `run` leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from figures.toys import toy_average, toy_image, toy_scores
from hepvision.core.environment import doctor
from hepvision.core.files import write_json
from hepvision.evaluation.classification import classification_metrics
from hepvision.evaluation.metrics import Metrics
from hepvision.events.store import write_store
from hepvision.studies._mass import mass_measures
from hepvision.studies.card import resolve
from hepvision.studies.entry import task_of
from hepvision.tasks._predictions import Predictions
from toy_events import toy_events

#: Collections of other detectors.
SEEN_BY_OTHERS = {"Cell", "Pulse", "TrackerHit", "Pixel", "Tower", "Particle", "Primary", "FatJet"}
POWER = {"EB": 0.9, "CMS-B": 1.0, "4-momentum": 0.6, "trees": 1.2}


def _predictions(seed: int, power: float, count: int) -> dict[str, Any]:
    toy = toy_scores(seed, count, power)
    rng = np.random.default_rng(seed)
    size = toy["target"].size
    return {
        "event_id": np.arange(size, dtype=np.uint64),
        "object_index": np.zeros(size, np.int32),
        "split": rng.integers(1, 3, size).astype(np.int8),
        "weight": np.ones(size),
        "target_class": toy["target"],
        "diphoton_mass": toy["mass"],
        "leading_photon_pt": toy["mass"] / 2,
        "pileup": np.full(size, 20.0),
        **{f"score_{k}": toy["scores"][:, k] for k in range(3)},
    }


def _entry(home: Path, seed: int, power: float, classes: list[str], count: int) -> dict[str, Any]:
    columns = _predictions(seed, power, count)
    scores = np.stack([columns.pop(f"score_{k}") for k in range(3)], axis=1)
    columns |= {f"score_{name}": scores[:, k] for k, name in enumerate(classes)}
    columns["sample"] = np.array(classes)[columns["target_class"]]
    home.mkdir(parents=True)
    pq.write_table(pa.table(columns), home / "predictions.parquet")
    parts = [columns["split"] == part for part in (2, 1)]
    test, validation = ((scores[p], columns["target_class"][p], None) for p in parts)
    measures = dict(
        Metrics(
            classification_metrics(
                test[0], test[1], classes, None, classes[0], validation=validation
            )
        ).to_dict()
    )
    known = Predictions(
        scores,
        {"class": columns["target_class"]},
        columns["weight"],
        columns["split"],
        observables={"diphoton_mass": columns["diphoton_mass"]},
    )
    study = resolve("higgs_diphoton")
    measures |= mass_measures(study, task_of(study), known)
    return measures


def _history(epochs: int, network: bool) -> list[dict[str, float]]:
    rows = []
    for epoch in range(1, epochs + 1):
        train = 0.75 + 0.35 * np.exp(-epoch / 3.0)
        row = {"epoch": float(epoch), "train": train, "validation": train + 0.006 * epoch}
        rows.append({**row, "seconds": 9.5, "events": 1800.0} if network else row)
    return rows


def _sample(key: str, number: int) -> dict[str, Any]:
    passed = [1400, 1300, 1250, 1100, 1000]
    cuts = ["Photon = Photon[(Photon.pt > 20) & (Photon.hoe < 0.5)]", "num(Photon) == 2"]
    cuts += ["all(abs(Photon.superclusterEta) < 1.44)", "(Photon[:, 0] + Photon[:, 1]).mass > 90"]
    return {
        "title": key,
        "store": "cache/samples/" + key,
        "events": 1000,
        "process": {"name": key, "energy": 8000.0},
        "cross_section_pb": [0.0222, 18.4, 61200.0][number],
        "cross_section_error_pb": [0.0002, 0.1, 400.0][number],
        "pileup": 20.0,
        "filter_efficiency": [1.0, 1.0, 0.081][number],
        "efficiency": [0.31, 0.14, 0.0031][number],
        "luminosity_weight": [6.9e-6, 2.6e-3, 0.19][number],
        "counts": {"tried": 30000, "vetoed": 21000, "failed": 0, "filtered": 7000 * (number > 1)},
        "cut_flow": {"cuts": cuts, "passed": passed, "weights": [float(n) for n in passed]},
        "study_cut_flow": {"cuts": cuts, "passed": [1000] * 5, "weights": [1000.0] * 5},
        "split": {"train": 600, "validation": 200, "test": 200},
    }


def toy_run(
    folder: Path,
    seeds: tuple[int, ...] = (1,),
    count: int = 400,
    entries: tuple[str, ...] = tuple(POWER),
) -> Path:
    """Write a run folder.

    Parameters
    ----------
    folder : Path
        To be made.
    seeds : tuple of int
        Trainings of each entry.
    count : int
        Events a class, validation and test together.
    entries : tuple of str
        Which entries of the card.
    """
    study = resolve("higgs_diphoton", changes=[f"seeds={list(seeds)}"])
    classes = list(study.samples)
    folder.mkdir(parents=True)
    card = study.model_dump(mode="json")
    card["entries"] = [entry for entry in card["entries"] if entry["name"] in entries]
    text = yaml.safe_dump(card, sort_keys=False, allow_unicode=True)
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    write_json(folder / "environment.json", doctor().to_dict())
    metrics: dict[str, Any] = {"signal": classes[0], "classes": classes, "entries": {}}
    timing: dict[str, Any] = {}
    for k, name in enumerate(entries):
        power = POWER[name]
        metrics["entries"][name], timing[name] = {}, {}
        for seed in seeds:
            home = folder / name / str(seed)
            metrics["entries"][name][str(seed)] = _entry(home, 10 * k + seed, power, classes, count)
            network = name != "trees"
            write_json(home / "history.json", _history(12 if network else 60, network))
            timing[name][str(seed)] = {
                "parameters": 43009 + 1000 * k,
                "epochs": 12 if network else 60,
                "best_epoch": 7,
                "seconds": 114.0 if network else 0.0,
                "seconds_an_epoch": 9.5 if network else 0.0,
                "events_a_second": 189.5 if network else 0.0,
                "scored_a_second": 700.0,
                "precision": "bfloat16" if network else "float32",
                "threads": 2,
            }
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "timing.json", timing)
    write_json(folder / "samples.json", {k: _sample(k, n) for n, k in enumerate(classes)})
    images = {}
    for k, name in enumerate(classes):
        images[f"example_{name}"] = toy_image(k, jet=k == 2)[0].astype(np.float32)
        images[f"average_{name}"] = toy_average(k).astype(np.float32)
    np.savez_compressed(folder / "images.npz", **images)
    events = toy_events(3, seed=3, sample=classes, photons=2, mean=150)
    # what simulated events have
    kept = [name for name in events.fields if name not in SEEN_BY_OTHERS]
    write_store(folder / "examples", ak.Array(events[kept]))
    return folder
