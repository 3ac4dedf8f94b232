"""The benchmark of memory runs, at a size that says nothing."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("benchmarks are not beside the tests", allow_module_level=True)
if sys.platform != "linux":
    pytest.skip("reads /proc", allow_module_level=True)


def test_every_stage_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    script = runpy.run_path(str(FOLDER / "streaming_memory.py"))
    found = script["measured"](600, "100 kB", str(tmp_path / "found.json"))
    assert found["inputs"] > 4 * 100_000
    assert set(found["peaks"]) == {"store", "table", "inputs", "training"}
    script["tell"](600, "100 kB", found)
    assert capsys.readouterr().out.count("peak") == 4
