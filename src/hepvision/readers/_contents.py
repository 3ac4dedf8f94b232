"""What a file holds by its own tables of contents, whether or not a reader knows it."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

from hepvision.core.errors import UserError
from hepvision.readers._reading import check_file, reading

__all__ = ["contents"]

MOST = 6  # names that are told
START = 4096  # bytes of a text that are looked at
LETTERS = 60  # of it that are told


def contents(path: str | Path, *, whole: bool = False) -> str:
    """Say in a few words what a file is and what it holds.

    Parameters
    ----------
    path : path
        The file.
    whole : bool
        Refuse a damaged file, instead of saying that it is one.

    Returns
    -------
    str
        Such as ``HDF5 with X_jets (100, 125, 125, 3), m0 (100)``.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, CorruptFileError
        The file cannot be opened, is empty, or is damaged where it must not be.

    Examples
    --------
    >>> contents(__file__)[:16]
    'text that begins'
    """
    path = check_file(path)
    with path.open("rb") as file:
        start = file.read(START)
    kind, look = next(
        (found for begin, found in _KINDS.items() if start.startswith(begin)), ("", None)
    )
    if look is None:
        return _text(start)
    try:
        with reading(path, f"a whole {kind} file"):
            held = look(path)
    except UserError:
        if whole:
            raise
        return f"damaged {kind}"
    more = ", …" if len(held) > MOST else ""
    return f"{kind} with {', '.join(held[:MOST])}{more}" if held else f"{kind} with nothing in it"


# what opens a kind is imported where it is met: most calls meet one, or none
def _root(path: Path) -> list[str]:
    import uproot

    with uproot.open(path) as file:
        kinds = file.classnames(cycle=False)
        return [f"{name} ({kind.removeprefix('ROOT::')})" for name, kind in kinds.items()]


def _hdf5(path: Path) -> list[str]:
    import h5py

    found: list[str] = []

    def tell(name: str, one: Any) -> bool | None:
        if isinstance(one, h5py.Dataset) and "_i_" not in name:  # PyTables' own indices
            found.append(f"{name} {tuple(one.shape)}")
        return True if len(found) > MOST else None

    with h5py.File(path, "r") as file:
        file.visititems(tell)
    return found


def _parquet(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return list(file.schema_arrow.names)


def _zip(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def _sqlite(path: Path) -> list[str]:
    import sqlite3

    # immutable: no journal is written beside the file
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as file:
        return [str(row[0]) for row in file.execute("SELECT name FROM sqlite_master LIMIT 20")]


def _gzip(path: Path) -> list[str]:
    with gzip.open(path) as file:
        return [_text(file.read(START))]


def _zlib(path: Path) -> list[str]:
    with path.open("rb") as file:
        held = zlib.decompressobj().decompress(file.read(START), START)
    return [_text(held)]


_KINDS = {
    b"root": ("ROOT", _root),
    b"\x89HDF": ("HDF5", _hdf5),
    b"PAR1": ("Parquet", _parquet),
    b"PK\x03\x04": ("zip", _zip),
    b"SQLite format 3": ("SQLite", _sqlite),
    b"\x1f\x8b": ("gzip", _gzip),
    b"\x78\x01": ("zlib stream", _zlib),
    b"\x78\x9c": ("zlib stream", _zlib),
    b"\x78\xda": ("zlib stream", _zlib),
}


def _text(start: bytes) -> str:
    """First words of a text, or that it is none."""
    try:
        text = start[: start.rfind(b"\n") if b"\n" in start else len(start)].decode("utf-8")
    except UnicodeDecodeError:
        return "binary data of no known kind"
    if not text.isprintable() and not all(c.isprintable() or c in "\r\n\t" for c in text):
        return "binary data of no known kind"
    begins = " ".join(text[: 20 * LETTERS].split())[:LETTERS]
    return f"text that begins {begins!r}"
