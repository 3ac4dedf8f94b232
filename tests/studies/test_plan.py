"""Plans count the work and use what this machine has shown."""

import pytest

from hepvision.core.cache import cache_folder
from hepvision.core.errors import CorruptFileError
from hepvision.studies.card import resolve
from hepvision.studies.plan import Plan, Step, note_rate, plan, rates
from hepvision.studies.run import _note
from hepvision.training.options import Options
from reader_samples import write


class _Made:
    """Ten events of a store, as far as a rate asks for it."""

    def __init__(self, manifest):
        self.manifest = manifest

    def __len__(self):
        return 10


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path))


def test_without_rates_the_time_is_not_known():
    steps = plan(resolve("higgs_diphoton")).steps
    assert [step.seconds for step in steps] == [None] * 7
    said = str(plan(resolve("higgs_diphoton")))
    assert "time not known yet" in said
    assert said.splitlines()[-1] == "in all: time not known before a first run on this machine"


def test_files_that_are_not_fetched_yet_are_not_said_to_hold_nothing():
    said = str(Plan((Step("read top", 0, None, None, False),)))
    assert said.splitlines()[0] == (
        "read top: events not counted before they are fetched, time not known yet"
    )
    note_rate("train Top tagging: one table trees", 1.0)
    files = plan(resolve("top_tagging", changes=["files=https://nowhere.example/train.h5"]))
    assert {step.seconds for step in files.steps} == {None}


def test_files_are_opened_and_their_events_counted(tmp_path):
    file = write("top_tagging", tmp_path, events=12)
    counted = plan(resolve("top_tagging", changes=[f"files={file}"])).steps[:2]
    assert [step.units for step in counted] == [6, 6]  # two classes of one file
    assert not any(step.done for step in counted)
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(CorruptFileError, match=file.name):
        plan(resolve("top_tagging", changes=[f"files={file}"]))


def test_a_store_that_is_not_there_is_refused(tmp_path):
    changes = [f"samples.{key}={{store: {tmp_path / 'no'}}}" for key in ("higgs", "diphoton")]
    with pytest.raises(CorruptFileError, match="no store is there"):
        plan(resolve("higgs_diphoton", changes=changes))


def test_trees_have_no_epochs():
    study = resolve("higgs_diphoton")
    networks, trees = plan(study).steps[3:6], plan(study).steps[6]
    assert all("at most" in step.what for step in networks)
    assert trees.what == "train trees"
    assert trees.units * study.training["epochs"] == networks[0].units


def test_rates_give_a_time_that_workers_divide():
    note_rate("simulate photon_jet", 0.2)
    study = resolve("higgs_diphoton")
    one, two = plan(study, 1).steps[2], plan(study, 2).steps[2]
    assert one.seconds == pytest.approx(200)
    assert two.seconds == pytest.approx(100)
    said = str(plan(study, 1))
    assert "about 3 min" in said
    assert said.splitlines()[-1].endswith("for the steps whose rates are known")


def test_epochs_and_examples_are_those_of_the_training():
    study = resolve("higgs_diphoton", changes=["training={}"])
    total = sum(sample.simulate.events for sample in study.samples.values())
    whole = plan(study).steps[3]
    assert whole.units == int(total * study.split.fractions[0]) * Options().epochs
    few = resolve("higgs_diphoton", changes=["training={epochs: 2, examples: 50}"])
    assert plan(few).steps[3].units == 50 * 3 * 2


def test_seconds_of_all_workers_are_remembered():
    study = resolve("higgs_diphoton")
    manifest = {"provenance": {"process": {"name": "higgs_to_diphoton"}}, "parts": [{"bytes": 90}]}
    _note(study, {"higgs": _Made(manifest)}, 4 * 50.0)
    assert rates() == {"bytes higgs_to_diphoton": 9.0, "simulate higgs_to_diphoton": 20.0}


def test_damaged_rates_are_forgotten(caplog):
    (cache_folder() / "rates.json").write_text("{")
    assert rates() == {}
    assert "must be JSON" in caplog.text
