"""Which pixels of an η–φ grid a cell of a calorimeter covers, and how much of it lies in each."""

import functools
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal

__all__ = ["GEOMETRIES", "Shares", "Strokes", "draw", "pixel_at", "shares"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Collections whose objects are cells, and where these are.
GEOMETRIES: dict[str, Any] = {one.collection: one for one in (EcalBarrel(), EcalEndcap(), Hcal())}
#: Points along each side of an endcap crystal by which its area is shared.
POINTS = 6


class Shares(NamedTuple):
    """Pixels of each channel, and its share in each.

    Parameters
    ----------
    begin : array of int, shape (channels + 1,)
        Where each channel's pixels start; channels count as ``flat_index`` of their geometry.
    pixel : array of int, shape (N,)
        Row by row.
    share : array, shape (N,)
        Of the channel; they sum to 1 in a channel whose centre lies in the picture.
    cosh : array, shape (channels,)
        Energy over transverse energy at the centre.
    """

    begin: Integers
    pixel: NDArray[np.int32]
    share: NDArray[np.float32]
    cosh: NDArray[np.float32]


def pixel_at(eta: Any, phi: Any, size: tuple[int, int], eta_max: float) -> Integers:
    """Pixels at directions.

    Parameters
    ----------
    eta, phi : array, shape (N,), -, rad
        Directions.
    size : tuple of int
        Rows, along η, and columns, along φ from −π.
    eta_max : float
        Rows go from minus to plus this.

    Returns
    -------
    array of int, shape (N,)
        Row · columns + column; −1 outside.

    Examples
    --------
    >>> pixel_at([0.1, -3.0, 3.0], [-3.1, 3.1, 0.0], (2, 4), 3.0).tolist()
    [4, 3, -1]
    """
    rows, columns = size
    eta, phi = np.asarray(eta, np.float64), np.asarray(phi, np.float64)
    inside = (eta >= -eta_max) & (eta < eta_max)
    # rounding may reach the row beyond; angles may be anything finite
    row = np.floor((np.where(inside, eta, 0.0) + eta_max) * (rows / (2.0 * eta_max)))
    row = np.minimum(row, rows - 1)
    column = np.floor((phi + np.pi) * (columns / (2.0 * np.pi))) % columns
    return np.where(inside, row * columns + column, -1).astype(np.int64)


def _overlaps(edges: Floats, size: int, low: float, high: float, around: bool) -> Floats:
    """Length of each interval within each of ``size`` equal pixels, shape (intervals, size)."""
    pixels = np.linspace(low, high, size + 1)
    total = np.zeros((len(edges) - 1, size))
    for turn in (-1, 0, 1) if around else (0,):
        ends = edges + turn * (high - low)
        least = np.minimum(ends[1:, None], pixels[1:])
        total += np.maximum(least - np.maximum(ends[:-1, None], pixels[:-1]), 0.0)
    # what rounding leaves over an edge that both share
    total[total < 1e-9 * (high - low)] = 0.0
    return total


def _grid_pairs(geometry: Any, size: tuple[int, int], eta_max: float) -> tuple[Any, Any, Floats]:
    """Channel, pixel and common area of cells whose sides run along η and φ."""
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    row, column = np.divmod(number, geometry.shape[1])
    first, span = geometry._columns(row, column)
    along = _overlaps(geometry.eta_edges, size[0], -eta_max, eta_max, False)
    across = _overlaps(geometry.phi_edges, size[1], -np.pi, np.pi, True)
    wide = across + np.roll(across, -1, axis=0)  # of a cell and the next one
    found = []
    for at, covered in ((span == 1, across), (span == 2, wide)):
        # rows of pixels under each row of cells, and columns likewise: their pairs
        chosen = np.flatnonzero(np.broadcast_to(at, number.shape))
        for k in np.unique(row[chosen]):
            mine = chosen[row[chosen] == k]
            up, right = np.nonzero(along[k])[0], covered[first[mine]]
            which, over = np.nonzero(right)
            area = along[k][up][:, None] * right[which, over]
            channel = np.broadcast_to(mine[which], area.shape)
            found.append((channel, up[:, None] * size[1] + over, area))
    channel, pixel, area = (np.concatenate([one[n].ravel() for one in found]) for n in range(3))
    return channel, pixel, area


def _endcap_pairs(geometry: Any, size: tuple[int, int], eta_max: float) -> tuple[Any, Any, Floats]:
    """The same of crystals on a square grid, by points on their faces."""
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    ix, iy, side = geometry.numbers(number)
    step = (np.arange(POINTS) + 0.5) / POINTS - 0.5
    dx, dy = (one.ravel() for one in np.meshgrid(step, step))
    x = (ix[:, None] - 50.5 + dx) * geometry.pitch
    y = (iy[:, None] - 50.5 + dy) * geometry.pitch
    eta = np.arcsinh(geometry.face * side[:, None] / np.hypot(x, y))
    pixel = pixel_at(eta, np.arctan2(y, x), size, eta_max)
    pair, count = np.unique(
        (number[:, None] * (size[0] * size[1] + 1) + pixel + 1).ravel(), return_counts=True
    )
    channel, pixel = np.divmod(pair, size[0] * size[1] + 1)
    there = pixel > 0
    return channel[there], pixel[there] - 1, count[there].astype(np.float64)


@functools.lru_cache(maxsize=16)
def shares(collection: str, size: tuple[int, int], eta_max: float, whole: bool) -> Shares:
    """The table of a collection of cells.

    Parameters
    ----------
    collection : str
        A key of ``GEOMETRIES``.
    size : tuple of int
        Rows and columns of the picture.
    eta_max : float
        Its rows go from minus to plus this.
    whole : bool
        Give each cell to the pixel of its centre alone.

    Returns
    -------
    Shares
        Cells whose centre lies outside have no pixels.

    Examples
    --------
    >>> table = shares("HcalHit", (64, 64), 3.0, whole=False)
    >>> float(table.share[table.begin[0] : table.begin[1]].sum())
    1.0
    """
    geometry = GEOMETRIES[collection]
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    eta, phi = geometry.eta_phi(*geometry.numbers(number))
    centre = pixel_at(eta, phi, size, eta_max)
    if whole:
        channel, pixel, area = number, centre, np.ones(len(number))
    elif collection == EcalEndcap.collection:
        channel, pixel, area = _endcap_pairs(geometry, size, eta_max)
    else:
        channel, pixel, area = _grid_pairs(geometry, size, eta_max)
    there = centre[channel] >= 0
    channel, pixel, area = channel[there], pixel[there], area[there]
    order = np.lexsort((pixel, channel))
    channel, pixel, area = channel[order], pixel[order], area[order]
    total = np.bincount(channel, area, minlength=len(number))
    begin = np.concatenate([[0], np.cumsum(np.bincount(channel, minlength=len(number)))])
    share = (area / total[channel]).astype(np.float32)
    return Shares(
        begin.astype(np.int64), pixel.astype(np.int32), share, np.cosh(eta).astype(np.float32)
    )


class Strokes(NamedTuple):
    """Objects of one collection that are added to one channel of the picture.

    Parameters
    ----------
    layer : int
        Channel.
    offsets : array of int, shape (B + 1,)
        Objects of each event.
    place : array of int, shape (N,)
        Channel of the detector, or pixel where there is no table; −1 for outside.
    value : array, shape (N,)
        What is added.
    table : Shares, optional
        Pixels of each channel.
    """

    layer: int
    offsets: Integers
    place: Integers
    value: NDArray[np.float32]
    table: Shares | None = None


@numba.njit(cache=True)
def _most(events, stroke, begin):  # type: ignore[no-untyped-def]
    """Entries before those of a pixel become one."""
    layer, starts, place, _, kind = stroke
    most = 0
    for s in range(layer.size):
        for i in range(starts[s, 0], starts[s, events]):
            if place[i] >= 0:
                at = kind[s] + place[i]
                most += 1 if kind[s] < 0 else begin[at + 1] - begin[at]
    return most


@numba.njit(cache=True)
def _added(events, stroke, table, scale, pixels, index, total):  # type: ignore[no-untyped-def]
    # Entries of a pixel become one: `seen` remembers where each pixel of this event went.
    layer, starts, place, value, kind = stroke
    begin, cells, share = table
    seen = np.full(scale.size * pixels, -1, np.int32)
    offsets = np.zeros(events + 1, np.int64)
    count = 0
    for b in range(events):
        first = count
        for s in range(layer.size):
            base = layer[s] * pixels
            for i in range(starts[s, b], starts[s, b + 1]):
                if place[i] < 0:
                    continue
                whole = value[i] / scale[layer[s]]
                low, high = 0, 1
                if kind[s] >= 0:
                    row = kind[s] + place[i]
                    low, high = int(begin[row]), int(begin[row + 1])
                for k in range(low, high):
                    at = base + (place[i] if kind[s] < 0 else np.int64(cells[k]))
                    slot = int(seen[at])
                    if slot < first:
                        slot = count
                        seen[at] = count
                        index[count] = at
                        total[count] = 0.0
                        count += 1
                    total[slot] += whole if kind[s] < 0 else whole * share[k]
        offsets[b + 1] = count
    return offsets, count


def draw(
    strokes: list[Strokes], events: int, scale: Floats, pixels: int
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
    >>> here = Strokes(0, np.array([0, 2]), np.array([3, 3]), np.ones(2, np.float32))
    >>> [one.tolist() for one in draw([here], 1, np.ones(1), 4)]
    [[0, 1], [3], [2.0]]
    """
    first = np.cumsum([0, *(len(one.place) for one in strokes)])
    starts = np.stack([one.offsets + at for one, at in zip(strokes, first, strict=False)])
    kind, begins, cells, parts, rows, used = [], [], [], [], 0, 0
    for one in strokes:
        kind.append(rows if one.table is not None else -1)
        if one.table is not None:
            begins.append(one.table.begin + used)
            cells.append(one.table.pixel)
            parts.append(one.table.share)
            rows, used = rows + len(one.table.begin), used + len(one.table.pixel)
    stroke = (
        np.array([one.layer for one in strokes]),
        starts.astype(np.int64, copy=False),
        np.concatenate([one.place for one in strokes]).astype(np.int64, copy=False),
        np.concatenate([one.value for one in strokes]).astype(np.float32, copy=False),
        np.array(kind, np.int64),
    )
    table = (
        np.concatenate([*begins, np.zeros(1, np.int64)]).astype(np.int32),
        np.concatenate([np.zeros(0, np.int32), *cells]),
        np.concatenate([np.zeros(0, np.float32), *parts]),
    )
    # memory that is not written to costs nothing, and numpy's comes in large pages
    most = int(_most(events, stroke, table[0]))
    index, total = np.empty(most, np.uint32), np.empty(most, np.float32)
    small = np.asarray(scale, np.float32)
    offsets, count = _added(events, stroke, table, small, pixels, index, total)
    return offsets, index[:count], total[:count]
