"""Pictures of a network: its layers as blocks, its filters, what an event becomes in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from hepvision.figures.style import finish, new_figure, style
from hepvision.interpretation._layers import Layer

__all__ = ["filters_figure", "layers_figure", "maps_figure"]

#: Blocks in a row of the picture, and the most that are drawn.
IN_ROW, MOST = 7, 70
#: Filters and maps of one layer that are drawn.
FILTERS, MAPS, DEEP = 16, 8, 3
_COLOURS = {"convolution": "#5790fc", "dense": "#964a8b", "maximum": "#e42536", "mean": "#f89c20"}


def layers_figure(layers: Sequence[Layer], inputs: Sequence[tuple[str, tuple[int, ...]]]) -> Figure:
    """Blocks from left to right: height for the side of an image, depth for the number of maps.

    Parameters
    ----------
    layers : sequence of Layer
        In order; of very many the first are drawn, and how many are not is said.
    inputs : sequence of (str, tuple of int)
        Name and shape of each part that is read.
    """
    blocks: list[tuple[str, tuple[int, ...], str, str]] = [
        (f"{name}", shape, "", "#9c9ca1") for name, shape in inputs
    ]
    for one in layers[:MOST]:
        count = f"{one.parameters:,} parameters" if one.parameters else ""
        texts = "\n".join(filter(None, (one.kind, *one.after)))
        colour = next((c for key, c in _COLOURS.items() if one.kind.startswith(key)), "#717581")
        blocks.append((texts, one.shape, count, colour))
    rows, columns = math.ceil(len(blocks) / IN_ROW), min(len(blocks), IN_ROW)
    tallest = max((shape[-2] for _, shape, _, _ in blocks if len(shape) == 3), default=1)
    with style():
        figure, axes = new_figure(max(0.4 + 1.5 * columns, 4.0), 0.3 + 2.3 * rows)
        for number, (texts, shape, count, colour) in enumerate(blocks):
            x, y = number % IN_ROW, -(number // IN_ROW) * 2.0
            _block(axes, x, y, shape, tallest, colour)
            size = " × ".join(map(str, shape)) or "1"
            about = "\n".join(filter(None, (size, count)))
            axes.text(x + 0.3, y - 0.08, about, ha="center", va="top", fontsize=7.5)
            axes.text(x + 0.3, y - 0.42, texts, ha="center", va="top", fontsize=7, color="0.35")
            if number % IN_ROW and number:
                axes.annotate(
                    "",
                    (x + 0.02, y + 0.5),
                    (x - 0.22, y + 0.5),
                    arrowprops={"arrowstyle": "->", "color": "0.5", "lw": 0.9},
                )
        if len(layers) > MOST:
            axes.text(0, -2.0 * rows + 0.8, f"and {len(layers) - MOST} more layers", fontsize=8)
        axes.set(xlim=(-0.3, columns), ylim=(-2.0 * rows + 0.75, 1.35))
        axes.axis("off")
        finish(figure)
    return figure


def _block(
    axes: Axes, x: float, y: float, shape: tuple[int, ...], tallest: int, colour: str
) -> None:
    """A box of an image, or a bar of a vector."""
    deep = 0.06 + 0.07 * math.log2(1 + (shape[0] if shape else 1)) / 3
    if len(shape) == 3:
        height = 0.25 + 0.75 * math.sqrt(shape[-2] / max(tallest, 1))
        width = 0.5 * height * min(math.sqrt(shape[-1] / max(shape[-2], 1)), 1.2)
    else:
        count = shape[-1] if shape else 1
        height, width, deep = 0.2 + 0.08 * math.log2(1 + count), 0.1, 0.03
    low = y + 0.5 - 0.5 * height
    left = x + 0.3 - 0.5 * width
    front = [(left, low), (left + width, low), (left + width, low + height), (left, low + height)]
    top = [front[3], front[2], (left + width + deep, low + height + deep)]
    top.append((left + deep, low + height + deep))
    side = [front[1], front[2], top[2], (left + width + deep, low + deep)]
    for points, alpha in ((front, 0.75), (top, 0.45), (side, 0.6)):
        axes.add_patch(
            Polygon(points, closed=True, facecolor=colour, alpha=alpha, edgecolor="0.2", lw=0.6)
        )


def filters_figure(name: str, weights: NDArray[np.float32]) -> Figure:
    """Kernels of one convolution: a column each, a row for each of its first inputs.

    Parameters
    ----------
    name : str
        Of the layer.
    weights : array, shape (outputs, inputs, h, w)
        Red is positive, blue negative; one scale for all.
    """
    outputs, inputs = min(weights.shape[0], FILTERS), min(weights.shape[1], DEEP)
    most = float(np.abs(weights[:outputs, :inputs]).max(initial=0.0)) or 1.0
    with style():
        figure, grid = new_figure(
            0.4 + 0.6 * outputs, 0.7 + 0.6 * inputs, inputs, outputs, squeeze=False
        )
        for row in range(inputs):
            for column in range(outputs):
                _picture(grid[row, column], weights[column, row], "RdBu_r", -most, most)
            grid[row, 0].set_ylabel(f"input {row}", fontsize=7)
        left = " of {}".format(" × ".join(map(str, weights.shape[:2])))
        told = left if (outputs, inputs) != weights.shape[:2] else ""
        figure.suptitle(f"{name}: {outputs} × {inputs} filters{told}", fontsize=9)
        finish(figure)
    return figure


def maps_figure(
    layers: Sequence[Layer], images: Mapping[str, NDArray[np.float32]]
) -> Figure | None:
    """What one event becomes: a row for each image and each layer that gives images.

    Parameters
    ----------
    layers : sequence of Layer
        With values.
    images : mapping of array, shape (C, H, W)
        Parts that are read.
    """
    rows: list[tuple[str, NDArray[np.float32]]] = list(images.items())
    rows += [
        (one.kind, one.values)
        for one in layers
        if one.values is not None and one.values.ndim == 3 and min(one.values.shape[1:]) > 1
    ]
    rows = rows[:24]
    if not rows:
        return None
    columns = max(min(len(values), MAPS) for _, values in rows)
    with style():
        figure, grid = new_figure(
            1.6 + 1.1 * columns, 0.4 + 1.05 * len(rows), len(rows), columns, squeeze=False
        )
        for row, (name, values) in enumerate(rows):
            shown = values[:columns]
            low, high = float(shown.min(initial=0.0)), float(shown.max(initial=0.0))
            for column in range(columns):
                axes = grid[row, column]
                if column >= len(shown):
                    axes.axis("off")
                elif low < 0:
                    most = max(-low, high)
                    _picture(axes, _lit(shown[column]), "RdBu_r", -_lit(most), _lit(most))
                else:
                    _picture(axes, _lit(shown[column]), "viridis", 0.0, _lit(high) or 1.0)
            more = f", {columns} of {len(values)}" if len(values) > columns else ""
            size = " × ".join(map(str, values.shape))
            grid[row, 0].set_ylabel(f"{name}\n{size}{more}", fontsize=7)
        finish(figure)
    return figure


def _lit(values: Any) -> Any:
    """Few bright pixels must not hide the others: the square root of the size, with its sign."""
    return np.sign(values) * np.sqrt(np.abs(values))


def _picture(axes: Axes, image: Any, colours: str, low: float, high: float) -> None:
    axes.imshow(
        image,
        cmap=colours,
        vmin=low,
        vmax=high,
        origin="lower",
        aspect="auto",
        interpolation="none",
    )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.minorticks_off()
