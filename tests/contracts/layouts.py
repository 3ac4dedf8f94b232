"""Files of arrays and tables with one of them changed: away, renamed, of another type or length."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["change_layout"]

Array = np.ndarray[Any, np.dtype[Any]]

#: What may become of an array; None takes it away.
ARRAYS: dict[str, Callable[[Array], Array | None]] = {
    "away": lambda values: None,
    "text": lambda values: np.full(values.shape, b"abc"),
    "shorter": lambda values: values[:-1],
    "longer": lambda values: np.concatenate([values, values[:1]]),
    "empty": lambda values: values[:0],
    "flat": lambda values: values.reshape(-1),
    "deeper": lambda values: values[..., None],
    "narrower": lambda values: values[..., :-1] if values.ndim > 1 else values[:-1],
    "integers": lambda values: np.nan_to_num(values).astype(np.int16),
    "doubles": lambda values: values.astype(np.float64),
    "complex": lambda values: values.astype(np.complex64),
    "nan": lambda values: np.full(values.shape, np.nan, np.float32),
    "infinite": lambda values: np.full(values.shape, -np.inf, np.float32),
    "large": lambda values: np.full(values.shape, 1e38, np.float32),
    "negative": lambda values: np.full(values.shape, -7, np.int64),
}
CUT = {"shorter", "empty"}


def change_layout(path: Path, rng: np.random.Generator) -> str:
    """Change one array or column of a file in place; empty if it is of no such kind."""
    start = path.read_bytes()[:6]
    kinds = {b"\x89HDF": _hdf5, b"PK\x03\x04": _npz, b"PAR1": _parquet, b"SQLi": _sqlite}
    change = kinds.get(start[:4])
    return change(path, rng) if change is not None and path.suffix != ".ig" else ""


def _pick(names: list[str], rng: np.random.Generator) -> tuple[str, str]:
    name = names[int(rng.integers(0, len(names)))]
    return name, list(ARRAYS)[int(rng.integers(0, len(ARRAYS)))]


def _told(change: str, name: str, lengths: list[int], own: int) -> str:
    """A part that is cut off can be seen where another array has the full length."""
    cut = change in CUT and lengths.count(own) > 1
    return f"{'truncate' if cut else 'layout'} {change} {name}"


def _hdf5(path: Path, rng: np.random.Generator) -> str:
    found: list[str] = []
    with h5py.File(path, "r+") as file:
        file.visititems(
            lambda name, one: (
                found.append(name)
                if isinstance(one, h5py.Dataset) and one.ndim and "_i_" not in name
                else None
            )
        )
        name, change = _pick(found, rng)
        values = file[name][()]
        if values.dtype.kind not in "fiub":
            change = ("away", "shorter", "empty")[len(change) % 3]
        lengths = [len(file[one]) for one in found]
        made = ARRAYS[change](values)
        kept = dict(file[name].attrs)
        del file[name]
        if made is not None:
            file[name] = made
            file[name].attrs.update(kept)
    return _told(change, name, lengths, len(values))


def _npz(path: Path, rng: np.random.Generator) -> str:
    with np.load(path, allow_pickle=False) as file:
        held = {name: file[name] for name in file.files}
    lengths = [len(one) for one in held.values()]
    name, change = _pick(list(held), rng)
    values = held.pop(name)
    made = ARRAYS[change](values)
    np.savez(path, **held, **({} if made is None else {name: made}))
    return _told(change, name, lengths, len(values))


def _parquet(path: Path, rng: np.random.Generator) -> str:
    with pq.ParquetFile(path) as file:
        table = file.read()
    place = int(rng.integers(0, table.num_columns))
    name, rows = table.column_names[place], table.num_rows
    changes: dict[str, Callable[[], pa.Table]] = {
        "away": lambda: table.remove_column(place),
        "text": lambda: table.set_column(place, name, pa.array(["abc"] * rows)),
        "null": lambda: table.set_column(place, name, pa.nulls(rows, table.column(place).type)),
        "nan": lambda: table.set_column(place, name, pa.array([float("nan")] * rows)),
        "lists": lambda: table.set_column(place, name, pa.array([[1.0, 2.0], []] * rows)[:rows]),
        "structs": lambda: table.set_column(place, name, pa.array([{"a": 1}] * rows)),
        "negative": lambda: table.set_column(place, name, pa.array([-7] * rows)),
        "empty": lambda: table.slice(0, 0),
    }
    change = list(changes)[int(rng.integers(0, len(changes)))]
    pq.write_table(changes[change](), path)
    return f"layout {change} {name}"


def _sqlite(path: Path, rng: np.random.Generator) -> str:
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = sorted(row[0] for row in rows)
        table = tables[int(rng.integers(0, len(tables)))]
        columns = [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]
        column = columns[int(rng.integers(0, len(columns)))]
        changes = {
            "away": f'DROP TABLE "{table}"',
            "renamed": f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "other"',
            "text": f'UPDATE "{table}" SET "{column}" = \'abc\'',
            "null": f'UPDATE "{table}" SET "{column}" = NULL',
            "infinite": f'UPDATE "{table}" SET "{column}" = 9e999',
            "negative": f'UPDATE "{table}" SET "{column}" = -7',
            "bytes": f'UPDATE "{table}" SET "{column}" = x\'00ff\'',
            "empty": f'DELETE FROM "{table}"',
        }
        change = list(changes)[int(rng.integers(0, len(changes)))]
        file.execute(changes[change])
        file.commit()
    return f"layout {change} {table}.{column}"
