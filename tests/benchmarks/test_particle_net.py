"""The benchmark of ParticleNet runs where weaver-core is installed, and says so where it is not."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest


@pytest.mark.parametrize("more", [[], ["--full"]])
def test_particle_net(more: list[str], script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    script("benchmarks/particle_net.py").main(
        ["--jets", "8", "--batch", "4", "--rounds", "1", "--threads", "1", *more]
    )
    out = capsys.readouterr().out
    if importlib.util.find_spec("weaver") is None:
        assert "weaver-core is not installed" in out
    else:
        assert "26416 parameters" in out
        assert "target 1.5 times as fast" in out
