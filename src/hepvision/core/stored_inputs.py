"""Inputs in a Parquet file: written piece by piece, read whole or some rows at a time."""

import contextlib
import dataclasses
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import atomic_write
from hepvision.core.inputs import (
    Dense,
    Inputs,
    InputSpec,
    Part,
    PartSpec,
    Ragged,
    Sparse,
    concatenate,
    taken,
)

__all__ = ["StoredPart", "bytes_of", "is_stored", "loaded", "stored_inputs", "write_inputs"]

#: Examples of a row group: what a window of a shuffled training is put together from.
ROW_GROUP = 1024


@dataclasses.dataclass(frozen=True)
class StoredPart:
    """A part that stays on disk; ``take`` reads the row groups that it needs.

    Parameters
    ----------
    path : Path
        What ``write_inputs`` wrote.
    name : str
        Of the part.
    spec : PartSpec
        What it is.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.parquet"
    >>> _ = write_inputs(path, [{"x": Dense(np.array([[1], [2], [3]], np.float32))}])
    >>> part = StoredPart(path, "x", PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,)))
    >>> len(part), part.take(np.array([2, 0])).values.tolist()
    (3, [[3.0], [1.0]])
    """

    path: Path
    name: str
    spec: PartSpec

    @functools.cached_property
    def starts(self) -> NDArray[np.int64]:
        """First rows of the row groups, and the number of rows, shape (G+1,)."""
        about = pq.read_metadata(self.path)
        rows = [about.row_group(k).num_rows for k in range(about.num_row_groups)]
        return np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)

    @functools.cached_property
    def bytes(self) -> int:
        """Memory that the whole part takes, about."""
        about, total = pq.read_metadata(self.path), 0
        for k in range(about.num_row_groups):
            group = about.row_group(k)
            for column in (group.column(j) for j in range(group.num_columns)):
                if column.path_in_schema.rpartition(":")[0] == self.name:
                    total += int(column.total_uncompressed_size)
        return total + 8 * len(self)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def take(self, rows: NDArray[Any]) -> Part:
        """The given rows, in the given order; each row group is read once.

        Parameters
        ----------
        rows : array of int, shape (b,)
            Row numbers.

        Returns
        -------
        Dense, Ragged or Sparse
            b examples in memory.

        Raises
        ------
        CorruptFileError
            The file is damaged.
        """
        rows = np.asarray(rows, np.int64)
        group = np.searchsorted(self.starts, rows, "right") - 1
        pieces: list[Inputs] = []
        try:
            with pq.ParquetFile(self.path) as file:
                names = [one for one in file.schema_arrow.names if one.startswith(f"{self.name}:")]
                for one in np.unique(group) if len(rows) else [0]:
                    table = file.read_row_group(int(one), columns=names, use_threads=False)
                    part = _part(self.name, table, self.spec.shape)
                    pieces.append({"": part.take(rows[group == one] - self.starts[one])})
        except (pa.ArrowException, KeyError, OSError) as error:
            raise CorruptFileError(f"{self.path}: is damaged. Delete it and run again.") from error
        joined = concatenate(pieces)[""] if len(pieces) > 1 else pieces[0][""]
        back = np.empty(len(rows), np.int64)
        back[np.argsort(group, kind="stable")] = np.arange(len(rows))
        return joined if (back[1:] > back[:-1]).all() else joined.take(back)


def stored_inputs(path: str | Path, spec: InputSpec) -> Inputs | None:
    """Parts of a file, none of which is read.

    Parameters
    ----------
    path : path
        What ``write_inputs`` wrote.
    spec : InputSpec
        What it holds.

    Returns
    -------
    Inputs
        Of ``StoredPart``; None if there is no file, or none that holds them.

    Examples
    --------
    >>> stored_inputs("nowhere.parquet", {}) is None
    True
    """
    path = Path(path)
    try:
        there = {one.rpartition(":")[0] for one in pq.read_schema(path).names}
    except (pa.ArrowException, OSError):
        return None
    if there != set(spec):
        return None
    made: Any = {name: StoredPart(path, name, one) for name, one in spec.items()}
    return dict(made)


def bytes_of(inputs: Mapping[str, Any]) -> int:
    """Memory that inputs take, or would take if they were read.

    Parameters
    ----------
    inputs : mapping
        Parts, in memory or stored.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> bytes_of({"x": Dense(np.zeros((5, 2), np.float32))})
    40
    """
    total = 0
    for part in inputs.values():
        if isinstance(part, StoredPart):
            total += part.bytes
        else:
            total += sum(one.nbytes for one in vars(part).values() if isinstance(one, np.ndarray))
    return total


def is_stored(inputs: Mapping[str, Any]) -> bool:
    """Whether any part is on disk alone.

    Parameters
    ----------
    inputs : mapping
        Parts.

    Returns
    -------
    bool
        True if one is a ``StoredPart``.

    Examples
    --------
    >>> is_stored({"x": Dense(np.zeros((5, 2), np.float32))})
    False
    """
    return any(isinstance(part, StoredPart) for part in inputs.values())


def loaded(inputs: Inputs) -> Inputs:
    """Inputs in memory.

    Parameters
    ----------
    inputs : Inputs
        Parts, in memory or stored.

    Returns
    -------
    Inputs
        Those that were in memory are not copied.

    Raises
    ------
    CorruptFileError
        A file is damaged.

    Examples
    --------
    >>> x = {"x": Dense(np.zeros((5, 2), np.float32))}
    >>> loaded(x)["x"] is x["x"]
    True
    """
    return {
        name: taken({name: part}, np.arange(len(part)))[name]
        if isinstance(part, StoredPart)
        else part
        for name, part in inputs.items()
    }


def write_inputs(path: str | Path, pieces: Iterable[Inputs]) -> int:
    """Write inputs to a file, in memory for a few row groups; whole or not at all.

    Parameters
    ----------
    path : path
        The file.
    pieces : iterable of Inputs
        Stretches of examples, in order.

    Returns
    -------
    int
        Number of examples.

    Raises
    ------
    OSError
        It cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> x = {"x": Dense(np.zeros((5, 2), np.float32))}
    >>> write_inputs(Path(tempfile.mkdtemp()) / "x.parquet", [x, x])
    10
    """
    writer: pq.ParquetWriter | None = None
    waiting: list[pa.Table] = []
    rows = total = 0
    # the writer is closed before its file, also where something goes wrong in between
    with atomic_write(path) as file, contextlib.ExitStack() as stack:
        for piece in pieces:
            table = _table(piece)
            writer = writer or stack.enter_context(
                pq.ParquetWriter(file, table.schema, compression="zstd", use_dictionary=False)
            )
            waiting.append(table)
            rows, total = rows + table.num_rows, total + table.num_rows
            if rows >= ROW_GROUP:
                whole = rows - rows % ROW_GROUP
                joined = pa.concat_tables(waiting)
                writer.write_table(joined.slice(0, whole), row_group_size=ROW_GROUP)
                waiting, rows = [joined.slice(whole)], rows - whole
        if writer is not None and rows:
            writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP)
    return total


def _table(inputs: Inputs) -> pa.Table:
    return pa.table(
        {name: one for key, part in inputs.items() for name, one in _arrays(key, part).items()}
    )


def _arrays(key: str, part: Part) -> dict[str, pa.Array]:
    if isinstance(part, Dense):
        width = int(np.prod(part.values.shape[1:]))
        flat = pa.array(np.ascontiguousarray(part.values).reshape(-1))
        return {f"{key}:dense": pa.FixedSizeListArray.from_arrays(flat, width)}
    offsets = pa.array(part.offsets.astype(np.int64))
    if isinstance(part, Ragged):
        columns = part.values.T
        return {
            f"{key}:{number}": pa.LargeListArray.from_arrays(
                offsets, pa.array(np.ascontiguousarray(column))
            )
            for number, column in enumerate(columns)
        }
    return {
        f"{key}:index": pa.LargeListArray.from_arrays(offsets, pa.array(part.index)),
        f"{key}:value": pa.LargeListArray.from_arrays(offsets, pa.array(part.value)),
    }


def _part(key: str, table: pa.Table, shape: tuple[int, ...]) -> Part:
    def column(name: str) -> Any:
        return table.column(f"{key}:{name}").combine_chunks()

    if f"{key}:dense" in table.column_names:
        values = column("dense").flatten().to_numpy().astype(np.float32)
        return Dense(values.reshape(table.num_rows, *shape))
    if f"{key}:index" in table.column_names:
        index, value = column("index"), column("value")
        offsets = index.offsets.to_numpy().astype(np.int64)
        flat = index.values.to_numpy()
        if flat.size and int(flat.max()) >= np.prod(shape):  # would be written out of bounds
            raise KeyError(f"{key}: index beyond the image")
        return Sparse(offsets, flat, value.values.to_numpy(), shape)
    pieces = [column(str(number)) for number in range(shape[-1])]
    offsets = pieces[0].offsets.to_numpy().astype(np.int64)
    return Ragged(offsets, np.stack([one.values.to_numpy() for one in pieces], axis=1))
