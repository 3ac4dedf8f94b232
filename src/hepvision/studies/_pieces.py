"""Pieces of files: read, selected and encoded where there is a worker for them."""

from __future__ import annotations

import contextlib
import inspect
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np

from hepvision.core.errors import CorruptFileError, SchemaError, UnknownNameError
from hepvision.core.files import sha256
from hepvision.core.names import load, names
from hepvision.events.selection import selected
from hepvision.events.store import Encoded, encoded
from hepvision.readers._which import which

__all__ = ["BROKEN", "Input", "Made", "Piece", "look", "make", "make_in_order", "pieces_of"]

#: What one file can be to blame for, so that the others are none the worse.
BROKEN = (CorruptFileError, SchemaError, PermissionError, IsADirectoryError)
#: Bits of an event's number that count the events of its file.
ROW_BITS = 40


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
class Piece:
    """Rows ``start`` to ``stop`` of a file, as one part of the store."""

    number: int
    file: int
    path: str
    given: str
    start: int
    stop: int
    format: str
    options: Mapping[str, Any]
    label: str
    select: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """A part of the store, or why there is none."""

    piece: Piece
    part: Encoded | None
    record: Mapping[str, Any]
    error: str = ""


def look(item: tuple[str, str, str | None, Mapping[str, Any]]) -> Input:
    """Which reader knows a file, how many events it holds, and its checksum."""
    path, given, format, options = item
    found = Input(path, given)
    try:
        with _quiet():
            reader = which(path, format, options)
            beside = [Path(one) for one in getattr(reader, "companions", lambda _: ())(path)]
            found = Input(
                path,
                given,
                format or _name(reader),
                int(reader.count(path)),
                Path(path).stat().st_size,
                sha256(path),
                size_of(reader),
                bool(getattr(reader, "sequential", False)),
                tuple(f"{one.name} {sha256(one)}" for one in beside),
            )
    except BROKEN as error:
        return Input(path, given, error=_line(error))
    return found


def size_of(reader: Any) -> int:
    """Events a piece: what the reader itself takes for a fit size."""
    default = inspect.signature(reader.stream).parameters["size"].default
    return int(default) if isinstance(default, int) and default > 0 else 1000


def _name(reader: Any) -> str:
    return next(name for name in names("readers") if load("readers", name) is type(reader))


def pieces_of(
    inputs: Sequence[Input], options: Mapping[str, Any], label: str, select: Sequence[str]
) -> list[Piece]:
    """All pieces of all files that are whole, numbered."""
    pieces: list[Piece] = []
    for file, one in enumerate(inputs):
        for start in range(0, 0 if one.error else one.events, one.size):
            stop = min(start + one.size, one.events)
            # by position: a file's events keep their numbers when another one is left out
            piece = Piece(
                len(pieces),
                file,
                one.path,
                one.given,
                start,
                stop,
                one.format,
                options,
                label,
                tuple(select),
            )
            pieces.append(piece)
    return pieces


def make(piece: Piece) -> Made:
    """Read and encode one piece."""
    try:
        with _quiet():
            reader = which(piece.path, piece.format, piece.options)
            events = reader.read(piece.path, slice(piece.start, piece.stop))
    except BROKEN as error:
        return Made(piece, None, {}, _line(error))
    return _finished(piece, events)


def make_in_order(pieces: Sequence[Piece], wanted: set[int]) -> Iterator[Made]:
    """All pieces of a file in one pass; only the wanted ones are encoded."""
    first = pieces[0]
    with contextlib.closing(_streamed(first, max(one.stop - one.start for one in pieces))) as found:
        for piece in pieces:
            events = next(found, None)
            if isinstance(events, str):
                yield Made(piece, None, {}, events)
                return
            rows = 0 if events is None else len(events)
            if piece.number in wanted or rows != piece.stop - piece.start:
                yield _finished(piece, () if events is None else events)


def _streamed(piece: Piece, size: int) -> Generator[Any, None, None]:
    """A file's events piece by piece, or at last the line that says what is wrong with it."""
    try:
        with _quiet():
            reader = which(piece.path, piece.format, piece.options)
            stream = iter(reader.stream(piece.path, size))
        while True:
            with _quiet():
                events = next(stream, None)
            if events is None:
                return
            yield events
    except BROKEN as error:
        yield _line(error)


def _finished(piece: Piece, events: Any) -> Made:
    rows = piece.stop - piece.start
    if len(events) != rows:
        return Made(
            piece,
            None,
            {},
            f"{piece.given}: must hold {rows} events from {piece.start} on, got {len(events)}. "
            "Fetch it again.",
        )
    attrs = dict((events.attrs or {}).get("hepvision", {}))
    ids = np.arange(piece.start, piece.stop, dtype=np.uint64)
    ids |= np.uint64(piece.file << ROW_BITS)
    events = ak.with_field(events, ids, "event_id")
    events = ak.with_field(events, _same_text(piece.label, rows), "sample")
    try:
        events, flow = selected(events, piece.select)
    except (UnknownNameError, SchemaError) as error:
        raise type(error)(f"{piece.given}: {error}") from error
    record = {
        "file": piece.file,
        "rows": [piece.start, piece.stop],
        "cut_flow": flow.as_dict(),
        "attrs": {key: value for key, value in attrs.items() if key not in {"file", "schema"}},
    }
    return Made(piece, encoded(events), record)


def _same_text(text: str, number: int) -> ak.Array:
    letters = np.frombuffer(text.encode(), np.uint8)
    content = ak.contents.NumpyArray(np.tile(letters, number), parameters={"__array__": "char"})
    offsets = ak.index.Index64(np.arange(number + 1) * len(letters))
    return ak.Array(
        ak.contents.ListOffsetArray(offsets, content, parameters={"__array__": "string"})
    )


def _line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror.lower()}"
    return str(error)


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
