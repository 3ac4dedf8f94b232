"""What all readers share: a file is opened, and its events are counted, chosen and streamed."""

from __future__ import annotations

import abc
import contextlib
import inspect
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.events.schema import build
from hepvision.readers._account import Account
from hepvision.readers._reading import looking, reading

__all__ = ["Made", "NoSuchRowError", "Opened", "Reader", "Rows", "Single", "extent_of"]

Rows = slice | ArrayLike


class NoSuchRowError(UserError, IndexError):
    """Rows were asked for that a file does not have."""


class Made(NamedTuple):
    """Parts of events: values an event, collections, and attributes beside the common ones."""

    scalars: Mapping[str, Any]
    collections: Mapping[str, ak.Array]
    attrs: Mapping[str, Any]

    def take(self, rows: NDArray[np.int64]) -> Made:
        """Some of these events."""
        return Made(
            {
                key: each if isinstance(each, str) else each[rows]
                for key, each in self.scalars.items()
            },
            {key: each[rows] for key, each in self.collections.items()},
            self.attrs,
        )


class Opened(abc.ABC):
    """An open file, of which some or all events are made."""

    @abc.abstractmethod
    def count(self) -> int:
        """Number of events, without making them."""

    @abc.abstractmethod
    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        """Events at some places, which rise; there may be none."""

    def fit(self, size: int) -> int:
        """Events that are fit to be made at a time; ``size`` is the format's own number."""
        return size

    def pieces(self, size: int, account: Account) -> Iterator[tuple[NDArray[np.int64], Made]]:
        """Places of all events, ``size`` at a time, and what is made there."""
        number = self.count()
        for start in range(0, number, size):
            rows = np.arange(start, min(start + size, number))
            yield rows, self.take(rows, account)


@dataclass(frozen=True)
class Single(Opened):
    """An open file of one event, read when it is made.

    Parameters
    ----------
    make : function of an account
        Reads it.
    """

    make: Callable[[Account], Made]

    def count(self) -> int:
        """One."""
        return 1

    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        """The event, or none."""
        return self.make(account).take(rows)


class Reader(abc.ABC):
    """Counts, reads and streams the events of files; formats say how these are opened."""

    suffixes: ClassVar[tuple[str, ...]] = ()
    #: Whether a file of the format must have one of the suffixes.
    by_suffix: ClassVar[bool] = True
    #: Whether a piece from the middle is found only by reading all before it.
    sequential: ClassVar[bool] = False
    #: Events that are streamed at a time, if nothing else is asked for.
    size: ClassVar[int] = 1000
    #: Whether its events are simulated; None where only the files can tell.
    simulated: ClassVar[bool | None] = None
    #: What a whole file of the format is, for messages.
    whole: ClassVar[str] = "a whole file"

    @abc.abstractmethod
    def _knows(self, path: Path) -> bool:
        """Whether a file holds this format; may raise anything."""

    @abc.abstractmethod
    def _open(self, path: Path) -> contextlib.AbstractContextManager[Opened]:
        """Open and check a file; may raise anything."""

    def recognises(self, path: str | Path) -> bool:
        """Whether a file seems to be of this format, by what it holds.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        bool
            Says nothing about whether the file is whole; False for what cannot be opened.
        """
        path = Path(path)
        if self.by_suffix and path.suffix.lower() not in self.suffixes:
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
        return self.extent(path)[0]

    def extent(self, path: str | Path) -> tuple[int, int]:
        """Number of events, and how many of them are fit to be streamed at a time.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        (int, int)
            The second is that of ``stream`` where no size is given.

        Raises
        ------
        CorruptFileError, SchemaError
            The file is damaged, or of another layout.
        """
        with reading(path, self.whole) as path, self._open(path) as file:
            return _some(path, file.count()), file.fit(self.size)

    def read(self, path: str | Path, rows: Rows | None = None) -> Any:
        """Events of a file.

        Parameters
        ----------
        path : path
            The file.
        rows : slice, array or list of int, or array or list of bool, optional
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
            There are no such events.
        TypeError
            The rows are of another kind, such as numbers with a fraction.
        """
        account, order = Account(), None
        wanted = None if rows is None else _rows(rows)
        with reading(path, self.whole) as path, self._open(path) as file:
            if wanted is None:
                found = list(file.pieces(sys.maxsize, account))
                _some(path, len(found))
                ((places, made),) = found
            else:
                places, order = _chosen(wanted, _some(path, file.count()))
                made = file.take(places, account)
            events = self._events(path, places, made, account)
            account.say(str(path), len(events))
            return events if order is None else events[order]

    def stream(self, path: str | Path, size: int | None = None) -> Iterator[Any]:
        """Events of a file in pieces.

        Parameters
        ----------
        path : path
            The file.
        size : int, optional
            Events a piece; what is fit for the format by default.

        Yields
        ------
        ak.Array
            Events of the schema, ``size`` or fewer.

        Raises
        ------
        TypeError, ValueError
            The size is no whole number, or not positive.
        CorruptFileError, SchemaError
            The file is damaged, or of another layout.
        """
        if size is not None:
            size = _size(size)
        with reading(path, self.whole) as path, self._open(path) as file:
            size = file.fit(self.size) if size is None else size
            account, whole, number = Account(), Account(), 0
            try:
                for places, made in file.pieces(size, account):
                    number += len(places)
                    yield self._events(path, places, made, account)
                    del made  # before the next one is read
                    whole.take_over(account)
                _some(path, number)
            finally:  # also where nobody wants the rest
                whole.take_over(account)
                whole.say(str(path), number)

    def _events(
        self, path: Path, places: NDArray[np.int64], made: Made, account: Account
    ) -> ak.Array:
        one = np.ones(len(places))
        scalars = {
            "event_id": places,
            "sample": Path(path.name.removesuffix(".gz")).stem,
            "weight": one,
            "run": one,
            "luminosityBlock": one,
            "event": places,
            "pileup": -one,
            **made.scalars,
        }
        name = type(self).__module__.rpartition(".")[2]
        known = {} if self.simulated is None else {"simulation": self.simulated}
        attrs = {"reader": name, "file": path.name, **known, **made.attrs, **account.attrs()}
        try:
            return build(scalars, made.collections, attrs)
        except SchemaError as error:
            raise SchemaError(f"{path}: {error}") from error


def _some(path: Path, number: int) -> int:
    if number < 1:
        raise CorruptFileError(f"{path}: must hold events, got none. Check the file.")
    return number


def _size(size: Any) -> int:
    try:
        whole = operator.index(size)
    except TypeError:
        raise TypeError(f"stream: size must be a whole number, got {_short(size)}.") from None
    if whole < 1:
        raise ValueError(f"stream: size must be 1 or more, got {whole}.")
    return whole


def _rows(rows: Rows) -> slice | NDArray[Any]:
    """What rows are chosen by, checked before any file is opened."""
    with contextlib.suppress(TypeError, ValueError):
        if isinstance(rows, slice):
            rows.indices(0)
            return rows
        index = np.asarray(rows)
        if index.shape == (0,) and index.dtype.kind == "f":  # what NumPy makes of an empty list
            return index.astype(np.int64)
        if index.ndim == 1 and index.dtype.kind in "iub":
            return index
    raise TypeError(
        "rows: must be a slice of whole numbers, or a list of whole numbers or of booleans, got "
        f"{_short(rows)}."
    )


def _short(value: Any) -> str:
    return " ".join(repr(value).split())[:60]


def _chosen(
    rows: slice | NDArray[Any], number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Places that are wanted, rising and each once, and how to put them into the wanted order."""
    if isinstance(rows, slice):
        index = np.arange(*rows.indices(number))
    else:
        index = rows
        if index.dtype.kind == "b":
            if len(index) != number:
                raise NoSuchRowError(f"rows: a mask must have {number} values, got {len(index)}.")
            index = np.flatnonzero(index)
        absent = index[(index < -number) | (index >= number)]
        if len(absent):
            raise NoSuchRowError(
                f"rows: must lie between {-number} and {number - 1}, got {absent[0]}."
            )
        index = index.astype(np.int64)
        index = np.where(index < 0, index + number, index)
    wanted, order = np.unique(index, return_inverse=True)
    return wanted, None if np.array_equal(wanted, index) else order


def extent_of(reader: Any, path: str | Path) -> tuple[int, int]:
    """Events of a file, and how many make a piece: what the reader itself takes for a fit size.

    Parameters
    ----------
    reader : object
        One of ours, or a component of a user's own.
    path : path
        The file.

    Returns
    -------
    (int, int)
        Both positive or, for a file without events, the first zero.

    Examples
    --------
    >>> class Mine:
    ...     count = staticmethod(lambda path: 5)
    ...     stream = staticmethod(lambda path, size=2: iter(()))
    >>> extent_of(Mine(), "events.mine")
    (5, 2)
    """
    if isinstance(reader, Reader):
        return reader.extent(path)
    default = inspect.signature(reader.stream).parameters["size"].default
    size = int(default) if isinstance(default, int) and default > 0 else 1000
    return int(reader.count(path)), size
