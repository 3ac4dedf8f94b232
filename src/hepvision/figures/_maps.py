"""Maps of the event display: over η and φ, and the unrolled barrel."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.hcal import Hcal, tower_columns
from hepvision.figures._deposits import Contents, Deposits
from hepvision.figures._detector_frames import position
from hepvision.figures._traces import (
    ECAL,
    ENDCAP,
    EXTRA,
    INVISIBLE,
    Panel,
    Trace,
    crystals,
    degrees,
    has_tracks,
    layout,
    numbers,
    objects,
    sizes,
    track_marks,
)

__all__ = ["barrel_panel", "eta_phi_panel"]

Array = npt.NDArray[np.float64]


GREYS = [[0, "#e9eaec"], [0.5, "#a9adb5"], [1, "#4d525b"]]
FLOOR = 0.1
"""Energy of the faintest blue, GeV."""


def eta_phi_panel(event: Contents) -> Panel:
    """Everything over η and φ: towers, crystals, tracks at the face, photons."""
    data: list[Trace] = [_towers(event.towers)]
    for name, hits, shade in (
        ("ECAL barrel", event.barrel, ECAL),
        ("ECAL endcaps", event.endcap, ENDCAP),
    ):
        marker = {"symbol": "square", "size": sizes(hits.et), "color": shade, "opacity": 0.75}
        data.append(crystals(hits, name, degrees(hits.phi), hits.eta, marker=marker))
    if has_tracks(event):
        eta = event.tracks.get("etaEcal", event.tracks["eta"])
        phi = event.tracks.get("phiEcal", event.tracks["phi"])
        data += track_marks(event, degrees(phi), np.asarray(eta), {"opacity": 0.8})
    data += objects(event, lambda eta, phi: (degrees(phi), np.asarray(eta)))
    x = {"title": {"text": "φ [°]"}, "range": [-180, 180], "dtick": 60}
    y = {"title": {"text": "η"}, "range": [-3.05, 3.05]}
    return {"data": data, "layout": layout(x, y), "aspect": 0.42}


def _towers(towers: Deposits) -> Trace:
    """HCAL towers with their own edges, ET as grey."""
    hcal = Hcal()
    rows, columns = hcal.shape
    total = np.zeros(hcal.shape)
    row, column = hcal.row_column(towers.numbers[:, 0], towers.numbers[:, 1])
    np.add.at(total, (row, column), towers.et)
    # a tower of 10° is counted in its first column and spans two
    ieta = np.arange(rows) - rows // 2
    wide = np.abs(np.where(ieta < 0, ieta, ieta + 1)) >= 21
    total[wide, 1::2] = total[wide, 0::2]
    total = np.roll(total, columns // 2, axis=1)
    shown, words, top = _logs(total)
    return {
        "type": "heatmap",
        "name": "HCAL",
        "showlegend": True,
        "x": numbers(np.linspace(-180.0, 180.0, columns + 1)),
        "y": numbers(hcal.eta_edges),
        "z": shown,
        "text": words,
        "hovertemplate": f"<b>HCAL tower</b><br>E<sub>T</sub> %{{text}} GeV{EXTRA}",
        "hoverongaps": False,
        "colorscale": GREYS,
        "zmin": -0.7,
        "zmax": top,
        "showscale": False,
    }


def _logs(table: Array) -> tuple[list[Any], list[Any], float]:
    """Logarithms and texts of the cells that hold something; null where there is nothing."""
    seen = table > 0
    logs = np.log10(np.where(seen, table, 1.0))
    hidden = np.full(table.shape, None, dtype=object)
    shown, words = hidden.copy(), hidden.copy()
    shown[seen] = np.round(logs[seen], 2).tolist()
    words[seen] = [f"{value:.2f}" for value in table[seen]]
    return shown.tolist(), words.tolist(), max(1.0, float(logs.max()))


def _pixel(eta: npt.ArrayLike, phi: npt.ArrayLike) -> tuple[Array, Array]:
    """Place in the barrel map: iφ, and iη without a hole at 0."""
    column, row = position("barrel", EcalBarrel.shape, eta, phi)
    return column + 1.0, row - 84.5


def barrel_panel(event: Contents) -> Panel:
    """The unrolled barrel, one pixel a crystal: what the networks see."""
    hits = event.barrel
    row, column = EcalBarrel().row_column(hits.numbers[:, 0], hits.numbers[:, 1])
    data: list[Trace] = [
        _tower_pixels(event.towers),
        _crystal_pixels(row, column, hits.energy),
        crystals(hits, "ECAL", column + 1.0, row - 84.5, marker=INVISIBLE, showlegend=False),
    ]
    if has_tracks(event):
        x, y = _pixel(event.tracks["eta"], event.tracks["phi"])
        data += track_marks(event, x, y, {"symbol": "square"})
    data += objects(event, _pixel)
    x_axis = {"title": {"text": "iφ"}, "range": [0.5, 360.5], "tickvals": [1, 90, 180, 270, 360]}
    y_axis = {
        "title": {"text": "iη"},
        "range": [-85, 85],
        "tickvals": [-84.5, -49.5, -0.5, 49.5, 84.5],
        "ticktext": ["−85", "−50", "−1", "50", "85"],
    }
    margin = {"l": 58, "r": 14, "t": 34, "b": 78}
    return {"data": data, "layout": layout(x_axis, y_axis, margin=margin), "aspect": 170 / 360}


def _crystal_pixels(row: Array, column: Array, energy: Array) -> Trace:
    """The image itself; 0 is see-through, 1 to 255 are the logarithm of the energy."""
    rows, columns = EcalBarrel.shape
    top = max(10.0, float(energy.max())) if energy.size else 10.0
    span = np.log(top / FLOOR)
    strength = np.clip(np.log(np.maximum(energy, FLOOR) / FLOOR) / span, 0.0, 1.0)
    shades = np.zeros((rows, columns), np.uint8)
    shades[row, column] = 1 + np.round(254 * strength).astype(np.uint8)
    marks = [mark for mark in (0.1, 1.0, 10.0, 100.0, 1000.0) if mark <= top]
    see_through = "rgba(23,80,200,0)"
    return {
        "type": "heatmap",
        "name": "ECAL",
        "showlegend": True,
        "x0": 1,
        "dx": 1,
        "y0": -84.5,
        "dy": 1,
        # bytes in place of numbers: a twentieth of the page's size
        "z": {
            "dtype": "u1",
            "shape": f"{rows}, {columns}",
            "bdata": base64.b64encode(shades.tobytes()).decode("ascii"),
        },
        "zmin": 0,
        "zmax": 255,
        "hoverinfo": "skip",
        "colorscale": [
            [0, see_through],
            [0.5 / 255, see_through],
            [0.5 / 255, "#a9c1f2"],
            [0.5, ECAL],
            [1, "#0b1f57"],
        ],
        "colorbar": {
            "title": {"text": "ECAL energy [GeV]", "side": "top", "font": {"size": 11}},
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 0,
            "yanchor": "top",
            "ypad": 36,
            "len": 0.4,
            "tickvals": [round(1 + 254 * np.log(mark / FLOOR) / span, 2) for mark in marks],
            "ticktext": [f"{mark:g}" for mark in marks],
            "thickness": 8,
            "outlinewidth": 0,
        },
    }


def _tower_pixels(towers: Deposits) -> Trace:
    """HCAL towers behind the barrel's crystals, in the crystals' coordinates."""
    energy = np.zeros((34, 72))
    row, _ = Hcal().row_column(towers.numbers[:, 0], towers.numbers[:, 1])
    inside = (row >= 11) & (row < 45)
    column = tower_columns(towers.numbers[inside, 1]) // 5
    np.add.at(energy, (row[inside] - 11, column), towers.energy[inside])
    shown, words, top = _logs(energy)
    return {
        "type": "heatmap",
        "name": "HCAL",
        "showlegend": True,
        "x0": 3,
        "dx": 5,
        "y0": -82.5,
        "dy": 5,
        "z": shown,
        "text": words,
        "hovertemplate": f"<b>HCAL tower</b><br>E %{{text}} GeV{EXTRA}",
        "hoverongaps": False,
        "colorscale": GREYS,
        "zmin": -0.7,
        "zmax": top,
        "showscale": False,
    }
