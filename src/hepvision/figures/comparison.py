"""One measure of several classifiers beside each other, with intervals and published values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hepvision.figures._numbers import plain
from hepvision.figures._spans import Span, arrow, ends
from hepvision.figures.curves import RocLine, banded
from hepvision.figures.style import (
    LINE_STYLES,
    colour,
    finish,
    label,
    legend_beside,
    new_figure,
    style,
)

__all__ = ["comparison", "rejections"]


def comparison(
    values: Mapping[str, Mapping[str, Span]],
    published: Mapping[str, float] | None = None,
    *,
    measure: str = "AUC",
    scale: Literal["linear", "log"] = "linear",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """A point with its interval for each classifier, a panel for each background.

    Parameters
    ----------
    values : mapping
        Background → name of the classifier → value and the ends of its interval; None where it
        is open. Without a value the lower end is a limit, drawn as an arrow.
    published : mapping, optional
        Background → published value, drawn as a dashed line.
    measure : str
        What is compared.
    scale : "linear" or "log"
        Of its axis.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        The panels, classifiers from top to bottom.

    Raises
    ------
    ValueError
        If there is nothing to compare.

    Examples
    --------
    >>> figure = comparison({"γγ": {"EB": (0.75, 0.73, 0.77)}}, {"γγ": 0.77})
    >>> figure.axes[0].get_xlabel()
    'AUC against γγ'
    """
    if not values:
        raise ValueError("comparison: needs one background or more, got none. Give values.")
    names = list(dict.fromkeys(name for row in values.values() for name in row))
    with style():
        height = 1.25 + 0.34 * len(names)
        figure, axes = new_figure(8.6, height, 1, len(values), squeeze=False, sharey=True)
        for panel, (against, row) in zip(axes[0], values.items(), strict=True):
            for place, name in enumerate(names):
                if name not in row:
                    continue
                _point(panel, place, row[name])
            line = (published or {}).get(against)
            if line is not None:
                panel.axvline(line, color="0.35", lw=1.1, ls="--")
                panel.annotate(
                    "published",
                    (line, 1.0),
                    xycoords=("data", "axes fraction"),
                    xytext=(-3, -3),
                    textcoords="offset points",
                    rotation=90,
                    ha="right",
                    va="top",
                    fontsize="xx-small",
                    color="0.35",
                )
            panel.set_xlabel(f"{measure} against {against}", fontsize="small")
            if scale == "log":
                panel.set_xscale("log")
                plain(panel.xaxis)
            else:
                panel.xaxis.set_major_locator(MaxNLocator(nbins=4, prune="both"))
            panel.tick_params(axis="y", which="both", left=False, right=False)
            panel.grid(axis="x", color="0.9", lw=0.8)
            panel.set_axisbelow(True)
        axes[0, 0].set_yticks(range(len(names)), names)
        axes[0, 0].set_ylim(len(names) - 0.4, -0.6)
        label(axes[0, 0], "" if len(values) > 1 else right, source)
        if right and len(values) > 1:
            label(axes[0, -1], right, "")
        finish(figure)
    return figure


def _point(panel: Axes, place: int, span: Span) -> None:
    value, below, above = ends(span)
    looks: dict[str, Any] = {"marker": "o", "ms": 5}
    if span[0] is None:
        looks = {"marker": "|", "ms": 9}
        arrow(panel, (value, place), colour(place), upward=False)
    panel.errorbar(value, place, xerr=([below], [above]), color=colour(place), lw=1.6, **looks)


def rejections(
    lines: Mapping[str, RocLine],
    against: str = "background",
    *,
    marked: tuple[float, ...] = (),
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Background rejection against signal efficiency of many classifiers, names beside the axes.

    Parameters
    ----------
    lines : mapping
        Name of the classifier → its curve.
    against : str
        The background, for the axis.
    marked : tuple of float
        Signal efficiencies that get a thin line.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Curves, those of ``banded`` with the 68 % band of the background; dotted grey: a classifier
        that guesses.

    Raises
    ------
    ValueError
        If there is no curve.

    Examples
    --------
    >>> from hepvision.figures.curves import roc_line
    >>> figure = rejections({"1 trees": roc_line([0.0, 0.6, 1.0], [0.0, 0.1, 1.0], 100)}, "QCD")
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['1 trees']
    """
    if not lines:
        raise ValueError("rejections: needs one curve or more, got none. Give some.")
    with style():
        figure, axes = new_figure(8.6, 4.6)
        top, with_band = 10.0, banded(lines)
        for k, (name, line) in enumerate(lines.items()):
            # further left so few events remain that a band is all there is
            drawn = (line.background_efficiency > 0) & (line.signal_efficiency >= 0.08)
            signal, passed = line.signal_efficiency[drawn], line.background_efficiency[drawn]
            ends = [1.0 / np.maximum(end[drawn], 1e-9) for end in (line.high, line.low)]
            alpha = 0.13 if name in with_band else 0.0
            axes.fill_between(signal, *ends, color=colour(k), alpha=alpha, lw=0)
            dash = LINE_STYLES[k // 2 % len(LINE_STYLES)]
            axes.plot(signal, 1.0 / passed, color=colour(k), ls=dash, lw=1.5, label=name)
            top = max(top, float((1.0 / passed).max(initial=1.0)))
        grid = np.linspace(0.01, 1.0, 200)
        axes.plot(grid, 1.0 / grid, color="0.55", ls=":", lw=1.0)
        for place in marked:
            axes.axvline(place, color="0.8", lw=0.8, zorder=0)
        axes.set_yscale("log")
        axes.set(xlim=(0, 1), ylim=(1.0, 1.6 * top))
        axes.set_xlabel("signal efficiency $\\epsilon_s$")
        axes.set_ylabel(f"1 / $\\epsilon_b$ ({against})")
        legend_beside(axes)
        label(axes, right, source)
        finish(figure)
    return figure
