"""Hits to sparse pixels, whole batches at a time."""

from typing import Any, NamedTuple

import awkward as ak
import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import flat
from hepvision.representations._canvas import Canvas, Table
from hepvision.representations._pair import leading_photons

__all__ = ["Entries", "Window", "ecal", "hcal", "merge", "photon_pixels", "tracks"]

Geometry = EcalBarrel | EcalEndcap | Hcal


class Entries(NamedTuple):
    """Hits of one collection, to be drawn in one layer.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's hits start.
    channel : array of int, shape (N,)
        Channel of each hit, or its pixel where there is no table; −1 for outside.
    value : array, shape (N,), GeV
        What is shared equally by its pixels.
    table : Table, optional
        Pixels of each channel.
    """

    offsets: NDArray[np.int64]
    channel: NDArray[np.int64]
    value: NDArray[np.float32]
    table: Table | None = None


def _hits(events: ak.Array, geometry: Any, canvas: Canvas) -> Entries:
    name: str = geometry.collection
    offsets, hit = flat(events[name][[*geometry.fields, "energy"]])
    channel = geometry.flat_index(*(hit[key] for key in geometry.fields)).astype(np.int64)
    table = canvas.tables[name]
    energy = hit["energy"].astype(np.float32, copy=False)
    # kernels read the table unchecked: a tower 29 would be read from beyond its end
    lost = channel >= len(table.begin) - 1
    direct = name == EcalBarrel.collection
    if direct:
        # one pixel each, in the same order
        channel += table.cells[0]
    channel[lost] = -1
    return Entries(offsets, channel, energy, None if direct else table)


def ecal(events: ak.Array, canvas: Canvas) -> list[Entries]:
    """Crystals with their energies.

    Parameters
    ----------
    events : ak.Array
        B events.
    canvas : Canvas
        Where they are drawn.

    Returns
    -------
    list of Entries
        One a collection of crystals that the canvas has.
    """
    geometries: tuple[Geometry, ...] = (EcalBarrel(), EcalEndcap())
    return [_hits(events, one, canvas) for one in geometries if one.collection in canvas.tables]


def hcal(events: ak.Array, canvas: Canvas) -> list[Entries]:
    """Towers with their energies, all depths.

    Parameters
    ----------
    events : ak.Array
        B events.
    canvas : Canvas
        Where they are drawn.

    Returns
    -------
    list of Entries
        One.
    """
    return [_hits(events, Hcal(), canvas)]


def tracks(events: ak.Array, canvas: Canvas, at: str) -> list[Entries]:
    """Tracks with their transverse momenta.

    Parameters
    ----------
    events : ak.Array
        B events.
    canvas : Canvas
        Where they are drawn.
    at : "vertex" or "ecal_face"
        Where a track's η and φ are taken.

    Returns
    -------
    list of Entries
        One, GeV; −1 for tracks that are drawn elsewhere.
    """
    eta, phi = ("eta", "phi") if at == "vertex" else ("etaEcal", "phiEcal")
    offsets, track = flat(events["Track"][["pt", eta, phi]])
    pixel = canvas.locate(track[eta], track[phi])
    return [Entries(offsets, pixel, track["pt"].astype(np.float32, copy=False))]


def photon_pixels(events: ak.Array, canvas: Canvas) -> NDArray[np.int64]:
    """Pixels in front of the two leading photons.

    Parameters
    ----------
    events : ak.Array
        B events.
    canvas : Canvas
        Where they are drawn.

    Returns
    -------
    array, shape (B, 2)
        Pixel, or −1 where there is no photon on this canvas.
    """
    offsets, photon = flat(leading_photons(events, ("superclusterEta", "superclusterPhi")))
    pixel = canvas.locate(photon["superclusterEta"], photon["superclusterPhi"])
    centres = np.full((len(events), 2), -1, np.int64)
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
    centres[np.repeat(np.arange(len(events)), np.diff(offsets)), place] = pixel
    return centres


class Window(NamedTuple):
    """Squares around some pixels.

    Parameters
    ----------
    centres : array of int, shape (B, P)
        Pixels; −1 for none.
    without : int
        Pixels to each side of a centre that are blanked; −1 blanks none.
    only : int
        Pixels to each side of a centre that are kept; −1 keeps all.
    """

    centres: NDArray[np.int64]
    without: int = -1
    only: int = -1


@numba.njit(cache=True)
def _near(at, centres, columns, around, window):  # type: ignore[no-untyped-def]
    for k in range(centres.size):
        if centres[k] >= 0:
            rows = abs(at // columns - centres[k] // columns)
            apart = abs(at % columns - centres[k] % columns)
            if rows <= window and min(apart, around - apart) <= window:
                return True
    return False


@numba.njit(cache=True)
def _most(starts, base, channel, begin):  # type: ignore[no-untyped-def]
    most, events = 0, starts.shape[1] - 1
    for s in range(starts.shape[0]):
        for i in range(starts[s, 0], starts[s, events]):
            if channel[i] >= 0:
                one = base[s] + channel[i]
                most += 1 if base[s] < 0 else begin[one + 1] - begin[one]
    return most


@numba.njit(cache=True)
def _merged(  # type: ignore[no-untyped-def]
    layer, starts, base, channel, value, begin, cells, weight, scale, least, shape, window
):
    # Entries of a pixel become one: `place` remembers where each pixel of this event went.
    pixels, columns, around = shape
    centres, without, only = window
    most = _most(starts, base, channel, begin)
    place = np.full(scale.size * pixels, -1, np.int32)
    index, total = np.empty(most, np.uint32), np.empty(most, np.float32)
    offsets = np.zeros(weight.size + 1, np.int64)
    count = 0
    for b in range(weight.size):
        first = count
        for s in range(starts.shape[0] if weight[b] != 0 else 0):
            for i in range(starts[s, b], starts[s, b + 1]):
                if channel[i] < 0:
                    continue
                low, high, share = 0, 1, value[i]
                if base[s] >= 0:
                    low, high = begin[base[s] + channel[i]], begin[base[s] + channel[i] + 1]
                    share = value[i] / np.float32(max(high - low, 1))
                for k in range(low, high):
                    at = channel[i] if base[s] < 0 else np.int64(cells[k])
                    if without >= 0 and _near(at, centres[b], columns, around, without):
                        continue
                    if only >= 0 and not _near(at, centres[b], columns, around, only):
                        continue
                    at += layer[s] * pixels
                    if place[at] < 0:
                        place[at] = count
                        index[count] = at
                        total[count] = 0
                        count += 1
                    total[place[at]] += share
        last, count = count, first
        for i in range(first, last):
            place[index[i]] = -1
            if least > 0 and total[i] * weight[b] <= least:
                continue
            index[count] = index[i]
            total[count] = total[i] * (weight[b] / scale[index[i] // pixels])
            count += 1
        offsets[b + 1] = count
    return offsets, index[:count].copy(), total[:count].copy()


def merge(
    layers: list[list[Entries]],
    canvas: Canvas,
    weight: NDArray[np.float64],
    scale: NDArray[np.float64],
    least: float = 0.0,
    window: Window | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Put layers together to one sparse image an event.

    Parameters
    ----------
    layers : list of list of Entries
        C layers, each from one collection or more, B events each.
    canvas : Canvas
        Where they are drawn.
    weight : array, shape (B,)
        What each event is multiplied by; 0 leaves it blank.
    scale : array, shape (C,)
        What each layer is divided by.
    least : float
        Pixels that are not above this after the multiplication are left out; 0 leaves out none.
    window : Window, optional
        What is blanked, and what is kept.

    Returns
    -------
    offsets, index, value : arrays, shape (B+1,), (N,), (N,)
        As ``Sparse`` takes them, each pixel once.
    """
    entries = [entry for layer in layers for entry in layer]
    number = np.array([n for n, layer in enumerate(layers) for _ in layer])
    bases = np.cumsum([0, *(len(entry.channel) for entry in entries)])
    starts = np.stack([entry.offsets + base for entry, base in zip(entries, bases, strict=False)])
    base, begins, cells, rows, used = [], [], [], 0, 0
    for entry in entries:
        base.append(rows if entry.table is not None else -1)
        if entry.table is not None:
            begins.append(entry.table.begin + used)
            cells.append(entry.table.cells)
            rows, used = rows + len(begins[-1]), used + len(cells[-1])
    height, columns = canvas.shape
    # twice the columns: the way around is never the shorter one
    around = columns if canvas.periodic else 2 * columns
    if window is None:
        window = Window(np.full((len(weight), 1), -1, np.int64))
    return _merged(
        number,
        starts,
        np.array(base),
        np.concatenate([entry.channel for entry in entries]),
        np.concatenate([entry.value for entry in entries]),
        np.concatenate([*begins, np.zeros(1, np.int64)]),
        np.concatenate([np.zeros(0, np.int32), *cells]),
        weight,
        scale,
        least,
        (height * columns, columns, around),
        tuple(window),
    )
