"""ROOT files: columns of one tree or RNTuple by name, in pieces; what breaks says so in a line."""

from __future__ import annotations

import contextlib
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uproot
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.names import near
from hepvision.readers._reading import looking, reading
from hepvision.readers._root_column import Column, flat_column, joined, places
from hepvision.readers._root_keys import check_keys

__all__ = ["Tree", "find_tree", "open_tree"]

PIECE = 5_000  # entries read at once where rows are scattered
_TREES = ("TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple", "ROOT::Experimental::RNTuple")


def find_tree(path: str | Path, names: Sequence[str], marks: Sequence[str] = ()) -> str | None:
    """The first of some trees that a file holds; no column is read.

    Parameters
    ----------
    path : path
        Any file.
    names : sequence of str
        Names of trees, with folders: ``fevt/RHTree``.
    marks : sequence of str
        Columns that the tree must have.

    Returns
    -------
    str or None
        None for what is no ROOT file, is damaged or holds none of them.

    Examples
    --------
    >>> find_tree("absent.root", ("Events",)) is None
    True
    """
    with looking():
        with Path(path).open("rb") as file:
            if file.read(4) != b"root":
                return None
        with _opened(Path(path)) as file:
            kinds = file.classnames(recursive=True, cycle=False)
            name = next((name for name in names if kinds.get(name) in _TREES), None)
            if name is not None and kinds[name] == "TTree":
                check_keys(Path(path), [file.key(name).fSeekKey])
            if name is None or not marks or _has(file, name, kinds[name], marks):
                return name
    return None


def _has(file: Any, name: str, kind: str, marks: Sequence[str]) -> bool:
    if kind.endswith("RNTuple"):
        fields = {key.replace(".", "_") for key in file[name].keys()}  # noqa: SIM118
        return fields.issuperset(marks)
    # making an object of each of two thousand branches takes half a second
    content = file.key(name).get_uncompressed_chunk_cursor()[0].raw_data.tobytes()
    return all(bytes([len(mark)]) + mark.encode() in content for mark in marks)


@contextlib.contextmanager
def open_tree(path: str | Path, names: Sequence[str]) -> Iterator[Tree]:
    """Open the tree of a file.

    Parameters
    ----------
    path : path
        The file.
    names : sequence of str
        Names that the tree may have; the first that is there is taken.

    Yields
    ------
    Tree
        Its columns; the file is closed at the end.

    Raises
    ------
    CorruptFileError
        It is no ROOT file, or damaged.
    SchemaError
        It holds no such tree; those it holds are named.
    FileNotFoundError, IsADirectoryError, PermissionError
        The file cannot be opened.

    Examples
    --------
    >>> with open_tree("absent.root", ("Events",)) as tree:
    ...     tree.entries
    Traceback (most recent call last):
    ...
    FileNotFoundError: absent.root: no such file. Check the path.
    """
    with contextlib.ExitStack() as stack:
        with reading(path, "a whole ROOT file") as checked:
            file = stack.enter_context(_opened(checked))
            size = checked.stat().st_size
            if file.file.fEND > size:
                raise ValueError(f"{size} of {file.file.fEND} bytes")
            classes = file.classnames(recursive=True, cycle=False)
        trees = [name for name, kind in classes.items() if kind in _TREES]
        name = next((name for name in names if name in trees), None)
        if name is None:
            raise SchemaError(
                f"{checked}: must hold the tree {' or '.join(names)}, got "
                f"{', '.join(trees[:5]) or 'no tree'}. Give another file or --format."
            )
        with reading(path, f"a ROOT file with a whole tree {name!r}"):
            check_keys(checked, [file.key(name).fSeekKey])
            tree = Tree(checked, name, file[name])
        yield tree


def _opened(path: Path) -> Any:
    # a file object may be of any name; a path with a colon would be cut
    return uproot.open(path, handler=uproot.source.file.MemmapSource)


class Tree:
    """Columns of a TTree or an RNTuple under flat names.

    A field ``pt`` of an RNTuple's collection ``Photon`` is the column ``Photon_pt``, as the branch
    of a TTree would be called.

    Parameters
    ----------
    path : Path
        The file, for messages.
    name : str
        Name of the tree.
    source : uproot.TTree or uproot.RNTuple
        Where it is read from.

    Examples
    --------
    >>> import tempfile, uproot
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with uproot.recreate(f"{folder}/one.root") as file:
    ...         tree = file.mktree("Events", {"x": "f8"})
    ...         tree.extend({"x": [1.0, 2.0, 3.0]})
    ...     with open_tree(f"{folder}/one.root", ("Events",)) as tree:
    ...         tree.names, tree.entries, tree.read(["x"], np.arange(1, 3))["x"].values.tolist()
    (('x',), 3, [2.0, 3.0])
    """

    def __init__(self, path: Path, name: str, source: Any) -> None:
        self.path = path
        self.name = name
        self._source = source
        self._flat = hasattr(source, "branches")  # a TTree
        self._places = places(source)
        self.entries = int(source.num_entries)
        if self.entries < 0:
            self._refuse(f"got {self.entries} entries")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in the file's order."""
        return tuple(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def unpacked_bytes(self, names: Sequence[str]) -> int:
        """Unpacked bytes of some columns; 0 of an RNTuple, which does not tell.

        Parameters
        ----------
        names : sequence of str
            Columns.

        Returns
        -------
        int
            As the file says.
        """
        if not self._flat:
            return 0
        return max(0, sum(int(self._places[name].uncompressed_bytes) for name in names))

    def need(self, names: Sequence[str]) -> None:
        """Refuse a tree without some columns.

        Parameters
        ----------
        names : sequence of str
            Columns that must be there.

        Raises
        ------
        SchemaError
            One is not; a near name is given.
        """
        for name in names:
            if name not in self._places:
                close = near(name, self._places)
                raise SchemaError(
                    f"{self.path}: {self.name} must hold {name!r}, got "
                    f"{f'only {close!r}' if close else f'{len(self._places)} other columns'}. "
                    "Give a file that has it."
                )

    def check(self, names: Sequence[str]) -> None:
        """Refuse columns that are not there, or do not have as many entries as the tree.

        Parameters
        ----------
        names : sequence of str
            Columns.

        Raises
        ------
        SchemaError
            One is missing.
        CorruptFileError
            One has not as many entries as the tree.
        """
        self.need(names)
        if not self._flat:
            return
        with reading(self.path, f"a ROOT file with a whole tree {self.name!r}"):
            for name in names:
                branch = self._places[name]
                ends = (int(branch.num_entries), int(branch.entry_offsets[-1]))
                if ends != (self.entries, self.entries):
                    self._refuse(f"got {min(ends)} of {self.entries} entries of {name!r}")

    def read(
        self, names: Sequence[str], rows: NDArray[np.int64] | None = None
    ) -> dict[str, Column]:
        """Some columns of some entries.

        Parameters
        ----------
        names : sequence of str
            Columns.
        rows : array of int64, optional
            Entries, rising and each once; all by default.

        Returns
        -------
        dict of Column
            By name.

        Raises
        ------
        CorruptFileError
            The file is damaged, or holds something else than numbers.
        SchemaError
            A column is missing.
        """
        self.check(names)
        rows = np.arange(self.entries) if rows is None else rows
        if not len(rows):
            return self._read(names, 0, 0)
        start, stop = int(rows[0]), int(rows[-1]) + 1
        if stop - start == len(rows):
            ((_, found),) = self.pieces(names, stop - start, start, stop)
            return found
        parts: list[dict[str, Column]] = []
        for begin, piece in self.pieces(names, PIECE, start, stop):
            inside = rows[np.searchsorted(rows, begin) : np.searchsorted(rows, begin + PIECE)]
            if len(inside):
                parts.append({key: one.take(inside - begin) for key, one in piece.items()})
        return {key: joined([part[key] for part in parts]) for key in names}

    def pieces(
        self, names: Sequence[str], size: int, start: int = 0, stop: int | None = None
    ) -> Generator[tuple[int, dict[str, Column]], None, None]:
        """Some columns, in pieces; each basket is unpacked once.

        Parameters
        ----------
        names : sequence of str
            Columns.
        size : int
            Entries a piece.
        start, stop : int, optional
            Entries; all by default.

        Yields
        ------
        (int, dict of Column)
            First entry of the piece, and its columns by name.

        Raises
        ------
        CorruptFileError, SchemaError
            See ``read``.
        """
        self.check(names)
        stop = self.entries if stop is None else min(stop, self.entries)
        if self._flat:
            yield from self._tree_pieces(names, size, start, stop)
            return
        for first, last in self._clusters(start, stop, size):
            block = self._read(names, first, last)
            for begin in range(first, last, size):
                end = min(begin + size, last)
                if end - begin == last - first:
                    yield begin, block
                else:
                    rows = np.arange(begin - first, end - first)
                    yield begin, {key: one.take(rows) for key, one in block.items()}

    def _check_baskets(self, names: Sequence[str], start: int, stop: int) -> None:
        """Refuse damaged baskets before any is unpacked."""
        seek = []
        for name in dict.fromkeys(names):
            branch = self._places[name]
            ends = branch.entry_offsets
            first = max(bisect_right(ends, start) - 1, 0)
            seek.append(branch.member("fBasketSeek")[first : bisect_left(ends, stop)])
        with reading(self.path, f"a ROOT file with a whole tree {self.name!r}"):
            found = np.concatenate([np.zeros(0, np.int64), *seek]).astype(np.int64)
            check_keys(self.path, found[found > 0])

    def _tree_pieces(
        self, names: Sequence[str], size: int, start: int, stop: int
    ) -> Iterator[tuple[int, dict[str, Column]]]:
        wanted = {id(self._places[name]) for name in names}
        self._check_baskets(names, start, stop)
        with reading(self.path, f"a ROOT file with a whole tree {self.name!r}"):
            pieces = self._source.iterate(
                filter_branch=lambda branch: id(branch) in wanted,
                entry_start=start,
                entry_stop=stop,
                step_size=size,
                how=dict,
            )
            for begin, piece in zip(range(start, stop, size), pieces, strict=True):
                columns = {key.rsplit("/", 1)[-1]: array for key, array in piece.items()}
                yield begin, self._checked(names, columns, min(size, stop - begin))

    def _clusters(self, start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
        """Ranges of whole pieces that cover one cluster or more, which is unpacked as a whole."""
        sizes = [int(one.num_entries) for one in self._source.ntuple.cluster_summaries]
        ends = np.cumsum(sizes)
        while start < stop:
            after = int(np.searchsorted(ends, start, side="right"))
            end = int(ends[after]) if after < len(ends) else stop
            last = start + -(-max(end - start, 1) // size) * size
            yield start, min(last, stop)
            start = last

    def _read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Column]:
        with reading(self.path, f"a ROOT file with a whole tree {self.name!r}"):
            if self._flat:  # of no entries: others go through pieces
                columns = {
                    name: self._places[name].array(entry_start=start, entry_stop=stop)
                    for name in names
                }
            else:
                places = {self._places[name] for name in names}
                found = self._source.arrays(
                    filter_name=places.__contains__, entry_start=start, entry_stop=stop
                )
                columns = {}
                for name in names:
                    columns[name] = found
                    for part in self._places[name].split("."):
                        columns[name] = columns[name][part]
            return self._checked(names, columns, stop - start)

    def _checked(self, names: Sequence[str], found: dict[str, Any], size: int) -> dict[str, Column]:
        columns = {}
        for name in names:
            column = flat_column(found[name])
            if column is None:
                self._refuse(f"got something else in {name!r}", "numbers")
            elif len(column) != size:
                self._refuse(f"got {len(column)} of {size} entries of {name!r}")
            else:
                columns[name] = column
        return columns

    def _refuse(self, got: str, what: str = "whole") -> None:
        raise CorruptFileError(
            f"{self.path}: the tree {self.name!r} must be {what}, {got}. Fetch the file again."
        )
