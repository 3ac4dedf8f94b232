"""The command says what it found, and refuses in one line."""

import pytest
import yaml

pytest.importorskip("optuna")

from hepvision.cli import main
from hepvision.studies import _search_work
from hepvision.studies import search as module
from hepvision.studies._search_trial import Finished
from studies.toy_search import toy_search


@pytest.fixture
def card(tmp_path, monkeypatch):
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "card.yaml"
    path.write_text(yaml.safe_dump(toy_search(tmp_path, events=30)))
    return path


def test_trials_and_outcome_are_told(card, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_search_work, "train_trial", lambda *given: Finished(0.75, 0.1, [0.5], 1.0))
    monkeypatch.setattr(module, "_judged", lambda *given: [])
    out = tmp_path / "s"
    words = ["search", str(card), "-o", str(out), "--trials", "2", "--budget", "parameters<2e3"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "2 trained" in said.out
    assert said.out.strip().endswith("search.html")
    assert "2/2 trial" in said.err
    assert "score 0.7500, parameters" in said.err
    assert "No network was trained" in (out / "search.html").read_text(encoding="utf-8")


def test_a_search_whose_trials_all_fail_has_failed(card, tmp_path, monkeypatch, capsys):
    def broken(*given):
        raise RuntimeError("the loss is no number")

    monkeypatch.setattr(_search_work, "train_trial", broken)
    assert main(["search", str(card), "-o", str(tmp_path / "s"), "--trials", "2", "--quiet"]) != 0
    said = capsys.readouterr().err
    assert "error: search: needs a trial that can be trained, got 2 that failed" in said
    assert "the first with RuntimeError: the loss is no number. See " in said
    assert (tmp_path / "s" / "search.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--budget", "parameters<five"], "error: search: budget: must be COST<NUMBER"),
        (["--trials", "0"], "error: search: trials: must be greater than 0"),
        (["--minutes", "-1"], "error: minutes: must be positive"),
        (["--set", "search.entry=nat"], "Did you mean 'net'?"),
        (["--storage", "nonsense"], "cannot be used as a storage"),
    ],
)
def test_mistakes_are_one_line(card, tmp_path, capsys, words, said):
    assert main(["search", str(card), "-o", str(tmp_path / "s"), *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_study_without_a_search_says_what_to_add(capsys):
    assert main(["search", "quark_gluon"]) == 2
    assert "needs a search block" in capsys.readouterr().err
