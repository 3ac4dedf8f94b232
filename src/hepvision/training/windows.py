"""Examples that do not fit into memory: read and shuffled a window at a time."""

import dataclasses
import functools
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.chunks import ahead
from hepvision.core.inputs import Inputs, concatenate, taken
from hepvision.core.seeds import generator
from hepvision.core.stored_inputs import StoredPart, bytes_of, is_stored

__all__ = ["Windows", "windows_of"]

Rows = NDArray[np.int64]
#: Share of the memory that a window takes: one is dealt from, the next one is read and joined.
SHARE = 4


@dataclasses.dataclass(frozen=True)
class Windows:
    """Row groups of stored inputs, several of which are in memory at a time.

    An epoch goes through the row groups in an order of its own; rows of the same window are
    mixed. Where all fits into one window, this is any order that is asked for. A thread reads the
    next window while batches are made of the one before, which decides nothing.

    Parameters
    ----------
    inputs : mapping of StoredPart
        All examples.
    memory : int
        Bytes that windows may take together.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> from hepvision.core.stored_inputs import stored_inputs, write_inputs
    >>> spec = {"x": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}
    >>> path = Path(tempfile.mkdtemp()) / "x.parquet"
    >>> x = np.arange(3000, dtype=np.float32)[:, None]
    >>> _ = write_inputs(path, [{"x": Dense(x)}])
    >>> windows = Windows(stored_inputs(path, spec), memory=20_000)
    >>> windows.number, len(windows.ordered(np.arange(3000), seed=1, epoch=0))
    (3, 3000)
    """

    inputs: Mapping[str, Any]
    memory: int

    @functools.cached_property
    def starts(self) -> Rows:
        """First rows of what is read at once, shape (G+1,): where all files have a boundary."""
        found = [one.starts for one in self.inputs.values() if isinstance(one, StoredPart)]
        return functools.reduce(np.intersect1d, found)

    @functools.cached_property
    def _each(self) -> int:
        """Row groups of a window."""
        groups = len(self.starts) - 1
        return max(1, int(groups * self.memory / SHARE / max(bytes_of(self.inputs), 1)))

    @property
    def number(self) -> int:
        """How many windows there are."""
        return -(-(len(self.starts) - 1) // self._each)

    @property
    def described(self) -> list[int]:
        """What decides the order beside seed and epoch: row groups, and those of a window."""
        return [len(self.starts) - 1, self._each]

    def ordered(self, rows: Rows, seed: int, epoch: int) -> Rows:
        """Rows of an epoch, those of a window together.

        Parameters
        ----------
        rows : array of int, shape (b,)
            In the order that they would have in memory.
        seed, epoch : int
            Of the training, and from 0.

        Returns
        -------
        array of int, shape (b,)
            The same rows; in the same order where there is one window.
        """
        if self.number == 1:
            return rows
        groups = len(self.starts) - 1
        place = np.empty(groups, np.int64)
        place[generator(seed, "train", "windows", epoch).permutation(groups)] = np.arange(groups)
        window = place[np.searchsorted(self.starts, rows, "right") - 1] // self._each
        return rows[np.argsort(window, kind="stable")]

    def batches(self, rows: Rows, size: int) -> Iterator[tuple[Rows, Inputs, Rows]]:
        """Inputs of batches, in order.

        Parameters
        ----------
        rows : array of int, shape (b,)
            As ``ordered`` gave them, or those of a later part of the epoch.
        size : int
            Examples a batch.

        Yields
        ------
        array of int, shape (n,)
            Rows of a batch.
        Inputs
            Examples in memory, those of the batch among them.
        array of int, shape (n,)
            Where they are in them.
        """
        kept: Inputs | None = None  # a batch that is begun
        begun, last = np.empty(0, np.int64), len(rows)
        stretches = ahead(self._read(rows))
        try:
            done = 0
            for mine, inputs, at in stretches:
                done += len(mine)
                if kept is not None:
                    need = min(size - len(begun), len(mine))
                    kept = concatenate([kept, taken(inputs, at[:need])])
                    begun, mine, at = np.append(begun, mine[:need]), mine[need:], at[need:]
                    if len(begun) == size or done == last:
                        yield begun, kept, np.arange(len(begun))
                        kept, begun = None, np.empty(0, np.int64)
                whole = len(mine) if done == last else len(mine) - len(mine) % size
                for start in range(0, whole, size):
                    stop = min(start + size, whole)
                    yield mine[start:stop], inputs, at[start:stop]
                if whole < len(mine):
                    begun, kept = mine[whole:], taken(inputs, at[whole:])
                del inputs  # before the next window is waited for
        finally:
            stretches.close()

    def _read(self, rows: Rows) -> Generator[tuple[Rows, Inputs, Rows], None, None]:
        """Window by window: rows in order, their inputs, and where they are in them."""
        group = np.searchsorted(self.starts, rows, "right") - 1
        start = 0
        while start < len(rows):
            stop = start + self._reach(group[start:])
            mine = rows[start:stop]
            wanted = np.sort(mine)
            yield mine, taken(dict(self.inputs), wanted), np.searchsorted(wanted, mine)
            start = stop

    def _reach(self, group: Rows) -> int:
        """Rows until one more row group than a window has would be needed."""
        _, first = np.unique(group, return_index=True)
        return int(np.sort(first)[self._each]) if len(first) > self._each else len(group)


def windows_of(inputs: Mapping[str, Any], memory: int) -> Windows | None:
    """Windows, where inputs are stored.

    Parameters
    ----------
    inputs : mapping
        All parts, in memory or stored.
    memory : int
        Bytes.

    Returns
    -------
    Windows, optional
        None where all parts are in memory.

    Examples
    --------
    >>> windows_of({}, 1000) is None
    True
    """
    return Windows(inputs, memory) if is_stored(inputs) else None
