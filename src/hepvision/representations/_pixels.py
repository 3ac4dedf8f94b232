"""Hits to sparse pixels, whole batches at a time."""

from typing import NamedTuple

import awkward as ak
import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel, barrel_flat
from hepvision.events.geometry.hcal import Hcal, tower_columns
from hepvision.events.schema import flat

__all__ = ["Entries", "ecal", "hcal", "merge", "photon_crystals", "tracks"]

ROWS, COLUMNS = EcalBarrel.shape
UPSAMPLING = 5
#: HB reaches the end of the crystals, in whole towers.
LAST_TOWER = ROWS // (2 * UPSAMPLING)


class Entries(NamedTuple):
    """Hits of one layer.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's hits start.
    pixel : array of int, shape (N,)
        First pixel of each hit, row by row; −1 for outside.
    value : array, shape (N,), GeV
        What each of its pixels gets.
    span : int
        A hit covers a square of this many rows and columns.
    """

    offsets: NDArray[np.int64]
    pixel: NDArray[np.int64]
    value: NDArray[np.float32]
    span: int = 1


@numba.njit(cache=True)
def _crystals(eta, phi):  # type: ignore[no-untyped-def]
    pixel = np.empty(eta.size, np.int64)
    for i in range(eta.size):
        pixel[i] = barrel_flat(float(eta[i]), float(phi[i]))
    return pixel


def ecal(events: ak.Array) -> Entries:
    """Barrel crystals with their energies.

    Parameters
    ----------
    events : ak.Array
        B events.

    Returns
    -------
    Entries
        One entry a hit, GeV.
    """
    offsets, hit = flat(events["EcalBarrelHit"][["ieta", "iphi", "energy"]])
    pixel = EcalBarrel().flat_index(hit["ieta"], hit["iphi"]).astype(np.int64)
    return Entries(offsets, pixel, hit["energy"].astype(np.float32, copy=False))


def hcal(events: ak.Array) -> Entries:
    """Barrel towers over the 5 × 5 crystals in front of each, energy shared equally.

    Parameters
    ----------
    events : ak.Array
        B events.

    Returns
    -------
    Entries
        One entry a tower with a 25th of its energy; −1 for towers beyond the barrel.
    """
    offsets, hit = flat(events["HcalHit"][["ieta", "iphi", "energy"]])
    row, _ = Hcal().row_column(hit["ieta"], hit["iphi"])
    first_row = (row - (Hcal.shape[0] // 2 - LAST_TOWER)) * UPSAMPLING
    pixel = first_row * COLUMNS + tower_columns(hit["iphi"])
    pixel[np.abs(hit["ieta"]) > LAST_TOWER] = -1
    share = (hit["energy"] / np.float32(UPSAMPLING**2)).astype(np.float32)
    return Entries(offsets, pixel, share, UPSAMPLING)


def tracks(events: ak.Array, at: str) -> Entries:
    """Tracks with their transverse momenta.

    Parameters
    ----------
    events : ak.Array
        B events.
    at : "vertex" or "ecal_face"
        Where a track's η and φ are taken.

    Returns
    -------
    Entries
        One entry a track, GeV; −1 for tracks outside |η| < 1.479.
    """
    eta, phi = ("eta", "phi") if at == "vertex" else ("etaEcal", "phiEcal")
    offsets, track = flat(events["Track"][["pt", eta, phi]])
    pixel = _crystals(np.ascontiguousarray(track[eta]), np.ascontiguousarray(track[phi]))
    return Entries(offsets, pixel, track["pt"].astype(np.float32, copy=False))


def photon_crystals(events: ak.Array) -> NDArray[np.int64]:
    """Crystals in front of the two leading photons.

    Parameters
    ----------
    events : ak.Array
        B events.

    Returns
    -------
    array, shape (B, 2)
        Pixel, or −1 where there is no photon in the barrel.
    """
    photons = events["Photon"][["pt", "superclusterEta", "superclusterPhi"]]
    photons = photons[ak.argsort(photons.pt, axis=1, ascending=False, stable=True)][:, :2]
    offsets, photon = flat(photons)
    pixel = _crystals(photon["superclusterEta"], photon["superclusterPhi"])
    centres = np.full((len(events), 2), -1, np.int64)
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
    centres[np.repeat(np.arange(len(events)), np.diff(offsets)), place] = pixel
    return centres


@numba.njit(cache=True)
def _blank(at, centres, window):  # type: ignore[no-untyped-def]
    for k in range(centres.size):
        if centres[k] >= 0:
            rows = abs(at // COLUMNS - centres[k] // COLUMNS)
            columns = abs(at % COLUMNS - centres[k] % COLUMNS)
            if rows <= window and min(columns, COLUMNS - columns) <= window:
                return True
    return False


@numba.njit(cache=True)
def _merged(starts, spans, pixel, value, factor, centres, window):  # type: ignore[no-untyped-def]
    # Entries of a pixel become one: `place` remembers where each pixel of this event went.
    layers, events = starts.shape[0], starts.shape[1] - 1
    pixels, most = ROWS * COLUMNS, 0
    for layer in range(layers):
        for i in range(starts[layer, 0], starts[layer, events]):
            most += spans[layer] ** 2 if pixel[i] >= 0 else 0
    place = np.full(layers * pixels, -1, np.int64)
    index, total = np.empty(most, np.uint32), np.empty(most, np.float32)
    offsets = np.zeros(events + 1, np.int64)
    count = 0
    for b in range(events):
        first = count
        for layer in range(layers):
            if factor[layer, b] == 0:
                continue
            for i in range(starts[layer, b], starts[layer, b + 1]):
                if pixel[i] < 0:
                    continue
                row, column = pixel[i] // COLUMNS, pixel[i] % COLUMNS
                for step in range(spans[layer] ** 2):
                    down, right = step // spans[layer], step % spans[layer]
                    at = (row + down) * COLUMNS + (column + right) % COLUMNS
                    if window >= 0 and _blank(at, centres[b], window):
                        continue
                    at += layer * pixels
                    if place[at] < 0:
                        place[at] = count
                        index[count] = at
                        total[count] = 0
                        count += 1
                    total[place[at]] += value[i]
        for i in range(first, count):
            place[index[i]] = -1
            total[i] *= factor[index[i] // pixels, b]
        offsets[b + 1] = count
    return offsets, index[:count].copy(), total[:count].copy()


def merge(
    layers: list[Entries],
    factor: NDArray[np.float64],
    centres: NDArray[np.int64] | None = None,
    window: int = -1,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Put layers together to one sparse image an event.

    Parameters
    ----------
    layers : list of Entries
        C of them, B events each.
    factor : array, shape (C, B)
        What each layer of each event is multiplied by; 0 leaves it blank.
    centres : array of int, shape (B, P), optional
        Pixels around which the image is blanked; −1 for none.
    window : int
        Crystals to each side of a centre; −1 blanks nothing.

    Returns
    -------
    offsets, index, value : arrays, shape (B+1,), (N,), (N,)
        As ``Sparse`` takes them, each pixel once.
    """
    bases = np.cumsum([0, *(len(entry.pixel) for entry in layers)])
    starts = np.stack([entry.offsets + base for entry, base in zip(layers, bases, strict=False)])
    spans = np.array([entry.span for entry in layers])
    pixel = np.concatenate([entry.pixel for entry in layers])
    value = np.concatenate([entry.value for entry in layers])
    if centres is None:
        centres = np.full((starts.shape[1] - 1, 1), -1, np.int64)
    return _merged(starts, spans, pixel, value, factor, centres, window)
