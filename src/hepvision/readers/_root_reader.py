"""What readers of ROOT files share: counting, reading and streaming the entries of one tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.events.schema import build
from hepvision.readers._account import Account
from hepvision.readers._root import Tree, find_tree, open_tree
from hepvision.readers._root_column import Column

__all__ = ["Made", "Plan", "RootReader"]

Rows = slice | NDArray[np.integer[Any]] | None
Columns = Mapping[str, Column]


class Made(NamedTuple):
    """Parts of events: values an event, collections, and attributes."""

    scalars: dict[str, Any]
    collections: dict[str, ak.Array]
    attrs: dict[str, Any]


class Plan(NamedTuple):
    """Which columns to read, and what makes events of them and of their places in the file.

    ``counts`` says how many events each entry of the tree gives, if not one.
    """

    names: Sequence[str]
    make: Callable[[NDArray[np.int64], Columns, Account], Made]
    counts: NDArray[np.int64] | None = None


class RootReader:
    """Reads trees whose entries are events; formats say which columns, and what they mean."""

    suffixes: ClassVar[tuple[str, ...]] = (".root",)
    #: Names that the tree may have.
    trees: ClassVar[tuple[str, ...]] = ()
    #: Columns that tell the format from others with such a tree.
    marks: ClassVar[tuple[str, ...]] = ()

    def _plan(self, tree: Tree) -> Plan:
        """Columns to read of this tree."""
        return Plan(tree.names, lambda rows, columns, account: Made({}, {}, {}))

    def recognises(self, path: str | Path) -> bool:
        """Whether a file seems to be of this format.

        Parameters
        ----------
        path : path
            The file; by the name of its tree and of some columns.

        Returns
        -------
        bool
            Says nothing about whether the file is whole.
        """
        return find_tree(path, self.trees, self.marks) is not None

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
        with open_tree(path, self.trees) as tree:
            return self._checked(tree)[0]

    def unused(self, path: str | Path) -> tuple[str, ...]:
        """Columns of a file that events do not hold.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        tuple of str
            In the file's order.
        """
        with open_tree(path, self.trees) as tree:
            used = set(self._plan(tree).names)
            return tuple(name for name in tree.names if name not in used)

    def read(self, path: str | Path, rows: Rows = None) -> Any:
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
            There are no such events.
        """
        with open_tree(path, self.trees) as tree:
            number, plan = self._checked(tree)
            if plan.counts is None:
                columns = tree.read(plan.names, rows)
                return self._events(tree, plan, _places(rows, number), columns)
            return self._parts(tree, plan, None if rows is None else _places(rows, number))

    def stream(self, path: str | Path, size: int = 5000) -> Iterator[Any]:
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
        with open_tree(path, self.trees) as tree:
            number, plan = self._checked(tree)
            if plan.counts is not None:
                for start in range(0, number, size):
                    yield self._parts(tree, plan, np.arange(start, min(start + size, number)))
                return
            for start, columns in tree.pieces(plan.names, size):
                place = np.arange(start, min(start + size, number))
                yield self._events(tree, plan, place, columns)

    def _checked(self, tree: Tree) -> tuple[int, Plan]:
        if tree.entries < 1:
            raise CorruptFileError(f"{tree.path}: must hold events, got none. Check the file.")
        plan = self._plan(tree)
        tree.check(plan.names)
        number = tree.entries if plan.counts is None else int(plan.counts.sum())
        if number < 1:
            raise CorruptFileError(f"{tree.path}: must hold objects, got none. Check the file.")
        return number, plan

    def _parts(self, tree: Tree, plan: Plan, index: NDArray[np.int64] | None) -> ak.Array:
        """Events of which an entry of the tree gives several, or none."""
        counts = np.asarray(plan.counts, np.int64)
        if index is None:
            return self._events(tree, plan, np.arange(tree.entries), tree.read(plan.names))
        ends = np.cumsum(counts)
        entry = np.searchsorted(ends, index, side="right")
        entries, back = np.unique(entry, return_inverse=True)
        events = self._events(tree, plan, entries, tree.read(plan.names, entries))
        first = np.cumsum(counts[entries]) - counts[entries]
        return events[first[back] + index - (ends - counts)[entry]]

    def _events(
        self, tree: Tree, plan: Plan, place: NDArray[np.int64], columns: Columns
    ) -> ak.Array:
        account = Account()
        made = plan.make(place, columns, account)
        name = type(self).__module__.rpartition(".")[2]
        attrs = {"reader": name, "file": tree.path.name, **made.attrs, **account.attrs()}
        try:
            events = build({"sample": tree.path.stem, **made.scalars}, made.collections, attrs)
        except SchemaError as error:
            raise SchemaError(f"{tree.path}: {error}") from error
        account.say(str(tree.path), len(place))
        return events


def _places(rows: Rows, number: int) -> NDArray[np.int64]:
    """Which events are wanted, counted from 0."""
    if rows is None or isinstance(rows, slice):
        return np.arange(*(rows or slice(None)).indices(number))
    index = np.asarray(rows, np.int64)
    if len(index) and (index.min() < -number or index.max() >= number):
        raise IndexError(f"rows: must be below {number}, got {int(np.abs(index).max())}.")
    return np.where(index < 0, index + number, index)
