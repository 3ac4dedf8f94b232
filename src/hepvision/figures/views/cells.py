"""Cells of a calorimeter in three dimensions, colour and size by their energy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hepvision.figures._cells import Part, depth_axis, parts_of
from hepvision.figures._event import Event
from hepvision.figures._heat import scale
from hepvision.figures._space import space
from hepvision.figures._traces import EXTRA, Array, Figure, Trace, numbers, rows_of, strongest
from hepvision.figures._view import Panel

__all__ = ["Cells"]

AROUND = 16
"""Marks that stand for a ring."""


@dataclass(frozen=True)
class Cells:
    """The shower in space.

    Parameters
    ----------
    most : int
        Cells that are drawn; of more, those with the most energy.

    Examples
    --------
    >>> cell = {key: np.zeros(1, int) for key in ("part", "layer", "row", "column")}
    >>> made = Cells()(Event({}, {"Cell": cell | {"energy": np.ones(1)}}))
    >>> [panel.title for panel in made]
    ['Cells in space']
    """

    most: int = 8000

    reads: ClassVar[tuple[str, ...]] = ("Cell",)
    place: ClassVar[int] = 60

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The panel, if there is a cell with a place."""
        parts = parts_of(event)
        if not parts:
            return
        energy = np.concatenate([part.energy for part in parts])
        rows = strongest(energy, self.most)
        total, outside = float(energy.sum()), event.count("Cell") - energy.size
        text = f"Cells with energy: {energy.size:,}, together {total:.4g} GeV."
        if rows.size < energy.size:
            share = 100.0 * float(energy[rows].sum()) / total if total else 0.0
            text += f" Drawn: the {rows.size:,} with the most energy, {share:.1f} % of it."
        if outside:
            text += f" Outside of the grid, not drawn: {outside:,} cells."
        text += " Colour and size grow with the logarithm of the energy. Drag to turn."
        polar = any(part.polar for part in parts)
        if polar:
            text += " Distances from the axis are numbers of radial bins; "
            text += "bins that go all the way round are rings."
        else:
            text += " x and y are shares of the window"
            text += ", which is drawn equally wide for every part." if len(parts) > 1 else "."
        yield Panel("cells", "Cells in space", text, _figure(parts, rows, energy, polar))


def _figure(parts: list[Part], rows: npt.NDArray[Any], energy: Array, polar: bool) -> Figure:
    look = scale(energy[rows], "energy [GeV]")
    drawn = np.zeros(energy.size, bool)
    drawn[rows] = True
    data: list[Trace] = []
    start = 0
    for number, part in enumerate(parts):
        mine = drawn[start : start + part.energy.size]
        start += part.energy.size
        if mine.any():
            data.append(_marks(part, mine, look, bar=not data, number=number))
    layers = max(part.first + part.layers for part in parts)
    titles = ("layer", _across("x", polar), _across("y", polar))
    deep = min(2.2, 0.7 + layers / 40)
    limit = {} if polar else {"range": [0, 100]}
    return space(
        data,
        titles,
        (deep, 1.0, 1.0),
        xaxis=depth_axis(parts),
        yaxis=limit,
        zaxis=limit,
    )


def _across(name: str, polar: bool) -> str:
    return f"{name} [radial bins]" if polar else f"{name} [%]"


def _marks(part: Part, mine: npt.NDArray[Any], look: Trace, bar: bool, number: int) -> Trace:
    across, along = (one[mine] for one in part.place())
    depth, energy = part.depth[mine].astype(float), part.energy[mine]
    row, column = part.row[mine], part.column[mine]
    if part.ring:
        turn = np.tile(np.linspace(0, 2 * np.pi, AROUND, endpoint=False), energy.size)
        radius = np.repeat(column + 0.5, AROUND)
        across, along = radius * np.cos(turn), radius * np.sin(turn)
        depth, energy, row, column = (
            np.repeat(one, AROUND) for one in (depth, energy, row, column)
        )
    colour = np.sign(energy) * np.log10(1 + np.abs(energy) / look["floor"])
    sizes = 2.0 + 7.0 * np.clip(np.abs(colour) / look["zmax"], 0.0, 1.0)
    words = ("α bin", "radial bin") if part.polar else ("row", "column")
    text = (
        f"<b>{part.name}</b>, layer %{{x:.0f}}<br>{words[0]} %{{customdata[0]}}, "
        f"{words[1]} %{{customdata[1]}}<br>%{{customdata[2]:.4g}} GeV{EXTRA}"
    )
    return {
        "type": "scatter3d",
        "mode": "markers",
        "name": part.name,
        "showlegend": False,
        "x": numbers(depth, 1),
        "y": numbers(across, 2),
        "z": numbers(along, 2),
        "customdata": [[*one[:2], float(f"{e:.5g}")] for one, e in zip(
            rows_of(row, column), energy.tolist(), strict=True
        )],
        "hovertemplate": text,
        "marker": {
            "symbol": "square" if number % 2 == 0 else "diamond",
            "size": numbers(0.6 * sizes if part.ring else sizes, 1),
            "color": numbers(colour),
            "colorscale": look["colorscale"],
            "cmin": look["zmin"],
            "cmax": look["zmax"],
            "opacity": 0.85,
            "line": {"width": 0},
            "showscale": bar,
            **({"colorbar": look["colorbar"]} if bar else {}),
        },
    }  # fmt: skip
