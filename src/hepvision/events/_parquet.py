"""How a store lies on disk: Arrow tables and the manifest."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.files import read_json, refuse_plain
from hepvision.events.schema import FIELDS, VERSION, flat, from_columns, known_fields

__all__ = [
    "FORMAT",
    "MANIFEST",
    "PLAN",
    "ROW_GROUP",
    "Encoded",
    "encoded",
    "read_manifest",
    "to_events",
    "to_table",
]

FORMAT = 1
MANIFEST, PLAN = "manifest.json", "plan.json"
#: Events a row group has at least; those of events with few objects take more, up to this size.
ROW_GROUP, ROW_GROUP_BYTES = 250, 4_000_000


@dataclasses.dataclass(frozen=True)
class Encoded:
    """A part of a store before it is on disk, to be made in one process and written by another."""

    data: bytes
    events: int
    fields: tuple[str, ...]

    def first(self, events: int) -> Encoded:
        """The part that holds its first events alone."""
        if events >= self.events:
            return self
        table = pq.read_table(pa.BufferReader(self.data)).slice(0, events)
        return encoded(to_events(table, {}))


def encoded(events: ak.Array) -> Encoded:
    """The bytes of a part; the same for the same events."""
    table = to_table(events)
    each = table.nbytes / max(1, len(events))
    rows = max(ROW_GROUP, int(ROW_GROUP_BYTES / max(each, 1.0)))
    out = io.BytesIO()
    scalars = [field.name for field in table.schema if not pa.types.is_list(field.type)]
    pq.write_table(
        table,
        out,
        row_group_size=rows,
        compression="zstd",  # LZ4 takes a third less time, but a quarter more room for hits
        use_dictionary=_repeating(table.schema),
        write_statistics=scalars,
    )
    return Encoded(out.getvalue(), len(events), known_fields(events))


def _repeating(schema: pa.Schema) -> list[str]:
    """Columns that are no real numbers: a dictionary of those takes time and space."""
    found: list[str] = []
    for field in schema:
        if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
            inner = field.type.value_type
            kept = [inner.field(k) for k in range(inner.num_fields)]
            kept = [one for one in kept if not pa.types.is_floating(one.type)]
            found += [f"{field.name}.list.element.{one.name}" for one in kept]
        elif not pa.types.is_floating(field.type):
            found.append(field.name)
    return found


def to_table(events: ak.Array) -> pa.Table:
    """Events as an Arrow table that any Parquet tool reads."""
    plain = ak.to_arrow_table(
        ak.Array(events.layout), list_to32=True, extensionarray=False, count_nulls=False
    )
    return plain.replace_schema_metadata({"hepvision": str(VERSION)})


def to_events(table: pa.Table, attrs: Mapping[str, Any]) -> ak.Array:
    """The reverse of ``to_table``, with the behaviours of the schema."""
    contents: dict[str, Any] = {}
    for name in table.column_names:
        column = ak.from_arrow(table.column(name))
        if name in FIELDS:
            offsets, columns = flat(column)
            contents[name] = from_columns(offsets, columns, name).layout
        elif name == "sample":
            contents[name] = ak.drop_none(column, axis=0).layout
        else:
            contents[name] = ak.contents.NumpyArray(ak.to_numpy(column, allow_missing=False))
    record = ak.contents.RecordArray(list(contents.values()), list(contents), table.num_rows)
    return ak.Array(record, attrs={"hepvision": dict(attrs)})


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a finished store, with every part's size checked."""
    if not (path / MANIFEST).is_file():
        if (path / PLAN).is_file():
            raise CorruptFileError(
                f"{path}: the store is not finished. Run the command that makes it again."
            )
        if path.is_dir():
            refuse_plain(path)
        raise CorruptFileError(
            f"{path}: no store is there. Check the path, or make one with 'hepvision simulate'."
        )
    manifest: Any = read_json(path / MANIFEST)
    if not isinstance(manifest, dict) or "parts" not in manifest:
        raise CorruptFileError(f"{path}: the manifest is damaged. Make the store anew.")
    if manifest.get("format", 0) > FORMAT:
        raise SchemaError(
            f"{path}: written by a newer hepvision, format {manifest['format']}. Update hepvision."
        )
    for part in manifest["parts"]:
        file = path / part["file"]
        if not file.is_file() or file.stat().st_size != part["bytes"]:
            found = f"{file.stat().st_size} bytes" if file.is_file() else "nothing"
            raise CorruptFileError(
                f"{file}: must hold {part['bytes']} bytes, got {found}. Make the store anew."
            )
    return dict(manifest)
