"""A finished store, as it is read."""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import awkward as ak
import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.errors import CorruptFileError, UnknownNameError
from hepvision.core.files import sha256
from hepvision.core.names import hint
from hepvision.core.places import is_remote, place
from hepvision.events._parquet import MANIFEST, read_manifest, to_events
from hepvision.events.schema import FIELDS

__all__ = ["Store"]


class Store:
    """Events on disk: opens at once, streams by row group.

    Parameters
    ----------
    path : path or str
        A folder that ``simulate``, ``convert`` or ``write_store`` made; or the address of a copy of
        it in an object store, such as ``s3://bucket/store``, of which each part is read at once.

    Raises
    ------
    CorruptFileError
        It is no store, is not finished, or a part is missing or damaged.

    Examples
    --------
    >>> Store("no/such/folder")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: no/such/folder: no store is there. Check the path, \
or make one with 'hepvision simulate'.
    """

    def __init__(self, path: str | Path):
        self.path = place(path)
        self.manifest = read_manifest(self.path)
        self._verified: set[str] = set()

    def __len__(self) -> int:
        return int(self.manifest["events"])

    @property
    def checksum(self) -> str:
        """SHA-256 of the manifest, which holds those of all parts."""
        return sha256(self.path / MANIFEST)

    @property
    def attrs(self) -> dict[str, Any]:
        """Schema version, geometry and provenance."""
        return {"schema": self.manifest["schema"], **self.manifest.get("provenance", {})}

    def __repr__(self) -> str:
        return f"<Store {self.path}: {len(self):,} events>"

    def _repr_html_(self) -> str:
        fields = ", ".join(dict.fromkeys(name.split(".")[0] for name in self.fields))
        return f"<b>{self.path}</b>: {len(self):,} events<br>{fields}"

    @property
    def fields(self) -> tuple[str, ...]:
        """Scalars and ``Collection.field`` names."""
        return tuple(self.manifest["fields"])

    def _columns(self, columns: Sequence[str] | None) -> list[str]:
        wanted: list[str] = []  # a part may hold more fields than all have
        for name in self.fields if columns is None else columns:
            mine = [one for one in self.fields if one == name or one.startswith(f"{name}.")]
            if not mine:
                advice = hint(name, [*self.fields, *FIELDS], otherwise="See store.fields.")
                raise UnknownNameError(f"{self.path}: no field {name!r}. {advice}")
            wanted += mine
        return [name.replace(".", ".list.element.", 1) for name in dict.fromkeys(wanted)]

    def _file(self, part: Mapping[str, Any]) -> pq.ParquetFile:
        file = self.path / part["file"]
        found = io.BytesIO(file.read_bytes()) if is_remote(file) else None
        if found is not None or part["file"] not in self._verified:
            digest = (
                sha256(file) if found is None else hashlib.sha256(found.getbuffer()).hexdigest()
            )
            if digest != part["sha256"]:
                raise CorruptFileError(f"{file}: checksum differs. Make the store anew.")
            self._verified.add(part["file"])
        try:
            return pq.ParquetFile(file if found is None else found)
        except (pa.ArrowException, OSError) as error:
            raise CorruptFileError(f"{file}: is not Parquet. Make the store anew.") from error

    def stream(
        self, columns: Sequence[str] | None = None, start: int = 0, stop: int | None = None
    ) -> Iterator[ak.Array]:
        """Events in order, one row group at a time.

        Parameters
        ----------
        columns : sequence of str, optional
            Scalars, collections or ``Collection.field``; all by default.
        start, stop : int, optional
            Rows of the store.

        Yields
        ------
        ak.Array
            A few hundred events, or more where they are small.

        Raises
        ------
        UnknownNameError
            A column does not exist.
        CorruptFileError
            A part is damaged.
        """
        stop = len(self) if stop is None else min(stop, len(self))
        wanted, row = self._columns(columns), 0
        for part in self.manifest["parts"]:
            if row + part["events"] <= start or row >= stop:
                row += part["events"]
                continue
            file = self._file(part)
            for group in range(file.num_row_groups):
                size = file.metadata.row_group(group).num_rows
                low, high = max(start - row, 0), min(stop - row, size)
                row += size
                if low >= high:
                    continue
                try:
                    table = file.read_row_group(group, columns=wanted, use_threads=False)
                    yield to_events(table.slice(low, high - low), self.attrs)
                except pa.ArrowException as error:
                    raise CorruptFileError(
                        f"{self.path / part['file']}: row group {group} cannot be read. "
                        "Make the store anew."
                    ) from error

    def read(
        self, columns: Sequence[str] | None = None, start: int = 0, stop: int | None = None
    ) -> ak.Array:
        """Events as one array.

        Parameters
        ----------
        columns : sequence of str, optional
            Scalars, collections or ``Collection.field``; all by default.
        start, stop : int, optional
            Rows of the store.

        Returns
        -------
        ak.Array
            Events.

        Raises
        ------
        IndexError
            There are no such rows.
        """
        pieces = list(self.stream(columns, start, stop))
        if not pieces:
            raise IndexError(f"{self.path}: has events 0 to {len(self) - 1}, got {start}.")
        return pieces[0] if len(pieces) == 1 else ak.concatenate(pieces)
