"""Scores on disk as they come, so that a run that was stopped goes on, and none needs memory."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.files import atomic_write
from hepvision.events.selection import CutFlow

__all__ = ["ScoreParts"]

KEY, FLOW = b"hepvision.key", b"hepvision.flow"


class ScoreParts:
    """Parts of one Parquet file in a hidden folder beside it, until all are there.

    Parameters
    ----------
    out : Path
        The file.
    key : str
        All that decides its content: parts of another key are deleted.

    Examples
    --------
    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp()) / "scores.parquet"
    >>> parts = ScoreParts(out, "settings")
    >>> parts.add(0, pa.table({"event_id": [1, 2]}), CutFlow([], [2], [2.0]))
    >>> ScoreParts(out, "settings").done()[0].passed
    [2]
    >>> parts.finish(pa.schema({"event_id": pa.int64()}))
    >>> pq.read_table(out).num_rows, list(out.parent.iterdir()) == [out]
    (2, True)
    """

    def __init__(self, out: Path, key: str):
        self.out, self.key = out, key
        self.folder = out.parent / f".{out.name}.parts"

    def _file(self, number: int) -> Path:
        return self.folder / f"part-{number:08d}.parquet"

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("part-*.parquet"))

    def done(self) -> dict[int, CutFlow]:
        """Cut flows of the parts that are whole, by number; what belongs to other runs is deleted.

        Returns
        -------
        dict
            Empty if there are none.
        """
        found = {}
        for path in self._files():
            try:
                about = pq.read_schema(path).metadata or {}
                if about.get(KEY) == self.key.encode():
                    found[int(path.stem.rpartition("-")[2])] = CutFlow(**json.loads(about[FLOW]))
                    continue
            except (pa.ArrowException, OSError, ValueError, TypeError, KeyError):
                pass  # cut short: made again
            path.unlink()
        return found

    def add(self, number: int, table: pa.Table, flow: CutFlow) -> None:
        """Keep one part.

        Parameters
        ----------
        number : int
            Its place.
        table : pyarrow.Table
            Rows with scores.
        flow : CutFlow
            Of the examples that they were taken from.
        """
        about = {KEY: self.key.encode(), FLOW: json.dumps(flow.as_dict()).encode()}
        with atomic_write(self._file(number)) as file:
            pq.write_table(table.replace_schema_metadata(about), file, compression="zstd")

    def finish(self, schema: pa.Schema) -> None:
        """Write the file from all parts, in order, and delete them.

        Parameters
        ----------
        schema : pyarrow.Schema
            Of the file, also where no row is left.
        """
        with (
            atomic_write(self.out) as file,
            pq.ParquetWriter(file, schema, compression="zstd") as writer,
        ):
            for path in self._files():
                table: Any = pq.read_table(path).replace_schema_metadata(schema.metadata)
                writer.write_table(table)
        self.drop()

    def drop(self) -> None:
        """Delete all parts."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def drop_if_empty(self) -> None:
        """Leave no folder without parts behind."""
        if not self._files():
            self.drop()
