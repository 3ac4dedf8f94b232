"""Heaps of texts in HDF5 files: a damaged one makes the HDF5 library turn round for ever."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

import h5py

from hepvision.core.errors import CorruptFileError

__all__ = ["check_heaps"]

REFERENCE = struct.Struct("<IQI")  # length, address of the heap, index in it
HEADER = struct.Struct("<4sB3xQ")  # signature, version, size
OBJECT = struct.Struct("<HH4xQ")  # index, references, size


def check_heaps(one: h5py.Dataset) -> None:
    """Refuse a data set of texts whose heap does not come to an end.

    HDF5 goes from object to object by their sizes, and an object of no size is met again and
    again. The library is not asked before the sizes are known to lead to the end. Where the
    references to the heap are packed by a filter they are not followed.

    Parameters
    ----------
    one : h5py.Dataset
        Texts of any length; other data sets have no heap.

    Raises
    ------
    CorruptFileError
        A heap is damaged.

    References
    ----------
    The HDF Group, HDF5 File Format Specification 3.0, III.E, Disk Format: Global Heap.

    Examples
    --------
    >>> with h5py.File.in_memory() as file:
    ...     check_heaps(file.create_dataset("x", data=[1.0]))
    """
    if h5py.check_string_dtype(one.dtype) is None or one.dtype.kind != "O" or not one.size:
        return
    places: list[tuple[int, int]] = []
    if one.chunks is None and one.id.get_offset() is not None:
        places = [(int(one.id.get_offset()), int(one.size))]
    elif one.chunks is not None and one.id.get_create_plist().get_nfilters() == 0:
        chunks = (one.id.get_chunk_info(k) for k in range(one.id.get_num_chunks()))
        places = [(int(chunk.byte_offset), int(chunk.size) // REFERENCE.size) for chunk in chunks]
    name = os.fsdecode(one.file.filename)
    try:
        with open(name, "rb") as file:
            for address in sorted(_addresses(file, places)):
                _walk(file, address)
    except (struct.error, ValueError, OSError, OverflowError) as error:
        raise CorruptFileError(
            f"{name}: the texts of {one.name} must lie in a whole heap, got another. "
            "Fetch the file again."
        ) from error


def _addresses(file: BinaryIO, places: list[tuple[int, int]]) -> set[int]:
    found: set[int] = set()
    for offset, number in places:
        file.seek(offset)
        held = file.read(REFERENCE.size * number)
        whole = len(held) - len(held) % REFERENCE.size
        found |= {address for _, address, _ in REFERENCE.iter_unpack(held[:whole]) if address}
    return found


def _walk(file: BinaryIO, address: int) -> None:
    """From object to object to the end of a heap."""
    file.seek(address)
    signature, _, size = HEADER.unpack(file.read(HEADER.size))
    if signature != b"GCOL":
        raise ValueError("no heap")
    place = HEADER.size
    while place + OBJECT.size <= size:
        file.seek(address + place)
        index, _, length = OBJECT.unpack(file.read(OBJECT.size))
        # free space counts its own header, and ends the heap; objects are padded to 8 bytes
        step = length if index == 0 else OBJECT.size + (length + 7) // 8 * 8
        if step < OBJECT.size:
            raise ValueError("an object of no size")
        place += step
