"""Rows of a Parquet file in order, a batch at a time; nested lists as arrays of one shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._parquet_footer import check_footer

__all__ = ["ParquetRows", "nested"]

BUFFER = 2**20  # bytes read of a column at a time
WIDEST = 2**24  # numbers in a row; published rows have up to 125,000


class ParquetRows:
    """Rows of some columns; those asked for in rising order are read once.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        Top-level columns.

    Raises
    ------
    SchemaError
        A column is not there.
    CorruptFileError
        A row is too large to be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "one.parquet")
    >>> pq.write_table(pa.table({"y": [5, 6, 7]}), path)
    >>> rows = ParquetRows(path, ["y"])
    >>> rows.number, rows.take(1, 3).column("y").to_pylist()
    (3, [6, 7])
    """

    def __init__(self, path: Path, columns: Sequence[str]):
        self.path, self.columns = path, list(columns)
        self.file = pq.ParquetFile(
            path, pre_buffer=False, buffer_size=BUFFER, page_checksum_verification=True
        )
        lost = [name for name in columns if name not in self.file.schema_arrow.names]
        if lost:
            there = ", ".join(self.file.schema_arrow.names)[:80]
            raise SchemaError(f"{path}: needs the column {lost[0]!r}, got {there}. Another format?")
        stored = (self.file.schema.column(k) for k in range(len(self.file.schema)))
        check_footer(path, [(one.max_repetition_level, one.max_definition_level) for one in stored])
        about = self.file.metadata
        sizes = [about.row_group(k).num_rows for k in range(about.num_row_groups)]
        self.starts = np.cumsum([0, *sizes])
        self.number = int(self.starts[-1])
        self.width = self._width()
        self._batches: Iterator[pa.RecordBatch] = iter(())
        self._left: pa.RecordBatch | None = None
        self._at = -1

    def _width(self) -> int:
        """Numbers in a row, at most."""
        about, most = self.file.metadata, 1
        for k in range(about.num_row_groups):
            group = about.row_group(k)
            for place in range(group.num_columns):
                one = group.column(place)
                if one.path_in_schema.split(".")[0] in self.columns and group.num_rows:
                    most = max(most, -(-one.num_values // group.num_rows))
        if most > WIDEST:
            raise CorruptFileError(f"{self.path}: rows are too large, got {most} numbers in one.")
        return most

    def close(self) -> None:
        """Close the file."""
        self._batches = iter(())
        self.file.close()

    def take(self, start: int, stop: int) -> pa.Table:
        """Some rows.

        Parameters
        ----------
        start, stop : int
            From and to.

        Returns
        -------
        pa.Table
            Of the columns.

        Raises
        ------
        CorruptFileError
            The file ends before.
        """
        schema = pa.schema([self.file.schema_arrow.field(name) for name in self.columns])
        if start >= stop:
            return schema.empty_table()
        group = int(np.searchsorted(self.starts, start, side="right")) - 1
        if not self.starts[group] <= self._at <= start:
            self._restart(group, stop - start)
        found: list[pa.RecordBatch] = []
        while self._at < stop:
            batch = self._left if self._left is not None else next(self._batches, None)
            if batch is None:
                raise CorruptFileError(
                    f"{self.path}: must hold {self.number} rows, got {self._at}. Fetch it again."
                )
            low, high = max(start - self._at, 0), min(stop - self._at, len(batch))
            if high > low:
                found.append(batch.slice(low, high - low))
            done = min(len(batch), stop - self._at)
            self._left = batch.slice(done) if done < len(batch) else None
            self._at += done
        return pa.Table.from_batches([batch.select(self.columns) for batch in found])

    def _restart(self, group: int, size: int) -> None:
        groups = list(range(group, len(self.starts) - 1))
        self._at, self._left = int(self.starts[group]), None
        # several small row groups make one batch, so that little is read beyond what is asked for
        self._batches = self.file.iter_batches(
            batch_size=max(1, size), row_groups=groups, columns=self.columns, use_threads=False
        )


def nested(table: pa.Table, name: str, where: str) -> NDArray[Any]:
    """A column of nested lists, all of one shape, as an array.

    Parameters
    ----------
    table : pa.Table
        Rows.
    name : str
        The column: numbers, or lists of lists of numbers.
    where : str
        The file, for messages.

    Returns
    -------
    array, shape (B, ...)
        One axis for each level of lists.

    Raises
    ------
    CorruptFileError
        Lists of one level have different lengths, or one is missing.
    SchemaError
        The innermost are no numbers.

    Examples
    --------
    >>> nested(pa.table({"x": [[[1.0, 2.0]], [[3.0, 4.0]]]}), "x", "file").shape
    (2, 1, 2)
    """
    array = table.column(name).combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    shape = [len(array)]
    while pa.types.is_nested(array.type):
        if not hasattr(array, "flatten") or pa.types.is_struct(array.type):
            raise SchemaError(f"{where}: {name}: must hold lists, got {array.type}. Mend the file.")
        inner = array.flatten()
        each = len(inner) // len(array) if len(array) else 0
        lengths = array.value_lengths() if hasattr(array, "value_lengths") else None
        ragged = lengths is not None and bool((lengths.to_numpy(False) != each).any())
        if array.null_count or ragged:
            raise CorruptFileError(
                f"{where}: {name}: lists must be as long as each other, got {len(inner)} entries "
                f"in {len(array)}. Fetch the file again."
            )
        shape.append(each)
        array = inner
    if not (pa.types.is_floating(array.type) or pa.types.is_integer(array.type)):
        raise SchemaError(f"{where}: {name}: must hold numbers, got {array.type}. Another format?")
    return np.asarray(array.to_numpy(zero_copy_only=False)).reshape(shape)
