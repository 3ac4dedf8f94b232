"""Tables that pandas wrote through PyTables, read with h5py: nothing is unpickled.

pandas keeps a frame as blocks of columns of one type. In the *table* layout these are the fields
``values_block_0`` … of one structured data set, and the names of their columns lie in attributes
as pickled lists, of which only the plain text is read here. In the *fixed* layout they are the
data sets ``block0_values`` with their names in ``block0_items``. A column may also be a field of
its own.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.names import near, require
from hepvision.readers._reading import reading

__all__ = ["Frame", "Place", "column_names", "open_frame"]

#: A list of texts in pickle's protocol 0, the one that PyTables writes.
LIST = re.compile(rb"\(lp\d+\n((?:(?:V[^\n]*|S'[^'\n]*')\np\d+\na)*)\.")
TEXT = re.compile(rb"(?:V([^\n]*)|S'([^'\n]*)')\np\d+\na")
LARGEST_CHUNK = 256 * 2**20  # bytes; PyTables writes chunks of 0.1 to 1 MB
BLOSC = 32001  # number of the filter


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

    def load(self, start: int, stop: int) -> dict[str, NDArray[Any]]:
        """Read rows of all columns.

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
            A data set has not that many rows.
        """
        loaded = {name: data[start:stop] for name, data in self.sets.items()}
        for name, values in loaded.items():
            if len(values) != stop - start:
                raise CorruptFileError(
                    f"{self.path}, {name}: must hold rows up to {stop}, got "
                    f"{start + len(values)}. Fetch the file again."
                )
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
        data, field, place = self.columns[name]
        values = loaded[data] if field is None else loaded[data][field]
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
        data, field, _ = places[0]
        if all(one[:2] == (data, field) for one in places):
            values = loaded[data] if field is None else loaded[data][field]
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
            close = near(name, self.columns)
            hint = f"{close!r} is the nearest" if close else "no such name is near"
            raise SchemaError(
                f"{self.path}: need the column {name!r}, got {len(self.columns)} others. {hint}."
            )
        data, field, _ = self.columns[name]
        dtype = self.sets[data].dtype
        kind = (dtype if field is None else dtype[field]).base.kind
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
    with reading(path, "an HDF5 file with a table of pandas"), h5py.File(path, "r") as file:
        groups = [name for name in file if _is_frame(file.get(name))]
        if key not in groups:
            if len(groups) != 1:
                raise CorruptFileError(
                    f"{path}: must hold a table of pandas under {key!r}, got "
                    f"{', '.join(groups) or 'none'}. Write it with that key."
                )
            key = groups[0]
        group = file[key]
        yield _table(str(path), group["table"]) if "table" in group else _fixed(str(path), group)


def _is_frame(group: Any) -> bool:
    if not isinstance(group, h5py.Group):
        return False
    table = group.get("table")
    return (isinstance(table, h5py.Dataset) and table.dtype.names is not None) or (
        isinstance(group.get("block0_items"), h5py.Dataset)
    )


def _table(path: str, data: Any) -> Frame:
    """Columns of the *table* layout: blocks with pickled names, and fields of their own."""
    _check(path, data)
    columns: dict[str, Place] = {}
    for field in data.dtype.names:
        shape = data.dtype[field].shape
        if not shape:
            columns[field] = Place(data.name, field, 0)
            continue
        pickled = data.attrs.get(f"{field}_kind")
        found = column_names(bytes(pickled)) if isinstance(pickled, bytes) else None
        if found is None or len(found) != shape[0] or len(shape) > 1:
            raise CorruptFileError(
                f"{path}, {data.name}, {field}: must name its {shape} columns, got "
                f"{'no list of names' if found is None else len(found)}. Write the table anew."
            )
        _add(path, columns, found, data, field)
    rows = data.attrs.get("NROWS", data.shape[0])
    if int(rows) != data.shape[0]:
        raise CorruptFileError(
            f"{path}, {data.name}: must hold the {rows} rows that it says, got {data.shape[0]}. "
            "Fetch the file again."
        )
    return Frame(path, data.shape[0], {data.name: data}, columns)


def _fixed(path: str, group: Any) -> Frame:
    """Columns of the *fixed* layout: a data set of values and one of names for each block."""
    columns: dict[str, Place] = {}
    rows, sets = set(), {}
    for number in range(len(group)):
        items, data = (group.get(f"block{number}_{part}") for part in ("items", "values"))
        if items is None and data is None:
            break
        _check(path, data)
        _check(path, items)
        if items.dtype.kind != "S" or data.ndim != 2 or items.shape != data.shape[1:]:
            raise CorruptFileError(
                f"{path}, block {number}: must be rows by columns with their names, got "
                f"{data.shape} and {items.shape}. Write the table anew."
            )
        _add(path, columns, [name.decode("utf-8") for name in items[:]], data, None)
        rows.add(data.shape[0])
        sets[data.name] = data
    if len(rows) != 1:
        raise CorruptFileError(
            f"{path}, {group.name}: blocks must have as many rows, got {sorted(rows)}. "
            "Write the table anew."
        )
    return Frame(path, rows.pop(), sets, columns)


def _add(path: str, columns: dict[str, Place], names: list[str], data: Any, field: Any) -> None:
    for place, name in enumerate(names):
        if name in columns:
            raise CorruptFileError(
                f"{path}: must name each column once, got {name!r} twice. Write the table anew."
            )
        columns[name] = Place(data.name, field, place)


def _check(path: str, data: Any) -> None:
    """Refuse what would not be read whole: HDF5 fills chunks that are not there with zeros."""
    if not isinstance(data, h5py.Dataset) or data.ndim not in (1, 2) or data.dtype.hasobject:
        raise CorruptFileError(f"{path}: must be a table of pandas, got another. Write it anew.")
    where = f"{path}, {data.name}"
    if data.chunks is None:
        whole = not data.size or data.id.get_storage_size() >= data.size * data.dtype.itemsize
    else:
        chunk = int(np.prod(data.chunks)) * data.dtype.itemsize
        if chunk > LARGEST_CHUNK:
            raise CorruptFileError(
                f"{where}: chunks must have at most {LARGEST_CHUNK} bytes, got {chunk}. "
                "Do not trust this file."
            )
        wanted = int(np.prod([-(-n // c) for n, c in zip(data.shape, data.chunks, strict=True)]))
        whole = data.id.get_num_chunks() == wanted
        filters = data.id.get_create_plist()
        numbers = [filters.get_filter(k)[0] for k in range(filters.get_nfilters())]
        if BLOSC in numbers:
            require("hdf5plugin", extra="files")
    if not whole:
        raise CorruptFileError(
            f"{where}: must hold all of its {data.shape[0]} rows, got a part. Fetch it again."
        )
