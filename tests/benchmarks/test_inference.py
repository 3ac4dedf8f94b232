"""The benchmarks of scoring and of the compact CNN run, at a size that says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_compact_cnn(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--events", "8", "--batch", "4", "--rounds", "1", "--threads", "1"]
    script("benchmarks/compact_cnn.py").main(words)
    out = capsys.readouterr().out
    assert "times PyTorch and DataLoader" in out and "target 1.7" in out
    assert out.count("of the matrix peak in") >= 2


def test_one_at_a_time(script: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script("benchmarks/inference.py").one_at_a_time("compact_cnn", 1, 1, 1, tmp_path)
    out = capsys.readouterr().out
    assert "target 2.0" in out and out.count("of the matrix peak in float32") == 2


@pytest.mark.slow
def test_predict(script: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script("benchmarks/inference.py").streamed(100, 1, tmp_path)
    out = capsys.readouterr().out
    assert "predict, 100 events" in out and "target 1,500" in out
