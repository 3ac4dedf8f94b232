"""Arrays of an .npz archive, read by rows without unpacking all of it."""

from __future__ import annotations

import contextlib
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError

__all__ = ["NpzArray", "npz_listing", "open_npz"]

#: What a header may have; those of plain arrays have 80 to 200 bytes.
LONGEST = 10_000
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
SKIP = 2**20


def _header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, order and type of an array, and bytes of its header."""
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream, LONGEST)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream, LONGEST)
    else:
        raise SchemaError(f"{where}: must be of version 1 or 2, got {version}. Save it anew.")
    return shape, fortran, dtype, stream.tell()


class NpzArray:
    """An array in an archive; rows asked for in rising order are unpacked once.

    Parameters
    ----------
    archive : zipfile.ZipFile
        Open.
    name : str
        Its name, without ``.npy``.

    Raises
    ------
    SchemaError
        It holds no plain numbers.
    CorruptFileError
        It is not as long as its header says.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "one.npz")
    >>> np.savez(path, X=np.arange(6.0).reshape(3, 2))
    >>> with open_npz(path) as archive:
    ...     NpzArray(archive, "X").rows(1, 2).tolist()
    [[2.0, 3.0]]
    """

    def __init__(self, archive: zipfile.ZipFile, name: str):
        self.archive, self.where = archive, f"{archive.filename}: {name}"
        self.info = archive.getinfo(f"{name}.npy")
        if self.info.compress_type not in METHODS or self.info.flag_bits & 1:
            raise SchemaError(f"{self.where}: must be stored plainly or deflated. Save it anew.")
        with archive.open(self.info) as stream:
            shape, fortran, dtype, self.start = _header(stream, self.where)
        if dtype.hasobject or dtype.kind not in "fiub":
            raise SchemaError(f"{self.where}: must hold numbers, got {dtype}. Another format?")
        if not shape or (fortran and len(shape) > 1):
            raise SchemaError(f"{self.where}: must be stored by rows, got {shape}. Save it anew.")
        self.shape, self.dtype = shape, dtype
        self.row = max(1, math.prod(shape[1:]) * dtype.itemsize)
        wanted = self.start + math.prod(shape) * dtype.itemsize
        if wanted != self.info.file_size:
            raise CorruptFileError(
                f"{self.where}: must have {wanted} bytes, got {self.info.file_size}. "
                "Fetch the file again."
            )
        self._stream: IO[bytes] | None = None
        self._at = 0

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Some rows.

        Parameters
        ----------
        start, stop : int
            From and to.

        Returns
        -------
        array, shape (stop − start, ...)
            As stored.

        Raises
        ------
        CorruptFileError
            The archive ends before, or its checksum is wrong.
        """
        if stop <= start:
            return np.zeros((0, *self.shape[1:]), self.dtype)
        if self._stream is None or self._at > start:
            self._stream, self._at = self.archive.open(self.info), 0
            self._read(self.start)
        while (ahead := (start - self._at) * self.row) > 0:
            step = min(ahead, SKIP - SKIP % self.row or self.row)
            self._read(step)
            self._at += step // self.row
        data = self._read((stop - start) * self.row)
        self._at = stop
        if stop == self.shape[0]:
            self._stream.read(1)  # at its end the checksum is compared
        return np.frombuffer(data, self.dtype).reshape(stop - start, *self.shape[1:])

    def _read(self, size: int) -> bytes:
        data = self._stream.read(size) if self._stream is not None else b""
        if len(data) != size:
            raise CorruptFileError(f"{self.where}: ends too early. Fetch the file again.")
        return data


@contextlib.contextmanager
def open_npz(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive to read.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    zipfile.ZipFile
        Open.

    Raises
    ------
    CorruptFileError
        A name is in it twice.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(set(names)) < len(names):
            raise CorruptFileError(f"{path}: an array is in it twice. Fetch the file again.")
        yield archive


def npz_listing(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays of an archive, to recognise it by.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of tuple of int
        Shape by name.
    """
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist()[:100]:
            if name.endswith(".npy"):
                with archive.open(name) as stream:
                    found[name.removesuffix(".npy")] = _header(stream, name)[0]
    return found
