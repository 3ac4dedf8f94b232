"""HCAL towers as grey cells, for the maps of a detector."""

from __future__ import annotations

from typing import Any

import numpy as np

from hepvision.events.geometry.hcal import Hcal, tower_columns
from hepvision.figures._deposits import Deposits
from hepvision.figures._traces import EXTRA, Array, Trace, numbers

__all__ = ["tower_cells", "tower_pixels"]

GREYS = [[0, "#e9eaec"], [0.5, "#a9adb5"], [1, "#4d525b"]]


def tower_cells(towers: Deposits) -> list[Trace]:
    """Over η and φ, with the towers' own edges, ET as grey; none where there is none."""
    if not towers.energy.size:
        return []
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
    edges = {
        "x": numbers(hcal.eta_edges),
        "y": numbers(np.linspace(-np.pi, np.pi, columns + 1), 5),
    }
    text = f"<b>HCAL tower</b><br>E<sub>T</sub> %{{text}} GeV{EXTRA}"
    return [_greys(total.T, text, edges)]


def tower_pixels(towers: Deposits) -> list[Trace]:
    """Behind the barrel's crystals, in the crystals' coordinates; none where there is none."""
    energy = np.zeros((34, 72))
    row, _ = Hcal().row_column(towers.numbers[:, 0], towers.numbers[:, 1])
    inside = (row >= 11) & (row < 45)
    if not inside.any():
        return []
    column = tower_columns(towers.numbers[inside, 1]) // 5
    np.add.at(energy, (row[inside] - 11, column), towers.energy[inside])
    text = f"<b>HCAL tower</b><br>E %{{text}} GeV{EXTRA}"
    return [_greys(energy, text, {"x0": 3, "dx": 5, "y0": -82.5, "dy": 5})]


def _greys(table: Array, text: str, place: dict[str, Any]) -> Trace:
    """A heat map of the logarithms; null where there is nothing."""
    seen = table > 0
    logs = np.log10(np.where(seen, table, 1.0))
    hidden = np.full(table.shape, None, dtype=object)
    shown, words = hidden.copy(), hidden.copy()
    shown[seen] = np.round(logs[seen], 2).tolist()
    words[seen] = [f"{value:.2f}" for value in table[seen]]
    return {
        "type": "heatmap",
        "name": "HCAL",
        "showlegend": True,
        **place,
        "z": shown.tolist(),
        "text": words.tolist(),
        "hovertemplate": text,
        "hoverongaps": False,
        "colorscale": GREYS,
        "zmin": -0.7,
        "zmax": max(1.0, float(logs.max())),
        "showscale": False,
    }
