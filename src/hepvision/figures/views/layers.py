"""The shower layer by layer: energy along the depth, and each part seen along the shower."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hepvision.figures._cells import Part, depth_axis, parts_of
from hepvision.figures._event import Event
from hepvision.figures._heat import added, heat_map, scale
from hepvision.figures._traces import EXTRA, Figure, Trace, layout, numbers
from hepvision.figures._view import Panel
from hepvision.figures.style import ENTRY_COLOURS

__all__ = ["Layers"]

SIDE = 256
"""Rows or columns of a map; more are added up in blocks."""


@dataclass(frozen=True)
class Layers:
    """A profile along the depth, and a map a part.

    Parameters
    ----------
    most : int
        Parts that get a map, from the front.

    Examples
    --------
    >>> cell = {key: np.array([0, 1]) for key in ("layer", "row", "column")}
    >>> made = Layers()(Event({}, {"Cell": cell | {"energy": np.ones(2)}}))
    >>> [panel.name for panel in made]
    ['profile', 'layer_0']
    """

    most: int = 8

    reads: ClassVar[tuple[str, ...]] = ("Cell",)
    place: ClassVar[int] = 65

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The profile, if there is more than one layer, and a map for each part."""
        parts = parts_of(event)
        if sum(part.layers for part in parts) > 1:
            text = "Energy of all cells of a layer, summed."
            yield Panel("profile", "Energy along the depth", text, _profile(parts))
        for number, part in enumerate(parts[: self.most]):
            # one row of rings is in the picture in space
            if part.rows > 1 and part.columns > 1:
                name = f"layer_{number}"
                yield Panel(name, f"{part.name}, seen along the shower", _text(part), _map(part))


def _text(part: Part) -> str:
    over = f", summed over {part.layers} layers" if part.layers > 1 else ""
    return f"{part.energy.sum():.4g} GeV in {part.energy.size:,} cells{over}. Blank cells white."


def _profile(parts: list[Part]) -> Figure:
    data: list[Trace] = []
    for number, part in enumerate(parts):
        depth = np.arange(part.first, part.first + part.layers)
        sums = np.bincount(part.depth - part.first, part.energy, part.layers)
        data.append(
            {
                "type": "bar",
                "name": part.name,
                "showlegend": any(one.layers > 1 for one in parts) and len(parts) > 1,
                "x": depth.tolist(),
                "y": numbers(sums, 6),
                "marker": {"color": ENTRY_COLOURS[number % len(ENTRY_COLOURS)]},
                "hovertemplate": f"<b>{part.name}</b>, layer %{{x}}<br>%{{y:.4g}} GeV{EXTRA}",
            }
        )
    x = depth_axis(parts)
    y = {"title": {"text": "energy [GeV]"}, "rangemode": "tozero"}
    made = layout(x, y, bargap=0.15)
    return {"data": data, "layout": made, "aspect": 0.75}


def _map(part: Part) -> Figure:
    index = part.row * part.columns + part.column
    lit, sums, small, block = added(index, part.energy, (part.rows, part.columns), SIDE)
    words = ("α [bins]", "r [bins]") if part.polar else ("row [cells]", "column [cells]")
    figure = heat_map(lit, sums, small, scale(sums, "energy [GeV]"), words, "GeV", block)
    # cells of many parts are no squares
    figure |= {"aspect": 0.75, "equal": False}
    return figure
