"""Tables of numbers in CSV, every column of the type that it must have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._packed import unpacked
from hepvision.readers._reading import reading

__all__ = ["csv_table", "header"]

BOM = b"\xef\xbb\xbf"


def header(content: bytes) -> list[str]:
    """Names of the columns.

    Parameters
    ----------
    content : bytes
        The file, or its beginning.

    Returns
    -------
    list of str
        Without quotes and blanks.

    Examples
    --------
    >>> header(b'hit_id,"x"\\n1,2.0\\n')
    ['hit_id', 'x']
    """
    line = content.removeprefix(BOM).split(b"\n", 1)[0].decode("utf-8", "replace")
    return [name.strip().strip('"') for name in line.split(",")]


def csv_table(
    path: Path, columns: Mapping[str, str], optional: Mapping[str, str] | None = None
) -> dict[str, NDArray[Any]]:
    """Columns of a CSV file, plain or packed.

    Parameters
    ----------
    path : Path
        The file.
    columns : mapping of str
        Type of each column that must be there, such as ``"i8"``.
    optional : mapping of str, optional
        The same for those that may be missing.

    Returns
    -------
    dict of array, shape (rows,)
        Those that are there.

    Raises
    ------
    SchemaError
        A column is missing.
    CorruptFileError
        A row is too short or too long, or holds something else than numbers.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.csv")
    ...     _ = file.write_text("id,x\\n7,0.5\\n")
    ...     csv_table(file, {"x": "f8"})
    {'x': array([0.5])}
    """
    with reading(path, "a table of numbers with a header"):
        content = unpacked(path).removeprefix(BOM)
        names = header(content)
        lacking = [name for name in columns if name not in names]
        if lacking:
            raise SchemaError(
                f"{path}: must have the columns {', '.join(columns)}, got none called "
                f"{', '.join(lacking)}. Is it another file?"
            )
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise CorruptFileError(f"{path}: must name a column once, got {twice[0]!r} twice.")
        if not content.endswith(b"\n"):
            raise CorruptFileError(
                f"{path}: must end with a line break, got a line that is cut off. "
                "Fetch the file again."
            )
        wanted = {**columns, **(optional or {})}
        types = {name: pa.from_numpy_dtype(wanted[name]) for name in names if name in wanted}
        table = csv.read_csv(
            pa.BufferReader(content),
            csv.ReadOptions(use_threads=False, column_names=names, skip_rows=1),
            csv.ParseOptions(),
            csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=[],
                strings_can_be_null=False,
            ),
        )
        return {name: np.asarray(table[name].to_numpy(), np.dtype(wanted[name])) for name in types}
