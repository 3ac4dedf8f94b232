"""Circles on a canvas that closes around the beam, whole batches at a time."""

import itertools
import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Circles", "Drawing", "draw"]

#: Largest mark of a byte: pixels are marked anew for each event, and cleared when marks run out.
LAST = 255

Floats = NDArray[np.float64]


class Circles(NamedTuple):
    """Objects of one kind.

    Parameters
    ----------
    offsets : array of int64, shape (B+1,)
        Where each event's start.
    x, y : array, shape (N,), pixels
        Centres: along η, of any size, and around the beam, from 0 up to the canvas' size.
    radius : array, shape (N,), pixels
        Circles of 0 or less, or of numbers that are not finite, are not drawn.
    """

    offsets: NDArray[np.int64]
    x: Floats
    y: Floats
    radius: Floats


class Drawing(NamedTuple):
    """How circles are drawn.

    Parameters
    ----------
    size : int
        Rows and columns.
    width : float, pixels
        Of outlines; 0 draws discs.
    opacity : float
        What lies below is multiplied by 1 minus this.
    sideways : bool
        Columns go around the beam, not rows.
    hide : bool
        Kinds hide those below in all channels, or ink none but their own.
    """

    size: int
    width: float
    opacity: float
    sideways: bool
    hide: bool


@numba.njit(cache=True)
def _spans(x, y, inner, outer, size, spans):  # type: ignore[no-untyped-def]
    """Pixels of a ring, in rows of a plane without end: before the hole, and behind it."""
    whole, hole = outer * outer, inner * inner if inner > 0 else -1.0
    left, end, start, right = spans
    middle, first = x - 0.5, math.floor(y - outer - 0.5) + 1
    rows = math.ceil(y + outer - 0.5) - first
    for n in range(rows):
        dy = first + n + 0.5 - y
        far = math.sqrt(max(whole - dy * dy, 0.0))
        near = math.sqrt(max(hole - dy * dy, 0.0))
        left[n] = max(math.floor(middle - far) + 1, 0)
        end[n] = min(math.floor(middle - near) + 1, size)
        right[n] = min(math.ceil(middle + far), size)
        # where there is no hole, both would have the pixel in the middle
        start[n] = max(math.ceil(middle + near), 0, end[n] if hole <= dy * dy else 0)
    return first % size, rows


@numba.njit(cache=True)
def _ring(first, rows, size, steps, stamp, spans, marked, index, count):  # type: ignore[no-untyped-def]
    """Note the pixels of one ring that are not marked yet, row by row, and mark them."""
    left, end, start, right = spans
    line, step = steps
    row = first
    for n in range(rows):
        # without branches, which could not be guessed: what is marked is written over by the next
        for column in range(left[n], end[n]):
            at = row * line + column * step
            index[count] = at
            count += marked[at] != stamp
            marked[at] = stamp
        for column in range(start[n], right[n]):
            at = row * line + column * step
            index[count] = at
            count += marked[at] != stamp
            marked[at] = stamp
        row = row + 1 if row + 1 < size else 0
    return count


@numba.njit(cache=True)
def _draw(starts, x, y, radius, width, table, size, steps, hide, index, value):  # type: ignore[no-untyped-def]
    """Opaque circles, those above first: a pixel belongs to the first that marks it."""
    begin, channel, ink = table
    kinds, events = starts.shape[0], starts.shape[1] - 1
    marked, stamp = np.zeros(size * size, np.uint8), 0
    rows = 2 * math.ceil(radius.max() + width) + 3 if radius.size else 0
    spans = (
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
    )
    offsets = np.zeros(events + 1, np.int64)
    count = 0
    for b in range(events):
        for k in range(kinds - 1, -1, -1):
            if k == kinds - 1 or not hide:
                stamp += 1
            if stamp > LAST:
                marked[:] = 0
                stamp = 1
            for i in range(starts[k, b], starts[k, b + 1]):
                if not radius[i] > 0:
                    continue
                first = count
                inner = radius[i] - width / 2 if width > 0 else 0.0
                outer = radius[i] + width / 2
                own = np.uint8(stamp)
                row, rows = _spans(x[i], y[i], inner, outer, size, spans)
                count = _ring(row, rows, size, steps, own, spans, marked, index, count)
                pixels = count - first
                count = first + pixels * (begin[k + 1] - begin[k])
                # the first channel last, as the others are made of its places
                for c in range(begin[k + 1] - 1, begin[k] - 1, -1):
                    place = first + pixels * (c - begin[k])
                    for n in range(pixels):
                        index[place + n] = index[first + n] + channel[c]
                        value[place + n] = ink[c]
        offsets[b + 1] = count
    return offsets, count


@numba.njit(cache=True)
def _span(x, dy, ends, low, high, row, brush, canvas):  # type: ignore[no-untyped-def]
    """Ink the pixels between two columns whose centres lie in the ring."""
    size, mark, first, number, opacity, hide = brush
    stamp, ink, lit, colour = canvas
    for column in range(max(low, 0), min(high + 1, size)):
        dx = column + 0.5 - x
        away = dx * dx + dy * dy
        if away < ends[0] or away >= ends[1]:
            continue
        at = row * size + column
        # a circle that goes around the beam inks a pixel once
        if stamp[at] == mark:
            continue
        if stamp[at] <= first:
            lit[number] = at
            number += 1
            ink[at, :] = 0
        stamp[at] = mark
        for c in range(colour.size):
            if hide or colour[c] > 0:
                ink[at, c] = (1 - opacity) * ink[at, c] + opacity * colour[c]
    return number


@numba.njit(cache=True)
def _circle(x, y, inner, outer, brush, canvas):  # type: ignore[no-untyped-def]
    """Ink one ring, row by row; the number of pixels that the event has inked by now."""
    size, mark, first, number, opacity, hide = brush
    ends = (inner * inner if inner > 0 else -1.0, outer * outer)
    for line in range(math.floor(y - outer), math.ceil(y + outer) + 1):
        dy = line + 0.5 - y
        rest = ends[1] - dy * dy
        if rest <= 0:
            continue
        # candidates only, one more on each side: what is inked is decided by the distance
        far = math.sqrt(rest)
        near = math.sqrt(max(ends[0] - dy * dy, 0.0))
        left, right = math.floor(x - far) - 1, math.ceil(x + far)
        end, start = math.ceil(x - near), math.floor(x + near) - 1
        row = line % size
        brush = (size, mark, first, number, opacity, hide)
        if end >= start:
            number = _span(x, dy, ends, left, right, row, brush, canvas)
        else:
            number = _span(x, dy, ends, left, end, row, brush, canvas)
            brush = (size, mark, first, number, opacity, hide)
            number = _span(x, dy, ends, start, right, row, brush, canvas)
    return number


@numba.njit(cache=True)
def _blend(  # type: ignore[no-untyped-def]
    starts, x, y, radius, width, colours, opacity, size, steps, hide, index, value
):
    """Circle by circle, each hiding a part of what lies below."""
    kinds, events, pixels = starts.shape[0], starts.shape[1] - 1, size * size
    stamp = np.zeros(pixels, np.int64)
    ink = np.zeros((pixels, colours.shape[1]), np.float32)
    lit = np.empty(pixels, np.int64)
    offsets = np.zeros(events + 1, np.int64)
    count, mark = 0, 0
    for b in range(events):
        first, number = mark, 0
        for k in range(kinds):
            for i in range(starts[k, b], starts[k, b + 1]):
                if radius[i] > 0:
                    mark += 1
                    inner = radius[i] - width / 2 if width > 0 else 0.0
                    brush = (size, mark, first, number, opacity, hide)
                    canvas = (stamp, ink, lit, colours[k])
                    outer = radius[i] + width / 2
                    number = _circle(x[i], y[i], inner, outer, brush, canvas)
        for n in range(number):
            at = lit[n]
            place = at // size * steps[0] + at % size * steps[1]
            for c in range(colours.shape[1]):
                if ink[at, c] != 0:
                    index[count] = c * pixels + place
                    value[count] = ink[at, c]
                    count += 1
        offsets[b + 1] = count
    return offsets, count


def _inks(colours: NDArray[np.float32], pixels: int) -> tuple[NDArray[Any], ...]:
    """Where the channels of each kind begin, their first pixels and inks, without clear ones."""
    kind, channel = np.nonzero(colours)
    begin = np.searchsorted(kind, np.arange(len(colours) + 1))
    return begin, (channel * pixels).astype(np.uint32), colours[kind, channel]


def draw(
    circles: list[Circles], colours: NDArray[np.float32], drawing: Drawing
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Draw kinds one over the other.

    A pixel belongs to an outline if its centre lies within half the width of the circle, nearer
    to the middle than that for a disc; η ends with the canvas, the azimuth goes on at the other
    side. A pixel of several circles of a kind is inked by each of them.

    Parameters
    ----------
    circles : list of Circles
        K kinds, of B events each; later ones lie above.
    colours : array, shape (K, C), float32
        Of each kind, between 0 and 1.
    drawing : Drawing
        How.

    Returns
    -------
    offsets, index, value : arrays, shape (B+1,), (n,), (n,)
        As ``Sparse`` takes them, each pixel once and none that is clear.
    """
    size, width = drawing.size, drawing.width
    bases = np.cumsum([0, *(len(one.x) for one in circles)])
    starts = np.stack([one.offsets + base for one, base in zip(circles, bases, strict=False)])
    x, y, radius = (
        np.concatenate([np.asarray(getattr(one, key), np.float64) for one in circles])
        for key in ("x", "y", "radius")
    )
    good = np.isfinite(x) & np.isfinite(y) & np.isfinite(radius) & (radius > 0)
    outer = radius + width / 2
    good &= (x + outer > 0) & (x - outer < size)
    radius = np.where(good, radius, 0.0)
    # pixels of a ring lie within half a diagonal of it
    half = math.sqrt(0.5)
    ring = np.square(radius + width / 2 + half)
    if width > 0:
        ring -= np.square(np.maximum(radius - width / 2 - half, 0.0))
    bound = np.where(good, np.minimum(np.ceil(np.pi * ring), size * size), 0.0)
    inked = np.maximum(np.count_nonzero(colours, axis=1), 1)
    pixels = [bound[low:high].sum() for low, high in itertools.pairwise(bases)]
    most = 1 + int(np.sum(pixels * inked))
    # memory that is not written to costs nothing, and numpy's comes in large pages
    index, value = np.empty(most, np.uint32), np.empty(most, np.float32)
    steps = (1, size) if drawing.sideways else (size, 1)
    colours = np.ascontiguousarray(colours, np.float32)
    if drawing.opacity == 1:
        table = _inks(colours, size * size)
        offsets, count = _draw(
            starts, x, y, radius, float(width), table, size, steps, drawing.hide, index, value
        )
    else:
        offsets, count = _blend(
            starts,
            x,
            y,
            radius,
            float(width),
            colours,
            np.float32(drawing.opacity),
            size,
            steps,
            drawing.hide,
            index,
            value,
        )
    return offsets, index[:count], value[:count]
