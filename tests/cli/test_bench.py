"""``hepvision bench``: a table, or one line and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepvision.cli import main
from hepvision.deploy import _bench_runners
from toy_bundle import toy_bundle


def test_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_bench_runners, "_compiled", lambda *given: 1 / 0)  # takes a minute
    monkeypatch.chdir(tmp_path)
    toy_bundle(tmp_path / "bundle")
    words = ["--batch", "2", "--threads", "1", "--seconds", "0.001", "--quiet", "-o", "a.html"]
    assert main(["bench", "bundle", *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("mlp, ")
    assert lines[1].split() == [
        "way",
        "threads",
        "batch",
        "p50",
        "[ms]",
        "p99",
        "[ms]",
        "examples/s",
    ]
    assert lines[2].startswith("PyTorch ")
    assert (tmp_path / "a.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "error: nothing: no bundle is there."),
        (["bundle", "--batch", "0"], "batch"),
        (["bundle", "-o", "speed.csv"], "must end in .html, got .csv"),
        (["bundle", "--events", "nothing.ig"], "error: nothing.ig: no such file"),
    ],
)
def test_one_line_and_two(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    toy_bundle(tmp_path / "bundle")
    assert main(["bench", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
