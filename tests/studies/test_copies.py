"""No example stands in two classes, or on two sides of the split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CardError
from hepvision.studies._copies import apart
from hepvision.studies.card import Study, resolve
from hepvision.studies.inputs import Table, table_of
from hepvision.studies.run import run
from hepvision.studies.samples import ExampleStream, prepare
from toy_prongs import prongs, store_of

FIELDS = ("Particle.pt", "FatJet.pt")


def study_of(tops: Path, jets: Path, **where: str) -> Study:
    """Two classes of stores."""
    samples = {"top": {"store": str(tops)}, "qcd": {"store": str(jets)}}
    for key, text in where.items():
        samples[key]["where"] = text
    return resolve(
        {
            "title": "copies",
            "samples": samples,
            "representations": {"m": {"name": "particles"}},
            "entries": [{"name": "net", "uses": ["m"], "model": {"name": "particle_flow"}}],
        }
    )


def checked(study: Study) -> tuple[Table, Table]:
    """The table before and after the check."""
    stream = ExampleStream(study, prepare(study), ())
    table = table_of(stream)
    return table, apart(stream, table, FIELDS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_different_events_stay_as_they_are(folder: Path) -> None:
    store_of(folder / "top", prongs(60, 1, 3))
    store_of(folder / "qcd", prongs(60, 2, 1))
    before, after = checked(study_of(folder / "top", folder / "qcd"))
    assert after is before


def test_one_store_for_two_classes_needs_a_where(folder: Path) -> None:
    store_of(folder / "all", prongs(30, 1, 3, label=1), prongs(30, 2, 1, first=30))
    apart_by = {"top": "label == 1", "qcd": "label == 0"}
    before, after = checked(study_of(folder / "all", folder / "all", **apart_by))
    assert after is before
    assert np.bincount(before.columns["target"]).tolist() == [30, 30]
    for where in ({}, {"top": "label == 1"}, {"top": "label >= 0", "qcd": "label == 0"}):
        with pytest.raises(CardError, match=r"qcd and top must have different events") as caught:
            checked(study_of(folder / "all", folder / "all", **where))
        assert "\n" not in str(caught.value)


def test_the_same_jet_in_another_order_of_particles_is_found(folder: Path) -> None:
    events = prongs(40, 1, 3)
    twin = ak.with_field(events[:1], events.Particle[:1, ::-1], "Particle")
    twin = ak.with_field(twin, np.array([99], np.uint64), "event_id")
    store_of(folder / "top", events)
    store_of(folder / "qcd", prongs(40, 2, 1), twin)
    with pytest.raises(CardError, match="got 2 examples with a copy in another class"):
        checked(study_of(folder / "top", folder / "qcd"))


def test_copies_of_test_examples_are_not_trained_on(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    events = prongs(90, 1, 3)
    twins = ak.with_field(events, np.arange(1000, 1090, dtype=np.uint64), "event_id")
    store_of(folder / "top", events, twins)
    store_of(folder / "qcd", prongs(60, 2, 1))
    before, after = checked(study_of(folder / "top", folder / "qcd"))
    old, new = before.columns["split"], after.columns["split"]
    first, second = new[:90], new[90:180]
    both = np.maximum(old[:90], old[90:180])
    apart_before = old[:90] != old[90:180]
    assert apart_before.any()
    assert (np.maximum(first, second) == both).all()  # the later part keeps its example
    assert (np.minimum(first, second)[apart_before] == -1).all()
    assert (first[~apart_before] == second[~apart_before]).all()
    assert (new[180:] == old[180:]).all()
    assert f"{apart_before.sum()} training and validation examples are copies" in caplog.text
    again = checked(study_of(folder / "top", folder / "qcd"))[1]  # from the cache
    assert (again.columns["split"] == new).all()


def test_jets_without_particles_are_no_copies_of_each_other(folder: Path) -> None:
    empty = prongs(40, 1, 3)
    none = ak.with_field(empty, empty.FatJet[:, :0], "FatJet")
    none = ak.with_field(none, empty.Particle[:, :0], "Particle")
    store_of(folder / "top", none)
    store_of(folder / "qcd", prongs(40, 2, 1))
    before, after = checked(study_of(folder / "top", folder / "qcd"))
    assert after is before


def test_a_run_refuses_and_tells(folder: Path) -> None:
    store_of(folder / "all", prongs(60, 1, 3, label=1), prongs(60, 2, 1, first=60))
    card: dict[str, Any] = study_of(folder / "all", folder / "all").model_dump(mode="json")
    card |= {"training": {"epochs": 1, "threads": 1, "precision": "float32"}}
    with pytest.raises(CardError, match="must have different events"):
        run(card, folder / "run", progress=False)
    changes = ["samples.top.where=label == 1", "samples.qcd.where=label == 0"]
    made = run(card, folder / "run", changes=changes, progress=False)
    assert made.metrics["entries"]["net"]
