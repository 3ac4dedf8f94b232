"""Sums of values in pixels, event by event, as sparse pictures."""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.representations._eta_phi_cells import Lists, Shares

__all__ = ["Strokes", "draw"]

Integers = NDArray[np.int64]

#: One pixel, the whole of it: what objects have whose collection has no lists.
WHOLE = Lists(np.array([0, 1], np.int32), np.zeros(1, np.int32), np.ones(1, np.float32))


class Strokes(NamedTuple):
    """Objects of one collection that are added to one channel of the picture.

    Parameters
    ----------
    layer : int
        Channel.
    offsets : array of int, shape (B + 1,)
        Objects of each event.
    value : array, shape (N,)
        What is added.
    right : array of int, shape (N,)
        Number in the second lists, or pixel where there are none; −1 for outside.
    down : array of int, shape (N,), optional
        Number in the first lists.
    table : Shares, optional
        The lists.
    """

    layer: int
    offsets: Integers
    value: NDArray[np.float32]
    right: Integers
    down: Integers | None = None
    table: Shares | None = None


@numba.njit(cache=True)
def _most(events, stroke, begin):  # type: ignore[no-untyped-def]
    """Entries, if none of a pixel became one."""
    _, starts, _, right, down, first, ends = stroke
    most = 0
    for s in range(len(first)):
        for i in range(starts[s, 0], starts[s, events]):
            if first[s, 0] == 0:
                most += 1
            elif 0 <= down[i] < ends[s, 0] and 0 <= right[i] < ends[s, 1]:
                row, column = first[s, 0] + down[i], first[s, 1] + right[i]
                most += (begin[row + 1] - begin[row]) * (begin[column + 1] - begin[column])
    return most


@numba.njit(cache=True)
def _added(events, stroke, table, scale, pixels, index, total):  # type: ignore[no-untyped-def]
    layer, starts, value, right, down, first, ends = stroke
    begin, cells, share = table
    sums = np.zeros(scale.size * pixels, np.float32)
    lit = np.zeros(scale.size * pixels, np.uint8)
    offsets = np.zeros(events + 1, np.int64)
    count = 0
    for b in range(events):
        start = count
        for s in range(layer.size):
            for i in range(starts[s, b], starts[s, b + 1]):
                row, column, base = 0, 0, layer[s] * pixels
                if first[s, 0] == 0:
                    if right[i] < 0:
                        continue
                    base += right[i]
                # lists are read unchecked: those of a tower 29 would lie beyond their end
                elif 0 <= down[i] < ends[s, 0] and 0 <= right[i] < ends[s, 1]:
                    row, column = first[s, 0] + down[i], first[s, 1] + right[i]
                else:
                    continue
                whole = value[i] / scale[layer[s]]
                for j in range(begin[row], begin[row + 1]):
                    part, line = whole * share[j], base + cells[j]
                    for k in range(begin[column], begin[column + 1]):
                        at = line + cells[k]
                        # without a branch, which could not be guessed: the pixel is noted, and
                        # written over by the next one if it was lit already
                        index[count] = at
                        count += not lit[at]
                        lit[at] = 1
                        sums[at] += part * share[k]
        for n in range(start, count):
            at = np.int64(index[n])
            total[n] = sums[at]
            sums[at], lit[at] = 0.0, 0
        offsets[b + 1] = count
    return offsets, count


def _joined(parts: list[Any], kind: Any) -> NDArray[Any]:
    return np.concatenate(parts, dtype=kind, casting="same_kind")


def draw(
    strokes: list[Strokes], events: int, scale: NDArray[np.float64], pixels: int
) -> tuple[Integers, NDArray[np.uint32], NDArray[np.float32]]:
    """Sparse pictures of a batch of events.

    Parameters
    ----------
    strokes : list of Strokes
        Of B events each.
    events : int
        B.
    scale : array, shape (C,)
        What each channel is divided by.
    pixels : int
        Of one channel.

    Returns
    -------
    offsets, index, value : arrays, shape (B+1,), (N,), (N,)
        As ``Sparse`` takes them, each pixel once.

    Examples
    --------
    >>> here = Strokes(0, np.array([0, 2]), np.ones(2, np.float32), np.array([3, 3]))
    >>> [one.tolist() for one in draw([here], 1, np.ones(1), 4)]
    [[0, 1], [3], [2.0]]
    """
    bases = np.cumsum([0, *(len(one.value) for one in strokes)])
    starts = np.stack([one.offsets + at for one, at in zip(strokes, bases, strict=False)])
    first, ends = np.zeros((2, len(strokes), 2), np.int64)
    lists, rows, used = [WHOLE], len(WHOLE.begin), len(WHOLE.pixel)
    for number, one in enumerate(strokes):
        for place, part in enumerate(one.table or ()):
            first[number, place], ends[number, place] = rows, len(part.begin) - 1
            lists.append(part._replace(begin=part.begin + np.int32(used)))
            rows, used = rows + len(part.begin), used + len(part.pixel)
    downs = [one.right if one.down is None else one.down for one in strokes]
    stroke = (
        np.array([one.layer for one in strokes]),
        starts.astype(np.int64, copy=False),
        _joined([one.value for one in strokes], np.float32),
        _joined([one.right for one in strokes], np.int32),
        _joined(downs, np.int32),
        first,
        ends,
    )
    table = tuple(np.concatenate(one) for one in zip(*lists, strict=True))
    # memory that is not written to costs nothing, and numpy's comes in large pages
    most = 1 + int(_most(events, stroke, table[0]))
    index, total = np.empty(most, np.uint32), np.empty(most, np.float32)
    small = np.asarray(scale, np.float32)
    offsets, count = _added(events, stroke, table, small, pixels, index, total)
    return offsets, index[:count], total[:count]
