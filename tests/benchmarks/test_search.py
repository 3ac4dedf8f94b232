"""The benchmark of searches runs, at a size that says nothing of speed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("benchmarks are not beside the tests", allow_module_level=True)
pytest.importorskip("optuna")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("search")


def test_trials_are_counted_by_their_ends(bench: Any, tmp_path: Path) -> None:
    card = bench.card_of(60)
    card["training"] |= {"epochs": 1}
    assert bench.rate(card, tmp_path / "one", 1, 3) > 0.0
