"""``hepvision predict``: scores, or one line and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hepvision.cli import main
from hepvision.events.store import write_store
from toy_bundle import toy_bundle
from toy_events import toy_events


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    toy_bundle(tmp_path / "bundle")
    write_store(tmp_path / "store", toy_events(6))
    return tmp_path


def test_a_store(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "bundle", "store", "store", "-o", "scores.parquet"]) == 0
    assert "12 of 12 examples pass" in capsys.readouterr().out
    assert pq.read_table(folder / "scores.parquet").num_rows == 12


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing", "store"], "error: nothing: no bundle is there."),
        (["bundle", "nothing"], "error: nothing: no such file. Check the path."),
        (["store", "bundle"], "must be the manifest of a bundle"),
        (["bundle", "bundle"], "error: bundle: the manifest is damaged"),
        (["bundle", "broken.ig"], "error: broken.ig"),
        (["bundle", "."], "error: .: must be a store, got a folder of other files. Give the files"),
        (["bundle", "store", "--batch", "0"], "batch"),
    ],
)
def test_one_line_and_two(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (folder / "broken.ig").write_bytes(b"PK\x03\x04 cut short")
    assert main(["predict", *words, "-o", "scores.parquet"]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (folder / "scores.parquet").exists()


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("events.ig", "events.ig: the output is the input."),
        ("store/part-000000.parquet", "must not lie in a store"),
        ("bundle/weights.safetensors", "must not lie in a bundle"),
        ("store", "store: is a directory. Give a file"),
        ("scores.csv", "error: scores.csv: must end in .parquet, got .csv."),
    ],
)
def test_nothing_that_is_read_is_written_over(
    folder: Path, capsys: pytest.CaptureFixture[str], out: str, said: str
) -> None:
    (folder / "events.ig").write_bytes(b"PK collisions")
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    assert main(["predict", "bundle", "store", "events.ig", "-o", out]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()} == before


def test_a_damaged_bundle(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bundle" / "weights.safetensors").write_bytes(b"")
    assert main(["predict", "bundle", "store", "-o", "scores.parquet"]) == 2
    assert "checksum differs" in capsys.readouterr().err
