"""The benchmark of event images draws, checks its pixels and compares."""

from __future__ import annotations

from typing import Any

import pytest


def test_event_images(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    script("benchmarks/event_images.py").main(["--events", "4", "--rounds", "1"])
    out = capsys.readouterr().out
    assert "4 equal the slow reference" in out
    assert out.count("target 50") == out.count("target 3") == 1
    assert "object_circles / Pillow, as floats" in out
    assert out.count("target 0.5") == 4
