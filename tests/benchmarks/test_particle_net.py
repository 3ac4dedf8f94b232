"""The benchmark of ParticleNet runs where weaver-core is installed, and says so where it is not."""

from __future__ import annotations

import importlib.util
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("benchmarks are not beside the tests", allow_module_level=True)


@pytest.mark.parametrize("more", [[], ["--full"]])
def test_particle_net(
    more: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    main = runpy.run_path(str(FOLDER / "particle_net.py"))["main"]
    main(["--jets", "8", "--batch", "4", "--rounds", "1", "--threads", "1", *more])
    out = capsys.readouterr().out
    if importlib.util.find_spec("weaver") is None:
        assert "weaver-core is not installed" in out
    else:
        assert "26416 parameters" in out
        assert "target 1.5 times as fast" in out
