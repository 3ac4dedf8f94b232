"""The page "Bring your own" does what it says: three files, a card, and rows of the table."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from hepvision.cli import main
from hepvision.core.own import using
from hepvision.studies.card import resolve
from toy_prongs import prongs, store_of

pytest.importorskip("fastjet")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bring-your-own.md"
TEXT = PAGE.read_text("utf-8")
BLOCKS = re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```', TEXT, re.MULTILINE | re.DOTALL)
FILES = {name: block for kind, name, block in BLOCKS if kind == "python"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a user has saved."""
    monkeypatch.chdir(tmp_path)
    for _, name, block in BLOCKS:
        if name and " " not in name:
            (tmp_path / name).write_text(block, encoding="utf-8")
    return tmp_path


def run_the_console(capsys: pytest.CaptureFixture[str], change: str = "") -> None:
    lines = [line for kind, _, block in BLOCKS if kind == "console" for line in block.splitlines()]
    assert [line.split()[1] for line in lines] == ["run", "compare"]
    for line in lines:
        words = shlex.split(line)[1:]
        words += shlex.split(change) if words[0] == "run" else []
        assert main(words) == 0, capsys.readouterr().err


def rows_of_the_table(folder: Path) -> list[str]:
    assert (folder / "compare.html").is_file()
    found = json.loads((folder / "compare.json").read_text("utf-8"))["rows"]
    return [json.dumps(row) for row in found]


def test_all_files_get_rows_without_any_other_edit(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = yaml.safe_load((folder / "my_table.yaml").read_text("utf-8"))
    for key, count in (("top", 3), ("qcd", 1)):  # toys in place of Pythia
        store_of(folder / key, prongs(120, count, count))
        card["samples"][key] = {"store": str(folder / key)}
    card.pop("simulate")
    (folder / "my_table.yaml").write_text(yaml.safe_dump(card, sort_keys=False))
    run_the_console(capsys, "--quiet --set training.epochs=2 --set seeds=[1]")
    rows = rows_of_the_table(folder)
    assert len(rows) == 5
    for entry in ("rings", "skip-features", "mean", "trees-rings", "trees"):
        assert any(f'"{entry}"' in row for row in rows)
    kept = json.loads((folder / "runs" / "my_table" / "environment.json").read_text("utf-8"))
    assert {one["file"] for one in kept["components"]} == set(FILES)


@pytest.mark.slow
def test_the_page_runs_as_it_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_the_console(capsys, "--quiet")
    assert len(rows_of_the_table(folder)) == 5


def test_the_card_takes_files_too(folder: Path) -> None:
    whole, files = (yaml.safe_load(block) for kind, _, block in BLOCKS if kind == "yaml")
    with using(["my_rings.py:MyRings", "my_skip.py:MySkip", "my_mean.py:MyMean"]):
        study = resolve({**whole, **files}, changes=["files=jets"])
    assert study.samples["top"].where == ("label == 1",)
    assert resolve({**whole, **files}).samples["top"].simulate is not None
