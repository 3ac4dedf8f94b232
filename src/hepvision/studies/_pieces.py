"""Pieces of files: read, selected and encoded where there is a worker for them."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np

from hepvision.core.chunks import ahead
from hepvision.core.errors import CorruptFileError, SchemaError, UnknownNameError
from hepvision.core.files import sha256
from hepvision.events.schema import FIELDS, flat, from_columns, known_fields
from hepvision.events.selection import CutFlow, selected
from hepvision.events.store import Encoded, encoded
from hepvision.readers._account import Account
from hepvision.readers._reader import extent_of
from hepvision.readers._which import name_of, which

__all__ = ["Input", "Made", "Piece", "look", "make", "make_in_order", "merged", "pieces_of"]

#: What one file can be to blame for, so that the others are none the worse.
BROKEN = (CorruptFileError, SchemaError, PermissionError, IsADirectoryError)
#: Bits of an event's number that count the events of its file.
ROW_BITS = 40
#: Counts that readers keep, by kind.
_COUNTS = (*vars(Account()), "disagree")
#: Attributes that events of one store must share.
_MEANING = {"labels", "image", "cells", "interactions", "primary", "geometry", "readout", "unit"}
_MEANING |= {"units", "met", "jetIdx", "tracks", "channels", "axes", "weights"}
#: What an option of the reader makes the same for all files, and the option.
_CHOSEN = {
    "met": ("MET", ", or choose one with --option met=…"),
    "jetIdx": ("what Particle.jetIdx counts", ", or choose it with --option constituents=…"),
}
#: Attributes of one file that say nothing of the events.
_APART = {"file", "schema", "reader"}


@dataclass(frozen=True)
class Input:
    """A file and what was found out about it; ``error`` is empty unless it is broken."""

    path: str
    given: str
    format: str = ""
    events: int = 0
    bytes: int = 0
    sha256: str = ""
    size: int = 1
    sequential: bool = False
    beside: tuple[str, ...] = ()
    error: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """What a manifest keeps of it."""
        kept = {"file": self.given, "bytes": self.bytes, "sha256": self.sha256}
        return kept | ({"beside": list(self.beside)} if self.beside else {})


@dataclass(frozen=True)
class Rows:
    """Rows ``start`` to ``stop`` of a file."""

    file: int
    path: str
    given: str
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class Piece:
    """One part of the store: some rows of a large file, or several small files."""

    number: int
    rows: tuple[Rows, ...]
    format: str
    options: Mapping[str, Any]
    label: str
    select: tuple[str, ...]

    def __len__(self) -> int:
        return sum(map(len, self.rows))


@dataclass(frozen=True)
class Made:
    """A part of the store, and what is wrong with files that have no rows in it."""

    piece: Piece
    part: Encoded | None
    record: Mapping[str, Any]
    broken: Mapping[int, str]


def look(item: tuple[str, str, str | None, Mapping[str, Any]]) -> Input:
    """Which reader knows a file, how many events it holds, and its checksum."""
    path, given, format, options = item
    try:
        # libraries that add up checksums let other threads work
        with _quiet(), ThreadPoolExecutor(1) as thread:
            checksum = thread.submit(sha256, path)
            reader = which(path, format, options)
            beside = [Path(one) for one in getattr(reader, "companions", lambda _: ())(path)]
            events, size = extent_of(reader, path)
            return Input(
                path,
                given,
                format or name_of(reader),
                events,
                Path(path).stat().st_size,
                checksum.result(),
                size,
                bool(getattr(reader, "sequential", False)),
                tuple(f"{one.name} {sha256(one)}" for one in beside),
            )
    except BROKEN as error:
        return Input(path, given, error=_line(error, path, given))


def pieces_of(inputs: Sequence[Input], plan: Mapping[str, Any]) -> list[Piece]:
    """All pieces of all files that are whole, numbered; small files share one."""
    groups: list[list[Rows]] = [[]]
    for file, one in enumerate(inputs):
        if one.error or not one.events:
            continue
        if one.events > one.size:
            for start in range(0, one.events, one.size):
                stop = min(start + one.size, one.events)
                groups.append([Rows(file, one.path, one.given, start, stop)])
            groups.append([])
            continue
        if sum(map(len, groups[-1])) + one.events > one.size:
            groups.append([])
        groups[-1].append(Rows(file, one.path, one.given, 0, one.events))
    settings = (plan["reader"], plan["options"], plan["label"], tuple(plan["select"]))
    return [Piece(n, tuple(rows), *settings) for n, rows in enumerate(filter(None, groups))]


def make(piece: Piece) -> Made:
    """Read, select and encode one piece."""
    found: list[Any] = []
    for rows in piece.rows:
        try:
            with _quiet():
                reader = which(rows.path, piece.format, piece.options)
                found.append(reader.read(rows.path, slice(rows.start, rows.stop)))
        except BROKEN as error:
            found.append(_line(error, rows.path, rows.given))
    return _finished(piece, found)


def make_in_order(pieces: Sequence[Piece], wanted: Set[int]) -> Iterator[Made]:
    """All pieces of a large file in one pass; only the wanted ones are encoded."""
    with contextlib.closing(ahead(_streamed(pieces[0], max(map(len, pieces))))) as found:
        for piece in pieces:
            events = [next(found, ())]  # no name holds them while the next ones are made
            if piece.number in wanted or len(events[0]) != len(piece):
                made = _finished(piece, events)
                events.clear()
                broken = bool(made.broken)
                yield made
                del made
                if broken:
                    return


def _streamed(piece: Piece, size: int) -> Generator[Any, None, None]:
    """A file's events piece by piece, or at last the line that says what is wrong with it."""
    path = piece.rows[0].path
    try:
        with _quiet():
            stream = iter(which(path, piece.format, piece.options).stream(path, size))
        while True:
            with _quiet():
                events = next(stream, None)
            if events is None:
                return
            yield events
    except BROKEN as error:
        yield _line(error, piece.rows[0].path, piece.rows[0].given)


def _finished(piece: Piece, found: Sequence[Any]) -> Made:
    """Select and encode; what is text instead of events says why there are none."""
    broken: dict[int, str] = {}
    kept: list[ak.Array] = []
    flows: list[CutFlow] = []
    attrs: list[tuple[str, dict[str, Any]]] = []
    for rows, events in zip(piece.rows, found, strict=True):
        if isinstance(events, str):
            broken[rows.file] = events
        elif len(events) != len(rows):
            broken[rows.file] = (
                f"{rows.given}: must hold {len(rows)} events from {rows.start} on, "
                f"got {len(events)}. Fetch it again."
            )
        else:
            attrs.append((rows.given, dict((events.attrs or {}).get("hepvision", {}))))
            passed, flow = _selected(piece, rows, events)
            kept.append(passed)
            flows.append(flow)
    if not kept:
        return Made(piece, None, {}, broken)
    events, lost = _joined(kept)
    record: dict[str, Any] = {
        "rows": [[one.file, one.start, one.stop] for one in piece.rows if one.file not in broken],
        "cut_flow": sum(flows[1:], flows[0]).as_dict(),
        "attrs": _plain(merged(attrs)),
    }
    record |= {"broken": {str(file): text for file, text in broken.items()}} if broken else {}
    record |= {"not_in_all": lost} if lost else {}
    return Made(piece, encoded(events), record, broken)


def _selected(piece: Piece, rows: Rows, events: ak.Array) -> tuple[ak.Array, CutFlow]:
    ids = np.arange(rows.start, rows.stop, dtype=np.uint64)
    # by place: a file's events keep their numbers when another file is left out
    ids |= np.uint64(rows.file << ROW_BITS)
    columns = {name: events.layout.content(name) for name in events.fields}
    columns["event_id"] = ak.contents.NumpyArray(ids)
    columns["sample"] = _same_text(piece.label, len(rows))
    record = ak.contents.RecordArray(list(columns.values()), list(columns), len(rows))
    events = ak.Array(record, attrs=events.attrs)
    try:
        return selected(events, piece.select)
    except (UnknownNameError, SchemaError) as error:
        raise type(error)(f"{rows.given}: {error}") from error


def _joined(parts: Sequence[ak.Array]) -> tuple[ak.Array, list[str]]:
    """Events of several files, with the fields that all have, and names of the others."""
    if len(parts) == 1:
        return parts[0], []
    fields = [set(known_fields(one)) for one in parts]
    everywhere = fields[0].intersection(*fields)
    lost = sorted(set().union(*fields) - everywhere)
    if lost:
        parts = [_with_fields(one, everywhere) for one in parts]
    return ak.concatenate(parts), lost


def _with_fields(events: ak.Array, wanted: Set[str]) -> ak.Array:
    columns: dict[str, Any] = {}
    for name in events.fields:
        if name not in FIELDS:
            columns[name] = events[name].layout
            continue
        offsets, values = flat(events[name])
        values = {key: one for key, one in values.items() if f"{name}.{key}" in wanted}
        if values:
            columns[name] = from_columns(offsets, values, name).layout
    return ak.Array(ak.contents.RecordArray(list(columns.values()), list(columns), len(events)))


def merged(attrs: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Attributes of events of several origins together.

    Counts are added. What decides the meaning of numbers must be equal; of the rest, what is equal
    everywhere is kept.
    """
    made: dict[str, Any] = {}
    counts = {kind: Counter[str]() for kind in _COUNTS}
    origin: dict[str, str] = {}
    differ: set[str] = set()
    for given, each in attrs:
        for key, value in each.items():
            if key in counts:
                counts[key].update(value)
            elif made.get(key, "") == "":  # a file without the collection says nothing of it
                made[key], origin[key] = value, given
            elif key == "lacks":
                made[key] = sorted({*made[key], *value})
            elif value not in (made[key], "") and key in _MEANING:
                what, advice = _CHOSEN.get(key, (key, ""))
                raise SchemaError(
                    f"{given}: {what} must be that of {origin[key]}, {made[key]!r:.80}, got "
                    f"{value!r:.80}. Convert them apart{advice}."
                )
            elif value not in (made[key], ""):
                differ.add(key)
    kept = {key: made[key] for key in made if key not in differ | _APART}
    return kept | {kind: dict(sorted(each.items())) for kind, each in counts.items() if each}


def _plain(value: Any) -> Any:
    """As JSON gives it back, so that what was written before compares with what is new."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)


def _same_text(text: str, number: int) -> ak.contents.Content:
    letters = np.frombuffer(text.encode(), np.uint8)
    content = ak.contents.NumpyArray(np.tile(letters, number), parameters={"__array__": "char"})
    offsets = ak.index.Index64(np.arange(number + 1) * len(letters))
    return ak.contents.ListOffsetArray(offsets, content, parameters={"__array__": "string"})


def _line(error: Exception, path: str, given: str) -> str:
    """What is wrong, of the file as the user called it: one from an address lies in the cache."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror.lower()}".replace(path, given)
    return str(error).replace(path, given)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Readers tell what they repair once a piece; a conversion tells it once, of all files."""
    log = logging.getLogger("hepvision.readers")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)
