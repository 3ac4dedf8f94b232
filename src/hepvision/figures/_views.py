"""Views of the event display: along the beam, and from the side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.figures._deposits import Contents, track_paths
from hepvision.figures._traces import (
    ECAL,
    EXTRA,
    HCAL,
    INVISIBLE,
    PHOTON,
    PILEUP,
    TRACK,
    Panel,
    Trace,
    degrees,
    has_photons,
    has_tracks,
    layout,
    numbers,
    photon_marks,
    photon_place,
    primary,
    track_marks,
)
from hepvision.representations._canvas import SEAM

__all__ = ["longitudinal_panel", "transverse_panel"]

Array = npt.NDArray[np.float64]

FACE, HADRON_FACE = EcalBarrel.radius, 1790.0  # mm, of ECAL and HCAL barrel
END_FACE, END_RADIUS = EcalEndcap.face, 1515.0  # mm, place and size of the ECAL endcaps
HADRON_OUTWARD = HADRON_FACE / FACE
LONGEST = 900.0
"""Length of the bar of the largest deposit, mm."""
OUTLINE, HADRON_OUTLINE = "#9db7ee", "#c6c9ce"


def _scale(*sums: Array) -> float:
    """Millimetres a GeV: the largest deposit has the longest bar, but 10 GeV at least."""
    return LONGEST / max(10.0, *(float(one.max()) if one.size else 0.0 for one in sums))


def _joined(corners: Sequence[Array]) -> list[float | None]:
    """Coordinates of closed or open polygons with a gap after each; shape (corners, N) → flat."""
    rows = np.stack([*corners, np.full_like(corners[0], np.nan)], axis=1)
    return numbers(rows.ravel(), 0)


def _bars(name: str, x: Sequence[Array], y: Sequence[Array], words: list[str]) -> list[Trace]:
    """Filled quadrilaterals, and unseen points on them that carry the text to show."""
    shade = HCAL if name == "HCAL" else ECAL
    line = {"color": shade, "width": 0.7}
    shared = {"type": "scatter", "name": name, "legendgroup": name}
    return [
        {
            **shared,
            "mode": "lines",
            "x": _joined([*x, x[0]]),
            "y": _joined([*y, y[0]]),
            "fill": "toself",
            "fillcolor": shade,
            "line": line,
            "hoverinfo": "skip",
        },
        {
            **shared,
            "mode": "markers",
            "showlegend": False,
            "x": numbers(np.mean(x, axis=0), 0),
            "y": numbers(np.mean(y, axis=0), 0),
            "marker": INVISIBLE,
            "text": words,
            "hovertemplate": f"%{{text}}{EXTRA}",
        },
    ]


def _track_lines(event: Contents, x: Array, y: Array) -> list[Trace]:
    """Curves of tracks, shape (N, points): the primary vertex's over those of pile-up."""
    data: list[Trace] = []
    first, hard = primary(event) == 0, event.tracks["pt"] > 5.0
    for name, rows, shade, width in (
        ("pile-up tracks", ~first, PILEUP, 0.8),
        ("tracks", first & ~hard, TRACK, 1.0),
        ("tracks", first & hard, TRACK, 2.2),
    ):
        if rows.any():
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": name,
                    "legendgroup": name,
                    "showlegend": name not in [one["name"] for one in data],
                    "x": _joined(list(x[rows].T)),
                    "y": _joined(list(y[rows].T)),
                    "line": {"color": shade, "width": width},
                    "hoverinfo": "skip",
                }
            )
    half = x.shape[1] // 2
    return data + track_marks(event, x[:, half], y[:, half], INVISIBLE, showlegend=False)


def _rays(event: Contents, x: Array, y: Array, start: Array) -> list[Trace]:
    """Straight lines from the beam line to where photons hit the face."""
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "photons",
        "legendgroup": "photons",
        "x": _joined([start, x]),
        "y": _joined([np.zeros(x.size), y]),
        "line": {"color": PHOTON, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
    return [line, {**photon_marks(event, x, y), "legendgroup": "photons", "showlegend": False}]


def _around(name: str, sums: Array, scale: float) -> list[Trace]:
    """Bars of a barrel calorimeter at their azimuths, seen along the beam."""
    start, first = (HADRON_FACE, 0.0) if name == "HCAL" else (FACE, -10.0)
    step = 360.0 / sums.size
    bins = np.flatnonzero(sums > 0)
    low, high = np.deg2rad(first + step * bins), np.deg2rad(first + step * (bins + 1))
    end = start + scale * sums[bins]
    places = ((start, low), (end, low), (end, high), (start, high))
    words = [
        f"<b>{name} barrel</b><br>ΣE<sub>T</sub> {value:.2f} GeV<br>φ {angle:.1f}°"
        for value, angle in zip(sums[bins], degrees(0.5 * (low + high)), strict=True)
    ]
    x = [np.broadcast_to(radius * np.cos(angle), bins.shape) for radius, angle in places]
    y = [np.broadcast_to(radius * np.sin(angle), bins.shape) for radius, angle in places]
    return _bars(name, x, y, words)


def _missing(met: tuple[float, float], scale: float) -> Trace:
    length = min(scale * met[0], 2600.0)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "missing p<sub>T</sub>",
        "x": [0, round(length * float(np.cos(met[1])))],
        "y": [0, round(length * float(np.sin(met[1])))],
        "line": {"color": "#111111", "width": 1.5, "dash": "dash"},
        "hovertemplate": f"missing p<sub>T</sub> {met[0]:.1f} GeV{EXTRA}",
    }


def _sums(iphi: npt.NDArray[np.int64], et: Array, count: int) -> Array:
    return np.bincount(iphi - 1, et, count).astype(np.float64)


def transverse_panel(event: Contents) -> Panel:
    """Along the beam: tracks bend, bars show the barrel's transverse energy at each azimuth."""
    towers = event.towers
    central = np.abs(towers.numbers[:, 0]) <= 16
    ecal = _sums(event.barrel.numbers[:, 1], event.barrel.et, 360)
    hcal = _sums(towers.numbers[central, 1], towers.et[central], 72)
    scale = _scale(ecal, hcal)
    data = [*_around("HCAL", hcal, scale), *_around("ECAL", ecal, scale)]
    if has_tracks(event):
        paths = track_paths(event.tracks)
        data += _track_lines(event, paths[:, :, 0], paths[:, :, 1])
    if has_photons(event):
        eta, phi = photon_place(event)
        r = _face(eta, np.abs(eta) < SEAM)[1]
        data += _rays(event, r * np.cos(phi), r * np.sin(phi), np.zeros(phi.size))
    if event.met is not None:
        data.append(_missing(event.met, scale))
    x: Trace = {"title": {"text": "x [mm]"}, "range": [-2750, 2750]}
    y = {"title": {"text": "y [mm]"}, "range": [-2750, 2750]}
    shapes = [
        {"type": "circle", "x0": -r, "y0": -r, "x1": r, "y1": r, "layer": "below"}
        | {"line": {"color": shade, "width": 1}}
        for r, shade in ((FACE, OUTLINE), (HADRON_FACE, HADRON_OUTLINE))
    ]
    return {"data": data, "layout": layout(x, y, shapes=shapes), "aspect": 1.0, "equal": True}


def _face(eta: Array, barrel: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """Where directions from the centre meet the barrel's or an endcap's face: z and r, mm."""
    slope = np.sinh(eta)
    steep = np.where(barrel, 1.0, np.abs(slope))
    return np.where(barrel, FACE * slope, np.sign(eta) * END_FACE), FACE * barrel + (
        END_FACE / steep * ~barrel
    )


def _beside(name: str, half: Array, sign: float, scale: float) -> list[Trace]:
    """Bars of a calorimeter at their η, seen from the side, above or below the beam."""
    edges = Hcal().eta_edges
    bins = np.flatnonzero(half > 0)
    low, high = edges[bins], edges[bins + 1]
    centre = 0.5 * (low + high)
    inside = np.abs(centre) < SEAM
    outward = HADRON_OUTWARD if name == "HCAL" else 1.0
    tilt, length = np.arctan2(1.0, np.sinh(centre)), scale * half[bins]
    x, y = [], []
    for eta, far in ((low, 0.0), (low, 1.0), (high, 1.0), (high, 0.0)):
        z, r = _face(eta, inside)
        x.append(outward * z + far * length * np.cos(tilt))
        y.append(sign * (outward * r + far * length * np.sin(tilt)))
    words = [
        f"<b>{name}</b><br>ΣE<sub>T</sub> {value:.2f} GeV<br>η {a:.2f} to {b:.2f}"
        for value, a, b in zip(half[bins], low, high, strict=True)
    ]
    return _bars(name, x, y, words)


def _halves(eta: Array, phi: Array, et: Array) -> tuple[Array, Array]:
    """Sums over η bins, above and below the beam."""
    up, edges = np.sin(phi) >= 0, Hcal().eta_edges
    above, _ = np.histogram(eta[up], edges, weights=et[up])
    below, _ = np.histogram(eta[~up], edges, weights=et[~up])
    return above, below


def longitudinal_panel(event: Contents) -> Panel:
    """From the side: r above the beam for 0 < φ < π, below it for the other half."""
    ecal = [
        np.concatenate([getattr(event.barrel, key), getattr(event.endcap, key)])
        for key in ("eta", "phi", "et")
    ]
    sums = {
        "HCAL": _halves(event.towers.eta, event.towers.phi, event.towers.et),
        "ECAL": _halves(*ecal),
    }
    scale = _scale(*(half for pair in sums.values() for half in pair))
    data: list[Trace] = []
    for name, (above, below) in sums.items():
        data += _beside(name, above, 1.0, scale)
        lower = _beside(name, below, -1.0, scale)
        lower[0]["showlegend"] = False
        data += lower
    if has_tracks(event):
        paths = track_paths(event.tracks)
        side = np.where(np.sin(event.tracks["phi"]) >= 0, 1.0, -1.0)[:, None]
        radius = np.hypot(paths[:, :, 0], paths[:, :, 1])
        data += _track_lines(event, paths[:, :, 2], side * radius)
    if has_photons(event):
        eta, phi = photon_place(event)
        z, r = _face(eta, np.abs(eta) < SEAM)
        vertex = float(event.vertices[0, 2]) if len(event.vertices) else 0.0
        side = np.where(np.sin(phi) >= 0, 1.0, -1.0)
        data += _rays(event, z, side * r, np.full(z.size, vertex))
    x: Trace = {"title": {"text": "z [mm]"}, "range": [-4600, 4600]}
    y = {"title": {"text": "± r [mm]"}, "range": [-2750, 2750]}
    return {
        "data": data,
        "layout": layout(x, y, shapes=_outlines()),
        "aspect": 2750 / 4600,
        "equal": True,
    }


def _outlines() -> list[dict[str, Any]]:
    end = FACE * float(np.sinh(SEAM))
    boxes = [("rect", -end, end, -FACE, FACE)]
    boxes += [("line", z, z, -END_RADIUS, END_RADIUS) for z in (-END_FACE, END_FACE)]
    return [
        {"type": kind, "x0": x0, "x1": x1, "y0": y0, "y1": y1, "layer": "below"}
        | {"line": {"color": OUTLINE, "width": 1}}
        for kind, x0, x1, y0, y1 in boxes
    ]
