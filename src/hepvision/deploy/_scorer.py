"""Pieces of stores and files, and their scores: made wherever there is a worker for them."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
import pyarrow as pa

from hepvision.core.chunks import Chunk, ahead, chunks
from hepvision.core.errors import SchemaError
from hepvision.core.places import is_remote, place
from hepvision.deploy._onnx_bundle import OnnxBundle, load_model
from hepvision.deploy.bundle import Bundle
from hepvision.events.examples import examples
from hepvision.events.schema import FIELDS, missing_fields
from hepvision.events.selection import CutFlow, selected
from hepvision.events.store import is_store, open_store
from hepvision.readers._reader import Reader, extent_of
from hepvision.readers._which import which
from hepvision.representations._expressions import value_where_possible
from hepvision.representations._together import columns_read

__all__ = ["Scorer", "Scores", "Task", "stream_for", "table_of", "tasks_of"]

#: Events of a store that make a piece, whatever its row groups are.
STORE_PIECE = 2000
#: Events of a file that are held in memory at a time, at most.
FILE_PIECE = 250


class Scores(NamedTuple):
    """What came of one piece."""

    number: int
    events: int
    table: pa.Table
    flow: CutFlow


@dataclasses.dataclass(frozen=True)
class Task:
    """Pieces of one store or file that are scored in one pass.

    Parameters
    ----------
    path : str or UPath
        The store or file; what lies elsewhere with all that it is reached by.
    pieces : tuple of Chunk
        Rows of it, in order.
    first : int
        Number of the input's first piece among all pieces of all inputs.
    size : int
        Rows of every piece but the input's last.
    """

    path: Any
    pieces: tuple[Chunk, ...]
    first: int
    size: int

    @property
    def events(self) -> int:
        """Events in all pieces."""
        return sum(one.stop - one.start for one in self.pieces)

    def without(self, done: frozenset[int]) -> Task:
        """The same without pieces that are done, by number."""
        left = tuple(one for one in self.pieces if self.first + one.number not in done)
        return dataclasses.replace(self, pieces=left)

    def apart(self) -> list[Task]:
        """One task a piece, unless they are only found by reading all before them."""
        path = place(self.path)
        reader = None if is_store(path) else which(path)
        if reader is not None and (not isinstance(reader, Reader) or reader.sequential):
            return [self] if self.pieces else []
        return [dataclasses.replace(self, pieces=(one,)) for one in self.pieces]


def tasks_of(paths: Sequence[Path]) -> list[Task]:
    """All pieces of all inputs, one task an input."""
    made: list[Task] = []
    first = 0
    for path in paths:
        if is_store(path):
            events, size = len(open_store(path)), STORE_PIECE
        else:
            events, size = extent_of(which(path), path)
            size = min(size, FILE_PIECE)
        task = Task(
            path if is_remote(path) else str(path), tuple(chunks(events, size)), first, size
        )
        first += len(task.pieces)
        made.append(task)
    return made


@dataclasses.dataclass(frozen=True)
class Scorer:
    """Applies a bundle to tasks; goes to another process with its path alone.

    Parameters
    ----------
    bundle : str, Bundle or OnnxBundle
        Its folder or ONNX file, or itself where all is done in this process.
    batch : int
        Examples at a time.
    threads : int, optional
        Threads of torch or ONNX Runtime.
    """

    bundle: str | Bundle | OnnxBundle
    batch: int
    threads: int | None

    def __call__(self, task: Task) -> list[Scores]:
        """Scores of all pieces of a task."""
        return list(self.stream(task))

    def stream(self, task: Task) -> Iterator[Scores]:
        """Scores of a task, piece by piece; the next events are read meanwhile."""
        bundle = self.loaded()
        with contextlib.closing(ahead(_selected(task, bundle))) as found:
            for piece, batches in itertools.groupby(found, lambda one: one[0]):
                tables, flow = [table_of(bundle, None, self.batch, self.threads)], None
                for _, rows, passed in batches:
                    flow = passed if flow is None else flow + passed
                    tables.append(table_of(bundle, rows, self.batch, self.threads))
                if flow is not None:
                    number, size = task.first + piece.number, piece.stop - piece.start
                    yield Scores(number, size, pa.concat_tables(tables), flow)

    def loaded(self) -> Bundle | OnnxBundle:
        """The bundle; each process reads it once."""
        if isinstance(self.bundle, str):
            return _loaded(self.bundle, self.threads)
        return self.bundle


_loaded = functools.lru_cache(maxsize=1)(load_model)


def _selected(
    task: Task, bundle: Bundle | OnnxBundle
) -> Generator[tuple[Chunk, ak.Array, CutFlow], None, None]:
    """Examples that pass, batch by batch, with the piece they belong to."""
    for piece, events in _events(task, bundle):
        rows, passed = selected(examples(events, bundle.per), bundle.select)
        yield piece, rows, passed


def _events(task: Task, bundle: Bundle | OnnxBundle) -> Iterator[tuple[Chunk, ak.Array]]:
    """Events with what a bundle reads, and the piece they belong to; refused if they lack it."""
    path = place(task.path)
    if is_store(path):
        # pieces that follow each other share row groups, which are read once
        numbered = itertools.groupby(enumerate(task.pieces), lambda one: one[1].number - one[0])
        for _, several in numbered:
            run = [piece for _, piece in several]
            yield from _cut(stream_for(path, bundle, run[0].start, run[-1].stop), run)
        return
    reader = which(path)
    if len(task.pieces) == 1 and isinstance(reader, Reader) and not reader.sequential:
        (piece,) = task.pieces
        events = reader.read(path, slice(piece.start, piece.stop))
        yield piece, _checked(events, path, bundle)
        return
    wanted = {piece.start: piece for piece in task.pieces}
    start = 0
    for events in reader.stream(path, task.size):
        if start in wanted:
            yield wanted[start], _checked(events, path, bundle)
        start += len(events)


def _cut(stream: Iterator[ak.Array], pieces: Sequence[Chunk]) -> Iterator[tuple[Chunk, ak.Array]]:
    """Batches of pieces that follow each other, each cut where a piece ends."""
    row = pieces[0].start
    left = iter(pieces)
    piece = next(left)
    for events in stream:
        while len(events):
            if row == piece.stop:
                piece = next(left)
            part, events = events[: piece.stop - row], events[piece.stop - row :]
            row += len(part)
            yield piece, part


def stream_for(
    path: Path, bundle: Bundle | OnnxBundle, start: int = 0, stop: int | None = None
) -> Iterator[ak.Array]:
    """Events of a store or file with what a bundle reads; refused if they lack it."""
    if is_store(path):
        store = open_store(path)
        wanted = _wanted(bundle)
        there = set(store.fields) | {name.partition(".")[0] for name in store.fields}
        _refuse(path, [name for name in wanted if name not in there])
        published = ["split"] if "split" in store.fields else []
        yield from store.stream([*wanted, *published], start, stop)
        return
    for events in which(path).stream(path, FILE_PIECE):
        yield _checked(events, path, bundle)


def _wanted(bundle: Bundle | OnnxBundle) -> list[str]:
    return list(columns_read(bundle.reads, bundle.select, bundle.per, bundle.observables))


def _checked(events: ak.Array, path: Path, bundle: Bundle | OnnxBundle) -> ak.Array:
    """Events of a file that has what the bundle reads."""
    lacks = (events.attrs.get("hepvision") or {}).get("lacks", ())
    read = {field for one in bundle.representations.values() for field in one.reads}
    _refuse(path, sorted({name.partition(".")[0] for name in read} & set(lacks)))
    wanted = _wanted(bundle)
    whole = [name for name in wanted if name in FIELDS and name not in events.fields]
    fields = tuple(name for name in wanted if name not in FIELDS)
    _refuse(path, [*missing_fields(events, fields), *whole])
    return events


def _refuse(path: Path, lost: Sequence[str]) -> None:
    if lost:
        raise SchemaError(
            f"{path}: the bundle reads {', '.join(lost)}, got events without. Give events that "
            "have these fields, or use a bundle that does not read them."
        )


def table_of(
    bundle: Bundle | OnnxBundle, rows: ak.Array | None, batch: int, threads: int | None
) -> pa.Table:
    """Scores of examples that pass; of none, the empty table with the right columns."""
    rows = None if rows is None or not len(rows) else rows
    types = {"event_id": pa.uint64(), "sample": pa.string(), "run": pa.uint32()}
    types |= {"luminosityBlock": pa.uint32(), "event": pa.uint64(), "object_index": pa.int32()}
    columns = {
        name: pa.array([] if rows is None else ak.to_numpy(rows[name]), kind)
        for name, kind in types.items()
    }
    for name in (one for one in bundle.observables if one not in types):
        values = np.zeros(0) if rows is None else value_where_possible(name, rows)
        columns[name] = pa.array(values, pa.float64())
    classes = bundle.task.class_names
    scores = np.zeros((0, len(classes)))
    if rows is not None:
        scores = bundle.scores(rows, batch=batch, threads=threads)
    for name, column in zip(classes, scores.T, strict=True):
        columns[f"score_{name}"] = pa.array(np.ascontiguousarray(column), pa.float64())
    return pa.table(columns)
