"""Marks in three dimensions, with a colour bar and axes that have units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hepvision.figures._traces import Figure, Trace

__all__ = ["space"]


def space(
    data: Sequence[Trace],
    titles: tuple[str, str, str],
    ratio: tuple[float, float, float] = (1.0, 1.0, 1.0),
    **axes: Any,
) -> Figure:
    """A figure of marks in space.

    Parameters
    ----------
    data : sequence of dict
        Traces of the type ``scatter3d``.
    titles : (str, str, str)
        What stands at the axes, with units.
    ratio : (float, float, float)
        Lengths of the axes on the screen.
    **axes
        More of each axis: ``xaxis``, ``yaxis``, ``zaxis``.

    Returns
    -------
    dict
        Figure of a panel.

    Examples
    --------
    >>> space([], ("x [mm]", "y [mm]", "z [mm]"))["layout"]["scene"]["zaxis"]["title"]["text"]
    'z [mm]'
    """
    look = {
        "backgroundcolor": "white",
        "gridcolor": "#d8dce3",
        "showbackground": True,
        "zeroline": False,
        "showspikes": False,
    }
    names = ("xaxis", "yaxis", "zaxis")
    scene: dict[str, Any] = {
        name: {**look, "title": {"text": title, "font": {"size": 12}}, **axes.get(name, {})}
        for name, title in zip(names, titles, strict=True)
    }
    scene["aspectmode"] = "manual"
    # a long box is made smaller, or it would leave the picture
    small = 2.9 / sum(ratio)
    scene["aspectratio"] = {key: small * one for key, one in zip("xyz", ratio, strict=True)}
    scene["camera"] = {
        "eye": {"x": 1.65, "y": 1.65, "z": 0.85},
        "center": {"x": 0.04, "y": -0.04, "z": -0.08},
    }
    layout = {
        "scene": scene,
        "margin": {"l": 4, "r": 4, "t": 30, "b": 62, "autoexpand": False},
        "paper_bgcolor": "white",
        "font": {"family": "Helvetica, Arial, sans-serif", "size": 11, "color": "#222"},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 11}},
        "hoverlabel": {"align": "left"},
    }
    return {"data": list(data), "layout": layout, "aspect": 0.9, "space": True}
