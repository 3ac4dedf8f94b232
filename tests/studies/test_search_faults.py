"""What may go wrong in a search: it ends, it says why, and nothing stands for something else."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("optuna")

from hepvision.core.errors import CardError, CorruptFileError, MissingExtraError
from hepvision.core.names import require
from hepvision.physics.intervals import effective_count
from hepvision.studies import _search_judge, _search_work
from hepvision.studies import search as module
from hepvision.studies._search_data import record_seen
from hepvision.studies._search_judge import judge
from hepvision.studies._search_page import _ends, _mark, ratio
from hepvision.studies._search_storage import Trials, asked, default_storage, owner_of
from hepvision.studies._search_told import line_of
from hepvision.studies._search_trial import Finished
from hepvision.studies._search_work import Job, work
from hepvision.studies.card import resolve
from hepvision.studies.run import run
from hepvision.studies.samples import prepare
from hepvision.studies.search import search
from studies.toy_search import exchange, toy_search


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEPVISION_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(autouse=True)
def trials_only(monkeypatch):
    """Neither train, judge nor draw."""
    monkeypatch.setattr(module, "_judged", lambda *given: [])
    monkeypatch.setattr(module, "write_page", lambda *given: None)
    monkeypatch.setattr(_search_work, "train_trial", lambda *given: Finished(0.6, 0.1))


def told(folder):
    return json.loads((folder / "search.json").read_text(encoding="utf-8"))["trials"]


@pytest.mark.timeout(120)
def test_networks_that_cannot_be_tried_end_the_search_too(stores, tmp_path, monkeypatch):
    """As those whose layers do not fit together, which is found when they are run."""

    def misfit(*given):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(_search_work, "costs_of", misfit)
    search(toy_search(stores, trials=3), tmp_path / "s", progress=False)
    assert [row["outcome"] for row in told(tmp_path / "s")] == ["failed"] * 3


@pytest.mark.timeout(120)
def test_representations_that_cannot_be_are_no_networks(stores, tmp_path, monkeypatch):
    def wrong(*given):
        raise CardError("representations event_image: pixels must be positive")

    monkeypatch.setattr(_search_work, "BARREN", 8)
    monkeypatch.setattr(_search_work, "seen", wrong)
    with pytest.raises(CardError, match="8 no network; the first is none: representations event_"):
        search(toy_search(stores), tmp_path / "s", progress=False)


def test_trials_of_another_storage_are_not_taken_for_those_of_this(stores, tmp_path):
    """They have the same numbers, but are other networks."""
    card, folder = toy_search(stores, trials=1), tmp_path / "s"
    search(card, folder, progress=False)
    trained = [folder / "best" / "trial-0" / "1", folder / "trials" / "0" / "checkpoints"]
    kept = folder / "best" / "big" / "1"
    for one in (*trained, kept):
        one.mkdir(parents=True)
    search(card, folder, progress=False)
    assert all(one.is_dir() for one in trained)
    (folder / "trials.db").unlink()
    search(card, folder, progress=False)
    assert not any(one.exists() for one in trained)
    assert kept.is_dir()


def test_a_folder_of_other_components_is_refused(stores, tmp_path):
    study = resolve(toy_search(stores))
    module._claim(tmp_path, study)
    path = tmp_path / "environment.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**about, "components": [{"file": "mine.py"}]}))
    with pytest.raises(CardError, match=r"a search with other components \(mine.py\)"):
        module._refuse_other(tmp_path, study)


def test_what_cannot_be_judged_is_refused_before_the_first_trial(stores, tmp_path):
    card = toy_search(stores)
    with pytest.raises(CorruptFileError, match="must be a run folder"):
        search(card, tmp_path / "s", reference=tmp_path / "none", progress=False)
    assert not (tmp_path / "s").exists()
    with pytest.raises(CardError, match="must have test events"):
        search({**card, "split": {"test": 0.0}}, tmp_path / "t", progress=False)
    assert not (tmp_path / "t" / "search.json").exists()


def test_more_examples_than_there_are_is_refused_before_the_first_trial(stores, tmp_path):
    card = toy_search(stores)
    card["entries"][0].setdefault("training", {})["examples"] = 10**6
    with pytest.raises(CardError, match="must be at most what there is of each class"):
        search(card, tmp_path / "search", progress=False)
    assert not (tmp_path / "search" / "search.json").exists()


def test_a_reference_on_other_events_is_refused_before_the_first_trial(stores, tmp_path):
    card = toy_search(stores, trials=1)
    other = {**toy_search(tmp_path / "others", events=70), "search": None}
    run(other, tmp_path / "run", progress=False)
    with pytest.raises(ValueError, match="run must have the same test examples"):
        search(card, tmp_path / "s", reference=tmp_path / "run", progress=False)
    renamed = {**other, "samples": {"c": other["samples"]["a"], "d": other["samples"]["b"]}}
    run(renamed, tmp_path / "renamed", progress=False)
    with pytest.raises(ValueError, match="renamed must have the same classes"):
        search(card, tmp_path / "s", reference=tmp_path / "renamed", progress=False)
    assert not list((tmp_path / "s").glob("trials/*"))


def test_a_reference_of_its_own_folder_is_refused(stores, tmp_path):
    with pytest.raises(ValueError, match="must lie outside the search's own folder"):
        search(toy_search(stores), tmp_path / "s", reference=tmp_path / "s" / "best")
    assert not (tmp_path / "s").exists()


def test_an_entry_called_as_trials_are_is_refused(stores, tmp_path):
    card = toy_search(stores, entry="trial-3")
    card["entries"][0]["name"] = "trial-3"
    with pytest.raises(CardError, match="'trial-3' is what a search calls its own"):
        search(card, tmp_path / "s", progress=False)


def test_trials_of_other_events_are_not_gone_on_with(tmp_path):
    card = toy_search(tmp_path, trials=1)
    search(card, tmp_path / "s", progress=False)
    before = (tmp_path / "s" / "search.json").read_bytes()
    exchange(tmp_path)
    with pytest.raises(CardError, match=r"holds trials of other events \(a, b\)"):
        search(card, tmp_path / "s", trials=2, progress=False)
    assert (tmp_path / "s" / "search.json").read_bytes() == before


def test_networks_of_the_reference_are_not_taken_for_those_of_the_search(monkeypatch):
    """Its run may be one in which another search judged its own."""

    def rows(paths):
        (path,) = paths
        known = [SimpleNamespace(entry={"name": one}, run=path) for one in ("trial-3", "big")]
        return [], known, []

    monkeypatch.setattr(_search_judge, "read_rows", rows)
    monkeypatch.setattr(_search_judge, "require_one_question", lambda rows: None)
    monkeypatch.setattr(_search_judge, "_pair", lambda one, other, *rest: (one.run, other.run))
    own, reference = Path("own"), Path("reference")
    assert judge(own, ["trial-3"], reference, "big", None) == [(own, reference)]
    with pytest.raises(CorruptFileError, match="own: no entry 'trial-4' to judge"):
        judge(own, ["trial-4"], reference, "big", None)


def test_background_that_is_left_is_counted_by_its_own_weights():
    """Here light events pass and heavy ones do not: three are left of a tenth in weight."""
    score = np.arange(12.0)
    is_signal = np.arange(12) == 6
    weight = np.where(np.arange(12) > 8, 0.1, 0.3)
    left = _search_judge._left(score, is_signal, weight, 0.12)
    assert left == pytest.approx(effective_count([0.1, 0.1, 0.1])) == pytest.approx(3.0)


def test_a_worker_leaves_a_search_that_was_begun_anew(stores, tmp_path, monkeypatch):
    """As one of another machine, which nobody can end: its trial is left to those who begin."""
    study, owner = resolve(toy_search(stores, trials=2)), owner_of(tmp_path)
    kept = Trials(default_storage(tmp_path), "toy", study.search)
    epochs = []

    def train(study, search, folder, home, after_epoch):
        for epoch in range(3):
            epochs.append(epoch)
            after_epoch([{"validation": 0.5}] * (epoch + 1))
            kept.begin(owner)

    monkeypatch.setattr(_search_work, "train_trial", train)
    record_seen(tmp_path, study, prepare(study))
    about = (study.model_dump(mode="json"), str(tmp_path), owner, kept.storage, kept.name, 2)
    assert work(Job(*about, kept.begin(owner))) == 0
    assert epochs == [0, 1]
    assert kept.unfinished(owner) == [0]
    assert work(Job(*about, "another")) == 0
    assert len(kept.all()) == 1


def test_a_missing_extra_is_no_fault_of_the_storage():
    with pytest.raises(MissingExtraError), asked("sqlite:///x.db"):
        require("no_such_package", "trees")


def test_a_trial_is_told_in_one_line():
    failed = {"outcome": "failed", "reason": "MemoryError"}
    assert line_of(SimpleNamespace(number=3, user_attrs=failed)) == "trial 3: failed, MemoryError"
    trained = {"outcome": "trained", "score": 0.75, "costs": {"parameters": 1234}}
    assert (
        line_of(SimpleNamespace(number=4, user_attrs=trained))
        == "trial 4: score 0.7500, parameters 1,234"
    )


def test_no_tick_stands_where_nothing_could_be_told_apart():
    assert _mark({"not_worse": True, "left": 31.0}) == ("yes", "✓")
    assert _mark({"not_worse": True, "left": 9.0}) == ("", "?")
    assert _mark({"not_worse": False, "left": 9.0}) == ("no", "✗")


def test_more_parameters_are_not_told_as_fewer():
    assert ratio(534.2) == "534 times fewer than"
    assert ratio(0.5) == "2 times more than"
    assert ratio(1.0) == "as many as"
    assert ratio(3987.4) == "3,987 times fewer than"


def test_both_ends_are_told_alike():
    assert _ends(-0.00258, 0.000652) == "−0.0026 to 0.0007"
    assert _ends(-0.0699, 0.00688) == "−0.070 to 0.007"
    assert _ends(0.5, 0.5) == "0.5000 to 0.5000"
