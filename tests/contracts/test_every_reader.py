"""What every reader promises, held against a published file, else one that is written."""

from __future__ import annotations

import dataclasses
import os
import re
import tracemalloc
import typing
from functools import cache
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, UserError
from hepvision.core.names import load, names, summary
from hepvision.events.schema import FIELDS, VERSION, check
from hepvision.readers._which import which
from reader_samples import NO_EVENTS, companions, published, reader, sample, write, written

from shared_data import shared

READERS = names("readers")
#: One text or archive that can only be read at once, and one event a file.
AT_ONCE = {"cms_json", "dune_cvn", "energyflow_npz", "trackml"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@cache
def _sample(name: str, folder: Path) -> Path:
    here = folder / name
    here.mkdir()
    return sample(name, here)


@cache
def whole(name: str, folder: Path) -> ak.Array:
    return reader(name).read(_sample(name, folder))


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
    assert kind.collections
    assert set(kind.collections) <= set(FIELDS)
    assert kind.checked in {"real sample", "published layout"}
    assert kind.simulated in {True, False, None}
    doc = kind.__doc__ or ""
    assert "References" in doc
    heads = re.findall(r"^    (\w[\w, ]*) : ", doc, re.MULTILINE)
    told = {name.strip() for head in heads for name in head.split(",")}
    for option in dataclasses.fields(kind):
        assert option.name in told, f"{option.name} is not explained"
        assert option.default is not dataclasses.MISSING, f"{option.name} has no default"
        assert typing.get_type_hints(kind)[option.name]


@pytest.mark.parametrize("name", READERS)
def test_events_say_whether_they_are_simulated(name: str, folder: Path) -> None:
    told = whole(name, folder).attrs["hepvision"].get("simulation")
    known = reader(name).simulated
    assert told is known or known is None
    if name in {"nanoaod", "cms_json", "top_tagging", "jetclass"}:
        assert told is True
    if name == "ispy":
        assert told is False


@pytest.mark.parametrize("name", READERS)
def test_checked_says_what_is_so(name: str) -> None:
    shared("data")
    assert (load("readers", name).checked == "real sample") == bool(published(name))
    assert published(name) or written(name) is not None


@pytest.mark.parametrize("name", READERS)
def test_events_fit_the_schema(name: str, folder: Path) -> None:
    events = whole(name, folder)
    assert len(events) > 0
    check(events)
    kept = events.attrs["hepvision"]
    assert kept["schema"] == VERSION
    assert kept["reader"] == name
    assert kept["file"] == _sample(name, folder).name
    assert (ak.to_numpy(events["weight"]) != 0).any()
    found = set(events.fields) & set(FIELDS)
    assert found <= set(load("readers", name).collections)
    for one in found:
        if "phi" in events[one].fields:
            assert ak.all(abs(events[one].phi) <= np.float32(np.pi)), one


@pytest.mark.parametrize("name", READERS)
def test_count_rows_and_stream_agree(name: str, folder: Path) -> None:
    path = _sample(name, folder)
    number = reader(name).count(path)
    every = whole(name, folder)
    assert number == len(every)
    some = np.unique(np.linspace(0, number - 1, 3).astype(int))[::-1]
    assert same(reader(name).read(path, some), every[some])
    assert same(reader(name).read(path, slice(1, 3)), every[1:3])
    size = -(-number // 3)
    pieces = list(reader(name).stream(path, size))
    assert [len(piece) for piece in pieces[:-1]] == [size] * (len(pieces) - 1)
    assert same(ak.concatenate(pieces), every)
    assert all(piece.attrs["hepvision"]["reader"] == name for piece in pieces)
    with pytest.raises(ValueError, match="size"):
        next(iter(reader(name).stream(path, 0)))


@pytest.mark.parametrize("name", READERS)
def test_rows_are_those_of_an_array(name: str, folder: Path) -> None:
    path, every = _sample(name, folder), whole(name, folder)
    number = len(every)
    chosen = (
        np.arange(number) % 2 == 0,
        np.array([-1, 0, -1, number // 2]),
        slice(None, None, -2),
        slice(-2, None),
    )
    for rows in chosen:
        assert same(reader(name).read(path, rows), every[rows])
    for rows in (np.zeros(0, np.int64), slice(number, number + 1)):
        assert len(reader(name).read(path, rows)) == 0
    for absent in (number, -number - 1, np.uint64(2**64 - 1)):
        told = f"^rows: must lie between {-number} and {number - 1}, got {absent}\\.$"
        with pytest.raises(IndexError, match=told):
            reader(name).read(path, np.array([absent]))
    with pytest.raises(IndexError, match=f"a mask must have {number} values, got {number + 1}"):
        reader(name).read(path, np.ones(number + 1, bool))


@pytest.mark.parametrize("name", READERS)
def test_wrong_rows_and_sizes_are_no_damage(name: str, folder: Path) -> None:
    path, every = _sample(name, folder), whole(name, folder)
    for rows in ([0], ak.Array([0]), [True] + [False] * (len(every) - 1)):
        assert same(reader(name).read(path, rows), every[:1])
    assert len(reader(name).read(path, [])) == 0
    absent = path.with_name("absent")  # refused before it is looked for
    wrong = (
        slice(0, 5, 0),
        slice(0.5),
        "abc",
        0,
        [0.7],
        np.array([0.0, 1.0]),
        np.array([None]),
        [[0]],
        [[0], [0, 1]],
        ak.Array([0, None]),
        ["0"],
    )
    for rows in wrong:
        with pytest.raises(TypeError, match=r"^rows: must be a slice .*, got .*\.$"):
            reader(name).read(absent, rows)
    for size in (2.5, "2", 0):
        with pytest.raises((TypeError, ValueError), match=r"^stream: size must be .*, got .*\.$"):
            next(reader(name).stream(absent, size))


def _peak(name: str, path: Path, size: int) -> int:
    """Most memory that streaming held, as far as Python and NumPy take it."""
    tracemalloc.start()
    number = sum(len(events) for events in reader(name).stream(path, size))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == reader(name).count(path)
    return peak


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*READERS} - AT_ONCE))
def test_streaming_takes_no_more_memory_for_more_events(name: str, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    few, many = (write(name, tmp_path / key, n) for key, n in (("few", 100), ("many", 600)))
    _peak(name, few, 25)  # compiles and imports
    assert _peak(name, many, 25) < 1.8 * _peak(name, few, 25) + 2**20


@pytest.mark.parametrize("name", READERS)
def test_broken_files_are_refused_in_one_line(name: str, folder: Path, tmp_path: Path) -> None:
    path = _sample(name, folder)
    for one in companions(path):
        (tmp_path / one.name).write_bytes(one.read_bytes())
    content = path.read_bytes()
    for broken in (b"", b"not this format at all\n" * 10, content[: len(content) // 2]):
        (tmp_path / path.name).write_bytes(broken)
        for call in (reader(name).read, lambda one: list(reader(name).stream(one))):
            with pytest.raises(UserError) as error:
                call(tmp_path / path.name)
            assert "\n" not in str(error.value)
            assert path.name in str(error.value)
            assert str(error.value).endswith((".", "?"))


@pytest.mark.parametrize("name", READERS)
def test_what_cannot_be_opened(name: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / _sample(name, folder).name
    calls = (reader(name).read, reader(name).count, lambda one: next(reader(name).stream(one)))
    for call in calls:
        with pytest.raises(FileNotFoundError, match="no such file"):
            call(path)
    assert not reader(name).recognises(path)
    path.mkdir()
    for call in calls:
        with pytest.raises(IsADirectoryError):
            call(path)
    assert not reader(name).recognises(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("name", READERS)
def test_no_permission(name: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / _sample(name, folder).name
    path.write_bytes(_sample(name, folder).read_bytes())
    tmp_path.chmod(0o755)
    path.chmod(0)
    try:
        os.seteuid(65534)
        with pytest.raises(PermissionError):
            reader(name).read(path)
        with pytest.raises(PermissionError):
            which(path)
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", READERS)
def test_what_is_recognised(name: str, folder: Path, tmp_path: Path) -> None:
    assert reader(name).recognises(_sample(name, folder))
    assert reader(name).recognises(str(_sample(name, folder)))
    note = tmp_path / "note.md"
    note.write_text("# Not data")
    assert not reader(name).recognises(note)
    known = [one for one in READERS if reader(one).recognises(_sample(name, folder))]
    assert known == [name]
    # damage makes no reader take it for its own
    content = _sample(name, folder).read_bytes()
    broken = tmp_path / _sample(name, folder).name
    for part in (b"", content[:3], content[: len(content) // 2], content[len(content) // 2 :]):
        broken.write_bytes(part)
        assert {one for one in READERS if reader(one).recognises(broken)} <= {name}


@pytest.mark.parametrize("name", READERS)
def test_written_files_are_recognised_too(name: str, tmp_path: Path) -> None:
    path = write(name, tmp_path)
    assert [one for one in READERS if reader(one).recognises(path)] == [name]
    events = reader(name).read(path)
    assert reader(name).count(path) == len(events) == len(check(events))
    (tmp_path / "more").mkdir()
    assert len(reader(name).read(write(name, tmp_path / "more", events=1))) == 1


def test_every_published_file_has_one_reader() -> None:
    unread = []
    for path in sorted(shared("data").rglob("*")):
        if not path.is_file() or path.name in NO_EVENTS:
            continue
        known = [name for name in READERS if path in published(name)]
        assert len(known) <= 1, f"{path.name}: {known}"
        if not known and not any(
            one in published(name) for name in READERS for one in companions(path)
        ):
            unread.append(path.name)
    assert not unread


def test_a_reader_can_be_named(folder: Path) -> None:
    path = _sample("ispy", folder)
    assert which(path) == which(path, "ispy") == reader("ispy")
    with pytest.raises(CorruptFileError, match="no reader knows this format, got text that begins"):
        which(__file__)
