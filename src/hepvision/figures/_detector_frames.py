"""Axes of detector images: the barrel, the whole detector unrolled, an endcap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import INNER, OUTER, EcalEndcap
from hepvision.representations._canvas import DISTANCE, LIMIT, SEAM, Whole

__all__ = ["ENDCAPS", "bar_place", "dress", "laid_out", "position"]

Array = npt.NDArray[np.float64]
#: Parts of an image that are endcaps, and the sign of z.
ENDCAPS = {"endcap_minus": -1, "endcap_plus": 1}
SIDE = EcalEndcap.shape[1]
GREY = "#b8bcc4"


def position(
    name: str, shape: tuple[int, int], eta: npt.ArrayLike, phi: npt.ArrayLike
) -> tuple[Array, Array]:
    """Place in a part of an image, continuous, in pixels; the row is NaN outside.

    Parameters
    ----------
    name : str
        Name of the part.
    shape : (int, int)
        Its rows and columns.
    eta, phi : array, shape (...), -, rad
        Directions from the centre of the detector.

    Returns
    -------
    column, row : array, shape (...)
        Centres of pixels are whole numbers.

    Examples
    --------
    >>> column, row = position("endcap_plus", (100, 100), [2.0, -2.0], [0.0, 0.0])
    >>> column[0].round(1).item(), row.tolist()
    (79.1, [49.5, nan])
    >>> column, row = position("barrel", (170, 360), [0.01, 2.0], [0.0, 0.0])
    >>> column.round(1).tolist(), row.round(1).tolist()
    ([9.5, 9.5], [85.1, nan])
    """
    if name in ENDCAPS:
        along = np.asarray(eta, np.float64) * ENDCAPS[name]
        inside = (along >= SEAM) & (along < LIMIT)
        radius = DISTANCE / np.sinh(np.where(inside, along, 1.0))
        azimuth = np.asarray(phi, np.float64)
        row = np.where(inside, SIDE / 2 - 0.5 + radius * np.sin(azimuth), np.nan)
        return SIDE / 2 - 0.5 + radius * np.cos(azimuth), row
    edges = (Whole() if shape == Whole.shape else EcalBarrel()).eta_edges
    along = np.asarray(eta, dtype=np.float64)
    row = np.interp(along, edges, np.arange(edges.size) - 0.5, left=np.nan, right=np.nan)
    first = np.rad2deg(EcalBarrel().phi_edges[0])
    column = (np.rad2deg(np.asarray(phi, dtype=np.float64)) - first) % 360.0 - 0.5
    return column, row


def laid_out(parts: Mapping[str, Array]) -> tuple[Figure, dict[str, Axes]]:
    """A figure with axes for each part: endcaps stand beside the barrel.

    Parameters
    ----------
    parts : mapping
        Name → array, shape (C, H, W).

    Returns
    -------
    figure : Figure
        Empty.
    axes : dict of Axes
        By name; each has its frame.

    Examples
    --------
    >>> _, axes = laid_out({"image": np.zeros((3, 280, 360))})
    >>> axes["image"].get_ylabel()
    '$\\\\eta$'
    """
    first = next(iter(parts))
    beside = [name for name in ("endcap_plus", "endcap_minus") if name in parts and name != first]
    rows = parts[first].shape[1]
    tall = rows > EcalBarrel.shape[0]
    size = (10.4, 6.1) if beside else (8.6, 7.3 if tall else 5.7)
    figure = Figure(figsize=size, layout="constrained")
    mosaic: Any = [[first, name] for name in beside] or [[first]]
    # the discs share the height of the barrel
    ratios = [4.4, 1.0] if beside else [1.0]
    axes = figure.subplot_mosaic(mosaic, width_ratios=ratios)
    for name, one in axes.items():
        height, width = parts[name].shape[1:]
        dress(one, name, (height, width))
        if name in beside:
            one.set_title(f"endcap {'+' if ENDCAPS[name] > 0 else '−'}z", fontsize="small")
        else:
            one.set_xlabel("$i\\phi$")
            one.set_ylabel("$\\eta$" if tall else "$i\\eta$")
    return figure, axes


def bar_place(number: int, rows: int) -> tuple[float, float, float, float]:
    """Where the n-th of three colour bars goes under the axes, as fractions of them.

    Parameters
    ----------
    number, rows : int
        Which, from 0; and how many rows the image has.

    Returns
    -------
    tuple of float
        Left, bottom, width, height.

    Examples
    --------
    >>> bar_place(0, 170)
    (0.0, -0.27, 0.31, 0.035)
    """
    share = EcalBarrel.shape[0] / rows
    return (0.345 * number, -0.27 * share, 0.31, 0.035 * share)


def dress(axes: Axes, name: str, shape: tuple[int, int]) -> None:
    """Limits, ticks and outlines.

    Parameters
    ----------
    axes : Axes
        Of one part.
    name : str
        Name of the part; "endcaps" for both beside each other.
    shape : (int, int)
        Rows and columns of its pixels.

    Examples
    --------
    >>> axes = Figure().subplots()
    >>> dress(axes, "image", (170, 360))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['−85', '−50', '−1', '50', '85']
    """
    rows, columns = shape
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    axes.set_aspect("equal")
    axes.tick_params(which="both", direction="out", top=False, right=False)
    axes.minorticks_off()
    if name in ENDCAPS or name == "endcaps":
        _discs(axes, columns)
    elif shape == Whole.shape:
        marks = np.array([-LIMIT, -2.0, -SEAM, 0.0, SEAM, 2.0, LIMIT])
        row = np.interp(marks, Whole().eta_edges, np.arange(rows + 1) - 0.5)
        axes.set_yticks(row, [f"{one:.3g}".replace("-", "−") for one in marks])
        for seam in row[[2, 4]]:
            axes.axhline(seam, color=GREY, lw=0.7, ls=(0, (4, 3)), zorder=0.5)
    elif shape == EcalBarrel.shape:
        marks = np.array([-85, -50, -1, 50, 85])
        axes.set_yticks(
            np.where(marks < 0, marks + 85, marks + 84), [f"{m}".replace("-", "−") for m in marks]
        )
    if columns == EcalBarrel.shape[1]:
        axes.set_xticks([0, 89, 179, 269, 359], ["1", "90", "180", "270", "360"])


def _discs(axes: Axes, columns: int) -> None:
    """Outlines of where crystals are; the second disc ends at the last column."""
    for left in {0, columns - SIDE}:
        middle = (left + SIDE / 2 - 0.5, SIDE / 2 - 0.5)
        for radius in (OUTER + 0.5, INNER - 0.5):
            outline: dict[str, Any] = {"fill": False, "ec": GREY, "lw": 0.7, "zorder": 0.5}
            axes.add_patch(Circle(middle, radius, clip_on=False, **outline))
    axes.set_yticks([])
    middles = [SIDE / 2 - 0.5, columns - SIDE / 2 - 0.5]
    axes.set_xticks(*([], []) if columns == SIDE else (middles, ["−z", "+z"]))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
