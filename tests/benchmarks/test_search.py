"""The benchmark of searches runs, at a size that says nothing of speed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")


@pytest.fixture
def bench(script: Any) -> Any:
    return script("benchmarks/search.py")


def test_trials_are_counted_by_their_ends(bench: Any, tmp_path: Path) -> None:
    card = bench.card_of(60)
    card["training"] |= {"epochs": 1}
    assert bench.rate(card, tmp_path / "one", 1, 3) > 0.0
