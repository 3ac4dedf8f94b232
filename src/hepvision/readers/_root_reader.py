"""What readers of ROOT files share: events are made of the entries of one tree."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.chunks import ahead
from hepvision.core.errors import CorruptFileError
from hepvision.readers._account import Account
from hepvision.readers._reader import Made, Opened, Reader
from hepvision.readers._root import Tree, find_tree, open_tree
from hepvision.readers._root_column import Column

__all__ = ["Made", "Plan", "RootReader"]

Columns = Mapping[str, Column]
PIECE = 3_000_000  # bytes of columns that are made into events at a time
LEAST, MOST = 500, 20_000  # events of a piece


class Plan(NamedTuple):
    """Which columns to read, and what makes events of them and of their places in the file.

    ``counts`` says how many events each entry of the tree gives, if not one. ``first`` is done
    before a file is read in pieces: it looks at all of it.
    """

    names: Sequence[str]
    make: Callable[[NDArray[np.int64], Columns, Account], Made]
    counts: NDArray[np.int64] | None = None
    first: Callable[[], Any] = tuple


class RootReader(Reader):
    """Reads trees whose entries are events; formats say which columns, and what they mean."""

    suffixes: ClassVar[tuple[str, ...]] = (".root",)
    by_suffix: ClassVar[bool] = False
    size: ClassVar[int] = 5000
    whole: ClassVar[str] = "a whole ROOT file"
    #: Names that the tree may have.
    trees: ClassVar[tuple[str, ...]] = ()
    #: Columns that tell the format from others with such a tree.
    marks: ClassVar[tuple[str, ...]] = ()

    def _plan(self, tree: Tree) -> Plan:
        """Columns to read of this tree."""
        return Plan(tree.names, lambda rows, columns, account: Made({}, {}, {}))

    def _knows(self, path: Path) -> bool:
        return find_tree(path, self.trees, self.marks) is not None

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Opened]:
        with open_tree(path, self.trees) as tree:
            if tree.entries < 1:
                raise CorruptFileError(f"{path}: must hold events, got none. Check the file.")
            plan = self._plan(tree)
            tree.check(plan.names)
            yield _Entries(tree, plan) if plan.counts is None else _Parts(tree, plan, plan.counts)

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


class _Entries(Opened):
    """A tree of which an entry is an event."""

    def __init__(self, tree: Tree, plan: Plan) -> None:
        self.tree, self.plan = tree, plan

    def count(self) -> int:
        return self.tree.entries

    def fit(self, size: int) -> int:
        each = self.tree.unpacked_bytes(self.plan.names) / self.tree.entries
        return size if not each else min(MOST, max(LEAST, int(PIECE / each) // LEAST * LEAST))

    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        return self.plan.make(rows, self.tree.read(self.plan.names, rows), account)

    def pieces(self, size: int, account: Account) -> Iterator[tuple[NDArray[np.int64], Made]]:
        size = min(size, self.tree.entries)
        found = self.tree.pieces(self.plan.names, size)
        if size < self.tree.entries:
            self.plan.first()
            found = ahead(found)
        with contextlib.closing(found):
            for start, columns in found:
                rows = np.arange(start, min(start + size, self.tree.entries))
                made = self.plan.make(rows, columns, account)
                del columns  # another piece is read meanwhile
                yield rows, made


class _Parts(Opened):
    """A tree of which an entry gives several events, or none."""

    def __init__(self, tree: Tree, plan: Plan, counts: NDArray[np.int64]) -> None:
        self.tree, self.plan, self.counts = tree, plan, counts
        self.ends = np.cumsum(counts)

    def count(self) -> int:
        return int(self.ends[-1])

    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        entry = np.searchsorted(self.ends, rows, side="right")
        entries, back = np.unique(entry, return_inverse=True)
        made = self.plan.make(entries, self.tree.read(self.plan.names, entries), account)
        counts = self.counts[entries]
        first = np.cumsum(counts) - counts
        return made.take(first[back] + rows - (self.ends - self.counts)[entry])
