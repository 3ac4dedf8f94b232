"""The primary vertex, and which tracks are its own."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.schema import flat

__all__ = ["distances", "primary_z", "vertex_of_tracks"]

#: Tracks further from the beam line are of no vertex.
_DXY = 1.0  # mm


def _first(events: ak.Array) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """z of the first vertex of each event, and whether it was found from tracks."""
    place, fitted = np.zeros(len(events)), np.zeros(len(events), np.bool_)
    if "Vertex" in events.fields:
        offsets, vertices = flat(events["Vertex"])
        some = np.flatnonzero(np.diff(offsets))
        place[some] = vertices["z"][offsets[some]]
        fitted[some] = vertices["sumPt2"][offsets[some]] > 0
    return place, fitted


def primary_z(events: ak.Array) -> NDArray[np.float64]:
    """Place of the first vertex along the beam, shape (B,), mm; 0 without one."""
    return _first(events)[0]


def distances(events: ak.Array, offsets: Any, dz: NDArray[Any]) -> NDArray[np.float64]:
    """Distances of tracks from the primary vertex along the beam, shape (T,), mm.

    A single track makes no vertex: where none was found from tracks, all distances are 0.
    """
    place, fitted = _first(events)
    counts = np.diff(offsets)
    found: NDArray[np.float64] = np.where(
        np.repeat(fitted, counts), dz - np.repeat(place, counts), 0.0
    )
    return found


def vertex_of_tracks(
    events: ak.Array, offsets: Any, track: dict[str, NDArray[Any]]
) -> NDArray[np.int64]:
    """Vertex of each track, shape (T,): 0 the primary one, −1 none.

    Where no vertex was found from tracks, those from the beam line are the primary one's.
    """
    number = int(offsets[-1])
    vertex = np.asarray(track.get("vertexIdx", np.zeros(number)), np.int64)
    lone = np.repeat(~_first(events)[1], np.diff(offsets)) & (vertex < 0)
    near = np.abs(np.asarray(track.get("dxy", np.zeros(number)), float)) < _DXY
    return np.where(lone & near, 0, vertex)
