"""Small GraphNeT files: SQLite with pulses and truth, or the same as Parquet."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["SUFFIX", "tables", "write", "write_parquet"]

SUFFIX = ".db"
PULSES = "SplitInIcePulses"


def tables(events: int = 7, seed: int = 1) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Columns of pulses and truth; the events are not in the order of their numbers."""
    rng = np.random.default_rng(seed)
    ids = 10 + 7 * rng.permutation(events)
    counts = rng.integers(3, 30, events)
    number = int(counts.sum())
    pulses = {"event_no": ids.repeat(counts)}
    pulses |= {f"dom_{key}": rng.uniform(-500, 500, number) for key in "xyz"}
    pulses |= {"dom_time": rng.uniform(9000, 12000, number), "charge": rng.exponential(1, number)}
    pulses |= {"string": rng.integers(1, 87, number), "dom_number": rng.integers(1, 61, number)}
    truth = {"event_no": ids, "energy": 10 ** rng.uniform(0, 4, events)}
    truth |= {"zenith": rng.uniform(0, np.pi, events), "azimuth": rng.uniform(0, 6.28, events)}
    truth |= {"pid": rng.choice([12, -14, 16], events)}
    truth |= {f"position_{key}": rng.uniform(-300, 300, events) for key in "xyz"}
    truth |= {"interaction_type": rng.integers(1, 3, events)}
    return pulses, truth


def _truth(pulses: dict[str, np.ndarray], truth: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"pulse_{key}": one for key, one in pulses.items()} | truth


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """SQLite with an index, as GraphNeT's converter makes it."""
    pulses, truth = tables(events, seed)
    with contextlib.closing(sqlite3.connect(path)) as file:
        for name, columns in ((PULSES, pulses), ("truth", truth)):
            names = ", ".join(columns)
            file.execute(f"CREATE TABLE {name} ({names})")
            marks = ", ".join("?" * len(columns))
            rows = zip(*(column.tolist() for column in columns.values()), strict=True)
            file.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
            file.execute(f"CREATE INDEX event_no_{name} ON {name} (event_no)")
        file.commit()
    return _truth(pulses, truth)


def write_parquet(
    folder: Path, events: int = 7, seed: int = 1
) -> tuple[Path, dict[str, np.ndarray]]:
    """A folder a table, files with a number; the path of the pulses."""
    pulses, truth = tables(events, seed)
    for name, columns in ((PULSES, pulses), ("truth", truth)):
        (folder / name).mkdir()
        pq.write_table(pa.table(columns), folder / name / f"{name}_4.parquet", row_group_size=50)
    return folder / PULSES / f"{PULSES}_4.parquet", _truth(pulses, truth)
