"""Tables that pandas wrote through PyTables, read with h5py: nothing is unpickled.

pandas keeps a frame as blocks of columns of one type. In the *table* layout these are the fields
``values_block_0`` … of one structured data set, and the names of their columns lie in attributes
as pickled lists, of which only the plain text is read here. In the *fixed* layout they are the
data sets ``block0_values`` with their names in ``block0_items``. A column may also be a field of
its own.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.names import hint
from hepvision.readers._hdf5 import dataset, needed, open_hdf5
from hepvision.readers._reading import reading

__all__ = ["Frame", "Place", "column_names", "open_frame"]

#: A list of texts in pickle's protocol 0, the one that PyTables writes.
LIST = re.compile(rb"\(lp\d+\n((?:(?:V[^\n]*|S'[^'\n]*')\np\d+\na)*)\.")
TEXT = re.compile(rb"(?:V([^\n]*)|S'([^'\n]*)')\np\d+\na")
MANY = 200  # groups of a file, blocks of a table; published files have one and two


def column_names(pickled: bytes) -> list[str] | None:
    """Texts of a pickled list, without unpickling it.

    Parameters
    ----------
    pickled : bytes
        Protocol 0, as PyTables writes attributes.

    Returns
    -------
    list of str or None
        None where it is anything else than a list of texts.

    Examples
    --------
    >>> column_names(b"(lp0\\nVE_0\\np1\\naVPX_0\\np2\\na.")
    ['E_0', 'PX_0']
    >>> column_names(b"cos\\nsystem\\n(S'true'\\ntR.") is None
    True
    """
    whole = LIST.fullmatch(pickled)
    if whole is None:
        return None
    return [(v or s).decode("latin-1") for v, s in TEXT.findall(whole.group(1))]


class Place(NamedTuple):
    """Where a column lies: in which data set, in which field of it, at which place in a row."""

    data: str
    field: str | None
    place: int


@dataclass(frozen=True)
class Frame:
    """A table in an open file.

    Examples
    --------
    >>> Frame("x.h5", 0, {}, {}).rows
    0
    """

    path: str
    rows: int
    #: Data sets by name.
    sets: dict[str, Any]
    columns: dict[str, Place]
    #: What rows are read into, used again for the next ones.
    buffers: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def row_bytes(self) -> int:
        """Bytes of a row, of all data sets."""
        sizes = (data.dtype.itemsize * math.prod(data.shape[1:]) for data in self.sets.values())
        return max(1, sum(sizes))

    def load(self, start: int, stop: int) -> dict[str, NDArray[Any]]:
        """Read rows of all columns, into memory that the next call uses again.

        Parameters
        ----------
        start, stop : int
            Rows.

        Returns
        -------
        dict of array
            As they lie in the file, by the name of the data set; for ``pick`` and ``column``.

        Raises
        ------
        CorruptFileError
            The table has not that many rows.
        """
        if stop > self.rows:
            raise CorruptFileError(
                f"{self.path}: must hold rows up to {stop}, got {self.rows}. Fetch the file again."
            )
        loaded = {}
        for name, data in self.sets.items():
            if name not in self.buffers or len(self.buffers[name]) < stop - start:
                self.buffers[name] = np.zeros((stop - start, *data.shape[1:]), data.dtype)
            loaded[name] = self.buffers[name][: stop - start]
            if stop > start:
                data.read_direct(loaded[name], np.s_[start:stop])
        return loaded

    def column(self, loaded: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
        """One column.

        Parameters
        ----------
        loaded : dict of array
            From ``load``.
        name : str
            A column.

        Returns
        -------
        array, shape (rows,)
            In the file's type.
        """
        data, part, place = self.columns[name]
        values = loaded[data] if part is None else loaded[data][part]
        return values[:, place] if values.ndim > 1 else values

    def pick(
        self, loaded: dict[str, NDArray[Any]], names: Sequence[str]
    ) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Several columns, without a copy where they lie in one block.

        Parameters
        ----------
        loaded : dict of array
            From ``load``.
        names : sequence of str
            Columns.

        Returns
        -------
        values : array of float, shape (rows, W)
            A block of the file, or the columns put together.
        place : array of int, shape (len(names),)
            Where in a row each column lies.
        """
        places = [self.columns[name] for name in names]
        data, part, _ = places[0]
        if all(one[:2] == (data, part) for one in places):
            values = loaded[data] if part is None else loaded[data][part]
            if values.ndim == 2 and values.dtype.kind == "f":
                return values, np.array([one.place for one in places], np.int64)
        columns = [self.column(loaded, name) for name in names]
        return np.stack(columns, axis=1).astype(np.float64), np.arange(len(names))

    def need(self, name: str) -> None:
        """Refuse a table without a column.

        Parameters
        ----------
        name : str
            A column.

        Raises
        ------
        SchemaError
            There is none of that name, or it holds no numbers.
        """
        if name not in self.columns:
            advice = hint(name, self.columns, "No such name is near.")
            raise SchemaError(
                f"{self.path}: need the column {name!r}, got {len(self.columns)} others. {advice}"
            )
        data, part, _ = self.columns[name]
        dtype = self.sets[data].dtype
        kind = (dtype if part is None else dtype[part]).base.kind
        if kind not in "fiub":
            raise SchemaError(
                f"{self.path}: column {name!r} must hold numbers, got {kind!r}. Write it anew."
            )


@contextlib.contextmanager
def open_frame(path: str | Path, key: str = "table") -> Iterator[Frame]:
    """Open a table of a file, found under its key or as the only one.

    Parameters
    ----------
    path : path
        The file.
    key : str
        Its group.

    Yields
    ------
    Frame
        Valid as long as the file is open.

    Raises
    ------
    CorruptFileError
        The file is damaged, or holds no such table.
    MissingExtraError
        It is packed by Blosc, and hdf5plugin is not installed.

    Examples
    --------
    >>> with open_frame("absent.h5") as frame:
    ...     frame.rows
    Traceback (most recent call last):
    ...
    FileNotFoundError: absent.h5: no such file. Check the path.
    """
    with (
        reading(path, "an HDF5 file with a table of pandas") as checked,
        open_hdf5(checked) as file,
    ):
        groups = [name for name in list(file)[:MANY] if _is_frame(file, name)]
        if key not in groups:
            if len(groups) != 1:
                raise CorruptFileError(
                    f"{path}: must hold a table of pandas under {key!r}, got "
                    f"{', '.join(map(repr, groups[:5])) or 'none'}. Write it with that key."
                )
            key = groups[0]
        data = dataset(file, f"{key}/table", (), "V")
        yield _fixed(str(path), file, key) if data is None else _table(str(path), data)


def _is_frame(file: h5py.File, name: str) -> bool:
    """Whether a group of this very file holds a table of one of the layouts."""
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        return False
    group = file[name]
    return isinstance(group, h5py.Group) and any(
        isinstance(group.get(one, getlink=True), h5py.HardLink) for one in ("table", "block0_items")
    )


def _table(path: str, data: Any) -> Frame:
    """Columns of the *table* layout: blocks with pickled names, and fields of their own."""
    columns: dict[str, Place] = {}
    if data.ndim != 1 or data.dtype.names is None or data.dtype.hasobject:
        raise CorruptFileError(
            f"{path}: the table must have rows of columns, got {str(data.dtype)[:40]!r}. "
            "Write it anew."
        )
    for part in data.dtype.names:
        shape = data.dtype[part].shape
        if not shape:
            columns[part] = Place(data.name, part, 0)
            continue
        pickled = data.attrs.get(f"{part}_kind")
        found = column_names(bytes(pickled)) if isinstance(pickled, bytes) else None
        if found is None or (len(found),) != shape:
            raise CorruptFileError(
                f"{path}, {part!r}: must name its {shape[0]} columns, got "
                f"{'no list of names' if found is None else len(found)}. Write the table anew."
            )
        _add(path, columns, found, data, part)
    rows = data.attrs.get("NROWS", data.shape[0])
    if int(rows) != data.shape[0]:
        raise CorruptFileError(
            f"{path}: the table must hold the {rows} rows that it says, got {data.shape[0]}. "
            "Fetch the file again."
        )
    return Frame(path, data.shape[0], {data.name: data}, columns)


def _fixed(path: str, file: h5py.File, key: str) -> Frame:
    """Columns of the *fixed* layout: a data set of values and one of names for each block."""
    columns: dict[str, Place] = {}
    rows, sets = set(), {}
    for number in range(MANY):
        items = dataset(file, f"{key}/block{number}_items", (), "S")
        if items is None:
            break
        data = needed(file, f"{key}/block{number}_values", (len(items),))
        _add(path, columns, [name.decode("utf-8") for name in items[:].ravel()], data, None)
        rows.add(data.shape[0])
        sets[data.name] = data
    if len(rows) != 1:
        raise CorruptFileError(
            f"{path}: blocks of the table must have as many rows, got {sorted(rows)[:5]}. "
            "Write the table anew."
        )
    return Frame(path, rows.pop(), sets, columns)


def _add(path: str, columns: dict[str, Place], names: list[str], data: Any, part: Any) -> None:
    for place, name in enumerate(names):
        if name in columns:
            raise CorruptFileError(
                f"{path}: must name each column once, got {name!r} twice. Write the table anew."
            )
        columns[name] = Place(data.name, part, place)
