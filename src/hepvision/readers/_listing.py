"""Open texts of one event behind another: gone through in order, parsed only where wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hepvision.readers._account import Account
from hepvision.readers._reader import Made, Opened

__all__ = ["Listing"]

Block = TypeVar("Block")


@dataclass(frozen=True)
class Listing(Opened, Generic[Block]):
    """An open text; each pass goes through it anew and holds one block at a time.

    Parameters
    ----------
    blocks : function
        All events of the file, not yet parsed.
    make : function of blocks and an account
        Parses some.
    """

    blocks: Callable[[], Iterator[Block]]
    make: Callable[[Iterable[Block], Account], Made]

    def count(self) -> int:
        """Number of blocks; the whole text is looked through."""
        return sum(1 for _ in self.blocks())

    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        """Events at some places; what stands behind the last is not looked at."""
        wanted = set(rows.tolist())
        found = islice(enumerate(self.blocks()), max(wanted, default=-1) + 1)
        return self.make((block for row, block in found if row in wanted), account)

    def pieces(self, size: int, account: Account) -> Iterator[tuple[NDArray[np.int64], Made]]:
        """All events in one pass."""
        found = enumerate(self.blocks())
        for first in found:
            yield self._piece(chain([first], islice(found, size - 1)), account)

    def _piece(
        self, some: Iterable[tuple[int, Block]], account: Account
    ) -> tuple[NDArray[np.int64], Made]:
        rows = []

        def noted() -> Iterator[Block]:
            for row, block in some:
                rows.append(row)
                yield block

        made = self.make(noted(), account)
        return np.array(rows, np.int64), made
