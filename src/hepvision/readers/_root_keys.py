"""Records of a ROOT file: whether each is as long, packed and unpacked, as its head says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_keys"]

HEAD = 18  # bytes of a record's head up to the length of the whole head
BLOCK = 9  # bytes of the head of each packed block
LARGEST = 2**30  # bytes of one unpacked record; ROOT's own limit


def _number(head: NDArray[np.uint8], start: int, size: int) -> NDArray[np.int64]:
    """Big-endian numbers in the columns of an array of bytes."""
    found = np.zeros(len(head), np.int64)
    for k in range(size):
        found = (found << 8) | head[:, start + k]
    return found


def check_keys(path: Path, seek: Any) -> None:
    """Refuse records that reach beyond the file, or do not hold what their heads promise.

    What a head promises is reserved before it is unpacked: one wrong bit may ask for gigabytes.

    Parameters
    ----------
    path : Path
        The file.
    seek : array of int, shape (N,)
        Where the records start.

    Raises
    ------
    ValueError
        One of them is damaged.

    References
    ----------
    R. Brun, F. Rademakers, ROOT: an object oriented data analysis framework, Nucl. Instrum. Meth.
    A 389 (1997) 81: records (TKey) and packed blocks.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(bytes(30))
    ...     file.flush()
    ...     check_keys(Path(file.name), [4])
    Traceback (most recent call last):
    ...
    ValueError: a record at byte 4 that is not whole
    """
    seek = np.asarray(seek, np.int64)
    if not len(seek):
        return
    raw = np.memmap(path, np.uint8, "r")
    inside = (seek >= 0) & (seek <= len(raw) - HEAD)
    _refuse(seek, ~inside)
    head = raw[seek[:, None] + np.arange(HEAD)]
    length, unpacked, size = _number(head, 0, 4), _number(head, 6, 4), _number(head, 14, 2)
    packed = length - size
    _refuse(seek, (size < HEAD) | (packed < 0) | (seek + length > len(raw)) | (unpacked > LARGEST))
    for one in np.flatnonzero(packed != unpacked):
        start = int(seek[one] + size[one])
        if _blocks(raw[start : start + int(packed[one])]) != unpacked[one]:
            _refuse(seek[one : one + 1], np.ones(1, bool))


def _blocks(content: NDArray[np.uint8]) -> int:
    """Bytes that packed blocks promise; −1 if they do not fill the record."""
    total = place = 0
    while place + BLOCK <= len(content):
        head = content[place : place + BLOCK].tobytes()
        total += int.from_bytes(head[6:9], "little")
        place += BLOCK + int.from_bytes(head[3:6], "little")
    return total if place == len(content) else -1


def _refuse(seek: NDArray[np.int64], wrong: NDArray[np.bool_]) -> None:
    if wrong.any():
        raise ValueError(f"a record at byte {int(seek[wrong][0])} that is not whole")
