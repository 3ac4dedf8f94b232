"""What every reader promises, held against every sample file that it recognises."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import UserError
from hepvision.core.names import load, names, summary
from hepvision.events.schema import VERSION, check

from shared_data import shared

READERS = names("readers")
LARGE = 20_000_000  # bytes: the contract needs no larger sample


def reader(name: str) -> Any:
    return load("readers", name)()


@cache
def sample(name: str) -> Path:
    """The smallest file of the samples that the reader recognises; skips without."""
    files = [path for path in shared("data").rglob("*") if path.is_file()]
    known = [
        path for path in files if path.stat().st_size < LARGE and reader(name).recognises(path)
    ]
    if not known:
        pytest.skip(f"no sample for the reader {name!r}")
    return min(known, key=lambda path: (path.stat().st_size, path.name))


@cache
def whole(name: str) -> ak.Array:
    return reader(name).read(sample(name))


def same(one: ak.Array, other: ak.Array) -> bool:
    return bool(ak.array_equal(one, other))


def test_there_are_readers() -> None:
    assert "ispy" in READERS


@pytest.mark.parametrize("name", READERS)
def test_form(name: str) -> None:
    kind = load("readers", name)
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in kind.suffixes)
    assert kind.suffixes
    assert summary("readers", name).endswith(".")
    assert "References" in (kind.__doc__ or "")


@pytest.mark.parametrize("name", READERS)
def test_events_fit_the_schema(name: str) -> None:
    events = whole(name)
    assert len(events) > 0
    check(events)
    kept = events.attrs["hepvision"]
    assert kept["schema"] == VERSION
    assert kept["reader"] == name
    assert (ak.to_numpy(events["weight"]) != 0).any()


@pytest.mark.parametrize("name", READERS)
def test_count_rows_and_stream_agree(name: str) -> None:
    number = reader(name).count(sample(name))
    assert number == len(whole(name))
    some = np.unique(np.linspace(0, number - 1, 3).astype(int))[::-1]
    assert same(reader(name).read(sample(name), some), whole(name)[some])
    assert same(reader(name).read(sample(name), slice(1, 3)), whole(name)[1:3])
    size = -(-number // 3)
    pieces = list(reader(name).stream(sample(name), size))
    assert [len(piece) for piece in pieces[:-1]] == [size] * (len(pieces) - 1)
    assert same(ak.concatenate(pieces), whole(name))


@pytest.mark.parametrize("name", READERS)
def test_broken_files_are_refused_in_one_line(name: str, tmp_path: Path) -> None:
    suffix = sample(name).suffix
    content = sample(name).read_bytes()
    for broken in (b"", b"not this format at all\n" * 10, content[: len(content) // 2]):
        path = tmp_path / f"broken{suffix}"
        path.write_bytes(broken)
        with pytest.raises(UserError) as error:
            reader(name).read(path)
        assert "\n" not in str(error.value)
        assert path.name in str(error.value)


@pytest.mark.parametrize("name", READERS)
def test_absent_files(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        reader(name).read(tmp_path / f"absent{reader(name).suffixes[0]}")


@pytest.mark.parametrize("name", READERS)
def test_a_note_is_not_recognised(name: str, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Not data")
    assert not reader(name).recognises(note)


def test_no_file_is_recognised_twice() -> None:
    for path in shared("data").rglob("*"):
        if path.is_file():
            known = [name for name in READERS if reader(name).recognises(path)]
            assert len(known) <= 1, f"{path.name}: {known}"
