"""The benchmarks of loading and training run, at a size that says nothing."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("benchmarks are not beside the tests", allow_module_level=True)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return lambda name: runpy.run_path(str(FOLDER / f"{name}.py"))["main"]


def test_loader(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    script("loader")(["--events", "40", "--jets", "8", "--rounds", "2"])
    out = capsys.readouterr().out
    assert "3 × 170 × 360" in out and "of the rate of a memory copy" in out
    assert "target 4,000 a second" in out and "target 100,000 a second" in out


def test_training(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    script("training")(["--events", "4", "--batch", "2", "--rounds", "1", "--threads", "1"])
    out = capsys.readouterr().out
    assert "ratio:" in out
    assert "target 2.4 times as fast" in out
