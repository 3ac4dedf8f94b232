"""Which pixels of an η–φ grid a cell of a calorimeter covers, and how much of it lies in each."""

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal

__all__ = [
    "GEOMETRIES",
    "Lists",
    "Shares",
    "at_cells",
    "centres",
    "cosh_eta",
    "numbers_of",
    "pixel_at",
    "shares",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Collections whose objects are cells, and where these are.
GEOMETRIES: dict[str, Any] = {one.collection: one for one in (EcalBarrel(), EcalEndcap(), Hcal())}
#: Points along each side of an endcap crystal by which its area is shared.
POINTS = 6


class Lists(NamedTuple):
    """Pixels that belong to each of some numbers, and its share in each.

    Parameters
    ----------
    begin : array of int, shape (numbers + 1,)
        Where the pixels of each start.
    pixel : array of int, shape (N,)
        As they are added to those of another list.
    share : array, shape (N,)
        Of the whole; they sum to 1 where there are any.
    """

    begin: NDArray[np.int32]
    pixel: NDArray[np.int32]
    share: NDArray[np.float32]


class Shares(NamedTuple):
    """Pixels of each cell: those of its first number with each of those of its second.

    A picture is divided as the cells are where these have sides along η and φ, so that a list of
    rows and one of columns are enough, and stay in the cache. Endcap crystals have one list each.

    Parameters
    ----------
    down : Lists
        Rows of cells, and the first pixels of their rows of the picture.
    right : Lists
        Columns of cells, then those twice as wide, and columns of the picture; or endcap crystals
        by their ``flat_index``, and their pixels.
    """

    down: Lists
    right: Lists


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
        Row · columns + column; −1 outside, and for what is not finite.

    Examples
    --------
    >>> pixel_at([0.1, -3.0, 3.0], [-3.1, 3.1, 0.0], (2, 4), 3.0).tolist()
    [4, 3, -1]
    """
    rows, columns = size
    eta, phi = np.asarray(eta, np.float64), np.asarray(phi, np.float64)
    inside = (eta >= -eta_max) & (eta < eta_max) & np.isfinite(phi)
    # rounding may reach the row beyond; angles may be anything finite
    row = np.floor((np.where(inside, eta, 0.0) + eta_max) * (rows / (2.0 * eta_max)))
    row = np.minimum(row, rows - 1)
    column = np.floor((np.where(inside, phi, 0.0) + np.pi) * (columns / (2.0 * np.pi))) % columns
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


def _lists(number: Any, pixel: Any, size: Any, numbers: int) -> Lists:
    """Lists of pairs, of sizes in any unit."""
    order = np.lexsort((pixel, number))
    number, pixel, size = number[order], pixel[order], size[order]
    begin = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=numbers))])
    share = size / np.bincount(number, size, minlength=numbers)[number]
    return Lists(begin.astype(np.int32), pixel.astype(np.int32), share.astype(np.float32))


def _grid(geometry: Any, size: tuple[int, int], eta_max: float) -> Shares:
    """Rows and columns of cells whose sides run along η and φ."""
    edges = geometry.eta_edges
    along = _overlaps(edges, size[0], -eta_max, eta_max, False)
    along[np.abs(edges[1:] + edges[:-1]) / 2 >= eta_max] = 0.0
    across = _overlaps(geometry.phi_edges, size[1], -np.pi, np.pi, True)
    wide = across + np.roll(across, -1, axis=0)  # of a column and the next one
    row, first = np.nonzero(along)
    columns = np.concatenate([across, wide])
    column, second = np.nonzero(columns)
    return Shares(
        _lists(row, first * size[1], along[row, first], len(along)),
        _lists(column, second, columns[column, second], len(columns)),
    )


def _endcap(geometry: Any, size: tuple[int, int], eta_max: float) -> Shares:
    """The same of crystals on a square grid, by points on their faces."""
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    ix, iy, side = geometry.numbers(number)
    step = (np.arange(POINTS) + 0.5) / POINTS - 0.5
    dx, dy = (one.ravel() for one in np.meshgrid(step, step))
    x = (ix[:, None] - 50.5 + dx) * geometry.pitch
    y = (iy[:, None] - 50.5 + dy) * geometry.pitch
    eta = np.arcsinh(geometry.face * side[:, None] / np.hypot(x, y))
    pixel = pixel_at(eta, np.arctan2(y, x), size, eta_max)
    there = (pixel >= 0) & (centres(geometry.collection, size, eta_max)[:-1, None] >= 0)
    pixels = size[0] * size[1]
    pair, count = np.unique((number[:, None] * pixels + pixel)[there], return_counts=True)
    one = np.zeros(1, np.int64)
    return Shares(_lists(one, one, one + 1.0, 1), _lists(*divmod(pair, pixels), count, len(number)))


@functools.lru_cache(maxsize=16)
def centres(collection: str, size: tuple[int, int], eta_max: float) -> Integers:
    """Pixels of the centres of cells.

    Parameters
    ----------
    collection : str
        A key of ``GEOMETRIES``.
    size : tuple of int
        Rows and columns of the picture.
    eta_max : float
        Its rows go from minus to plus this.

    Returns
    -------
    array of int, shape (channels + 1,)
        By ``flat_index``; −1 outside, and at the end, for what is no cell.

    Examples
    --------
    >>> centres("HcalHit", (64, 64), 3.0)[[0, -1]].tolist()
    [96, -1]
    """
    geometry = GEOMETRIES[collection]
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    eta, phi = geometry.eta_phi(*geometry.numbers(number))
    return np.append(pixel_at(eta, phi, size, eta_max), -1)


@functools.cache
def cosh_eta(collection: str) -> NDArray[np.float32]:
    """Energy over transverse energy at the centres of cells.

    Parameters
    ----------
    collection : str
        A key of ``GEOMETRIES``.

    Returns
    -------
    array, shape (channels + 1,)
        By ``flat_index``; 1 at the end, for what is no cell.

    Examples
    --------
    >>> cosh_eta("HcalHit")[[0, -1]].round(2).tolist()
    [8.46, 1.0]
    """
    geometry = GEOMETRIES[collection]
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    eta, _ = geometry.eta_phi(*geometry.numbers(number))
    return np.append(np.cosh(eta), 1.0).astype(np.float32)


def at_cells(values: NDArray[Any], collection: str, *fields: Any) -> NDArray[Any]:
    """What an array has for cells, such as those of ``centres`` and ``cosh_eta``.

    Parameters
    ----------
    values : array, shape (channels + 1,)
        By ``flat_index``; at the end, for what is no cell.
    collection : str
        A key of ``GEOMETRIES``.
    *fields : array of int, shape (N,)
        Fields of its geometry.

    Returns
    -------
    array, shape (N,)
        Of each cell.

    Examples
    --------
    >>> at_cells(centres("HcalHit", (64, 64), 3.0), "HcalHit", [-28, 29], [1, 1]).tolist()
    [96, -1]
    """
    return values[np.minimum(GEOMETRIES[collection].flat_index(*fields), len(values) - 1)]


@functools.lru_cache(maxsize=16)
def shares(collection: str, size: tuple[int, int], eta_max: float) -> Shares:
    """Which pixels the cells of a collection cover.

    Parameters
    ----------
    collection : str
        A key of ``GEOMETRIES``.
    size : tuple of int
        Rows and columns of the picture.
    eta_max : float
        Its rows go from minus to plus this.

    Returns
    -------
    Shares
        Cells whose centre lies outside have no pixels.

    Examples
    --------
    >>> shares("HcalHit", (56, 36), 1.74).right.share[:4].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    made = _endcap if collection == EcalEndcap.collection else _grid
    return made(GEOMETRIES[collection], size, eta_max)


def numbers_of(collection: str, *fields: Any) -> tuple[Integers, Integers]:
    """Which lists of ``shares`` have the pixels of cells.

    Parameters
    ----------
    collection : str
        A key of ``GEOMETRIES``.
    *fields : array of int, shape (N,)
        Fields of its geometry.

    Returns
    -------
    down, right : arrays of int, shape (N,)
        Numbers; beyond the last for what is no cell.

    Examples
    --------
    >>> [one.tolist() for one in numbers_of("HcalHit", [1, 21], [3, 3])]
    [[28, 48], [2, 74]]
    """
    geometry = GEOMETRIES[collection]
    if collection == EcalEndcap.collection:
        channel = geometry.flat_index(*fields).astype(np.int64)
        return np.zeros_like(channel), channel
    row, column = geometry.row_column(*fields)
    first, span = geometry._columns(row, column)
    return row, first + geometry.shape[1] * (span - 1)
