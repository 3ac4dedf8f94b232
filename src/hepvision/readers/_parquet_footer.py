"""The footer of a Parquet file, looked at before pyarrow does.

pyarrow ends the process where a damaged footer says of a column chunk what cannot be (26.0 did on 1
of some 1,650 files with one to eight flipped bits in the footer): its metadata objects let errors
of the C++ library through. So the few things that the library checks there are checked here first,
in footers that are not large; the rest of a file is read by calls that do not have this fault.

References
----------
The Apache Parquet format, ``parquet.thrift``, and the compact protocol of Apache Thrift.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hepvision.core.errors import CorruptFileError

__all__ = ["check_footer"]

MAGIC = b"PAR1"
LARGEST = 2**18  # bytes of a footer that is looked at; some tenths of a second
DEEPEST = 16  # structures within structures
#: Numbers of the fields in ``parquet.thrift``.
ROW_GROUPS, COLUMNS, META, KEY, CRYPTED, SIZES = 4, 1, 3, 8, 9, 16
REPETITION, DEFINITION = 2, 3


def check_footer(path: Path, levels: list[tuple[int, int]]) -> None:
    """Refuse a footer on which pyarrow would end the process.

    Parameters
    ----------
    path : Path
        A Parquet file that pyarrow opened.
    levels : list of (int, int)
        Highest repetition and definition level of each column that is stored.

    Raises
    ------
    CorruptFileError
        A row group has other columns, or counts other levels, than the file.

    Examples
    --------
    >>> import tempfile
    >>> import pyarrow as pa
    >>> import pyarrow.parquet as pq
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "one.parquet")
    ...     pq.write_table(pa.table({"y": [5, 6]}), file)
    ...     check_footer(file, [(0, 1)])
    """
    with path.open("rb") as file:
        file.seek(-8, 2)
        end = file.read(8)
        length = int.from_bytes(end[:4], "little")
        if end[4:] != MAGIC or length > LARGEST:
            return  # encrypted, or large
        file.seek(-8 - length, 2)
        footer = file.read(length)
    try:
        about = _Compact(footer).structure(0)
        wrong = any(_cannot_be(group, levels) for group in about.get(ROW_GROUPS, []))
    except (IndexError, ValueError, AttributeError, TypeError) as error:
        raise CorruptFileError(
            f"{path}: must have a whole footer, got one that is damaged. Fetch the file again."
        ) from error
    if wrong:
        raise CorruptFileError(
            f"{path}: must describe the same columns in each row group, got others. "
            "Fetch the file again."
        )


def _cannot_be(group: dict[int, Any], levels: list[tuple[int, int]]) -> bool:
    chunks = group.get(COLUMNS, [])
    if len(chunks) != len(levels):
        return True
    for chunk, (repetition, definition) in zip(chunks, levels, strict=True):
        if META not in chunk or KEY in chunk or CRYPTED in chunk:
            return True
        sizes = chunk[META].get(SIZES, {})
        if len(sizes.get(REPETITION, [])) not in (0, repetition + 1):
            return True
        if len(sizes.get(DEFINITION, [])) not in (0, definition + 1):
            return True
    return False


class _Compact:
    """Thrift's compact protocol: structures as dictionaries by the numbers of their fields."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 70:
                raise ValueError("a number that does not end")

    def structure(self, depth: int) -> dict[int, Any]:
        """Fields up to the stop byte."""
        if depth > DEEPEST:
            raise ValueError("structures too deep")
        found: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step = head >> 4
            if step:
                number += step
            else:
                coded = self._varint()
                number = (coded >> 1) ^ -(coded & 1)
            kind = head & 0x0F
            found[number] = kind == 1 if kind in (1, 2) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (1, 2, 3):  # in a list, true and false take a byte
            return self._byte()
        if kind in (4, 5, 6):
            return self._varint()
        if kind == 7:
            return self._skip(8)
        if kind == 8:
            return self._skip(self._varint())
        if kind in (9, 10):
            head = self._byte()
            number = head >> 4
            number = self._varint() if number == 15 else number
            return [self._value(head & 0x0F, depth + 1) for _ in range(number)]
        if kind == 11:
            number = self._varint()
            kinds = self._byte() if number else 0
            for _ in range(number):
                self._value(kinds >> 4, depth + 1)
                self._value(kinds & 0x0F, depth + 1)
            return number
        if kind == 12:
            return self.structure(depth + 1)
        raise ValueError(f"no kind {kind}")

    def _skip(self, length: int) -> int:
        self.at += length
        if self.at > len(self.data):
            raise IndexError(self.at)
        return length
