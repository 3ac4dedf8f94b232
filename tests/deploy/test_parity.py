"""The report of a file says what changed, and by how much."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from deploy.test_bundle import network_bundle
from hepvision.deploy._split_rows import rows_of
from hepvision.deploy.onnx import export
from hepvision.deploy.parity import parity
from hepvision.events.store import write_store
from toy_events import toy_events


def test_classes_that_are_not_said(tmp_path: Path) -> None:
    """Real events have no class: scores are compared, nothing else."""
    bundle = network_bundle()
    write_store(tmp_path / "store", toy_events(12, 1, sample="data", photons=2))
    made = export(bundle, tmp_path / "model.onnx")
    rows = rows_of(bundle, tmp_path / "store", "train", 5)
    assert len(rows) == 5
    found = parity(bundle, made.path, rows)
    assert found.examples == 5
    assert found.measures == {}
    assert 0 <= found.largest < 1e-5
    with pytest.raises(ValueError, match="needs examples, got none"):
        parity(bundle, made.path, rows[:0])


def test_another_network_is_seen(tmp_path: Path) -> None:
    bundle = network_bundle()
    made = export(bundle, tmp_path / "model.onnx")
    for one in bundle.model.parameters():
        one.data *= 2
    assert parity(bundle, made.path, toy_events(3, 2, photons=2)).largest > 1e-4


def test_classes_are_those_of_the_card(tmp_path: Path) -> None:
    """Files name no sample of the study: cuts of its card do, in the split that was published."""
    events = toy_events(60, 1, sample="file", photons=2)
    number = np.arange(60)
    events = ak.with_field(events, (number % 2).astype(np.int32), "label")
    events = ak.with_field(events, np.where(number < 20, 2, 0).astype(np.int8), "split")
    write_store(tmp_path / "store", events)
    samples = {"diphoton": {"where": ["label == 0"]}, "higgs": {"where": ["label == 1"]}}
    bundle = dataclasses.replace(network_bundle(), card={"samples": samples})
    rows = rows_of(bundle, [tmp_path / "store"], "test", 12)
    assert rows["sample"].tolist() == ["diphoton"] * 6 + ["higgs"] * 6
    assert sorted(rows["event_id"].tolist()) == sorted(events["event_id"][:12].tolist())
    made = export(bundle, tmp_path / "model.onnx", events=[tmp_path / "store", tmp_path / "store"])
    assert made.parity is not None and "AUC against rest" in made.parity.measures
    # events that do not say it keep their names
    write_store(tmp_path / "data", toy_events(12, 1, sample="data", photons=2))
    assert set(rows_of(bundle, tmp_path / "data", "train", 3)["sample"].tolist()) == {"data"}


def test_each_file_gives_its_share(tmp_path: Path) -> None:
    bundle = network_bundle()
    for name in ("higgs", "jet"):
        write_store(tmp_path / name, toy_events(40, 1, sample=name, photons=2))
    rows = rows_of(bundle, [tmp_path / "higgs", tmp_path / "jet"], "train", 10)
    assert rows["sample"].tolist() == ["higgs"] * 5 + ["jet"] * 5


def test_classes_are_those_of_their_processes(tmp_path: Path) -> None:
    """Stores that `simulate` made are called as their process; the card knows which class it is."""
    names = {"higgs": {"name": "higgs_to_diphoton"}, "diphoton": "prompt_diphoton"}
    for number, process in enumerate(("higgs_to_diphoton", "prompt_diphoton")):
        events = toy_events(60, number, sample=process, photons=2)
        write_store(tmp_path / process, events)
    stores = [tmp_path / "higgs_to_diphoton", tmp_path / "prompt_diphoton"]
    samples = {key: {"simulate": {"process": one}, "where": []} for key, one in names.items()}
    bundle = dataclasses.replace(network_bundle(), card={"samples": samples})
    found = rows_of(bundle, stores, "train", 4)["sample"].tolist()
    assert found == ["higgs", "higgs", "diphoton", "diphoton"]
    made = export(bundle, tmp_path / "model.onnx", events=stores)
    assert made.parity is not None and "AUC against rest" in made.parity.measures
    # two classes of one process are not told apart by it
    guns = {key: {"simulate": {"process": {"name": "higgs_to_diphoton"}}} for key in names}
    bundle = dataclasses.replace(bundle, card={"samples": guns})
    assert set(rows_of(bundle, stores[:1], "train", 3)["sample"].tolist()) == {"higgs_to_diphoton"}


def test_measures_that_are_left_out_say_why(tmp_path: Path) -> None:
    bundle = network_bundle()
    for name in ("higgs", "data"):
        write_store(tmp_path / name, toy_events(60, 1, sample=name, photons=2))
    said = {
        name: repr(export(bundle, tmp_path / f"{name}.onnx", events=tmp_path / name))
        for name in ("higgs", "data")
    }
    assert "were left out: they need the signal and a background" in said["higgs"]
    assert "were left out: classification: no class has the sample 'data'" in said["data"]
