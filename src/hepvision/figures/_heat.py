"""Heat maps of pictures that are mostly blank: lit pixels alone go into the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.figures._traces import (
    BELOW,
    BLUES,
    EXTRA,
    Array,
    Figure,
    Trace,
    colour_bar,
    decades,
    layout,
    numbers,
    packed,
)

__all__ = ["MOST_SIDE", "added", "heat_map", "scale"]

MOST_SIDE = 512
"""More rows or columns than a screen shows are added up in blocks."""
DEPTH = 1000.0
"""From the faintest colour to the strongest, at the most."""
NEGATIVE = ("#b35806", "#fdb863", "#f7f7f7", "#5790fc", "#0b1f57")


def added(
    index: npt.NDArray[Any], value: npt.NDArray[Any], shape: tuple[int, int], side: int = MOST_SIDE
) -> tuple[npt.NDArray[np.int64], Array, tuple[int, int], int]:
    """Lit pixels with blocks added up until the picture is small enough.

    Parameters
    ----------
    index, value : array, shape (N,)
        Flat index and value; pixels that come twice are added up too.
    shape : (int, int)
        Rows and columns.
    side : int
        Most rows or columns of blocks.

    Returns
    -------
    index, value : array, shape (M,)
        Of the lit blocks.
    shape : (int, int)
        Rows and columns of blocks.
    block : int
        Pixels that a block is wide and high.

    Examples
    --------
    >>> at, sums, shape, block = added(np.array([0, 1024]), np.array([1.0, 2.0]), (2, 1024))
    >>> at.tolist(), sums.tolist(), shape, block
    ([0], [3.0], (1, 512), 2)
    """
    block = -(-max(shape) // side)
    small = (-(-shape[0] // block), -(-shape[1] // block))
    row, column = np.asarray(index, np.int64) // shape[1], np.asarray(index, np.int64) % shape[1]
    at, where = np.unique((row // block) * small[1] + column // block, return_inverse=True)
    sums = np.bincount(where, np.asarray(value, np.float64), at.size)
    lit = sums != 0
    return at[lit], sums[lit], small, block


def scale(values: Array, unit: str) -> Trace:
    """Colours for values, logarithmic, equal for all maps that share them.

    Parameters
    ----------
    values : array, shape (N,)
        All that is drawn.
    unit : str
        What stands over the bar.

    Returns
    -------
    dict
        ``floor``, below which the scale is linear, and the look of a heat map.

    Examples
    --------
    >>> scale(np.array([1.0, 10.0]), "GeV")["floor"]
    1.0
    """
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    top = float(size.max()) if size.size else 1.0
    floor = max(top / DEPTH, float(size.min()) if size.size else top)
    high = float(np.log10(1 + top / floor))
    signed = bool((values < 0).any())
    marks = decades(floor, top)
    if signed:
        marks = [-one for one in marks[::-1]] + [0.0, *marks]
    ticks = np.sign(marks) * np.log10(1 + np.abs(marks) / floor)
    colours: Sequence[str] = NEGATIVE if signed else BLUES
    return {
        "floor": floor,
        "zmin": -high if signed else 0.0,
        "zmax": high,
        "colorscale": [[k / (len(colours) - 1), one] for k, one in enumerate(colours)],
        "colorbar": colour_bar(unit, list(ticks), [f"{one:.3g}" for one in marks]),
    }


def heat_map(
    index: npt.NDArray[Any],
    value: Array,
    shape: tuple[int, int],
    look: Trace,
    axes: tuple[str, str],
    unit: str,
    block: int = 1,
) -> Figure:
    """A picture, its rows upward.

    Parameters
    ----------
    index, value : array, shape (N,)
        Flat index and value of the lit pixels.
    shape : (int, int)
        Rows and columns.
    look : dict
        From ``scale``.
    axes : (str, str)
        What the rows and the columns are.
    unit : str
        Of the values.
    block : int
        Published pixels that a pixel is wide and high.

    Returns
    -------
    dict
        Figure of a panel.

    Examples
    --------
    >>> one = np.ones(1)
    >>> made = heat_map(np.zeros(1, int), one, (2, 4), scale(one, ""), ("row", "column"), "GeV")
    >>> made["aspect"], made["data"][0]["sparse"]["shape"]
    (0.5, [2, 4])
    """
    look = dict(look)
    sparse: dict[str, Any] = {
        "shape": list(shape),
        "index": packed(np.asarray(index), "u4"),
        "value": packed(np.asarray(value), "f4"),
        "floor": look.pop("floor"),
    }
    rows, columns = axes
    trace: Trace = {
        "type": "heatmap",
        "name": "picture",
        # the page's script spreads the lit pixels over the picture
        "sparse": sparse,
        "x0": 0.5 * (block - 1),
        "dx": block,
        "y0": 0.5 * (block - 1),
        "dy": block,
        "hoverongaps": False,
        "hovertemplate": f"{columns} %{{x}}, {rows} %{{y}}<br>%{{customdata:.4g}} {unit}{EXTRA}",
        "showlegend": False,
        **look,
    }
    x: Trace = {"title": {"text": columns}, "range": numbers([-0.5, shape[1] * block - 0.5])}
    y: Trace = {"title": {"text": rows}, "range": numbers([-0.5, shape[0] * block - 0.5])}
    for axis, size in ((x, shape[1]), (y, shape[0])):
        if size * block <= 10:
            axis["dtick"] = 1
    aspect = shape[0] / shape[1]
    # long strips are stretched
    held = 0.25 <= aspect <= 2.0
    made = layout(x, y, margin=BELOW)
    return {
        "data": [trace],
        "layout": made,
        "aspect": min(max(aspect, 0.25), 1.2) if not held else aspect,
        "equal": held,
    }
