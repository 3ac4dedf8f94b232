"""The benchmark of event images draws, checks its pixels and compares."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("benchmarks are not beside the tests", allow_module_level=True)


def test_event_images(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    main = runpy.run_path(str(FOLDER / "event_images.py"))["main"]
    main(["--events", "4", "--rounds", "1"])
    out = capsys.readouterr().out
    assert "4 equal the slow reference" in out
    assert out.count("target 50") == out.count("target 3") == 1
    assert "object_circles / Pillow, as floats" in out
    assert out.count("target 0.5") == 4
