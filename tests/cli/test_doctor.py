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


def test_a_folder_that_is_not_there_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, absent = str(tmp_path), str(tmp_path / "a" / "b")
    assert main(["doctor", absent, "--json"]) == 0
    found = capsys.readouterr()
    assert found.err == f"{absent}: not there; this is the disk of {there}\n"
    assert json.loads(found.out)["disk"] > 0
    assert main(["doctor", there]) == 0
    assert not capsys.readouterr().err
    assert not (tmp_path / "a").exists()
