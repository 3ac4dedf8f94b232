"""The page of the benchmarks has a section each, and keeps those that are not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def pages(script: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    module = script("benchmarks/_page.py")
    for name, text in (
        ("one", '"""What one\nmeasures.\n\n    python one.py\n"""\nprint("twice as fast")'),
        ("two", '"""Two."""\nprint("as fast")'),
        ("bad", '"""Bad."""\nraise SystemExit(3)'),
    ):
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(module, "HERE", tmp_path)
    return module


def test_sections_are_replaced_one_by_one(pages: Any, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    assert pages.main(["two", "one"], page) == 0
    text = page.read_text()
    assert text.index("## `one`") < text.index("## `two`")
    assert "What one\nmeasures.\n\n`python benchmarks/one.py`, 20" in text
    assert "```text\ntwice as fast\n```" in text and "python one.py" not in text
    (tmp_path / "one.py").write_text('"""What one does now."""\nprint("slower")')
    assert pages.main(["one"], page) == 0
    text = page.read_text()
    assert "slower" in text and "twice" not in text and "```text\nas fast\n```" in text


def test_a_benchmark_that_fails_leaves_its_section(pages: Any, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    assert pages.main([], page) == 1
    text = page.read_text()
    assert "## `one`" in text and "## `two`" in text and "bad" not in text
    with pytest.raises(SystemExit):
        pages.main(["three"], page)


def test_every_benchmark_says_what_it_measures(pages: Any) -> None:
    files = sorted(Path(pages.__file__).parent.glob("[!_]*.py"))
    assert len(files) > 5
    for file in files:
        assert len(pages.about(file)) > 20, file
