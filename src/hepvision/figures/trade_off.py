"""What a classifier is worth against what it costs, or against how much it learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hepvision.figures._numbers import plain
from hepvision.figures._spans import arrow, ends
from hepvision.figures.style import (
    LINE_STYLES,
    MARKERS,
    colour,
    finish,
    label,
    make_room,
    new_figure,
    style,
)

__all__ = ["trade_off"]

#: Place, value, and the ends of its interval; None where it is open or there is only a limit.
Point = tuple[float, float | None, float | None, float | None]


def trade_off(
    series: Mapping[str, Sequence[Point]],
    across: str,
    upward: str,
    *,
    logarithmic: bool = False,
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """A point with its interval for each classifier, or a line where there are several.

    Parameters
    ----------
    series : mapping
        Name of the classifier → its points: place across, value, lower and upper end; without
        a value the lower end is a limit, drawn as an arrow.
    across, upward : str
        Names of the axes, with units.
    logarithmic : bool
        Whether the upward axis is; the one across always is.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Lines have a legend; a single point has the first word of its name beside it.

    Raises
    ------
    ValueError
        If there is no point, or a place is not positive.

    Examples
    --------
    >>> figure = trade_off({"trees": [(1e3, 0.9, 0.89, 0.91)]}, "training events", "AUC")
    >>> figure.axes[0].get_xscale()
    'log'
    """
    places = [point[0] for points in series.values() for point in points]
    if not places or min(places) <= 0:
        raise ValueError(
            f"trade-off: needs points at positive places, got {places[:3]}. Leave others out."
        )
    with style():
        figure, axes = new_figure()
        for k, (name, points) in enumerate(series.items()):
            _draw(axes, k, name, sorted(points, key=lambda point: point[0]))
        axes.margins(y=0.12)  # room for the arrow of a limit
        axes.set_xscale("log")
        if logarithmic:
            axes.set_yscale("log")
        for axis, scale in ((axes.xaxis, True), (axes.yaxis, logarithmic)):
            if scale:
                plain(axis)
        axes.set_xlabel(across)
        axes.set_ylabel(upward)
        low, high = min(places), max(places)
        room = max((high / low) ** 0.08, 1.3)
        axes.set_xlim(low / room, high * room)
        axes.grid(color="0.92", lw=0.8)
        axes.set_axisbelow(True)
        if any(len(points) > 1 for points in series.values()):
            axes.legend(loc="upper left", fontsize="x-small")
            make_room(axes)
        label(axes, right, source)
        finish(figure)
    return figure


def _draw(axes: Axes, k: int, name: str, points: Sequence[Point]) -> None:
    x = [point[0] for point in points]
    value, below, above = zip(*(ends(point[1:]) for point in points), strict=True)
    looks: dict[str, Any] = {
        "color": colour(k),
        "marker": MARKERS[k % len(MARKERS)],
        "ls": LINE_STYLES[k % len(LINE_STYLES)] if len(points) > 1 else "none",
    }
    axes.errorbar(x, value, yerr=(below, above), ms=5, lw=1.4, label=name, **looks)
    for point, height in zip(points, value, strict=True):
        if point[1] is None:
            arrow(axes, (point[0], height), colour(k), upward=True)
    if len(points) == 1:
        word = name.split(" ")[0]
        axes.annotate(
            word, (x[0], value[0]), xytext=(5, 3), textcoords="offset points", fontsize="x-small"
        )
