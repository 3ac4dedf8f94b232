"""A study whose inputs are larger than the memory that it may use."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from hepvision.core import stored_inputs as stored
from hepvision.core.card import component
from hepvision.core.files import read_json
from hepvision.core.inputs import Dense
from hepvision.core.stored_inputs import is_stored, loaded
from hepvision.studies.card import resolve
from hepvision.studies.entry import train_entry
from hepvision.studies.inputs import inputs_of, table_of
from hepvision.studies.samples import ExampleStream, prepare
from studies.test_terminated import card


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stored, "ROW_GROUP", 16)


def test_inputs_stay_on_disk_and_are_the_same(tmp_path: Path) -> None:
    study = resolve(card(tmp_path))
    stream = ExampleStream(study, prepare(study), ())
    wanted = {"momenta": component("representations", "four_momenta")}
    whole, measured = inputs_of(stream, wanted)
    kept, again = inputs_of(stream, wanted, memory=100)
    assert (is_stored(whole), is_stored(kept), again) == (False, True, measured)
    one, other = whole["momenta.vector"], loaded(kept)["momenta.vector"]
    assert isinstance(one, Dense) and isinstance(other, Dense)
    np.testing.assert_array_equal(one.values, other.values)
    # one that is damaged within is found when it is read, and made anew
    (file,) = (tmp_path / "cache" / "inputs").glob("*.parquet")
    content = bytearray(file.read_bytes())
    content[10:60] = bytes(50)
    file.write_bytes(content)
    mended = inputs_of(stream, wanted)[0]["momenta.vector"]
    assert isinstance(mended, Dense)
    np.testing.assert_array_equal(one.values, mended.values)


def test_entries_are_trained_and_scored_from_disk(tmp_path: Path) -> None:
    block = card(tmp_path)
    block["training"] |= {"epochs": 2, "memory": "1 kB"}
    block["entries"] += [{"name": "trees", "uses": ["momenta"], "model": "boosted_trees"}]
    study = resolve(block)
    stream = ExampleStream(study, prepare(study), ())
    wanted = {"momenta": component("representations", "four_momenta")}
    table, found = table_of(stream), {}
    for name, memory in (("kept", 100.0), ("whole", math.inf)):
        inputs, measured = inputs_of(stream, wanted, memory)
        for entry in study.entries:
            what = (study, entry, 1, tmp_path / name, table, inputs, measured, False)
            found[name, entry.name] = train_entry(*what).metrics
    # the network's windows mix the examples otherwise; learners see all at once
    histories = [
        read_json(tmp_path / name / "net" / "1" / "history.json") for name in ("kept", "whole")
    ]
    losses = [[row["train"] for row in one] for one in histories]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.5)
    assert found["kept", "trees"] == found["whole", "trees"]
    one, other = ((tmp_path / name / "split.parquet").read_bytes() for name in ("kept", "whole"))
    assert one == other
