"""Pieces that the views of an event share: marks, sizes, axes, as plain dictionaries."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "BELOW",
    "BLUES",
    "ECAL",
    "ENDCAP",
    "EXTRA",
    "HALO",
    "HCAL",
    "INVISIBLE",
    "PHOTON",
    "PILEUP",
    "TRACK",
    "TRUTH",
    "Array",
    "Figure",
    "Trace",
    "colour_bar",
    "decades",
    "gaps",
    "layout",
    "numbers",
    "packed",
    "points",
    "rows_of",
    "sizes",
    "steps",
    "strongest",
    "words_of",
    "wrapped",
]

Array = npt.NDArray[np.float64]
Figure = dict[str, Any]
Trace = dict[str, Any]

ECAL, ENDCAP, HCAL = "#1750c8", "#00838f", "#8a8f98"
TRACK, PILEUP, PHOTON, TRUTH = "#e06c00", "#d9b48a", "#7a21dd", "#c2185b"
#: From faint to strong in one hue, so that lightness alone tells it.
BLUES = ("#c7dbf5", "#5790fc", ECAL, "#0b1f57")
HALO = "0 0 3px white, 0 0 3px white, 0 0 2px white"
"""Shadow that keeps text readable over marks."""
INVISIBLE = {"opacity": 0, "size": 14}
"""Marker of points that only carry the text to show."""
EXTRA = "<extra></extra>"
BELOW = {"l": 58, "r": 14, "t": 34, "b": 116, "autoexpand": False}
"""Margins where a colour bar stands under the axis."""


def numbers(values: npt.ArrayLike, decimals: int = 3) -> list[float | None]:
    """Rounded, for JSON; what is not finite becomes null."""
    column = np.round(np.asarray(values, dtype=np.float64), decimals)
    known = np.isfinite(column).tolist()
    return [value if there else None for value, there in zip(column.tolist(), known, strict=True)]


def rows_of(*columns: npt.ArrayLike) -> list[list[float | None]]:
    """Columns as one list a point, for the text that the pointer shows."""
    return [list(row) for row in zip(*(numbers(column) for column in columns), strict=True)]


def points(name: str, x: npt.ArrayLike, y: npt.ArrayLike, **more: Any) -> Trace:
    """Marks at places, with a name for the legend."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": numbers(x),
        "y": numbers(y),
        **more,
    }


def gaps(corners: Sequence[npt.ArrayLike], decimals: int = 0) -> list[float | None]:
    """Coordinates of lines with a gap after each: a sequence of (N,) → flat."""
    found = [np.asarray(one, np.float64) for one in corners]
    rows = np.stack([*found, np.full_like(found[0], np.nan)], axis=1)
    return numbers(rows.ravel(), decimals)


def packed(values: npt.NDArray[Any], dtype: str) -> str:
    """Little-endian bytes of an array as text: a few times smaller than its numbers."""
    raw = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()
    return base64.b64encode(raw).decode("ascii")


def layout(x: Trace, y: Trace, sized: bool = False, **more: Any) -> Trace:
    """Axes in the look of all panels; the legend stands above them.

    Marks in it are all equally large where they would be too small (``sized``).
    """
    axis = {
        "showline": True,
        "mirror": True,
        "ticks": "outside",
        "linecolor": "#333",
        "zeroline": False,
        "showgrid": False,
        "exponentformat": "none",
    }
    return {
        "xaxis": {**axis, **x},
        "yaxis": {**axis, **y},
        "margin": {"l": 58, "r": 14, "t": 34, "b": 46, "autoexpand": False},
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
            # rows as far apart with groups as without: the page's script counts on it
            "tracegroupgap": 3,
            "itemsizing": "constant" if sized else "trace",
        },
        # also where there is but one name
        "showlegend": True,
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        **more,
    }


def colour_bar(title: str, ticks: Sequence[float], words: Sequence[str]) -> Trace:
    """A bar under the axis, at the right, that says what the colours mean."""
    return {
        # the empty line keeps the words off the bar
        "title": {"text": f"{title}<br> ", "side": "top", "font": {"size": 11}},
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        # at the lower edge of the panel, whatever the height of the axes
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "ypad": 4,
        "len": 0.5,
        "tickvals": numbers(ticks, 5),
        "ticktext": list(words),
        "thickness": 8,
        "outlinewidth": 0,
    }


def decades(low: float, high: float) -> list[float]:
    """Powers of ten between two positive values; also 3 of each where there are few."""
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    every = [10.0**power for power in range(first, last + 1)]
    if last - first < 3:
        every = sorted(every + [3 * one for one in every])
    kept = [one for one in every if low * 0.999 <= one <= high * 1.001]
    return kept[:: 1 + len(kept) // 7] or [high]


def steps(low: float, high: float) -> list[float]:
    """Two to five round numbers between two values."""
    width = max(high - low, 1e-9)
    power = 10.0 ** np.floor(np.log10(width / 2))
    step = power * max(one for one in (1, 2, 5) if one * power <= width / 2)
    first = int(np.ceil(low / step))
    return [float(k * step) for k in range(first, int(np.floor(high / step)) + 1)]


def sizes(et: npt.ArrayLike, least: float = 3.0, most: float = 15.0) -> list[float | None]:
    """Marker sizes that grow with the logarithm of ET from 0.1 to 50 GeV."""
    share = np.log10(np.maximum(et, 0.1) / 0.1) / np.log10(500.0)
    return numbers(least + (most - least) * np.clip(share, 0.0, 1.0), 1)


def wrapped(phi: npt.ArrayLike) -> Array:
    """Azimuths in [−π, π)."""
    return (np.asarray(phi, dtype=np.float64) + np.pi) % (2 * np.pi) - np.pi


def strongest(values: npt.NDArray[Any], most: int) -> npt.NDArray[np.int64]:
    """Rows of the largest values, in their order, not more than so many."""
    size = np.asarray(values).size
    if size <= most:
        return np.arange(size)
    rows = np.argpartition(np.abs(np.asarray(values, np.float64)), size - most)[size - most :]
    return np.sort(rows)


def words_of(drawn: int, found: int, what: str, how: str) -> str:
    """What is said where not all is drawn; nothing where it is."""
    return "" if drawn >= found else f" Drawn: {drawn:,} of {found:,} {what}, {how}."
