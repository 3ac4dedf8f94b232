"""Images of crystals, one pixel a crystal, the logarithm of the energy as blue."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.figures._traces import ECAL, Array, Trace, colour_bar, packed

__all__ = ["crystal_image"]

FLOOR = 0.1
"""Energy of the faintest blue, GeV."""


def crystal_image(
    row: npt.NDArray[Any],
    column: npt.NDArray[Any],
    energy: Array,
    shape: tuple[int, int],
    place: dict[str, Any],
) -> Trace:
    """A heat map of bytes; 0 is see-through, 1 to 255 are the logarithm of the energy."""
    rows, columns = shape
    top = max(10.0, float(energy.max())) if energy.size else 10.0
    span = np.log(top / FLOOR)
    strength = np.clip(np.log(np.maximum(energy, FLOOR) / FLOOR) / span, 0.0, 1.0)
    shades = np.zeros(shape, np.uint8)
    shades[row, column] = 1 + np.round(254 * strength).astype(np.uint8)
    marks = [mark for mark in (0.1, 1.0, 10.0, 100.0, 1000.0) if mark <= top]
    ticks = [1 + 254 * float(np.log(mark / FLOOR)) / span for mark in marks]
    see_through = "rgba(23,80,200,0)"
    return {
        "type": "heatmap",
        "name": "ECAL",
        "showlegend": True,
        **place,
        # bytes in place of numbers: a twentieth of the page's size
        "z": {"dtype": "u1", "shape": f"{rows}, {columns}", "bdata": packed(shades, "u1")},
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
        "colorbar": colour_bar("ECAL energy [GeV]", ticks, [f"{mark:g}" for mark in marks]),
    }
