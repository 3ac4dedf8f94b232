"""The study of multijets: sizes, published files, and weights that reach every measure."""

from __future__ import annotations

import json
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.evaluation.classification import classification_metrics
from hepvision.studies.card import resolve
from hepvision.studies.run import run
from reader_samples import written
from toy_multijets import multijets
from toy_prongs import store_of

pytest.importorskip("torch")
pytest.importorskip("xgboost")


def test_sizes_and_files_resolve() -> None:
    assert resolve("rpv_multijet").samples["gluinos"].simulate.events == 600  # type: ignore[union-attr]
    paper = resolve("rpv_multijet", "paper")
    assert {"compact", "large", "resnet"} <= {entry.name for entry in paper.entries}
    assert resolve("rpv_multijet", "paper", ["files=x.h5"]).observables == ()
    assert resolve("rpv_multijet", changes=["files=x.h5"]).select == ()


def test_weights_reach_the_measures(tmp_path: Path) -> None:
    """A run on weighted events gives what the predictions and their weights give by hand."""
    for number, name in enumerate(("gluinos", "multijets")):
        events = multijets(300, number, 150.0 - 60 * number, weights=name == "multijets")
        store_of(tmp_path / name, events)
    entries = [{"name": "masses", "uses": ["masses"], "model": "cuts"}]
    made = run(
        "rpv_multijet",
        tmp_path / "run",
        changes=[
            *(f"samples.{one}={{store: {tmp_path / one}}}" for one in ("gluinos", "multijets")),
            f"entries={json.dumps(entries)}",
            "published=[]",
        ],
        progress=False,
    )
    found = made.metrics["entries"]["masses"]["1"]
    background = found["events"]["multijets"]
    assert background["effective"] < 0.8 * background["count"]
    weight = ak.to_numpy(multijets(300, 1, 90.0, weights=True).weight)
    assert background["weight"] < 0.5 * weight.sum()  # the test split
    point = found["versus"]["rest"]["at_background_efficiency"]["0.003"]
    interval = point["signal_efficiency"]
    assert interval["low"] <= interval["value"] <= interval["high"]
    assert any("fewer than 30" in text or "no background" in text for text in found["warnings"])
    assert "0.003" in made.report.read_text(encoding="utf-8")


def test_a_working_point_says_when_too_few_events_are_left() -> None:
    rng = np.random.default_rng(3)
    target = np.repeat([0, 1], 8000)
    chance = 1 / (1 + np.exp(-rng.normal(size=16000) - 2 * (target == 0)))
    scores = np.stack([chance, 1 - chance], axis=1)
    given = {"background_efficiencies": (0.003,), "least_background": 30}
    found = classification_metrics(scores, target, ("signal", "background"), **given)
    assert found["versus"]["rest"]["at_background_efficiency"]["0.003"]["remaining"] == 24
    assert "fewer than 30" in found["warnings"][0]
    assert not classification_metrics(
        scores, target, ("signal", "background"), background_efficiencies=(0.003,)
    )["warnings"]


def test_published_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    for seed, name in enumerate(("train", "val", "test")):
        written("rpv_images").write(tmp_path / f"{name}.h5", events=40, seed=seed)  # type: ignore[union-attr]
    changes = [
        "representations.pictures.shape=[3, 64, 64]",
        f"files={[str(tmp_path / f'{name}.h5') for name in ('train', 'val', 'test')]}",
        "published=[]",
        "entries=[{name: compact, uses: [pictures], model: compact_cnn}]",
        "training={epochs: 1, batch: 16, threads: 1, precision: float32}",
    ]
    made = run("rpv_multijet", tmp_path / "run", changes=changes, progress=False)
    area = made.metrics["entries"]["compact"]["1"]["versus"]["rest"]["auc"]
    assert 0 <= area["value"] <= 1
