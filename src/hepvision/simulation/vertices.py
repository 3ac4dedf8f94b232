"""Primary vertices from tracks, by a simple honest model of the fit."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["fit_vertices"]

Array = npt.NDArray[Any]

#: Interactions that are nearer than this are found as one vertex.
MERGED = 0.5  # mm
#: Tracks further from every vertex than this belong to none.
FARTHEST = 3.0  # mm
LEAST_TRACKS = 2
_PT_MAX = 100.0  # GeV: a mismeasured track must not make the primary vertex


@numba.njit(cache=True)
def _merged(z: Array, weight: Array) -> tuple[Array, Array]:
    """Places and weights of clusters of sorted interactions."""
    order = np.argsort(z)
    place = np.empty(len(z))
    total = np.empty(len(z))
    count = 0
    last = -1e9
    for row in order:
        if weight[row] <= 0.0:
            continue
        if z[row] - last < MERGED and count > 0:
            sum_ = total[count - 1] + weight[row]
            place[count - 1] += (z[row] - place[count - 1]) * weight[row] / sum_
            total[count - 1] = sum_
        else:
            place[count], total[count] = z[row], weight[row]
            count += 1
        last = z[row]
    return place[:count], total[:count]


@numba.njit(cache=True)
def _event(
    rng: np.random.Generator,
    pt: Array,
    dz: Array,
    dxy: Array,
    interaction: Array,
    places: Array,
    index: Array,
) -> tuple[Array, Array]:
    """Vertices of one event, (V, 3), and their Σ pT², sorted; fills each track's index."""
    weight = np.zeros(len(places))
    number = np.zeros(len(places), np.int64)
    for row in range(len(pt)):
        if abs(dxy[row]) < 1.0:
            weight[interaction[row]] += min(pt[row], _PT_MAX)
            number[interaction[row]] += 1
    for one in range(len(places)):
        if number[one] < LEAST_TRACKS:
            weight[one] = 0.0
    z, total = _merged(places[:, 2], weight)
    for one in range(len(z)):
        z[one] += 0.1 / np.sqrt(1.0 + total[one]) * rng.standard_normal()
    sums = np.zeros(len(z))
    for row in range(len(pt)):
        index[row] = -1
        nearest = FARTHEST
        for one in range(len(z)):
            if abs(dz[row] - z[one]) < nearest and abs(dxy[row]) < 1.0:
                nearest = abs(dz[row] - z[one])
                index[row] = one
        if index[row] >= 0:
            sums[index[row]] += min(pt[row], _PT_MAX) ** 2
    order = np.argsort(-sums)
    rank = np.empty(len(z), np.int64)
    for place in range(len(z)):
        rank[order[place]] = place
    for row in range(len(pt)):
        if index[row] >= 0:
            index[row] = rank[index[row]]
    found = np.zeros((len(z), 3))
    for place in range(len(z)):
        found[place, 0] = 0.01 * rng.standard_normal()
        found[place, 1] = 0.01 * rng.standard_normal()
        found[place, 2] = z[order[place]]
    return found, sums[order]


@numba.njit(cache=True)
def _fit(
    rng: np.random.Generator,
    offsets: Array,
    pt: Array,
    dz: Array,
    dxy: Array,
    interaction: Array,
    place_offsets: Array,
    places: Array,
) -> tuple[Array, Array, Array, Array]:
    events = len(offsets) - 1
    index = np.full(len(pt), -1, np.int16)
    vertices = np.zeros((len(places) + events, 3))
    sums = np.zeros(len(places) + events)
    out = np.zeros(events + 1, np.int64)
    filled = 0
    for event in range(events):
        a, b = offsets[event], offsets[event + 1]
        c, d = place_offsets[event], place_offsets[event + 1]
        found, sum_ = _event(
            rng, pt[a:b], dz[a:b], dxy[a:b], interaction[a:b], places[c:d], index[a:b]
        )
        count = max(len(found), 1)
        if len(found) > 0:
            vertices[filled : filled + count] = found
            sums[filled : filled + count] = sum_
        filled += count
        out[event + 1] = filled
    return out, vertices[:filled].copy(), sums[:filled].copy(), index


def fit_vertices(
    rng: np.random.Generator,
    offsets: npt.NDArray[np.int64],
    tracks: dict[str, Array],
    interaction: npt.NDArray[np.int64],
    place_offsets: npt.NDArray[np.int64],
    places: npt.NDArray[np.float64],
) -> tuple[Array, dict[str, Array], Array]:
    r"""Find vertices and assign tracks to them.

    Interactions with two tracks or more are found with a resolution of
    :math:`0.1\,\mathrm{mm}/\sqrt{1+\sum p_T/\mathrm{GeV}}`, those nearer than 0.5 mm as one; each
    track goes to the nearest vertex. An event without any gets one at the centre, as from the
    beam spot.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    offsets : array of int64, shape (B + 1,)
        Tracks of each event.
    tracks : dict of arrays, shape (T,)
        pt (GeV), dz and dxy (mm).
    interaction : array of int64, shape (T,)
        Which of the event's interactions made the track.
    place_offsets : array of int64, shape (B + 1,)
        Interactions of each event.
    places : array, shape (V, 3), mm
        Where they happened.

    Returns
    -------
    offsets : array of int64, shape (B + 1,)
        Vertices of each event.
    vertices : dict of arrays
        x, y, z (mm) and sumPt2 (GeV²), largest first.
    index : array of int16, shape (T,)
        Vertex of each track, −1 for none.

    References
    ----------
    CMS Collaboration, JINST 9 (2014) P10009.

    Examples
    --------
    >>> tracks = {"pt": np.array([5.0, 4.0]), "dz": np.array([10.0, 10.1]), "dxy": np.zeros(2)}
    >>> ends, one = np.array([0, 2]), np.array([[0.0, 0.0, 10.0]])
    >>> _, found, index = fit_vertices(
    ...     np.random.default_rng(1), ends, tracks, np.zeros(2, int), np.array([0, 1]), one
    ... )
    >>> found["sumPt2"].tolist(), index.tolist()
    ([41.0], [0, 0])
    """
    pt, dz, dxy = (np.asarray(tracks[name], np.float64) for name in ("pt", "dz", "dxy"))
    found, place, sums, index = _fit(
        rng,
        np.asarray(offsets, np.int64),
        pt,
        dz,
        dxy,
        np.asarray(interaction, np.int64),
        np.asarray(place_offsets, np.int64),
        np.asarray(places, np.float64),
    )
    x, y, z = place.T
    return found, {"x": x, "y": y, "z": z, "sumPt2": sums}, index
