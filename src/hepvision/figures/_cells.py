"""Where the cells of a 3-D calorimeter are: part, depth, and place across the shower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.figures._event import Columns, Event
from hepvision.figures._traces import Array, Trace

__all__ = ["Part", "depth_axis", "parts_of"]


@dataclass(frozen=True, eq=False)
class Part:
    """Cells of one part of a calorimeter.

    Parameters
    ----------
    name : str
        As the reader calls it.
    rows, columns, layers : int
        Size of the part.
    polar : bool
        Whether rows are azimuths and columns radii around the axis of the shower.
    first : int
        Layers before it.
    row, column, depth : array of int, shape (N,)
        Of each cell; the depth counts from the first layer of all.
    energy : array, shape (N,), GeV
        Of each cell.

    Examples
    --------
    >>> one = np.zeros(1, int)
    >>> Part("ECAL", 2, 4, 1, False, 0, one, one, one, np.ones(1)).place()[0].tolist()
    [12.5]
    """

    name: str
    rows: int
    columns: int
    layers: int
    polar: bool
    first: int
    row: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    depth: npt.NDArray[np.int64]
    energy: Array

    def place(self) -> tuple[Array, Array]:
        """Across the shower: per cent of the window, or radial bins from the axis."""
        if self.polar:
            angle = 2 * np.pi * (self.row + 0.5) / self.rows
            radius = self.column + 0.5
            return np.asarray(radius * np.cos(angle)), np.asarray(radius * np.sin(angle))
        column, row = (self.column + 0.5) / self.columns, (self.row + 0.5) / self.rows
        return np.asarray(100.0 * column), np.asarray(100.0 * row)

    @property
    def ring(self) -> bool:
        """Whether each cell is a whole ring."""
        return self.polar and self.rows == 1


def depth_axis(parts: Sequence[Part]) -> Trace:
    """The axis along the depth: numbers of layers, or names where each part is one layer."""
    layers = max(part.first + part.layers for part in parts)
    axis: Trace = {"title": {"text": "layer"}, "range": [-0.6, layers - 0.4]}
    if all(part.layers == 1 for part in parts):
        axis |= {"tickvals": [part.first for part in parts]}
        axis |= {"ticktext": [part.name for part in parts], "title": {"text": ""}}
    elif layers <= 12:
        axis["dtick"] = 1
    return axis


def parts_of(event: Event) -> list[Part]:
    """Parts of the calorimeter that have a cell in this event, from the front to the back.

    Parameters
    ----------
    event : Event
        With ``Cell``; shapes are taken from its attributes, else from the cells.

    Returns
    -------
    list of Part
        Cells outside of their part, such as those of overflow, are left out.

    Examples
    --------
    >>> cell = {"layer": np.array([0, 1]), "row": np.zeros(2, int), "column": np.array([0, 3])}
    >>> [part.columns for part in parts_of(Event({}, {"Cell": cell | {"energy": np.ones(2)}}))]
    [4]
    """
    cells = event.columns("Cell", "row", "column", "energy")
    if not cells:
        return []
    made, first = [], 0
    number = cells.get("part", np.zeros(cells["energy"].size, int))
    for name, told in _shapes(event, cells, number):
        sizes = dict(zip(told["axes"], told["shape"], strict=False))
        rows, columns = int(sizes.get("row", 1)), int(sizes.get("column", 1))
        layers = int(sizes.get("layer", 1))
        row, column = cells["row"].astype(np.int64), cells["column"].astype(np.int64)
        mine = (number == told["part"]) & (row >= 0) & (row < rows)
        mine &= (column >= 0) & (column < columns)
        layer = cells["layer"] if layers > 1 and "layer" in cells else np.zeros_like(row)
        depth = first + layer.astype(np.int64)
        if mine.any():
            polar = "alpha" in (told.get("names") or ())
            kept = (one[mine] for one in (row, column, depth, cells["energy"].astype(float)))
            made.append(Part(str(name), rows, columns, layers, polar, first, *kept))
        first += layers
    return made


def _shapes(event: Event, cells: Columns, number: npt.NDArray[Any]) -> list[tuple[str, Any]]:
    """Shape of each part, as told or as large as the cells need."""
    told = event.about.get("cells")
    if isinstance(told, dict) and told:
        return sorted(told.items(), key=lambda one: int(one[1]["part"]))
    made = []
    for part in np.unique(number).tolist():
        mine = number == part
        shape = [int(cells[key][mine].max(initial=0)) + 1 if key in cells else 1 for key in AXES]
        made.append((f"part {part}", {"part": part, "shape": shape, "axes": AXES}))
    return made


AXES = ("layer", "row", "column")
