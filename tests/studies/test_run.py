"""A run that was killed and started again ends with the same metrics."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CardError, SchemaError
from hepvision.events.split import NAMES, splits
from hepvision.events.store import StoreWriter, open_store, write_store
from hepvision.studies.card import resolve
from hepvision.studies.run import _BEFORE_TRAINING, Run, _in_order, run
from hepvision.training.checkpoints import Checkpoints
from studies.toy_search import exchange, toy_search
from toy_events import toy_events

GUN = "{process: {name: particle_gun, pdg_id: %d, low: %d, high: 110, per_event: 2}, events: %d}"


def card(events: int, epochs: int) -> dict:
    """Two guns, a small network: every stage that a kill can hit."""
    import yaml

    gun = {key: yaml.safe_load(GUN % (pdg, low, events)) for key, pdg, low in SAMPLES}
    return {
        "title": "killed and resumed",
        "simulate": {"pileup": 0, "seed": 5},
        "samples": {key: {"simulate": block} for key, block in gun.items()},
        "select": ["num(Photon) == 2"],
        "observables": ["diphoton_mass"],
        "representations": {"momenta": {"name": "four_momenta"}},
        "entries": [{"name": "net", "uses": ["momenta"], "model": {"name": "mlp"}}],
        "training": {"epochs": epochs, "patience": 0, "precision": "float32", "threads": 1},
    }


SAMPLES = (("photons", 22, 60), ("pions", 111, 40))


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def _after(monkeypatch, owner, method, calls):
    """Raise right after so many calls of a method came back."""
    original, count = getattr(owner, method), [0]

    def counted(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        count[0] += 1
        if count[0] == calls:
            raise Killed
        return result

    monkeypatch.setattr(owner, method, counted)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEPVISION_CACHE", str(folder / "cache"))
        run(card(60, 4), folder / "run", progress=False)
    return (folder / "run" / "metrics.json").read_bytes()


@pytest.mark.parametrize(
    ("owner", "method", "calls"), [(StoreWriter, "add", 1), (Checkpoints, "save", 2)]
)
def test_killed_at_a_fixed_point_it_goes_on(whole, tmp_path, monkeypatch, owner, method, calls):
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    with monkeypatch.context() as patch:
        _after(patch, owner, method, calls)
        with pytest.raises(Killed):
            run(card(60, 4), tmp_path / "run", progress=False)
    assert not (tmp_path / "run" / "metrics.json").exists()
    run(card(60, 4), tmp_path / "run", progress=False)
    assert (tmp_path / "run" / "metrics.json").read_bytes() == whole


def test_a_folder_of_another_card_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    run(card(40, 1), tmp_path / "run", progress=False)
    with pytest.raises(CardError, match=r"holds a run of another card \(training\)"):
        run(card(40, 2), tmp_path / "run", progress=False)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    with pytest.raises(CardError, match="must be empty or a run"):
        run(card(40, 1), tmp_path / "other", progress=False)


@pytest.mark.parametrize(("part", "weight"), [("validation", 0.0), ("test", -1.0)])
def test_weights_that_cancel_are_refused_before_the_training(part, weight, tmp_path):
    study = {**toy_search(tmp_path), "search": None, "training": {"epochs": 1, "balance": "none"}}
    place = tmp_path / "weighted"
    events = open_store(study["samples"]["b"]["store"]).read()
    weights = np.where(splits(events) == NAMES.index(part), weight, 1.0)
    write_store(place, ak.with_field(events, weights, "weight"))
    study["samples"] = {**study["samples"], "b": {"store": str(place)}}
    with pytest.raises(CardError, match=f"b: weights of {part} events must sum to more than 0"):
        run(study, tmp_path / "run", progress=False)
    assert not (tmp_path / "run" / "net").exists()
    assert not (tmp_path / "run" / "split.parquet").exists()


@pytest.mark.parametrize(
    ("training", "said"),
    [
        ({"examples": 1000}, "entry big: training.examples: must be at most"),
        ({"decorrelate_from": "0 * pileup"}, "entry big: training: 0 .* vary in the background"),
    ],
)
def test_what_a_later_entry_lacks_is_said_before_the_first_one_trains(training, said, tmp_path):
    study = {**toy_search(tmp_path), "search": None, "observables": ["0 * pileup"]}
    study["entries"][1]["training"] = training
    with pytest.raises(CardError, match=said):
        run(study, tmp_path / "run", progress=False)
    assert not (tmp_path / "run" / "net").exists()


def test_results_of_other_events_are_not_taken_for_those_of_these(tmp_path):
    """The card names stores, and stays as it is."""
    study = {**toy_search(tmp_path), "search": None}
    run(study, tmp_path / "run", progress=False)
    before = (tmp_path / "run" / "samples.json").read_bytes()
    exchange(tmp_path)
    with pytest.raises(CardError, match=r"holds a run of other events \(a, b\)"):
        run(study, tmp_path / "run", progress=False)
    assert (tmp_path / "run" / "samples.json").read_bytes() == before
    for path in (tmp_path / "run").iterdir():
        if path.name not in _BEFORE_TRAINING:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    made = run(study, tmp_path / "run", progress=False)
    assert sum(json.loads((made.folder / "samples.json").read_text())["a"]["split"].values()) == 70


def test_a_card_is_mended_where_nothing_was_trained(tmp_path, monkeypatch):
    """The pictures of the events that the first card named go with it."""
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    for number, key in enumerate(("a", "b", "c")):
        write_store(tmp_path / key, toy_events(40, seed=number, photons=2))
    stores = {key: {"store": str(tmp_path / key)} for key in ("a", "b")}
    wrong = card(40, 1) | {"samples": stores, "select": ["num(Photon) == 7"], "observables": []}
    out = tmp_path / "run"
    with pytest.raises(SchemaError, match="no event passes the selection"):
        run(wrong, out, progress=False)
    made = {one.name for one in out.iterdir()}
    assert made == {"card.yaml", "environment.json", "samples.json", "images.npz", "examples"}
    before = (out / "images.npz").read_bytes()
    mended = wrong | {"samples": stores | {"a": {"store": str(tmp_path / "c")}}, "select": []}
    run(mended, out, progress=False)
    assert (out / "images.npz").read_bytes() != before
    with pytest.raises(CardError, match=r"holds a run of another card \(samples, select\)"):
        run(wrong, out, progress=False)


def test_a_card_of_the_user_s_own_is_not_written_over(tmp_path):
    mine = "# by hand\nstudy: mine\n"
    (tmp_path / "card.yaml").write_text(mine)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "kept.txt").write_text("kept")
    with pytest.raises(CardError, match="holds a run of another card"):
        run(card(40, 1), tmp_path, progress=False)
    assert (tmp_path / "card.yaml").read_text() == mine
    assert (tmp_path / "examples" / "kept.txt").is_file()


@pytest.mark.slow
def test_killed_at_five_random_points_it_goes_on(tmp_path):
    """SIGKILL to the whole process group, seeded times, until a run is left to finish."""
    import yaml

    path = tmp_path / "card.yaml"
    path.write_text(yaml.safe_dump(card(800, 30)))
    code = "import sys; from hepvision.cli import main; main()"

    def start(name):
        words = [sys.executable, "-c", code, "run", str(path), "-o", str(tmp_path / name)]
        environment = {**os.environ, "HEPVISION_CACHE": str(tmp_path / f"cache-{name}")}
        return subprocess.Popen(
            [*words, "--quiet"], env=environment, start_new_session=True, stdout=subprocess.DEVNULL
        )

    begun = time.monotonic()
    assert start("whole").wait(timeout=600) == 0
    length = time.monotonic() - begun
    points = random.Random(7)
    for _ in range(5):
        process = start("killed")
        try:
            process.wait(timeout=points.uniform(0.2, 0.9) * length)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert start("killed").wait(timeout=600) == 0
    one, two = (tmp_path / name / "metrics.json" for name in ("whole", "killed"))
    assert one.read_bytes() == two.read_bytes()


def test_results_come_in_the_order_of_the_card(tmp_path):
    study = resolve("higgs_diphoton")
    names = [entry.name for entry in study.entries]
    assert names != sorted(names)
    versus = {key: {"auc": {"value": 0.5}} for key in sorted(["rest", "photon_jet", "diphoton"])}
    metrics = {"entries": {name: {"1": {"versus": versus}} for name in sorted(names)}}
    reordered = study.model_copy(
        update={"samples": {key: study.samples[key] for key in ("higgs", "photon_jet", "diphoton")}}
    )
    *lines, last = repr(Run(tmp_path, _in_order(reordered, metrics), tmp_path / "x")).splitlines()
    assert [line.split(" (")[0] for line in lines] == names
    assert all("photon_jet 0.500, diphoton 0.500, rest 0.500" in line for line in lines)
    assert last == str(tmp_path / "x")
