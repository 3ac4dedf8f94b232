"""SQLite files that nobody vouches for: opened to read, tables only, queries that end."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError

__all__ = ["SqliteTables", "open_sqlite"]

MAGIC = b"SQLite format 3\x00"
STEP = 1_000_000  # instructions of SQLite between two looks at the clock
SLACK = 200_000_000  # instructions that any query may take
PER_BYTE = 50  # more a byte of the file; reading all of it takes some two
FETCH = 50_000  # rows as Python objects at a time
LONGEST = 2**20  # bytes of a value or a query


class SqliteTables:
    """Tables of an open file.

    Parameters
    ----------
    path : Path
        The file, for messages.
    connection : sqlite3.Connection
        Opened to read only.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path, self._connection = path, connection
        self._steps, self._most = 0, SLACK + PER_BYTE * path.stat().st_size
        connection.set_progress_handler(self._look, STEP)

    def _look(self) -> int:
        self._steps += STEP
        return int(self._steps > self._most)

    def columns(self) -> dict[str, list[str]]:
        """Columns of every table that is stored; views are left out.

        Returns
        -------
        dict of list of str
            By table.
        """
        found = self._run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", ())
        names = [str(row[0]) for row in found]
        return {
            name: [str(row[1]) for row in self._run(f"PRAGMA table_info({_quoted(name)})", ())]
            for name in names
        }

    def indexed(self, table: str, column: str) -> bool:
        """Whether rows are found by a column without looking at all of them.

        Parameters
        ----------
        table, column : str
            A table and a column of it.

        Returns
        -------
        bool
            It is the table's own order, or an index starts with it.
        """
        own = self._run(f"PRAGMA table_info({_quoted(table)})", ())
        if any(row[1] == column and row[5] == 1 for row in own):
            return True
        every = self._run(f"PRAGMA index_list({_quoted(table)})", ())
        first = [self._run(f"PRAGMA index_info({_quoted(str(row[1]))})", ()) for row in every]
        return any(rows and rows[0][2] == column for rows in first)

    def numbers(
        self,
        table: str,
        columns: Sequence[str],
        key: str,
        bounds: tuple[int, int] | None = None,
    ) -> NDArray[np.float64]:
        """Some columns as numbers, of rows whose key lies within bounds.

        Parameters
        ----------
        table : str
            A table.
        columns : sequence of str
            Its columns, the key first.
        key : str
            The column that names the event.
        bounds : (int, int), optional
            Lowest and highest key; all by default.

        Returns
        -------
        array of float64, shape (N, columns)
            In the order of the file; what is NULL is NaN.

        Raises
        ------
        CorruptFileError
            The file is damaged, or holds text where numbers belong.
        """
        names = ", ".join(_quoted(name) for name in columns)
        query = f"SELECT {names} FROM {_quoted(table)}"
        if bounds is not None:
            query += f" WHERE {_quoted(key)} BETWEEN ? AND ?"
        pieces = [np.zeros((0, len(columns)))]
        cursor = self._execute(query, bounds or ())
        while rows := self._fetch(cursor):
            pieces.append(self._converted(table, rows))
        return np.concatenate(pieces)

    def _converted(self, table: str, rows: list[Any]) -> NDArray[np.float64]:
        kinds = {type(value) for row in rows for value in row} - {int, float, type(None)}
        if kinds:
            raise CorruptFileError(
                f"{self.path}, {table}: must hold numbers, got {kinds.pop().__name__}. "
                "Fetch the file again."
            )
        if any(isinstance(row[0], int) and abs(row[0]) >= 2**53 for row in rows):
            raise CorruptFileError(f"{self.path}, {table}: events must be numbered below 2**53.")
        return np.array(rows, np.float64)

    def _execute(self, query: str, values: tuple[int, ...]) -> sqlite3.Cursor:
        self._steps = 0
        try:
            return self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _fetch(self, cursor: sqlite3.Cursor) -> list[Any]:
        try:
            return cursor.fetchmany(FETCH)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _run(self, query: str, values: tuple[int, ...]) -> list[Any]:
        return self._fetch(self._execute(query, values))

    def _damaged(self, error: sqlite3.Error) -> CorruptFileError:
        return CorruptFileError(
            f"{self.path}: must be a whole SQLite file, got {str(error)[:120]}. "
            "Fetch the file again."
        )


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def open_sqlite(path: Path) -> Iterator[SqliteTables]:
    """Open a file to read, and nothing else.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    SqliteTables
        Its tables.

    Raises
    ------
    CorruptFileError
        It is no SQLite file, or shorter than it says.
    SchemaError
        Its changes lie in a second file, which is read by SQLite only.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.db")
    ...     with contextlib.closing(sqlite3.connect(file)) as made:
    ...         _ = made.execute("CREATE TABLE truth (event_no INTEGER, energy REAL)")
    ...     with open_sqlite(file) as tables:
    ...         print(tables.columns())
    {'truth': ['event_no', 'energy']}
    """
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise CorruptFileError(f"{path}: must be an SQLite file, got something else.")
    for end in ("-wal", "-journal"):
        beside = Path(f"{path}{end}")
        if beside.is_file() and any(_start(beside)):
            raise SchemaError(
                f"{path}: must be a closed file, got changes in {beside.name} beside it. "
                "Close the program that writes it."
            )
    size, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
    size = 65536 if size == 1 else size
    if head[24:28] == head[92:96] and size * pages > path.stat().st_size:
        raise CorruptFileError(
            f"{path}: must have {size * pages} bytes, got {path.stat().st_size}: it is cut off. "
            "Fetch the file again."
        )
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        tables = SqliteTables(path, connection)
        for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            tables._run(f"PRAGMA {pragma}", ())
        yield tables
