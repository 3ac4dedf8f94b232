"""A class is a selection of files, which stand in for simulation, split as published."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CardError, UnknownNameError
from hepvision.representations.particles import Particles
from hepvision.studies._checks import tried
from hepvision.studies.card import resolve
from hepvision.studies.inputs import inputs_of, table_of
from hepvision.studies.samples import ExampleStream, prepare, simulation, store_folder
from reader_samples import written

CARD: dict[str, Any] = {
    "title": "tops",
    "simulate": {"readout": "particles", "pileup": 0, "events": 20},
    "samples": {
        "top": {"simulate": {"process": "boosted_tops"}, "title": "top"},
        "qcd": {"simulate": {"process": "dijets"}},
    },
    "from_files": {
        "samples": {
            "top": {"read": {"reader": "top_tagging"}, "where": "label == 1"},
            "qcd": {"read": {"reader": "top_tagging"}, "where": "label == 0"},
        },
        "seeds": [7],
    },
    "select": ["num(FatJet) == 1"],
    "representations": {"jets": {"name": "particles"}},
    "entries": [{"name": "net", "uses": ["jets"], "model": {"name": "particle_flow"}}],
    "sizes": {"quick": {}, "paper": {"seeds": [1, 2, 3]}},
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three files as published."""
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    (tmp_path / "jets").mkdir()
    for seed, name in enumerate(("train", "val", "test")):
        written("top_tagging").write(tmp_path / "jets" / f"{name}.h5", events=40, seed=seed)  # type: ignore[union-attr]
    return tmp_path / "jets"


def test_without_files_the_card_simulates() -> None:
    study = resolve(CARD)
    assert all(sample.simulate is not None for sample in study.samples.values())
    assert study.seeds == (1,)


def test_representations_that_files_cannot_give_are_left_out() -> None:
    """Only where the block names some: entries then use these, and files lack the others."""
    block = {
        "representations": {"pictures": {"name": "published_image", "shape": [1, 8, 8]}},
        "entries": [{"name": "net", "uses": ["pictures"], "model": "compact_cnn"}],
    }
    card = {**CARD, "from_files": {**CARD["from_files"], **block}}
    assert set(resolve(card).representations) == {"jets"}
    assert set(resolve(card, changes=["files=x"]).representations) == {"pictures"}


def test_files_replace_the_sources_and_what_else_the_block_names(files: Path) -> None:
    study = resolve(CARD, changes=[f"files={files}", "samples.top.title=mine"])
    top = study.samples["top"]
    assert (top.simulate, top.title, top.where) == (None, "mine", ("label == 1",))
    assert top.read is not None and top.read.files == (str(files),)
    assert study.seeds == (7,)
    names = [str(files / f"{name}.h5") for name in ("train", "test")]
    study = resolve(CARD, "paper", [f"files={names}"])
    assert study.samples["qcd"].read.files == tuple(names)  # type: ignore[union-attr]


def test_each_class_may_have_files_of_its_own() -> None:
    """Where no field of the files tells classes apart, a mapping says which are whose."""
    study = resolve(CARD, changes=["files={top: a.h5, qcd: [b.h5, c.h5]}"])
    assert study.samples["top"].read.files == ("a.h5",)  # type: ignore[union-attr]
    assert study.samples["qcd"].read.files == ("b.h5", "c.h5")  # type: ignore[union-attr]
    for wrong in ("{top: a.h5}", "{top: a.h5, qdc: b.h5}", "{top: a.h5, qcd: []}"):
        with pytest.raises(CardError, match="files: must "):
            resolve(CARD, changes=[f"files={wrong}"])


def test_files_are_converted_once_and_split_as_published(files: Path) -> None:
    study = resolve(CARD, changes=[f"files={files}"])
    assert store_folder(study, "top") == store_folder(study, "qcd")
    stores = prepare(study, progress=False)
    assert len(stores["top"]) == 120
    table = table_of(ExampleStream(study, stores, ()))
    events = stores["top"].read()
    label, split = (ak.to_numpy(events[name]) for name in ("label", "split"))
    there = ak.to_numpy(ak.num(events.FatJet)) == 1
    for target, number in ((0, 1), (1, 0)):
        mine = table.columns["target"] == target
        wanted = (label == number) & there
        assert (table.columns["event_id"][mine] == ak.to_numpy(events.event_id)[wanted]).all()
        assert (table.columns["split"][mine] == split[wanted]).all()


def test_inputs_of_other_selections_are_not_mixed_up(files: Path) -> None:
    found = []
    for labels in ((1, 0), (0, 1)):
        changes = [
            f"samples.{key}.where=label == {n}"
            for key, n in zip(("top", "qcd"), labels, strict=True)
        ]
        study = resolve(CARD, changes=[f"files={files}", *changes])
        stream = ExampleStream(study, prepare(study, progress=False), ())
        found.append(inputs_of(stream, {"m": Particles(parts=("momenta",))})[0])
    one, two = (next(iter(inputs.values())).values for inputs in found)
    assert np.array_equal(np.sort(one, axis=None), np.sort(two, axis=None))
    assert not np.array_equal(one, two)


@pytest.mark.parametrize(
    ("card", "changes", "said"),
    [
        ({"from_files": None}, ["files=x"], "card: files: has no 'from_files' to read them"),
        ({}, ["files=3"], "files: must be a path or several, got 3"),
        ({"from_files": {"sample": {}}}, [], "from_files: must name samples"),
        ({}, ["files=x", "from_files.samples.qcd.store=y"], "needs exactly one of simulate, read"),
    ],
)
def test_what_cannot_be_read_is_one_line(card: Any, changes: list[str], said: str) -> None:
    with pytest.raises(CardError, match=re.escape(said)) as caught:
        study = resolve({**CARD, **card}, changes=changes)
        assert study is None
    assert "\n" not in str(caught.value)


def test_a_slip_in_where_is_found_before_the_work() -> None:
    with pytest.raises(UnknownNameError, match="labl"):
        tried(resolve(CARD, changes=["samples.top.where=labl == 1"]))


def test_classes_of_one_process_have_streams_of_their_own() -> None:
    changes = ["samples.qcd.simulate.process={name: boosted_tops, radius: 1.0}"]
    study = resolve(CARD, changes=changes)
    seeds = [simulation(study, one.simulate)["seed"] for one in study.samples.values()]  # type: ignore[arg-type]
    assert len(set(seeds)) == 2
    study = resolve(CARD)
    seeds = [simulation(study, one.simulate)["seed"] for one in study.samples.values()]  # type: ignore[arg-type]
    assert seeds == [1, 1]  # the name of the process is part of the stream
