"""Circles on a canvas that closes around the beam, whole batches at a time."""

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Circles", "Drawing", "draw"]

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
    """

    size: int
    width: float
    opacity: float
    sideways: bool


@numba.njit(cache=True)
def _span(x, dy, ends, low, high, row, brush, canvas):  # type: ignore[no-untyped-def]
    """Ink the pixels between two columns whose centres lie in the ring."""
    size, mark, first, number, opacity = brush
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
            if colour[c] >= 0:
                ink[at, c] = (1 - opacity) * ink[at, c] + opacity * colour[c]
    return number


@numba.njit(cache=True)
def _circle(x, y, inner, outer, brush, canvas):  # type: ignore[no-untyped-def]
    """Ink one ring, row by row; the number of pixels that the event has inked by now."""
    size, mark, first, number, opacity = brush
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
        brush = (size, mark, first, number, opacity)
        if end >= start:
            number = _span(x, dy, ends, left, right, row, brush, canvas)
        else:
            number = _span(x, dy, ends, left, end, row, brush, canvas)
            brush = (size, mark, first, number, opacity)
            number = _span(x, dy, ends, start, right, row, brush, canvas)
    return number


@numba.njit(cache=True)
def _draw(starts, x, y, radius, colours, size, width, opacity, sideways, most):  # type: ignore[no-untyped-def]
    kinds, events, pixels = starts.shape[0], starts.shape[1] - 1, size * size
    stamp = np.zeros(pixels, np.int64)
    ink = np.zeros((pixels, colours.shape[1]), np.float32)
    lit = np.empty(pixels, np.int64)
    index, value = np.empty(most, np.uint32), np.empty(most, np.float32)
    offsets = np.zeros(events + 1, np.int64)
    count, mark = 0, 0
    for b in range(events):
        first, number = mark, 0
        for k in range(kinds):
            for i in range(starts[k, b], starts[k, b + 1]):
                inner, outer = radius[i] - width / 2, radius[i] + width / 2
                if not (radius[i] > 0 and x[i] + outer > 0 and x[i] - outer < size):
                    continue
                mark += 1
                brush = (size, mark, first, number, opacity)
                canvas = (stamp, ink, lit, colours[k])
                number = _circle(x[i], y[i], inner if width > 0 else 0.0, outer, brush, canvas)
        for n in range(number):
            at = lit[n]
            place = at // size + at % size * size if sideways else at
            for c in range(colours.shape[1]):
                if ink[at, c] != 0:
                    index[count] = c * pixels + place
                    value[count] = ink[at, c]
                    count += 1
        offsets[b + 1] = count
    return offsets, index[:count].copy(), value[:count].copy()


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
        Of each kind, between 0 and 1; channels below 0 it leaves as they are.
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
    radius = np.where(good, radius, 0.0)
    # pixels of a ring lie within half a diagonal of it
    half = math.sqrt(0.5)
    ring = np.square(radius + width / 2 + half)
    if width > 0:
        ring -= np.square(np.maximum(radius - width / 2 - half, 0.0))
    bound = np.where(good, np.minimum(np.ceil(np.pi * ring), size * size), 0.0)
    inked = np.count_nonzero(colours > 0, axis=1)
    most = [int(bound[bases[k] : bases[k + 1]].sum()) * inked[k] for k in range(len(circles))]
    made: tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]] = _draw(
        starts,
        x,
        y,
        radius,
        np.ascontiguousarray(colours, np.float32),
        size,
        float(width),
        np.float32(drawing.opacity),
        drawing.sideways,
        int(sum(most)),
    )
    return made
