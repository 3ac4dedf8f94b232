"""Pieces that the panels of the event display share: marks, sizes, axes, as plain dictionaries."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.figures._deposits import Contents, Deposits

__all__ = [
    "ECAL",
    "ENDCAP",
    "EXTRA",
    "HCAL",
    "INVISIBLE",
    "PHOTON",
    "PILEUP",
    "TRACK",
    "Panel",
    "Trace",
    "crystals",
    "degrees",
    "has_photons",
    "has_tracks",
    "layout",
    "numbers",
    "objects",
    "photon_marks",
    "photon_place",
    "primary",
    "sizes",
    "track_marks",
]

Array = npt.NDArray[np.float64]
Panel = dict[str, Any]
Trace = dict[str, Any]

ECAL, ENDCAP, HCAL = "#1750c8", "#00838f", "#8a8f98"
TRACK, PILEUP, PHOTON, TRUTH = "#e06c00", "#d9b48a", "#7a21dd", "#c2185b"
INVISIBLE = {"opacity": 0, "size": 14}
"""Marker of points that only carry the text to show."""
EXTRA = "<extra></extra>"


def numbers(values: npt.ArrayLike, decimals: int = 3) -> list[float | None]:
    """Rounded, for JSON; NaN becomes null."""
    column = np.round(np.asarray(values, dtype=np.float64), decimals)
    return [None if np.isnan(value) else float(value) for value in column]


def _rows(*columns: npt.ArrayLike) -> list[list[float | None]]:
    return [list(row) for row in zip(*(numbers(column) for column in columns), strict=True)]


def points(name: str, x: npt.ArrayLike, y: npt.ArrayLike, **more: Any) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": numbers(x),
        "y": numbers(y),
        **more,
    }


def layout(x: Trace, y: Trace, **more: Any) -> Trace:
    axis = {
        "showline": True,
        "mirror": True,
        "ticks": "outside",
        "linecolor": "#333",
        "zeroline": False,
        "showgrid": False,
    }
    return {
        "xaxis": {**axis, **x},
        "yaxis": {**axis, **y},
        "margin": {"l": 58, "r": 14, "t": 34, "b": 46},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "font": {"family": "Helvetica, Arial, sans-serif", "size": 12, "color": "#222"},
        "legend": {
            "bgcolor": "rgba(0,0,0,0)",
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 11},
        },
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        **more,
    }


def sizes(et: Array, least: float = 3.0, most: float = 15.0) -> list[float | None]:
    """Marker sizes that grow with the logarithm of ET from 0.1 to 50 GeV."""
    share = np.log10(np.maximum(et, 0.1) / 0.1) / np.log10(500.0)
    return numbers(least + (most - least) * np.clip(share, 0.0, 1.0), 1)


def degrees(phi: npt.ArrayLike) -> Array:
    return (np.rad2deg(np.asarray(phi, dtype=np.float64)) + 180.0) % 360.0 - 180.0


_ENERGY = "E %{customdata[2]:.2f} GeV, E<sub>T</sub> %{customdata[3]:.2f} GeV<br>"
_PLACE = "η %{customdata[4]:.3f}, φ %{customdata[5]:.3f}"


def crystals(hits: Deposits, name: str, x: Array, y: Array, **more: Any) -> Trace:
    side = hits.numbers.shape[1] == 3
    words = (
        "endcap crystal ix %{customdata[0]}, iy %{customdata[1]}"
        if side
        else ("barrel crystal iη %{customdata[0]}, iφ %{customdata[1]}")
    )
    time = np.where(np.isnan(hits.time), 0.0, hits.time)
    known = bool(hits.time.size) and not bool(np.isnan(hits.time).all())
    last = "<br>t %{customdata[6]:.2f} ns" if known else ""
    data = _rows(
        hits.numbers[:, 0], hits.numbers[:, 1], hits.energy, hits.et, hits.eta, hits.phi, time
    )
    text = f"<b>ECAL {words}</b><br>{_ENERGY}{_PLACE}{last}{EXTRA}"
    return points(name, x, y, customdata=data, hovertemplate=text, **more)


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
    columns = [event.tracks[key][rows] for key in ("pt", "charge", "eta", "phi")]
    data = _rows(*columns, primary(event)[rows])
    text = (
        "<b>track</b> p<sub>T</sub> %{customdata[0]:.2f} GeV, charge %{customdata[1]:+d}<br>"
        "η %{customdata[2]:.3f}, φ %{customdata[3]:.3f}<br>vertex %{customdata[4]}" + EXTRA
    )
    return points(name, x, y, customdata=data, hovertemplate=text, **more)


def primary(event: Contents) -> npt.NDArray[Any]:
    """Vertex of each track; 0, the primary one, where it is not known."""
    pt = event.tracks["pt"]
    return np.asarray(event.tracks.get("vertexIdx", np.zeros(pt.size)))


def photon_place(event: Contents) -> tuple[Array, Array]:
    photons = event.photons
    eta = photons.get("superclusterEta", photons["eta"])
    phi = photons.get("superclusterPhi", photons["phi"])
    return np.asarray(eta, float), np.asarray(phi, float)


def photon_marks(event: Contents, x: Array, y: Array) -> Trace:
    photons = event.photons
    data = _rows(photons["pt"], photons["eta"], photons["phi"])
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
        textfont={"color": PHOTON, "size": 11},
        marker={"symbol": "circle-open", "size": 26, "color": PHOTON, "line": {"width": 2}},
    )


def _truth_marks(event: Contents, x: Array, y: Array) -> Trace:
    particles = event.particles
    data = _rows(particles["pdgId"], particles["pt"], particles["eta"], particles["phi"])
    text = (
        "<b>generated, PDG id %{customdata[0]}</b><br>p<sub>T</sub> %{customdata[1]:.1f} GeV<br>"
        "η %{customdata[2]:.3f}, φ %{customdata[3]:.3f}" + EXTRA
    )
    return points(
        "generated particles",
        x,
        y,
        customdata=data,
        hovertemplate=text,
        visible="legendonly",
        marker={
            "symbol": "x-thin",
            "size": 9,
            "color": TRUTH,
            "line": {"width": 2, "color": TRUTH},
        },
    )


def has_tracks(event: Contents) -> bool:
    """Whether there is a track to draw."""
    return bool(event.tracks) and event.tracks["pt"].size > 0


def has_photons(event: Contents) -> bool:
    """Whether there is a photon to draw."""
    return bool(event.photons) and event.photons["pt"].size > 0


def objects(event: Contents, place: Any) -> list[Trace]:
    """Photons and generated particles, put where ``place(eta, phi)`` says."""
    marks = []
    if event.particles:
        marks.append(_truth_marks(event, *place(event.particles["eta"], event.particles["phi"])))
    if has_photons(event):
        marks.append(photon_marks(event, *place(*photon_place(event))))
    return marks
