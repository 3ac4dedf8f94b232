"""The command convert: a store, its cut flow and what was left out; or one line and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepvision.cli import main
from hepvision.events.store import open_store
from toy_reader import toy_file, toy_reader


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for number in range(3):
        toy_file(
            tmp_path / "data" / f"f{number}.lines", [[n, 20.0 + n + number / 10] for n in range(5)]
        )
    return tmp_path / "data"


def run(tmp_path: Path, *words: str | Path) -> int:
    out = [] if "-o" in words else ["-o", str(tmp_path / "out")]
    label = [] if "--label" in words else ["--label", "toy"]
    reader = ["--component", toy_reader(tmp_path)]
    return main(["convert", *map(str, words), *out, *label, *reader])


def test_it_says_what_it_made(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "f1.lines").write_text("nonsense\n")
    cuts = ["--select", "num(Photon) == 1", "--select", "any(Photon.pt > 21.5)"]
    assert run(tmp_path, data, *cuts, "--skip-broken", "--option", "unit=GeV") == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == f"{tmp_path / 'out'}: 6 events of 2 my_lines files"
    assert lines[1:4] == [
        "          10  all",
        "          10  num(Photon) == 1",
        "           6  any(Photon.pt > 21.5)",
    ]
    assert lines[4] == (
        f"left out: {data / 'f1.lines'}: must begin with # lines, got 'nonsense'. Mend it."
    )
    assert "convert" in err and "10 of 10 events" in err and "60.0% selected" in err
    assert "3 of 3 files" in err
    assert len(open_store(tmp_path / "out")) == 6


def test_quiet_shows_no_bar(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, data / "f0.lines", "--quiet") == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'out'}: 5 events of 1 my_lines file\n"
    assert "events/s" not in err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["absent.lines"], "absent.lines: no such file. Check the path."),
        (["DATA", "--format", "nanoad"], "Did you mean 'nanoaod'"),
        (["DATA", "--option", "unit"], "option: must be NAME=VALUE, got 'unit'"),
        (["DATA", "--option", "units=1"], "no key 'units'. Did you mean 'unit'"),
        (["DATA", "--select", "num(Foton) == 1"], "no field 'Foton'. Did you mean 'Photon'"),
        (["DATA", "--select", "weight > 1 & pileup < 2"], "Put brackets around each comparison"),
        (["DATA", "--select", "num(Photon) > 5"], "must pass some events, got 0 of 15"),
        (["DATA", "--workers", "0"], "workers: must be positive, got 0"),
        (["DATA", "--label", ""], "label: must be a name"),
        (["DATA", "--scheduler", "foo"], "no Dask scheduler answers"),
        (["DATA", "-o", "DATA/f0.lines"], "f0.lines: not a directory"),
        (["NONSENSE"], "no reader knows this format"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_store(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    nonsense = tmp_path / "notes.txt"
    nonsense.write_text("nothing that a reader knows")
    given = [one.replace("DATA", str(data)).replace("NONSENSE", str(nonsense)) for one in words]
    assert run(tmp_path, *given, "--quiet") == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1
    assert text in err
    assert not (tmp_path / "out").exists()


def test_one_broken_file_is_named(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "f1.lines").write_text("# lines\n1 x\n")
    assert run(tmp_path, data, "--quiet") == 2
    err = capsys.readouterr().err
    assert f"1 of 3 files are broken: {data / 'f1.lines'}: must hold numbers" in err
    assert "--skip-broken" in err and err.count("\n") == 1
    assert not (tmp_path / "out" / "manifest.json").exists()
