"""Tables of pairs of classifiers as coloured squares with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hepvision.figures.style import finish, label, new_figure, style

__all__ = ["agreement"]


def agreement(
    tables: Mapping[str, npt.ArrayLike],
    names: Sequence[str],
    *,
    low: float = 0.0,
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """One panel a table, from white at ``low`` to dark at 1.

    Parameters
    ----------
    tables : mapping
        Title of the panel → numbers, shape (N, N); NaN squares stay empty.
    names : sequence of str
        The N classifiers, from top to bottom; columns go by their first words.
    low : float
        Value of white.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        The panels.

    Raises
    ------
    ValueError
        If a table has another shape.

    Examples
    --------
    >>> figure = agreement({"background": [[0.9, 0.5], [0.5, np.nan]]}, ["1 trees", "2 CNN"])
    >>> [text.get_text() for text in figure.axes[0].get_xticklabels()]
    ['1', '2']
    """
    size = len(names)
    values = {title: np.asarray(table, dtype=np.float64) for title, table in tables.items()}
    for title, table in values.items():
        if table.shape != (size, size):
            raise ValueError(
                f"agreement: {title} must have shape ({size}, {size}), got {table.shape}. "
                "Give one row and column a classifier."
            )
    square = float(np.clip(0.42 * size, 1.8, 4.6))
    room = 0.085 * max(len(name) for name in names)
    with style():
        figure, panels = new_figure(
            len(values) * (square + 0.3) + room + 0.3, square + 0.9, 1, len(values), squeeze=False
        )
        for place, (axes, (title, table)) in enumerate(zip(panels[0], values.items(), strict=True)):
            _panel(axes, table, low, np.clip(60.0 / size, 5.0, 10.0))
            axes.set_xlabel(title, fontsize="small")
            axes.set_xticks(range(size), [name.split(" ")[0] for name in names], fontsize="small")
            axes.set_yticks(range(size), names if place == 0 else [""] * size, fontsize="small")
        label(panels[0, 0], "" if len(values) > 1 else right, source)
        if right and len(values) > 1:
            label(panels[0, -1], right, "")
        finish(figure)
    return figure


def _panel(axes: Axes, table: npt.NDArray[np.float64], low: float, text: float) -> None:
    axes.imshow(np.ma.masked_invalid(table), cmap="Blues", vmin=low, vmax=1.15, aspect="equal")
    for (row, column), value in np.ndenumerate(table):
        if np.isfinite(value):
            dark = (value - low) / (1.15 - low) > 0.6
            shown = f"{value:.2f}".replace("-", "−")
            axes.text(
                column, row, shown, ha="center", va="center", fontsize=text,
                color="white" if dark else "0.15",
            )  # fmt: skip
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
