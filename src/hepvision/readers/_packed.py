"""Files that may be packed with gzip, in pieces, and guarded against bombs."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from hepvision.core.errors import CorruptFileError

__all__ = ["LARGEST", "LARGEST_PART", "PIECE", "beginning", "cut", "pieces", "unpacked"]

GZIP = b"\x1f\x8b"
PIECE = 2**20
LARGEST = 2**30  # bytes of a file that is read at once, unpacked
LARGEST_PART = 2**28  # bytes of one event, or of a header; a heavy-ion collision has some 50 MB
RATIO = 200  # text of numbers packs by 3 to 20
FREE = 2**24  # bytes from which on the ratio counts


def pieces(path: Path) -> Iterator[bytes]:
    """Content of a file, unpacked where it is a gzip.

    Parameters
    ----------
    path : Path
        The file; by its first bytes, whatever it is called.

    Yields
    ------
    bytes
        At most 1 MB each.

    Raises
    ------
    CorruptFileError
        It grows as only a bomb does.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.csv.gz")
    ...     _ = file.write_bytes(gzip.compress(b"x,y"))
    ...     list(pieces(file))
    [b'x,y']
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
        made = 0
        while piece := file.read(PIECE):
            made += len(piece)
            if packed and made > FREE + RATIO * raw.tell():
                raise CorruptFileError(
                    f"{path}: must be packed by at most {RATIO}, got {made >> 20} MB from "
                    f"{raw.tell() >> 10} kB. Do not trust this file."
                )
            yield piece


def cut(path: Path, marks: Iterable[bytes], inside: int | None = None) -> Iterator[bytes]:
    """A text cut at marks, one part in memory at a time.

    Parameters
    ----------
    path : Path
        The file, plain or packed with gzip.
    marks : iterable of bytes
        What ends the first part, the second and so on; no end of them.
    inside : int, optional
        Bytes of a mark that belong to the part before; all by default.

    Yields
    ------
    bytes
        The parts; at last what stands behind the last mark.

    Raises
    ------
    CorruptFileError
        A part is too long.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.txt")
    ...     _ = file.write_bytes(b"one;two;three")
    ...     list(cut(file, [b";"] * 3))
    [b'one;', b'two;', b'three']
    """
    kept, seen, ends = bytearray(), 0, iter(marks)
    mark = next(ends)
    for piece in pieces(path):
        kept += piece
        while (found := kept.find(mark, seen)) >= 0:
            stop = found + (len(mark) if inside is None else inside)
            yield bytes(kept[:stop])
            del kept[:stop]
            seen, mark = 0, next(ends)
        seen = max(0, len(kept) - len(mark) + 1)
        if len(kept) > LARGEST_PART:
            raise CorruptFileError(
                f"{path}: must hold events of at most {LARGEST_PART >> 20} MB, got a longer one. "
                "Do not trust this file."
            )
    yield bytes(kept)


def unpacked(path: Path, largest: int = LARGEST) -> bytes:
    """Whole content of a small file, unpacked where it is a gzip.

    Parameters
    ----------
    path : Path
        The file.
    largest : int
        Bytes that it may have.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    CorruptFileError
        It has more.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.csv")
    ...     _ = file.write_bytes(b"x,y")
    ...     unpacked(file)
    b'x,y'
    """
    kept, made = [], 0
    for piece in pieces(path):
        made += len(piece)
        if made > largest:
            raise CorruptFileError(
                f"{path}: must have at most {largest >> 20} MB unpacked, got more. Is it one event?"
            )
        kept.append(piece)
    return b"".join(kept)


def beginning(path: Path, length: int = 4096) -> bytes:
    """First bytes of a file, unpacked where it is a gzip.

    Parameters
    ----------
    path : Path
        The file.
    length : int
        How many.

    Returns
    -------
    bytes
        That many or fewer.

    Examples
    --------
    >>> beginning(Path(__file__), 3).decode()
    '\"\"\"'
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        return gzip.GzipFile(fileobj=raw).read(length) if packed else raw.read(length)
