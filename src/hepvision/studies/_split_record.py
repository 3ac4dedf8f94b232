"""``split.parquet`` of a run: on which side of the split each example stood, and its content.

Without it no one could tell from the run folder what the training had seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import atomic_write
from hepvision.core.inputs import Dense, Inputs, Part, Ragged, taken
from hepvision.events.split import hashed

__all__ = ["SPLIT", "content_of", "read_split", "record_split"]

#: Name of the file.
SPLIT = "split.parquet"
_COLUMNS = ("event_id", "object_index", "sample", "split", "content")
_AT_ONCE = 2048


def record_split(folder: Path, columns: Mapping[str, NDArray[Any]], inputs: Inputs) -> None:
    """Write it once a run."""
    if (folder / SPLIT).is_file():
        return
    made = {key: columns[key] for key in _COLUMNS[:-1]} | {"content": content_of(inputs)}
    with atomic_write(folder / SPLIT) as file:
        pq.write_table(
            pa.table({key: pa.array(one) for key, one in made.items()}), file, compression="zstd"
        )


def read_split(folder: Path) -> dict[str, NDArray[Any]] | None:
    """Its columns; None if the run kept none, CorruptFileError if it is damaged."""
    path = folder / SPLIT
    if not path.is_file():
        return None
    try:
        found = pq.read_table(path)
        return {key: found.column(key).to_numpy() for key in _COLUMNS}
    except (pa.ArrowException, KeyError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:60]
        raise CorruptFileError(
            f"{path}: cannot be read, got {reason}. Delete it and one of the run's entries, and "
            "run again."
        ) from error


def content_of(inputs: Inputs) -> NDArray[np.uint64]:
    """A number of each example that equal inputs share, shape (B,); 0 for one without content."""
    total = len(next(iter(inputs.values())))
    pieces = [np.zeros(0, np.uint64)]
    for start in range(0, total, _AT_ONCE):
        rows = np.arange(start, min(start + _AT_ONCE, total))
        found, filled = np.zeros(len(rows), np.uint64), np.zeros(len(rows), bool)
        for number, part in enumerate(taken(inputs, rows).values()):
            for k, (offsets, values) in enumerate(_flat(part)):
                found += _sums(offsets, values, 8 * number + k)
                filled |= np.add.reduceat(np.append(values != 0, False), offsets[:-1]).astype(
                    bool
                ) & (np.diff(offsets) > 0)
        pieces.append(np.where(filled, found, np.uint64(0)))
    return np.concatenate(pieces)


def _flat(part: Part) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
    """Offsets and bits of all numbers of a part."""
    if isinstance(part, Dense):
        bits = np.ascontiguousarray(part.values).reshape(len(part), -1).view(np.uint32)
        yield np.arange(len(part) + 1) * bits.shape[1], bits.reshape(-1)
    elif isinstance(part, Ragged):
        bits = np.ascontiguousarray(part.values).view(np.uint32)
        yield part.offsets * bits.shape[1], bits.reshape(-1)
    else:
        yield part.offsets, np.ascontiguousarray(part.value).view(np.uint32)
        yield part.offsets, part.index.astype(np.uint32)


def _sums(offsets: NDArray[np.int64], values: NDArray[np.uint32], seed: int) -> NDArray[np.uint64]:
    """Sum over each example of unrelated numbers, one a value and place."""
    counts = np.diff(offsets)
    place = np.arange(len(values)) - np.repeat(offsets[:-1], counts)
    keys = (place.astype(np.uint64) << np.uint64(32)) | values.astype(np.uint64)
    mixed = (hashed(keys, seed) * 2.0**53).astype(np.uint64)
    with np.errstate(over="ignore"):
        upto = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed, dtype=np.uint64)])
        return upto[offsets[1:]] - upto[offsets[:-1]]
