"""The benchmark of memory runs, at a size that says nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("reads /proc", allow_module_level=True)


def test_every_stage_is_told(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    stages = script("benchmarks/streaming_memory.py")
    found = stages.measured(600, "100 kB", str(tmp_path / "found.json"))
    assert found["inputs"] > 4 * 100_000
    assert set(found["peaks"]) == {"store", "table", "inputs", "training"}
    stages.tell(600, "100 kB", found)
    assert capsys.readouterr().out.count("peak") == 4
