"""The benchmark of growth runs, and tells powers that are known."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def growth(script: Any) -> Any:
    return script("benchmarks/growth.py")


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
