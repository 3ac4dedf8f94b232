"""Windows around a pixel of each picture, cut out of sparse pictures."""

from typing import Any, NamedTuple

import awkward as ak
import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.schema import flat
from hepvision.representations import _pixels
from hepvision.representations._canvas import Canvas

__all__ = ["Crops", "crops", "seeds", "times"]

#: Rows and columns to each side of a super-cluster in which its seed is looked for: a cluster's
#: mean lies within its five rows, and in φ nearer to its seed than to what the seed radiated.
REACH = (2, 8)


class Crops(NamedTuple):
    """Lit pixels of windows, each once.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each window's pixels start.
    channel, pixel : array of int, shape (N,)
        Layer, and row · size + column in the window.
    value : array, shape (N,)
        What lies there.
    """

    offsets: NDArray[np.int64]
    channel: NDArray[np.int64]
    pixel: NDArray[np.int64]
    value: NDArray[np.float64]


def _event(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


@numba.njit(cache=True)
def _hardest(offsets, pixel, energy, centre, shape, around, reach, best, found):  # type: ignore[no-untyped-def]
    """Keep in ``found`` the pixel of most energy near each centre; of equal ones the first."""
    columns = shape[1]
    for b in range(centre.size):
        if centre[b] < 0:
            continue
        row, column = centre[b] // columns, centre[b] % columns
        for i in range(offsets[b], offsets[b + 1]):
            one = pixel[i]
            if one < 0 or not 0.0 < energy[i] >= best[b] or abs(one // columns - row) > reach[0]:
                continue
            apart = abs(one % columns - column)
            if min(apart, around - apart) > reach[1]:
                continue
            if energy[i] > best[b] or one < found[b]:
                best[b], found[b] = energy[i], one


def seeds(
    entries: list[_pixels.Entries], canvas: Canvas, centre: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The hardest crystal near some pixels.

    Parameters
    ----------
    entries : list of Entries
        Crystals with their energies, B events each.
    canvas : Canvas
        Where they are drawn.
    centre : array of int, shape (B,)
        Where to look; −1 for nowhere.

    Returns
    -------
    array of int, shape (B,)
        Pixel of the crystal; ``centre`` itself where no crystal near it has energy.
    """
    found, best = centre.copy(), np.zeros(len(centre))
    around = canvas.shape[1] if canvas.periodic else 2 * canvas.shape[1]
    for one in entries:
        pixel = one.channel
        if one.table is not None:  # of the pixels of a crystal the one in the middle
            cells, begin = one.table.cells, one.table.begin
            inside = (pixel >= 0) & (np.diff(begin)[np.maximum(pixel, 0)] > 0)
            channel = pixel[inside]
            pixel = np.full(len(one.channel), -1, np.int64)
            pixel[inside] = cells[(begin[channel] + begin[channel + 1]) // 2]
        _hardest(one.offsets, pixel, one.value, centre, canvas.shape, around, REACH, best, found)
    return found


def times(
    events: ak.Array, canvas: Canvas, centre: NDArray[np.int64], side: int, least: float
) -> list[_pixels.Entries]:
    """Times of the crystals near some pixels; of several in a pixel that of the hardest.

    Parameters
    ----------
    events : ak.Array
        B events.
    canvas : Canvas
        Where they are drawn.
    centre : array of int, shape (B,)
        Pixels; −1 for none.
    side : int
        Pixels to each side that are wanted.
    least : float, GeV
        Crystals at or below this have no time; 0 leaves out none.

    Returns
    -------
    list of Entries
        One, ns, each pixel of an event once.
    """
    parts: list[tuple[NDArray[Any], ...]] = []
    for geometry in (EcalBarrel(), EcalEndcap()):
        if geometry.collection not in canvas.tables:
            continue
        table = canvas.tables[geometry.collection]
        names = [*geometry.fields, "energy", "time"]
        offsets, hit = flat(events[geometry.collection][names])
        channel = geometry.flat_index(*(hit[key] for key in geometry.fields)).astype(np.int64)
        kept = np.flatnonzero(
            (channel < len(table.begin) - 1) & ((least <= 0) | (hit["energy"] > least))
        )
        drawn, pixel = table.of(channel[kept])
        row = np.repeat(kept, np.diff(drawn))
        parts.append((_event(offsets)[row], pixel, hit["energy"][row], hit["time"][row]))
    event, pixel, energy, time = (np.concatenate(one) for one in zip(*parts, strict=True))
    near = _near(pixel, centre[event], canvas, side)
    event, pixel, energy, time = (one[near] for one in (event, pixel, energy, time))
    order = np.lexsort((-energy, pixel, event))
    event, place = event[order], pixel[order].astype(np.int64)
    first = np.ones(len(order), bool)
    first[1:] = (event[1:] != event[:-1]) | (place[1:] != place[:-1])
    bounds = np.searchsorted(event[first], np.arange(len(centre) + 1)).astype(np.int64)
    return [_pixels.Entries(bounds, place[first], time[order][first].astype(np.float32))]


def _steps(
    pixel: NDArray[Any], centre: NDArray[Any], canvas: Canvas
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns from a pixel to another one, the short way round."""
    columns = canvas.shape[1]
    down = pixel // columns - centre // columns
    right = pixel % columns - centre % columns
    if canvas.periodic:
        right = (right + columns // 2) % columns - columns // 2
    return down.astype(np.int64), right.astype(np.int64)


def _near(
    pixel: NDArray[Any], centre: NDArray[Any], canvas: Canvas, side: int
) -> NDArray[np.bool_]:
    down, right = _steps(pixel, centre, canvas)
    return np.asarray((centre >= 0) & (np.abs(down) <= side) & (np.abs(right) <= side))


def crops(
    layers: list[list[_pixels.Entries]], canvas: Canvas, centre: NDArray[np.int64], size: int
) -> Crops:
    """Cut windows out; what would lie beyond the first or last row is blank.

    Parameters
    ----------
    layers : list of list of Entries
        C layers, B events each.
    canvas : Canvas
        Where they are drawn.
    centre : array of int, shape (B,)
        Pixel that comes to row and column ``size // 2`` of the window; −1 leaves it blank.
    size : int
        Rows and columns of the window.

    Returns
    -------
    Crops
        In the order in which the hits come.
    """
    one, scale = np.ones(len(centre)), np.ones(len(layers))
    window = _pixels.Window(centre[:, None], only=size // 2)
    offsets, index, value = _pixels.merge(layers, canvas, one, scale, window=window)
    pixels = canvas.shape[0] * canvas.shape[1]
    channel, pixel = np.divmod(index.astype(np.int64), pixels)
    down, right = _steps(pixel, centre[_event(offsets)], canvas)
    row, column = down + size // 2, right + size // 2
    # a window of an even size has one more before its centre than after it
    inside = (row < size) & (column < size)
    bounds = np.concatenate([[0], np.cumsum(inside)])[offsets]
    place = (row * size + column)[inside]
    return Crops(bounds, channel[inside], place, value[inside].astype(np.float64))
