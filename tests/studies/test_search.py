"""A search finds what it may, sees what it may, and goes on where it stopped."""

import itertools
import json
import sqlite3
import threading
import time

import awkward as ak
import numpy as np
import pytest
import yaml

pytest.importorskip("optuna")

from hepvision.core.errors import CardError
from hepvision.evaluation.delong import ranked_auc
from hepvision.events.split import splits
from hepvision.studies import _search_storage, _search_trial, _search_work
from hepvision.studies import search as module
from hepvision.studies._predictions import read_predictions
from hepvision.studies._search_data import record_seen, seen
from hepvision.studies._search_front import Found, chosen, front
from hepvision.studies._search_storage import Trials, alone, default_storage, owner_of
from hepvision.studies._search_trial import Finished, hopeless
from hepvision.studies._search_work import Job, work
from hepvision.studies.card import resolve
from hepvision.studies.run import checked, run
from hepvision.studies.samples import prepare
from hepvision.studies.search import search
from hepvision.training.checkpoints import Checkpoints
from studies.toy_search import toy_search


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEPVISION_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return tmp_path_factory.mktemp("stores")


@pytest.fixture
def trials_only(monkeypatch):
    """Neither judge nor draw: what is tested are the trials."""
    monkeypatch.setattr(module, "_judged", lambda *given: [])
    monkeypatch.setattr(module, "write_page", lambda *given: None)


def told(folder):
    return search_json(folder)["trials"]


def search_json(folder):
    return json.loads((folder / "search.json").read_text(encoding="utf-8"))


def outcome(row):
    return {key: row.get(key) for key in ("number", "outcome", "choices", "score")}


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@pytest.mark.usefixtures("trials_only")
@pytest.mark.parametrize("calls", [1, 3, 4])
def test_killed_and_given_again_it_makes_the_same_trials(stores, tmp_path, monkeypatch, calls):
    """Killed in a training, between epochs of another, and after the last epoch of one."""
    card = toy_search(stores, trials=3)
    search(card, tmp_path / "whole", progress=False)
    original, count = Checkpoints.save, [0]

    def saved(self, *given):
        original(self, *given)
        count[0] += 1
        if count[0] == calls:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", saved)
        with pytest.raises(Killed):
            search(card, tmp_path / "killed", progress=False)
    assert not (tmp_path / "killed" / "search.json").exists()
    search(card, tmp_path / "killed", progress=False)
    whole, again = ([outcome(row) for row in told(tmp_path / one)] for one in ("whole", "killed"))
    assert again == whole
    assert sum(row["outcome"] in ("trained", "stopped") for row in again) == 3
    assert not list((tmp_path / "killed" / "trials").glob("*/*"))


@pytest.mark.usefixtures("trials_only")
def test_killed_while_it_draws_it_draws_the_same(stores, tmp_path, monkeypatch):
    card = toy_search(stores, trials=2)
    search(card, tmp_path / "whole", progress=False)
    original, count = Trials.draw, [0]

    def drawn(self, *given):
        count[0] += 1
        if count[0] == 3:
            raise Killed
        return original(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Trials, "draw", drawn)
        with pytest.raises(Killed):
            search(card, tmp_path / "killed", progress=False)
    search(card, tmp_path / "killed", progress=False)
    assert list(map(outcome, told(tmp_path / "killed"))) == list(
        map(outcome, told(tmp_path / "whole"))
    )
    # more trials go on; no trial is made twice
    search(card, tmp_path / "killed", trials=3, progress=False)
    more = told(tmp_path / "killed")
    assert list(map(outcome, more[:2])) == list(map(outcome, told(tmp_path / "whole")))[:2]
    choices = [yaml.safe_dump(row["choices"]) for row in more if row["outcome"] != "repeated"]
    assert len(set(choices)) == len(choices) >= 3


@pytest.mark.usefixtures("trials_only")
def test_a_trial_that_kills_the_process_again_and_again_is_left(stores, tmp_path, monkeypatch):
    """As where the system ends what takes too much memory."""
    card = toy_search(stores, trials=2)
    original, count = _search_work.train_trial, [0]

    def deadly(*given):
        count[0] += 1
        if count[0] <= 3:
            raise Killed
        return original(*given)

    monkeypatch.setattr(_search_work, "train_trial", deadly)
    for _ in range(3):
        with pytest.raises(Killed):
            search(card, tmp_path / "s", progress=False)
    search(card, tmp_path / "s", progress=False)
    rows = told(tmp_path / "s")
    assert [row["outcome"] for row in rows] == ["failed", "trained"]
    assert "the process ended while it ran" in rows[0]["reason"]


@pytest.mark.usefixtures("trials_only")
def test_a_trial_that_crashes_is_recorded_and_the_search_goes_on(stores, tmp_path, monkeypatch):
    errors = iter([RuntimeError("not enough memory: you tried\nto allocate"), MemoryError(), None])

    def crash(*given):
        error = next(errors)
        if error is not None:
            raise error
        return Finished(0.7, 0.1, [0.5], 1.0)

    monkeypatch.setattr(_search_work, "train_trial", crash)
    search(toy_search(stores, trials=3), tmp_path / "s", progress=False)
    rows = told(tmp_path / "s")
    assert [row["outcome"] for row in rows] == ["failed", "failed", "trained"]
    assert [row.get("reason") for row in rows[:2]] == [
        "RuntimeError: not enough memory: you tried to allocate",
        "MemoryError",
    ]


@pytest.mark.usefixtures("trials_only")
def test_networks_over_the_budget_are_never_trained(stores, tmp_path, monkeypatch):
    trained = []

    def train(study, *given):
        trained.append(study.entries[0].model["hidden"])
        return Finished(0.5 + 0.01 * len(trained), 0.1, [0.5], 1.0)

    monkeypatch.setattr(_search_work, "train_trial", train)
    card = toy_search(stores, trials=5)
    search(card, tmp_path / "s", budget="parameters<300, latency<10s", progress=False)
    rows = told(tmp_path / "s")
    refused = [row for row in rows if row["outcome"] == "refused"]
    assert refused
    assert all("over budget: parameters<300 (got" in row["reason"] for row in refused)
    assert len(trained) == 5
    for hidden in trained:
        widths = [5, *hidden, 2]
        assert sum(a * b + b for a, b in itertools.pairwise(widths)) < 300
    kept = [row for row in rows if row["outcome"] == "trained"]
    assert {tuple(row["choices"]["model.hidden"]) for row in kept} == set(map(tuple, trained))
    assert all(row["costs"]["parameters"] < 300 for row in kept)


@pytest.mark.usefixtures("trials_only")
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"budget": "parameters<20"}, "8 over the budget, the smallest with"),
        ({"ranges": {"model.hidden": [[0], [-3]]}}, "no network; the first is none"),
    ],
)
def test_a_space_without_a_valid_network_is_a_clear_error(
    stores, tmp_path, monkeypatch, changed, said
):
    monkeypatch.setattr(_search_work, "BARREN", 8)
    with pytest.raises(CardError, match=said) as error:
        search(toy_search(stores, **changed), tmp_path / "s", progress=False)
    assert "\n" not in str(error.value)
    assert "ranges must hold a network" in str(error.value)


@pytest.mark.usefixtures("trials_only")
def test_a_small_space_is_searched_to_its_end(stores, tmp_path, monkeypatch):
    monkeypatch.setattr(_search_work, "BARREN", 10)
    monkeypatch.setattr(_search_work, "train_trial", lambda *given: Finished(0.6, 0.1))
    card = toy_search(stores, ranges={"model.hidden": [[4], [8]]}, trials=20)
    search(card, tmp_path / "s", progress=False)
    trained = [row for row in told(tmp_path / "s") if row["outcome"] == "trained"]
    assert sorted(row["choices"]["model.hidden"] for row in trained) == [[4], [8]]


def test_two_workers_make_as_many_trials_as_asked_for_and_none_twice(stores, tmp_path, monkeypatch):
    """Threads stand in for processes; the database between them is the real one."""

    def train(study, *given):
        time.sleep(0.05)
        return Finished(0.5, 0.1, [0.5], 0.05)

    study = resolve(toy_search(stores, trials=7, budget="parameters<900"))
    monkeypatch.setattr(_search_work, "train_trial", train)
    folder = tmp_path / "s"
    folder.mkdir()
    record_seen(folder, study, prepare(study))
    address = default_storage(folder)
    kept = Trials(address, "toy", study.search)
    job = Job(
        study.model_dump(mode="json"),
        str(folder),
        owner_of(folder),
        address,
        "toy",
        trials=7,
        working=kept.begin(owner_of(folder)),
    )
    seen(folder, study)
    ended, threads = [], []
    for _ in range(2):
        threads.append(threading.Thread(target=lambda: ended.append(work(job))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    rows = [one.user_attrs for one in kept.all()]
    trained = [row for row in rows if row["outcome"] == "trained"]
    assert len(trained) == 7
    assert len({yaml.safe_dump(row["choices"]) for row in trained}) == 7
    assert [one.number for one in kept.all()] == list(range(len(rows)))
    assert min(ended) >= 1


def test_no_trial_sees_a_test_event(stores, tmp_path, monkeypatch):
    card = toy_search(stores, trials=2)
    folder = tmp_path / "s"
    looked: list[np.ndarray] = []
    original = _search_trial.fitted_entry

    def watched(study, entry, seed, home, task, table, parts, *rest):
        looked.append(table.columns["event_id"])
        assert set(table.columns["split"]) == {0, 1}
        assert {len(part) for part in parts.values()} == {len(table.columns["split"])}
        return original(study, entry, seed, home, task, table, parts, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(_search_trial, "fitted_entry", watched)
        patch.setattr(module, "_judged", lambda *given: [])
        patch.setattr(module, "write_page", lambda *given: None)
        search(card, folder, progress=False)
    ids, parts = splits_of(card)
    test = ids[parts == 2]
    assert len(test) > 10
    assert len(looked) == 2
    for each in looked:
        assert not np.isin(each, test).any()
        assert len(each) == len(ids) - len(test)


def test_what_lies_in_test_events_changes_no_trial(stores, tmp_path):
    """The inputs of trials are those of the events they may see, number by number."""
    study = resolve(toy_search(stores))
    folder = tmp_path / "s"
    folder.mkdir()
    whole = record_seen(folder, study, prepare(study))
    table, inputs, _ = seen(folder, study)
    kept = np.isin(whole.columns["split"], (0, 1))
    np.testing.assert_array_equal(table.columns["event_id"], whole.columns["event_id"][kept])
    assert len(inputs["m.vector"]) == kept.sum() < len(kept)


def test_the_whole_search_from_card_to_page(stores, tmp_path, monkeypatch, capsys):
    """The networks are judged on test events, and each comes as a card that runs."""
    monkeypatch.setattr("hepvision.studies.run.report", lambda folder: folder / "report.html")
    monkeypatch.setattr("hepvision.studies.run.collect", lambda *given: None)
    card = toy_search(stores, trials=3, prune=False)
    made = search(card, tmp_path / "s")
    assert "3/3 trial" in capsys.readouterr().err
    numbers = search_json(tmp_path / "s")
    assert "3 trained" in repr(made)
    judged = numbers["judged"]
    assert len(judged) == 1
    assert judged[0]["against"] == "big"
    assert judged[0]["parameters"][1] == 4674
    assert judged[0]["events"] == (splits_of(card)[1] == 2).sum()
    page = made.page.read_text(encoding="utf-8")
    assert "On events that no trial saw" in page
    assert page.count("src=") == page.count('src="data:')
    cards = sorted((tmp_path / "s" / "cards").glob("*.yaml"))
    assert [one.stem for one in cards] == sorted(f"trial-{n}" for n in numbers["front"])
    name = judged[0]["name"]
    study, _ = checked(cards[0], tmp_path / "again")
    assert [one.name for one in study.entries] == [cards[0].stem, "big"]
    # trained anew with the same seed it is worth the same on validation events
    found = read_predictions(tmp_path / "s" / "best" / name / "1", ("a", "b"), ()).of_split(1)
    area = ranked_auc(found.scores[:, 0], found.target["class"] == 0)(found.weight)
    trial = next(row for row in told(tmp_path / "s") if f"trial-{row['number']}" == name)
    assert area == pytest.approx(trial["score"], abs=1e-9)
    # the judged run is an ordinary run: it holds what was trained, and is not trained again
    first = (tmp_path / "s" / "best" / name / "1" / "predictions.parquet").stat().st_mtime_ns
    again = run(tmp_path / "s" / "best" / "card.yaml", tmp_path / "s" / "best", progress=False)
    assert set(again.metrics["entries"]) == {name, "big"}
    after = (tmp_path / "s" / "best" / name / "1" / "predictions.parquet").stat().st_mtime_ns
    assert first == after


def splits_of(card):
    """Numbers of all events, and their parts of the split."""
    ids = np.concatenate([np.arange(60), 10_000 + np.arange(60)]).astype(np.uint64)
    return ids, splits(ak.Array({"event_id": ids}), resolve(card).split)


def test_a_folder_that_another_search_works_in_is_refused(tmp_path):
    with (
        alone(tmp_path / "s"),
        pytest.raises(OSError, match="another search works here, process"),
        alone(tmp_path / "s"),
    ):
        pass
    with alone(tmp_path / "s"):
        pass


def test_a_storage_that_another_process_holds_is_told_in_one_line(stores, tmp_path, monkeypatch):
    monkeypatch.setattr(_search_storage, "PATIENCE", 0.2)
    monkeypatch.setattr(module, "_judged", lambda *given: [])
    study = resolve(toy_search(stores))
    folder = tmp_path / "s"
    folder.mkdir()
    Trials(default_storage(folder), "toy", study.search)
    holder = sqlite3.connect(folder / "trials.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(OSError, match="another process holds the storage") as error:
            Trials(default_storage(folder), "toy", study.search).ask("me")
        assert "\n" not in str(error.value)
    finally:
        holder.close()


@pytest.mark.parametrize(
    "address", ["nonsense", "sqlite:////nowhere/at/all.db", "postgresql://me:secret@host/x"]
)
def test_a_storage_that_is_none_is_told_in_one_line(stores, address):
    block = resolve(toy_search(stores)).search
    with pytest.raises(OSError, match="cannot be used as a storage") as error:
        Trials(address, "toy", block)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_another_card_is_refused_in_a_folder(stores, tmp_path):
    study = resolve(toy_search(stores))
    module._claim(tmp_path, study)
    module._refuse_other(tmp_path, resolve(toy_search(stores, trials=99)))
    with pytest.raises(CardError, match=r"holds a search of another card \(search\)"):
        module._refuse_other(tmp_path, resolve(toy_search(stores, budget="parameters<5")))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    with pytest.raises(CardError, match="must be empty or a search"):
        module._refuse_other(tmp_path / "other", study)


def test_a_run_takes_no_notice_of_a_search(stores, tmp_path):
    card = toy_search(stores)
    study, _ = checked(card, tmp_path / "r")
    assert study.search is None
    assert "search" not in study.model_dump(mode="json")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"entry": "nett"}, "no entry 'nett'. Did you mean 'net'?"),
        ({"against": "bg"}, "no entry 'bg'. Did you mean 'big'?"),
        ({"background": "c"}, "no background 'c'"),
        ({"trails": 3}, "no key 'trails'. Did you mean 'trials'?"),
        ({"ranges": {"model.hiden": [[4]]}}, "no 'hiden' in model. Did you mean 'hidden'?"),
        ({"ranges": {"training.epoch": [1]}}, "Did you mean 'epochs'?"),
        ({"ranges": {"representations.n.x": [1]}}, "uses no 'n'"),
        ({"ranges": {"modell.hidden": [[1]]}}, "Did you mean 'model'?"),
        ({"ranges": {"model.hidden": {"low": 3, "high": 1}}}, "low must not exceed high"),
        ({"ranges": {"model.hidden": {"low": 3, "hgh": 1}}}, "Did you mean 'high'?"),
        ({"ranges": {"model.hidden": []}}, "at least 1"),
        (
            {"ranges": {"model.hidden": {"each": {"low": 4}, "length": 2}}},
            "model.hidden.each.high: must be given",
        ),
        (
            {"ranges": {"model.hidden": {"low": 4, "high": 9, "step": 4}}},
            "high must lie whole steps above low, got 4, 9 and 4",
        ),
        ({"budget": "os.system('x')<1"}, "must be COST<NUMBER"),
    ],
)
def test_a_typo_is_told_in_one_line(stores, tmp_path, changed, said):
    with pytest.raises(CardError) as error:
        search(toy_search(stores, **changed), tmp_path / "s", progress=False)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "s").exists()


def test_another_model_may_be_varied_in_place_of_the_entry_s_own(stores):
    from hepvision.studies._search_space import fits, varied

    card = toy_search(stores, model="energy_flow", ranges={"model.hidden": [[3], [4]]})
    card["entries"][0]["model"] = {"name": "mlp", "dropout": 0.1}
    study = resolve(card)
    with pytest.raises(CardError, match="no 'hidden' in model"):
        fits(study, study.search)
    card["search"]["model"] = {"name": "mlp", "dropout": 0.3}
    study = resolve(card)
    fits(study, study.search)
    found = varied(study, {"model.hidden": [4]}).entries[0].model
    assert found == {"name": "mlp", "dropout": 0.3, "hidden": [4]}


def test_lists_may_be_as_long_as_others(stores):
    from hepvision.studies._search_space import draw

    each = {"each": {"low": 1, "high": 9}, "length": "model.hidden"}
    ranges = {"model.other": each, "model.hidden": {"each": [4, 8], "length": 3, "same": True}}
    block = resolve(toy_search(stores, ranges=ranges)).search
    found = draw(block, lambda name, one: one[1] if isinstance(one, tuple) else one.low)
    assert found == {"model.other": [1, 1, 1], "model.hidden": [8, 8, 8]}


def test_the_front_against_all_pairs(rng):
    for number in (1, 2, 3, 30):
        for columns in (1, 2, 4):
            table = rng.integers(0, 5, (number, columns)).astype(float)
            slow = [
                not any(
                    all(table[j] <= table[i]) and any(table[j] < table[i]) for j in range(number)
                )
                for i in range(number)
            ]
            assert front(table).tolist() == slow


def found(number, score, parameters, error=0.01):
    return Found(
        number, score, error, {"parameters": parameters, "multiply_adds": parameters}, {"a": number}
    )


def test_the_best_and_the_cheapest_that_are_near_are_judged(stores):
    block = resolve(toy_search(stores, finalists=3)).search
    trials = [
        found(0, 0.900, 9000),
        found(1, 0.895, 500),
        found(2, 0.885, 100),
        found(3, 0.894, 800),
        found(4, 0.600, 10),
    ]
    assert [one.number for one in chosen(trials, block)] == [0, 1, 2]
    assert chosen([], block) == []


def test_a_loss_above_the_median_of_cheaper_ones_is_hopeless():
    others = [[0.9, 0.5], [0.9, 0.6], [0.9, 0.7], [0.9, 0.8]]
    assert hopeless([0.9, 0.75], others, warm_up=2)
    assert not hopeless([0.9, 0.62], others, warm_up=2)
    assert not hopeless([0.9, 0.75], others, warm_up=3)
    assert not hopeless([0.9, 0.75], others[:3], warm_up=2)
    assert not hopeless([0.6, 0.75], others, warm_up=2)


DEADLY = """
import dataclasses, os
from pathlib import Path
from torch import nn
from hepvision.models.layers.network import Network

__all__ = ["Deadly"]


class Body(nn.Module):
    def __init__(self, width, outputs, marker):
        super().__init__()
        self.dense, self.marker = nn.Linear(width, outputs), marker

    def forward(self, values):
        if self.training and not Path(self.marker).exists():
            Path(self.marker).touch()
            os.kill(os.getpid(), 9)
        return self.dense(values)


@dataclasses.dataclass(frozen=True)
class Deadly:
    marker: str = ""
    width: int = 5
    reads_kinds = frozenset({"vector"})
    output_level = "example"

    def from_spec(self, spec, outputs):
        return Network(next(iter(spec)), Body(self.width, outputs, self.marker))
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("trials_only")
def test_two_processes_train_and_one_that_the_system_ends_is_made_up_for(stores, tmp_path):
    """As where a trial takes too much memory: the trial is taken up by another process."""
    (tmp_path / "deadly.py").write_text(DEADLY)
    rates = {"low": 1e-4, "high": 1e-2, "log": True}
    card = toy_search(
        stores,
        trials=4,
        prune=False,
        model={"name": "deadly", "marker": str(tmp_path / "dead")},
        ranges={"training.learning_rate": rates},
    )
    own = [f"{tmp_path / 'deadly.py'}:Deadly"]
    search(card, tmp_path / "s", workers=2, progress=False, components=own)
    assert (tmp_path / "dead").exists()
    rows = told(tmp_path / "s")
    assert [row["outcome"] for row in rows if row["outcome"] != "surplus"] == ["trained"] * 4
    assert len({yaml.safe_dump(row["choices"]) for row in rows}) == len(rows)
