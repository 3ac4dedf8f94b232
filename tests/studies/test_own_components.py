"""A study whose process, representation, network and loss are the user's own files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import awkward as ak
import pytest
import yaml

from hepvision.cli import main
from hepvision.core.own import using
from hepvision.simulation.simulate import simulate
from toy_own import toy_component

NAMES = ("my_gun", "my_photon", "my_linear", "my_loss")
GUN = {"low": 60, "high": 110}
CARD = {
    "title": "the user's own",
    "simulate": {"pileup": 0, "seed": 5, "events": 60},
    "samples": {
        "photons": {"simulate": {"process": {"name": "my_gun", **GUN}}},
        "pions": {"simulate": {"process": {"name": "my_gun", "pdg_id": 111, **GUN}}},
    },
    "select": ["num(Photon) == 2"],
    "observables": ["diphoton_mass"],
    "representations": {"photon": "my_photon"},
    "task": {"name": "classification", "loss_function": "my_loss"},
    "entries": [{"name": "net", "uses": ["photon"], "model": "my_linear"}],
    "training": {"epochs": 1, "precision": "float32", "threads": 1},
}


def _given(folder: Path, *names: str) -> list[str]:
    words = [toy_component(folder, name) for name in names]
    return [part for word in words for part in ("--component", word)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files, a card and its run."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "card.yaml").write_text(yaml.safe_dump(CARD, sort_keys=False))
    run = ["run", str(folder / "card.yaml"), "-o", str(folder / "run"), "--quiet"]
    assert main([*run, *_given(folder, *NAMES)]) == 0
    return folder


def _one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_run_and_bundle_hold_the_checksums(made: Path) -> None:
    kept = json.loads((made / "run" / "environment.json").read_text())["components"]
    assert [one["name"] for one in kept] == list(NAMES)
    assert all(len(one["sha256"]) == 64 and one["file"] == f"{one['name']}.py" for one in kept)
    manifest = json.loads((made / "run" / "net" / "1" / "bundle" / "manifest.json").read_text())
    assert manifest["components"] == [one for one in kept if one["name"] != "my_gun"]
    card = (made / "run" / "card.yaml").read_text()
    assert str(made) not in card
    assert ".py" not in card


def test_predict_asks_for_the_files_and_takes_no_others(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gun = tmp_path / "gun"
    simulate("particle_gun", 5, gun, pileup=0, progress=False, parameters={"low": 60.0})
    predict = ["predict", str(made / "run" / "net" / "1" / "bundle"), str(gun)]
    predict += ["-o", str(tmp_path / "scores.parquet"), "--quiet"]
    said = _one_line(predict, capsys)
    assert "needs my_photon.py with SHA-256" in said
    assert "got none. Give it with --component path/to/my_photon.py:MyPhoton" in said
    given = _given(tmp_path, "my_photon", "my_linear")  # the loss is for training alone
    assert main([*predict, *given]) == 0
    assert (tmp_path / "scores.parquet").exists()
    (tmp_path / "scores.parquet").unlink()
    network = tmp_path / "my_linear.py"
    network.write_text(network.read_text() + "# another\n")
    assert "needs my_linear.py with SHA-256" in _one_line([*predict, *given], capsys)
    assert not (tmp_path / "scores.parquet").exists()


def test_a_damaged_record_is_one_line(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = shutil.copytree(made / "run" / "net" / "1" / "bundle", tmp_path / "bundle")
    manifest = json.loads((bundle / "manifest.json").read_text())
    del manifest["components"][0]["file"]
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    said = _one_line(["predict", str(bundle), "store", "-o", "scores.parquet"], capsys)
    assert "components.0.file: must be given" in said


def test_a_changed_file_makes_no_part_of_an_older_run(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ["run", str(made / "card.yaml"), "-o", str(made / "run"), "--quiet"]
    before = (made / "run" / "environment.json").read_bytes()
    given = _given(tmp_path, *NAMES)
    network = tmp_path / "my_linear.py"
    network.write_text(network.read_text() + "# another\n")
    said = _one_line([*run, *given], capsys)
    assert "holds a run with other components (my_gun.py, my_linear.py" in said
    assert (made / "run" / "environment.json").read_bytes() == before
    assert "no 'my_gun'" in _one_line(run, capsys)
    assert main([*run, *_given(tmp_path, *NAMES)]) == 0  # elsewhere, but the same


def test_events_and_inputs_of_a_changed_file_are_made_anew(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hepvision.studies.card import resolve
    from hepvision.studies.samples import store_folder

    word = toy_component(tmp_path, "my_gun")
    study = resolve(CARD)
    with using([word]):
        first = store_folder(study, "photons")
    assert first.is_dir()
    path = tmp_path / "my_gun.py"
    path.write_text(path.read_text() + "# another\n")
    with using([word]):
        assert store_folder(study, "photons") != first


@pytest.mark.slow
def test_two_workers_make_the_same_events(tmp_path: Path) -> None:
    with using([toy_component(tmp_path, "my_gun")]):
        stores = [
            simulate("my_gun", 12, tmp_path / str(n), pileup=0, workers=n, progress=False)
            for n in (1, 2)
        ]
    assert ak.array_equal(*(store.read() for store in stores))
