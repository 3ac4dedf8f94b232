"""Open files whose rows are events, read in blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._reader import Made, Opened

__all__ = ["BLOCK", "Piece", "Table", "classes"]

BLOCK = 2**24  # bytes of a file's rows that are in memory at a time


class Piece(NamedTuple):
    """Some rows: values an event, and collections as counts and flat columns."""

    scalars: dict[str, NDArray[Any]]
    collections: dict[str, tuple[NDArray[Any], dict[str, NDArray[Any]]]]


@dataclass(frozen=True)
class Table(Opened):
    """An open file whose rows are events.

    Parameters
    ----------
    number : int
        Rows of it.
    width : int
        Bytes of one.
    load : function of start, stop and an account
        Reads rows.
    attrs : mapping
        Goes to the attributes of the events.
    """

    number: int
    width: int
    load: Callable[[int, int, Account], Piece]
    attrs: Mapping[str, Any] = field(default_factory=dict)

    def count(self) -> int:
        """Number of rows."""
        return self.number

    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        """Some rows, a block at a time."""
        bounds = _blocks(rows, max(1, BLOCK // self.width))
        pieces = [self.load(start, stop, account) for start, stop in bounds]
        scalars = {
            key: np.concatenate([piece.scalars[key] for piece in pieces])
            for key in pieces[0].scalars
        }
        return Made(
            scalars, {key: _joined(key, pieces) for key in pieces[0].collections}, self.attrs
        )


def _joined(name: str, pieces: list[Piece]) -> ak.Array:
    parts = [piece.collections[name] for piece in pieces]
    counts = np.concatenate([counts for counts, _ in parts])
    columns = {key: np.concatenate([one[key] for _, one in parts]) for key in parts[0][1]}
    return from_columns(np.cumsum([0, *counts]), columns, name)


def _blocks(rows: NDArray[np.int64], size: int) -> list[tuple[int, int]]:
    """Stretches of rising rows, cut into blocks; one without rows where there are none."""
    cuts = np.flatnonzero(np.diff(rows) != 1) + 1
    stretches = [(int(one[0]), int(one[-1]) + 1) for one in np.split(rows, cuts) if len(one)]
    return [
        (low, min(low + size, stop))
        for start, stop in stretches
        for low in range(start, stop, size)
    ] or [(0, 0)]


def classes(values: Any, number: int, where: str) -> NDArray[np.int32]:
    """Published class numbers.

    Parameters
    ----------
    values : array, shape (N,)
        Whole numbers, of whatever type.
    number : int
        How many classes there are.
    where : str
        File and column, for messages.

    Returns
    -------
    array of int32, shape (N,)
        From 0 to ``number`` − 1.

    Raises
    ------
    CorruptFileError
        A value is no class.

    Examples
    --------
    >>> classes([0.0, 1.0], 2, "y").tolist()
    [0, 1]
    """
    values = np.asarray(values, np.float64)
    wrong = ~np.isin(values, np.arange(number))
    if wrong.any():
        raise CorruptFileError(
            f"{where}: classes must be 0 to {number - 1}, got {values[wrong][0]:g} in "
            f"{int(wrong.sum())} rows. Check the file."
        )
    return values.astype(np.int32)
