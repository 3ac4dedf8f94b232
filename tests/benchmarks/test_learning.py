"""The benchmarks of loading and training run, at a size that says nothing."""

from __future__ import annotations

from typing import Any

import pytest


def test_loader(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    script("benchmarks/loader.py").main(["--events", "40", "--jets", "8", "--rounds", "2"])
    out = capsys.readouterr().out
    assert "3 × 170 × 360" in out and "of the rate of a memory copy" in out
    assert "target 4,000 a second" in out and "target 100,000 a second" in out


def test_training(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    script("benchmarks/training.py").main(
        ["--events", "4", "--batch", "2", "--rounds", "1", "--threads", "1"]
    )
    out = capsys.readouterr().out
    assert "ratio:" in out
    assert "target 2.4 times as fast" in out
