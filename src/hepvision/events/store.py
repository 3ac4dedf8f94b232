"""Stores: folders of Parquet files with a manifest, whole or resumable, never half."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np

from hepvision.core.errors import SchemaError
from hepvision.core.files import atomic_write, read_json, sha256, write_json
from hepvision.core.places import is_remote
from hepvision.events._parquet import FORMAT, MANIFEST, PLAN, Encoded, encoded
from hepvision.events._stored import Store
from hepvision.events.schema import VERSION

__all__ = [
    "FORMAT",
    "Encoded",
    "Store",
    "StoreWriter",
    "encoded",
    "is_store",
    "open_store",
    "write_store",
]


def open_store(path: str | Path) -> Store:
    """Open a store.

    Parameters
    ----------
    path : path or str
        The folder, or its address in an object store, such as ``s3://bucket/store``.

    Returns
    -------
    Store
        Its length, manifest, ``read`` and ``stream``.

    Raises
    ------
    CorruptFileError
        It is no store, or not whole.

    Examples
    --------
    >>> open_store("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no store is there...
    """
    return Store(path)


def is_store(path: Any) -> bool:
    """Whether something is to be opened as a store: a folder, or anything in an object store.

    Parameters
    ----------
    path : path
        What ``place`` gave.

    Returns
    -------
    bool
        Files of other formats lie on this machine, or are fetched.

    Examples
    --------
    >>> is_store(Path("events.ig"))
    False
    """
    return is_remote(path) or bool(path.is_dir())


class StoreWriter:
    """Parts in, a store out; what was finished before an interruption is kept.

    Parameters
    ----------
    path : path
        The folder to make.
    plan : mapping
        All settings that decide the events, plain data. A folder that holds parts of another
        plan is refused.

    Raises
    ------
    SchemaError
        The folder holds other files, or a store made with other settings.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> writer = StoreWriter(pathlib.Path(tempfile.mkdtemp()) / "store", {"seed": 1})
    >>> writer.done()
    {}
    """

    def __init__(self, path: str | Path, plan: Mapping[str, Any]):
        self.path, self.plan = Path(path), dict(plan)
        self.path.mkdir(parents=True, exist_ok=True)
        there = [entry.name for entry in self.path.iterdir() if not entry.name.startswith(".")]
        if PLAN in there:
            old = read_json(self.path / PLAN)
            if old != self.plan:
                keys = sorted({*old, *self.plan})
                other = [key for key in keys if old.get(key) != self.plan.get(key)]
                had = ", ".join(f"{key}={old.get(key)!r}" for key in other)
                got = ", ".join(f"{key}={self.plan.get(key)!r}" for key in other)
                raise SchemaError(
                    f"{self.path}: was made with other settings ({had}), got {got}. "
                    "Choose another folder or delete this one."
                )
        elif there:
            raise SchemaError(
                f"{self.path}: must be empty or a store, got {there[0]!r} in it. "
                "Choose another folder."
            )
        else:
            write_json(self.path / PLAN, self.plan)
        for left in self.path.glob(".*.part"):
            left.unlink(missing_ok=True)

    @property
    def finished(self) -> bool:
        """Whether the store is whole already."""
        return (self.path / MANIFEST).is_file()

    def done(self) -> dict[int, dict[str, Any]]:
        """Chunks that were written whole before.

        Returns
        -------
        dict
            Chunk number: what was recorded with it (``events``, ``sha256``, ``record`` …).
        """
        found: dict[int, dict[str, Any]] = {}
        for path in sorted(self.path.glob("part-*.json")):
            entry = read_json(path)
            file = self.path / entry["file"]
            if file.is_file() and sha256(file) == entry["sha256"]:
                found[int(entry["chunk"])] = entry
        return found

    def add(
        self, chunk: int, events: ak.Array | Encoded, record: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Write one chunk.

        Parameters
        ----------
        chunk : int
            Its number; the store is in the order of numbers.
        events : ak.Array or Encoded
            Events that follow the schema, may be none; or what ``encoded`` made of them.
        record : mapping, optional
            Counts to keep with it.

        Returns
        -------
        dict
            What was recorded.
        """
        part = events if isinstance(events, Encoded) else encoded(events)
        file = self.path / f"part-{chunk:06d}.parquet"
        with atomic_write(file) as out:
            out.write(part.data)
        entry = {
            "chunk": chunk,
            "file": file.name,
            "events": part.events,
            "bytes": len(part.data),
            "sha256": hashlib.sha256(part.data).hexdigest(),
            "fields": list(part.fields),
            "record": dict(record or {}),
        }
        write_json(file.with_suffix(".json"), entry)
        return entry

    def finish(self, entries: Sequence[Mapping[str, Any]], provenance: Mapping[str, Any]) -> Store:
        """Write the manifest; from now on the folder is a store.

        Parameters
        ----------
        entries : sequence
            What ``add`` or ``done`` gave, for the chunks that belong to the store, in order. The
            store has the fields that all of them have.
        provenance : mapping
            Seeds, cross-section, counts, versions: plain data.

        Returns
        -------
        Store
            The finished store.
        """
        if not entries:
            raise SchemaError(f"{self.path}: a store needs at least one chunk, got none.")
        keep = ("file", "events", "bytes", "sha256", "record")
        everywhere = set(entries[0]["fields"]).intersection(*(one["fields"] for one in entries))
        manifest = {
            "format": FORMAT,
            "schema": VERSION,
            "events": int(np.sum([entry["events"] for entry in entries])),
            "fields": [name for name in entries[0]["fields"] if name in everywhere],
            "parts": [{key: entry[key] for key in keep} for entry in entries],
            "plan": self.plan,
            "provenance": dict(provenance),
        }
        kept = {entry["file"] for entry in entries}
        write_json(self.path / MANIFEST, manifest)
        for path in self.path.glob("part-*"):
            if path.with_suffix(".parquet").name not in kept or path.suffix == ".json":
                path.unlink()
        return Store(self.path)


def write_store(
    path: str | Path, events: ak.Array, provenance: Mapping[str, Any] | None = None
) -> Store:
    """Write events that fit into memory as a store, replacing none.

    Parameters
    ----------
    path : path
        A folder that is not there yet or is empty.
    events : ak.Array
        Events that follow the schema.
    provenance : mapping, optional
        Plain data, kept in the manifest.

    Returns
    -------
    Store
        The finished store.

    Raises
    ------
    SchemaError
        The folder holds something.

    Examples
    --------
    >>> import tempfile
    >>> from hepvision.events.schema import build, empty
    >>> one = np.ones(1, np.uint64)
    >>> events = build(
    ...     {
    ...         "event_id": one,
    ...         "sample": "toy",
    ...         "weight": one,
    ...         "run": one,
    ...         "luminosityBlock": one,
    ...         "event": one,
    ...         "pileup": one,
    ...     },
    ...     {"Photon": empty(1, "Photon")},
    ... )
    >>> len(write_store(tempfile.mkdtemp() + "/store", events))
    1
    """
    path = Path(path)
    if path.is_dir() and any(path.iterdir()):
        raise SchemaError(f"{path}: must be empty, got files in it. Choose another folder.")
    try:
        writer = StoreWriter(path, {"written": len(events)})
        return writer.finish([writer.add(0, events)], provenance or {})
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
