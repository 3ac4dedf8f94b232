"""The page of the benchmarks has a section each, and keeps those that are not run."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("benchmarks are not beside the tests", allow_module_level=True)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    module = importlib.import_module("_page")
    for name, text in (
        ("one", '"""What one\nmeasures.\n\n    python one.py\n"""\nprint("twice as fast")'),
        ("two", '"""Two."""\nprint("as fast")'),
        ("bad", '"""Bad."""\nraise SystemExit(3)'),
    ):
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(module, "HERE", tmp_path)
    return module


def test_sections_are_replaced_one_by_one(script: Any, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    assert script.main(["two", "one"], page) == 0
    text = page.read_text()
    assert text.index("## `one`") < text.index("## `two`")
    assert "What one\nmeasures.\n\n`python benchmarks/one.py`, 20" in text
    assert "```text\ntwice as fast\n```" in text and "python one.py" not in text
    (tmp_path / "one.py").write_text('"""What one does now."""\nprint("slower")')
    assert script.main(["one"], page) == 0
    text = page.read_text()
    assert "slower" in text and "twice" not in text and "```text\nas fast\n```" in text


def test_a_benchmark_that_fails_leaves_its_section(script: Any, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    assert script.main([], page) == 1
    text = page.read_text()
    assert "## `one`" in text and "## `two`" in text and "bad" not in text
    with pytest.raises(SystemExit):
        script.main(["three"], page)


def test_every_benchmark_says_what_it_measures(script: Any) -> None:
    files = sorted(FOLDER.glob("[!_]*.py"))
    assert len(files) > 5
    for file in files:
        assert len(script.about(file)) > 20, file
