"""What readers of tables share: a row is an event, and rows are counted, chosen and streamed."""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.events.schema import build, from_columns
from hepvision.readers._account import Account
from hepvision.readers._reading import looking, reading

__all__ = ["BLOCK", "Piece", "RowReader", "Table", "classes"]

BLOCK = 2**24  # bytes of a file's rows that are in memory at a time

Rows = slice | NDArray[np.integer[Any]]


class Piece(NamedTuple):
    """Some rows: values an event, and collections as counts and flat columns."""

    scalars: dict[str, NDArray[Any]]
    collections: dict[str, tuple[NDArray[Any], dict[str, NDArray[Any]]]]


@dataclass(frozen=True)
class Table:
    """An open file.

    Parameters
    ----------
    number : int
        Rows of it.
    width : int
        Bytes of one.
    take : function of start, stop and an account
        Reads rows.
    attrs : mapping
        Goes to the attributes of the events.
    """

    number: int
    width: int
    take: Callable[[int, int, Account], Piece]
    attrs: Mapping[str, Any] = field(default_factory=dict)


class RowReader(abc.ABC):
    """Counts, reads and streams files whose rows are events; formats say what is in a row."""

    suffixes: ClassVar[tuple[str, ...]] = ()
    #: What a whole file of the format is, for messages.
    whole: ClassVar[str] = "a whole file"

    @abc.abstractmethod
    def _knows(self, path: Path) -> bool:
        """Whether a file of one of the suffixes holds this format; may raise anything."""

    @abc.abstractmethod
    def _open(self, path: Path) -> contextlib.AbstractContextManager[Table]:
        """Open and check a file."""

    def recognises(self, path: str | Path) -> bool:
        """Whether a file seems to be of this format.

        Parameters
        ----------
        path : path
            The file; by its suffix and by what it holds.

        Returns
        -------
        bool
            Says nothing about whether the file is whole.
        """
        path = Path(path)
        if path.suffix.lower() not in self.suffixes:
            return False
        with looking():
            return path.is_file() and self._knows(path)
        return False

    def count(self, path: str | Path) -> int:
        """Number of events, without reading them.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        int
            Number of events.

        Raises
        ------
        CorruptFileError, SchemaError
            The file is damaged, or of another layout.
        """
        with reading(path, self.whole) as path, self._table(path) as table:
            return table.number

    def read(self, path: str | Path, rows: Rows | None = None) -> Any:
        """Events of a file.

        Parameters
        ----------
        path : path
            The file.
        rows : slice or array of int, optional
            Which events, in the file's order; all by default.

        Returns
        -------
        ak.Array
            Events of the schema.

        Raises
        ------
        CorruptFileError, SchemaError
            The file is damaged, or of another layout.
        IndexError
            There are no such rows.
        """
        stretches, order = _stretches(rows, self.count(path))
        with reading(path, self.whole) as path, self._table(path) as table:
            account = Account()
            events = self._events(path, table, stretches, account)
            account.say(str(path), len(events))
            return events if order is None else events[order]

    def stream(self, path: str | Path, size: int = 1000) -> Iterator[Any]:
        """Events of a file in pieces.

        Parameters
        ----------
        path : path
            The file.
        size : int
            Events a piece.

        Yields
        ------
        ak.Array
            Events of the schema, ``size`` or fewer.

        Raises
        ------
        ValueError
            The size is not positive.
        CorruptFileError, SchemaError
            The file is damaged, or of another layout.
        """
        if size < 1:
            raise ValueError(f"stream: size must be 1 or more, got {size}.")
        with reading(path, self.whole) as path, self._table(path) as table:
            whole = Account()  # what a user should know is said once a file
            for start in range(0, table.number, size):
                account, stretch = Account(), (start, min(start + size, table.number))
                yield self._events(path, table, [stretch], account)
                for kind, counts in vars(account).items():
                    getattr(whole, kind).update(counts)
            whole.say(str(path), table.number)

    @contextlib.contextmanager
    def _table(self, path: Path) -> Iterator[Table]:
        with self._open(path) as table:
            if table.number < 1:
                raise CorruptFileError(f"{path}: must hold events, got none. Check the file.")
            yield table

    def _events(
        self, path: Path, table: Table, stretches: Iterable[tuple[int, int]], account: Account
    ) -> ak.Array:
        block = max(1, BLOCK // table.width)
        bounds = [
            (low, min(low + block, stop))
            for start, stop in stretches
            for low in range(start, stop, block)
        ] or [(0, 0)]
        pieces = [table.take(start, stop, account) for start, stop in bounds]
        row = np.concatenate([np.arange(start, stop, dtype=np.uint64) for start, stop in bounds])
        one = np.ones(len(row))
        scalars: dict[str, Any] = {
            "event_id": row,
            "sample": path.stem,
            "weight": one,
            "run": one,
            "luminosityBlock": one,
            "event": row,
            "pileup": -one,
        }
        for key in pieces[0].scalars:
            scalars[key] = np.concatenate([piece.scalars[key] for piece in pieces])
        name = type(self).__module__.rpartition(".")[2]
        attrs = {"reader": name, "file": path.name, **table.attrs, **account.attrs()}
        try:
            events = build(
                scalars, {key: _joined(key, pieces) for key in pieces[0].collections}, attrs
            )
        except SchemaError as error:
            raise SchemaError(f"{path}: {error}") from error
        return events


def _joined(name: str, pieces: list[Piece]) -> ak.Array:
    parts = [piece.collections[name] for piece in pieces]
    counts = np.concatenate([counts for counts, _ in parts])
    columns = {key: np.concatenate([one[key] for _, one in parts]) for key in parts[0][1]}
    return from_columns(np.cumsum([0, *counts]), columns, name)


def _stretches(
    rows: Rows | None, number: int
) -> tuple[list[tuple[int, int]], NDArray[np.int64] | None]:
    """Stretches of rows to read, and how to put them into the wanted order."""
    if rows is None or (isinstance(rows, slice) and rows.step in {None, 1}):
        start, stop, _ = (slice(None) if rows is None else rows).indices(number)
        return ([(start, stop)] if stop > start else []), None
    if isinstance(rows, slice):
        index = np.arange(*rows.indices(number))
    else:
        index = np.asarray(rows)
        if index.dtype.kind == "b":
            index = np.flatnonzero(index)
        index = index.astype(np.int64)
        if ((index < -number) | (index >= number)).any():
            raise IndexError(f"rows: must be below {number}, got {int(np.abs(index).max())}.")
        index = np.where(index < 0, index + number, index)
    wanted, order = np.unique(index, return_inverse=True)
    cuts = np.flatnonzero(np.diff(wanted) != 1) + 1
    found = [(int(one[0]), int(one[-1]) + 1) for one in np.split(wanted, cuts) if len(one)]
    return found, order


def classes(values: Any, number: int, where: str) -> NDArray[np.int32]:
    """Published class numbers.

    Parameters
    ----------
    values : array, shape (N,)
        Whole numbers, of whatever type.
    number : int
        How many classes there are.
    where : str
        File and column, for messages.

    Returns
    -------
    array of int32, shape (N,)
        From 0 to ``number`` − 1.

    Raises
    ------
    CorruptFileError
        A value is no class.

    Examples
    --------
    >>> classes([0.0, 1.0], 2, "y").tolist()
    [0, 1]
    """
    values = np.asarray(values, np.float64)
    wrong = ~np.isin(values, np.arange(number))
    if wrong.any():
        raise CorruptFileError(
            f"{where}: classes must be 0 to {number - 1}, got {values[wrong][0]:g} in "
            f"{int(wrong.sum())} rows. Check the file."
        )
    return values.astype(np.int32)
