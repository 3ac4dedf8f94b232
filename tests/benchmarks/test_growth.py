"""The benchmark of growth runs, and tells powers that are known."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("benchmarks are not beside the tests", allow_module_level=True)


@pytest.fixture
def growth(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("growth")


def test_power_of_the_last_two(growth: Any, capsys: pytest.CaptureFixture[str]) -> None:
    growth.row("squares", (1, 2, 4), [5.0, 4.0, 16.0], "s")
    assert capsys.readouterr().out.endswith("s, power  2.00\n")


def test_pictures(growth: Any, capsys: pytest.CaptureFixture[str]) -> None:
    growth.hits(1, 4)
    growth.sizes(1, 4)
    growth.numbers(1, 4)
    out = capsys.readouterr().out
    assert out.count(", power") == 6
    assert "Resnet15, an epoch" in out and "detector_image from the store" in out
