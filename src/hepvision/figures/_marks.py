"""Marks of crystals, tracks and photons, which the views of a detector share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.figures._deposits import Contents, Deposits, Floors
from hepvision.figures._traces import (
    EXTRA,
    HALO,
    PHOTON,
    PILEUP,
    TRACK,
    Array,
    Trace,
    points,
    rows_of,
    sizes,
    strongest,
)

__all__ = [
    "crystals",
    "drawn",
    "photon_marks",
    "photon_place",
    "primary",
    "tracks_drawn",
    "track_marks",
]

MOST = 4000
"""More marks than this make a page slow; those with the most energy are drawn."""
_ENERGY = "E %{customdata[2]:.2f} GeV, E<sub>T</sub> %{customdata[3]:.2f} GeV<br>"
_PLACE = "η %{customdata[4]:.3f}, φ %{customdata[5]:.3f}"


def crystals(hits: Deposits, name: str, x: Array, y: Array, **more: Any) -> Trace:
    """Crystals at places, the strongest where there are very many."""
    side = hits.numbers.shape[1] == 3
    words = (
        "endcap crystal ix %{customdata[0]}, iy %{customdata[1]}"
        if side
        else ("barrel crystal iη %{customdata[0]}, iφ %{customdata[1]}")
    )
    rows = strongest(hits.energy, MOST)
    known = bool(hits.time.size) and not bool(np.isnan(hits.time).all())
    last = "<br>t %{customdata[6]:.2f} ns" if known else ""
    time = np.where(np.isnan(hits.time), 0.0, hits.time)
    columns = (*hits.numbers[:, :2].T, hits.energy, hits.et, hits.eta, hits.phi, time)
    data = rows_of(*(np.asarray(one)[rows] for one in columns))
    text = f"<b>ECAL {words}</b><br>{_ENERGY}{_PLACE}{last}{EXTRA}"
    if "marker" in more and more["marker"].get("size") is None:
        more["marker"] = {**more["marker"], "size": sizes(hits.et[rows])}
    return points(name, x[rows], y[rows], customdata=data, hovertemplate=text, **more)


def drawn(hits: Deposits, what: str, floor: float, marks: bool = False) -> str:
    """How many hits of how many are drawn, in words; nothing where there is none."""
    if not hits.found:
        return ""
    above = f"{hits.energy.size:,} of {hits.found:,} {what} above {floor:g} GeV"
    most = f", the strongest {MOST:,} of them" if marks and hits.energy.size > MOST else ""
    return above + most


def track_marks(event: Contents, x: Array, y: Array, marker: Trace, **more: Any) -> list[Trace]:
    """Tracks as points, those of pile-up first, so that the primary vertex's lie over them."""
    marks = []
    for name, shade, rows in (
        ("pile-up tracks", PILEUP, primary(event) != 0),
        ("tracks", TRACK, primary(event) == 0),
    ):
        if rows.any():
            look = {**marker, "color": shade}
            if "size" not in marker:
                look["size"] = sizes(event.tracks["pt"][rows], 3, 9)
            group = {"legendgroup": name, **more}
            marks.append(_tracks(name, event, rows, x[rows], y[rows], marker=look, **group))
    return marks


def _tracks(
    name: str, event: Contents, rows: npt.NDArray[np.bool_], x: Array, y: Array, **more: Any
) -> Trace:
    columns = [event.tracks[key][rows] for key in ("pt", "eta", "phi")]
    charged = "charge" in event.tracks
    charge = event.tracks["charge"][rows] if charged else np.zeros(int(rows.sum()))
    data = rows_of(*columns, charge, primary(event)[rows])
    text = (
        "<b>track</b> p<sub>T</sub> %{customdata[0]:.2f} GeV"
        + (", charge %{customdata[3]:+d}" if charged else "")
        + "<br>η %{customdata[1]:.3f}, φ %{customdata[2]:.3f}"
        + ("<br>vertex %{customdata[4]}" if "vertexIdx" in event.tracks else "")
        + EXTRA
    )
    return points(name, x, y, customdata=data, hovertemplate=text, **more)


def tracks_drawn(event: Contents, floors: Floors) -> str:
    """How many tracks of how many are drawn, in words."""
    if not event.found_tracks:
        return ""
    shown = len(event.tracks.get("pt", ()))
    return f"{shown:,} of {event.found_tracks:,} tracks above {floors.track:g} GeV"


def primary(event: Contents) -> npt.NDArray[Any]:
    """Vertex of each track; 0, the primary one, where no track's is known."""
    pt = event.tracks["pt"]
    found = np.asarray(event.tracks.get("vertexIdx", np.zeros(pt.size)))
    return found if (found >= 0).any() else np.zeros(pt.size)


def photon_place(event: Contents) -> tuple[Array, Array]:
    """Direction of photons from the centre of the detector, as far as known."""
    photons = event.photons
    eta = photons.get("superclusterEta", photons["eta"])
    phi = photons.get("superclusterPhi", photons["phi"])
    return np.asarray(eta, float), np.asarray(phi, float)


def photon_marks(event: Contents, x: Array, y: Array) -> Trace:
    """Photons as rings with their pT."""
    photons = event.photons
    data = rows_of(photons["pt"], photons["eta"], photons["phi"])
    text = (
        "<b>photon</b> p<sub>T</sub> %{customdata[0]:.1f} GeV<br>"
        "η %{customdata[1]:.3f}, φ %{customdata[2]:.3f} from the vertex" + EXTRA
    )
    return points(
        "photons",
        x,
        y,
        customdata=data,
        hovertemplate=text,
        mode="markers+text",
        text=[f"{pt:.0f} GeV" for pt in photons["pt"]],
        textposition=["top center" if i % 2 == 0 else "bottom center" for i in range(len(x))],
        textfont={"color": PHOTON, "size": 11, "shadow": HALO},
        marker={"symbol": "circle-open", "size": 26, "color": PHOTON, "line": {"width": 2}},
    )
