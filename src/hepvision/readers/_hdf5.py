"""Data sets of an HDF5 file, checked before they are read, and read by rows."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.names import require
from hepvision.readers._hdf5_heap import check_heaps

__all__ = [
    "Axis",
    "column",
    "dataset",
    "listing",
    "needed",
    "open_hdf5",
    "row_bytes",
    "rows_of",
    "texts",
]

SIGNATURE = b"\x89HDF\r\n\x1a\n"
CACHE = 2**25  # bytes of unpacked chunks that are kept
LARGEST_CHUNK = 2**29  # bytes; HDF5 unpacks a chunk whole
CHECKSUM = 4  # bytes that one adds to a chunk
LARGEST_ROW = 2**26  # bytes; published rows have up to 1.2 MB
MANY = 200  # names; published files have up to 80

#: Length of an axis: fixed, one of some, or any.
Axis = int | tuple[int, ...] | None


@contextlib.contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open a file to read; inside ``reading``, which turns what h5py raises into one line.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    h5py.File
        Open.

    Raises
    ------
    CorruptFileError
        It does not start as HDF5 does.
    """
    with path.open("rb") as raw:
        if raw.read(8) != SIGNATURE:
            raise CorruptFileError(f"{path}: must be HDF5, got something else. Check the file.")
    with h5py.File(path, "r", rdcc_nbytes=CACHE) as file:
        yield file


def listing(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the data sets of a file, also of those one group deep; to recognise it by.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of tuple of int
        Shape by name; empty for what is no HDF5.
    """
    with path.open("rb") as raw:
        if raw.read(8) != SIGNATURE:
            return {}
    found: dict[str, tuple[int, ...]] = {}
    with h5py.File(path, "r") as file:
        for name in list(file)[:MANY]:
            one = _linked(file, name)
            if isinstance(one, h5py.Group):
                inner = {f"{name}/{key}": _linked(one, key) for key in list(one)[:MANY]}
            else:
                inner = {name: one}
            found |= {key: it.shape for key, it in inner.items() if isinstance(it, h5py.Dataset)}
    return found


def _linked(group: h5py.Group, name: str) -> Any:
    """What lies under a name in this very file; None for links to elsewhere."""
    link = group.get(name, getlink=True)
    return group[name] if isinstance(link, h5py.HardLink) else None


def dataset(
    file: h5py.File, names: str | tuple[str, ...], shape: tuple[Axis, ...], kinds: str = "fiub"
) -> h5py.Dataset | None:
    """A data set by the first of its names that is there, if it is what it must be.

    Parameters
    ----------
    file : h5py.File
        Open.
    names : str or tuple of str
        Names it has had, ``group/name`` for one in a group.
    shape : tuple of Axis
        Shape of one row; ``()`` stands for one number a row, also as (N, 1).
    kinds : str
        Kinds of numbers as NumPy writes them.

    Returns
    -------
    h5py.Dataset or None
        None where none of the names is there.

    Raises
    ------
    SchemaError
        It has another shape or type.
    CorruptFileError
        Parts of it are missing, or lie in another file.
    """
    wanted = (names,) if isinstance(names, str) else names
    for name in wanted:
        one: Any = file
        for step in name.split("/"):
            one = _linked(one, step) if isinstance(one, h5py.Group) and step in one else None
        if isinstance(one, h5py.Dataset) or (one is not None and name == wanted[-1]):
            where = f"{file.filename}: {name}"
            _check_form(one, where, shape, kinds)
            _check_storage(one, where)
            return one
    return None


def _check_form(one: Any, where: str, shape: tuple[Axis, ...], kinds: str) -> None:
    if not isinstance(one, h5py.Dataset):
        raise SchemaError(f"{where}: must be a data set, got a group. Is it of another format?")
    got = one.shape
    fits = got is not None and len(got) == 1 + len(shape)
    fits = fits and all(_fits(length, axis) for length, axis in zip(got[1:], shape, strict=True))
    fits = fits or (shape == () and got is not None and len(got) == 2 and got[1] == 1)
    if not fits:
        said = ", ".join(["N", *(_said(axis) for axis in shape)])
        raise SchemaError(f"{where}: must have shape ({said}), got {got}. Is it another format?")
    if one.dtype.kind not in kinds:
        raise SchemaError(f"{where}: must hold numbers, got {one.dtype}. Is it another format?")
    row = math.prod(got[1:]) * one.dtype.itemsize
    if row > LARGEST_ROW:
        raise SchemaError(f"{where}: must have rows of at most {LARGEST_ROW >> 20} MB, got {row}.")


def _fits(length: int, axis: Axis) -> bool:
    if axis is None:
        return length > 0
    return length in axis if isinstance(axis, tuple) else length == axis


def _said(axis: Axis) -> str:
    if axis is None:
        return "any"
    return "|".join(str(one) for one in axis) if isinstance(axis, tuple) else str(axis)


def _check_storage(one: h5py.Dataset, where: str) -> None:
    """Refuse a data set that is not all there: HDF5 itself reads zeros for what is missing."""
    if one.is_virtual or one.external:
        raise CorruptFileError(f"{where}: must lie in the file itself, got a link. Copy it whole.")
    plist = one.id.get_create_plist()
    for code in (plist.get_filter(k)[0] for k in range(plist.get_nfilters())):
        if not h5py.h5z.filter_avail(code):
            require("hdf5plugin", extra="files")
            if not h5py.h5z.filter_avail(code):
                raise SchemaError(f"{where}: no filter {code} of HDF5. Repack it with gzip.")
    if one.chunks is None:
        there, wanted = one.id.get_storage_size(), one.size * one.dtype.itemsize
    else:
        there, wanted = _chunks(one, where)
    if there != wanted:
        raise CorruptFileError(
            f"{where}: must be written whole, got {there} of {wanted} "
            f"{'bytes' if one.chunks is None else 'chunks'}. Fetch the file again."
        )


def _chunks(one: h5py.Dataset, where: str) -> tuple[int, int]:
    """Chunks that are there and lie where they must, and how many must be there."""
    size, shape = one.chunks, one.shape
    length = math.prod(size) * one.dtype.itemsize
    if length > LARGEST_CHUNK:
        raise CorruptFileError(f"{where}: chunks are too large, got {size}. Repack the file.")
    wanted = math.prod(-(-n // each) for n, each in zip(shape, size, strict=True))
    if one.id.get_num_chunks() != wanted:
        return one.id.get_num_chunks(), wanted
    packed = one.id.get_create_plist().get_nfilters() > 0
    found = set()

    def note(chunk: Any) -> None:
        place = zip(chunk.chunk_offset, size, shape, strict=True)
        # a chunk that does not get smaller is stored as it is, and its mask says so
        plain = packed and chunk.filter_mask == 0
        plain = plain or length <= chunk.size <= length + CHECKSUM
        if plain and all(at % each == 0 and at < most for at, each, most in place):
            found.add(chunk.chunk_offset)

    one.id.chunk_iter(note)
    return len(found), wanted


def needed(
    file: h5py.File, names: str | tuple[str, ...], shape: tuple[Axis, ...], kinds: str = "fiub"
) -> h5py.Dataset:
    """The same as ``dataset``, but it must be there.

    Parameters
    ----------
    file, names, shape, kinds
        As of ``dataset``.

    Returns
    -------
    h5py.Dataset
        Checked.

    Raises
    ------
    SchemaError
        None of the names is there.
    """
    one = dataset(file, names, shape, kinds)
    if one is None:
        name = names if isinstance(names, str) else names[0]
        there = ", ".join(list(file)[:8]) or "nothing"
        raise SchemaError(f"{file.filename}: needs {name}, got {there}. Is it another format?")
    return one


def row_bytes(*found: h5py.Dataset | None) -> int:
    """Bytes of one row of several data sets together.

    Parameters
    ----------
    *found : h5py.Dataset or None
        Data sets; those that are not there do not count.

    Returns
    -------
    int
        At least 1.
    """
    there = [one for one in found if one is not None]
    return max(1, sum(math.prod(one.shape[1:]) * one.dtype.itemsize for one in there))


def rows_of(*found: h5py.Dataset | None) -> int:
    """Number of rows, the same in all data sets.

    Parameters
    ----------
    *found : h5py.Dataset or None
        Data sets; those that are not there do not count.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    CorruptFileError
        They have different lengths.
    """
    there = [one for one in found if one is not None]
    lengths = {one.name: len(one) for one in there}
    if len(set(lengths.values())) != 1:
        file = there[0].file.filename if there else "file"
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise CorruptFileError(f"{file}: all must be as long, got {said}. Fetch the file again.")
    return next(iter(lengths.values()))


def column(one: h5py.Dataset, start: int, stop: int) -> NDArray[Any]:
    """Rows of a data set of one number a row.

    Parameters
    ----------
    one : h5py.Dataset
        Shape (N,) or (N, 1).
    start, stop : int
        Rows.

    Returns
    -------
    array, shape (stop − start,)
        In double precision.
    """
    return np.asarray(one[start:stop], np.float64).reshape(stop - start)


def texts(file: h5py.File, name: str) -> list[str] | None:
    """A short list of words, such as names of columns.

    Parameters
    ----------
    file : h5py.File
        Open.
    name : str
        Its name.

    Returns
    -------
    list of str or None
        None where it is not there, or holds no words.
    """
    one = _linked(file, name) if name in file else None
    if not isinstance(one, h5py.Dataset) or one.dtype.kind not in "SO" or one.size > 10 * MANY:
        return None
    check_heaps(one)
    values = np.asarray(one[...]).reshape(-1)
    return [
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in values
    ]
