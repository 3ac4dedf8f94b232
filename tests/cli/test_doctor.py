"""``hepvision doctor`` prints what ``core.environment`` finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hepvision.cli import main


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for word in ("Python", "processor", "threads", "disk", "extras", "numpy"):
        assert word in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["packages"]["numpy"]
    assert found["cores"] >= 1


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert main(["doctor", str(tmp_path / "a" / "b")]) == 0
    assert not (tmp_path / "a").exists()
