"""What is done of a page's rows: a stopped run goes on, and two processes may share the rows.

Numbers of finished rows lie in a file beside the script, what they said of each event in a folder
beside that: rows are put together, and compared pair by pair, on any machine, years later.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from _shared import arguments, write

from hepvision.core.cache import cache_folder
from hepvision.core.files import atomic_write, read_json, write_json
from hepvision.studies.run import run

__all__ = ["Record", "Row", "Trained", "each_row", "row_arguments"]


class Row(Protocol):
    """One training of one entry."""

    @property
    def entry(self) -> str:
        """Its name in the card."""

    @property
    def seed(self) -> int:
        """Of the split and the training."""

    @property
    def key(self) -> str:
        """Name of its folder."""


class Trained(NamedTuple):
    """What a row's run gave."""

    folder: Path
    metrics: dict[str, Any]
    timing: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Record:
    """The file beside a script that holds what is done, and the folder of its runs.

    Parameters
    ----------
    path : Path
        The file; its stem names the page.
    decides : mapping
        The version and whatever else all rows have in common: with other values all begins anew.
    parts : tuple of str
        Keys of what is kept beside the rows.
    said : tuple of str
        Columns of predictions that are kept beside the file, where a row has them, for validation
        and test events: what rows are put together from.
    """

    path: Path
    decides: Mapping[str, Any]
    parts: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        """Where events and runs are kept."""
        name = "-".join(str(one) for one in (self.path.stem, *self.decides.values()))
        folder = cache_folder("validation") / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def read(self) -> dict[str, Any]:
        """What is done."""
        found: dict[str, Any] = read_json(self.path) if self.path.is_file() else {}
        if any(found.get(key) != value for key, value in self.decides.items()):
            found = dict(self.decides)
        return {**{part: {} for part in (*self.parts, "rows")}, **found}

    def update(self, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Change the record while nobody else does."""
        with self.claimed("record", wait=True):
            done = self.read()
            change(done)
            write_json(self.path, done)
        return done

    @contextlib.contextmanager
    def claimed(self, name: str, *, wait: bool = False) -> Iterator[bool]:
        """Whether nobody else is at it; what a process claimed is free again when it ends."""
        with (self.home / f"{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    def trained(self, row: Row, card: Mapping[str, Any], **options: Any) -> Trained:
        """Run a row's card; the same again is read."""
        made = run(card, self.home / "rows" / row.key, **options)
        seed = str(row.seed)
        self._keep(row)
        timing = read_json(made.folder / "timing.json")[row.entry][seed]
        return Trained(made.folder, made.metrics["entries"][row.entry][seed], timing)

    def predictions(self, row: Row, part: int, *columns: str) -> dict[str, Any]:
        """Columns of a row's predictions on one part of the split, by sample and event."""
        names = ("sample", "event_id", "split", *columns)
        kept, made = self._kept(row), self._made(row)
        if not kept.is_file() and not made.is_file():
            raise FileNotFoundError(
                f"{row.key}: {kept} must hold what it said of each event, which another machine "
                f"has. Take the row out of {self.path.name} to make it anew."
            )
        read = pq.read_table(kept if kept.is_file() else made, columns=list(names))
        table = {name: read[name].to_numpy() for name in names}
        order = np.lexsort((table["event_id"], table["sample"]))
        order = order[table["split"][order] == part]
        return {name: column[order] for name, column in table.items()}

    def _made(self, row: Row) -> Path:
        """Predictions in the folder of its run."""
        folder = self.home / "rows" / row.key / row.entry / str(row.seed)
        return folder / "predictions.parquet"

    def _kept(self, row: Row) -> Path:
        """Predictions beside the script."""
        return self.path.with_suffix("") / f"{row.key}.parquet"

    def _keep(self, row: Row) -> None:
        """Put what a row said of validation and test events beside the script."""
        if not self.said:
            return
        table = pq.read_table(self._made(row))
        said = [name for name in self.said if name in table.column_names]
        table = table.select(["sample", "event_id", "split", *said])
        table = table.filter(pc.greater(table["split"], 0))
        table = table.sort_by([("sample", "ascending"), ("event_id", "ascending")])
        single = [
            pa.field(one.name, pa.float32() if pa.types.is_floating(one.type) else one.type)
            for one in table.schema
        ]
        with atomic_write(self._kept(row)) as file:
            pq.write_table(
                table.cast(pa.schema(single)),
                file,
                compression="zstd",
                use_dictionary=["sample", "split"],
                column_encoding={"event_id": "DELTA_BINARY_PACKED"},
            )


def row_arguments(
    script: str, about: str, example: str, workers: int = 1
) -> argparse.ArgumentParser:
    """Options of a script that makes rows; ``example`` begins the key of one."""
    parser = arguments(script, about, workers)
    parser.add_argument("--minutes", type=float, default=1e9, help="start no row after that")
    parser.add_argument("--only", default="", help=f"rows whose key starts so, as {example}")
    parser.add_argument("--page", action="store_true", help="only write the page")
    return parser


def each_row(
    rows: Iterable[Row],
    record: Record,
    given: argparse.Namespace,
    make: Callable[[Any], None],
    page: Callable[[dict[str, Any]], Iterable[str]],
) -> None:
    """Make the rows that nobody made or is at, and write the page after each."""
    ends = time.monotonic() + 60.0 * given.minutes
    for row in () if given.page else rows:
        if row.key.startswith(given.only) and time.monotonic() < ends:
            with record.claimed(row.key) as free:
                if free and row.key not in record.read()["rows"]:
                    make(row)
                    write(given.out, page(record.read()))
                    print(f"{row.key}: done", flush=True)
    write(given.out, page(record.read()))
