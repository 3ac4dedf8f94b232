"""The page "From your files to a study" does what it says."""

from __future__ import annotations

import glob
import re
import shlex
from pathlib import Path

import pytest
import yaml

from hepvision.cli import main
from hepvision.studies.card import resolve
from reader_samples import written

PAGE = Path(__file__).resolve().parents[2] / "docs" / "from-files-to-a-study.md"
TEXT = PAGE.read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def words(line: str) -> list[str]:
    """As a shell splits a line and expands its stars."""
    return [found for word in shlex.split(line) for found in sorted(glob.glob(word)) or [word]]


@pytest.mark.slow
def test_the_page_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    writer = written("nanoaod")
    for seed, name in enumerate(("signal/1", "signal/2", "background/1")):
        path = tmp_path / f"{name}.root"
        path.parent.mkdir(exist_ok=True)
        writer.write(path, events=400, seed=seed, data=True)  # type: ignore[union-attr]
    for kind, block in BLOCK.findall(TEXT):
        if kind == "yaml" and "title:" in block:
            (tmp_path / "pairs.yaml").write_text(block)
        elif kind == "python":
            exec(block, {})  # noqa: S102
        elif kind == "console":
            for line in block.splitlines():
                assert main(words(line)[1:]) == 0, capsys.readouterr().err
    assert (tmp_path / "event.html").exists()
    assert (tmp_path / "runs" / "pairs" / "report.html").exists()


def test_the_cards_are_cards() -> None:
    whole, files = (yaml.safe_load(block) for kind, block in BLOCK.findall(TEXT) if kind == "yaml")
    assert resolve(whole).signal == "signal"
    assert resolve({**whole, **files}).samples["background"].read.reader == "nanoaod"
