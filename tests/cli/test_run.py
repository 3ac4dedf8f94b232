"""The command run: a plan, one line for a mistake, nothing left behind by one."""

import awkward as ak
import pytest
import yaml

from hepvision.cli import main
from hepvision.events.store import write_store
from toy_events import toy_events

TRACKS = {"name": "detector_image", "layers": ["tracks"], "tracks_at": "vertex"}


def test_the_plan_names_every_step_and_makes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "higgs_diphoton", "--dry-run"]) == 0
    out = capsys.readouterr().out
    for step in ("simulate higgs", "simulate photon_jet", "train EB", "train trees", "in all"):
        assert step in out
    assert not list(tmp_path.iterdir())


def test_what_a_size_changes_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "higgs_diphoton", "--dry-run", "--size", "paper"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("size paper: simulate.events=20000 (was 1000), training.epochs=30")
    assert main(["run", "higgs_diphoton", "--dry-run"]) == 0
    assert "size" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["higgs_dipoton"], "studies: no 'higgs_dipoton'. Did you mean 'higgs_diphoton'?"),
        (["card.yaml"], "card.yaml: no such card."),
        (["higgs_diphoton", "--size", "qick"], "no size 'qick'. Did you mean 'quick'?"),
        (["higgs_diphoton", "--set", "trainig.epochs=1"], "no key 'trainig'. Did you mean"),
        (["higgs_diphoton", "--set", "training.epoch=1"], "no key 'epoch'. Did you mean 'epochs'?"),
        (["higgs_diphoton", "--set", "simulate.pileup=-1"], "greater than or equal to 0, got -1"),
        (
            ["higgs_diphoton", "--set", "samples.higgs.simulate.process=higs_to_diphoton"],
            "processes: no 'higs_to_diphoton'. Did you mean 'higgs_to_diphoton'?",
        ),
        (["higgs_diphoton", "--set", "entries.EB.model=resnet16"], "Did you mean 'resnet15'?"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, monkeypatch, capsys, words, text):
    monkeypatch.chdir(tmp_path)
    assert main(["run", *words, "--quiet"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert text in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("last", [["--dry-run"], ["--quiet"]])
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-o", "notes"], "error: notes: not a directory. Give a folder, not a file."),
        (["-o", "notes/below"], "error: notes: not a directory. Give a folder, not a file."),
        (["-o", "toys"], "error: toys: must be empty or a run, got other files."),
        (["-o", "toys/run"], "error: toys/run: must not lie in a store"),
        (["--set", "simulate.events=2"], "samples.higgs: must have 3 events or more"),
        (["--set", "split.test=0"], "error: split.test: must be more than 0, for simulated"),
        (["--set", "samples.higgs={store: absent}"], "error: absent: no store is there."),
        (["--set", "samples.higgs={store: toys}"], "to be split into train, validation and test"),
    ],
)
def test_a_plan_is_refused_as_the_run_is(tmp_path, monkeypatch, capsys, words, text, last):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").write_text("mine")
    write_store(tmp_path / "toys", toy_events(2, seed=1))
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    assert main(["run", "higgs_diphoton", *words, *last]) == 2
    err = capsys.readouterr().err
    assert text in err
    assert err.count("\n") == 1
    assert {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()} == before


@pytest.mark.parametrize("last", [["--dry-run"], ["--quiet"]])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"select": ["num(Photon) == 2"]}, "sample a: needs Photon, got lacking."),
        ({"observables": ["max(Photon.pt)"]}, "sample a: needs Photon, got lacking."),
        (
            {"representations": {"x": TRACKS | {"divide_by": "diphoton_mass"}}},
            "sample a: needs Photon.",
        ),
        ({"select": ["any(Track.charge > 0)"]}, "charge"),
        ({"observables": ["sum(Track.charge)"]}, "charge"),
        (
            {"representations": {"x": TRACKS | {"tracks_at": "ecal_face"}}},
            "no field 'Track.etaEcal'",
        ),
    ],
)
def test_a_store_that_lacks_what_a_card_reads(tmp_path, monkeypatch, capsys, changes, said, last):
    """Its manifest tells; nothing is made, and nothing of another sample either."""
    monkeypatch.chdir(tmp_path)
    events = toy_events(5, seed=1, photons=2)
    kept = [name for name in events.fields if name != "Photon"]
    tracks = [name for name in events.Track.fields if name not in {"charge", "etaEcal"}]
    write_store(tmp_path / "lacking", ak.with_field(events[kept], events.Track[tracks], "Track"))
    write_store(tmp_path / "whole", events)
    card = {
        "title": "stores",
        "samples": {"whole": {"store": "whole"}, "a": {"store": "lacking"}},
        "representations": {"x": TRACKS},
        "entries": [{"name": "net", "uses": ["x"], "model": "resnet15"}],
    }
    (tmp_path / "card.yaml").write_text(yaml.safe_dump(card | changes))
    assert main(["run", "card.yaml", "-o", "out", *last]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
