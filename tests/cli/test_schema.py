"""``hepvision schema`` writes what an editor reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hepvision.cli import main
from toy_own import toy_component


def test_it_is_written_with_the_users_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "card.schema.json"
    assert main(["schema", "-o", str(out), "--component", toy_component(tmp_path, "my_gun")]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    made = json.loads(out.read_text(encoding="utf-8"))
    assert made["$schema"].startswith("https://json-schema.org/")
    assert "my_gun" in made["$defs"]["processes"]["anyOf"][0]["enum"]


def test_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "card.schema.json"
    assert main(["schema", "-o", str(out), "--component", "nothing.py:Nothing"]) == 2
    assert capsys.readouterr().err == "error: nothing.py: no such file. Check the path.\n"
    assert not out.exists()


def test_a_component_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("class Mine: pass")
    assert main(["schema", "--component", f"{mine}:Mine", "-o", str(mine)]) == 2
    assert "the output is the input" in capsys.readouterr().err
    assert mine.read_text() == "class Mine: pass"
