"""The trials of a search: what they are worth against what they cost, and which choices matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hepvision.figures._numbers import plain
from hepvision.figures.style import ENTRY_COLOURS, finish, label, make_room, new_figure, style

__all__ = ["choices", "costs", "importance", "progress"]

#: Choices of one kind that have a panel of their own.
PANELS = 12


def costs(
    cost: Sequence[float],
    score: Sequence[float],
    front: Sequence[int],
    across: str,
    upward: str,
    *,
    names: Mapping[int, str] | None = None,
    limit: float | None = None,
    source: str = "simulation",
) -> Figure:
    """A point for each trained network, and a line along those that no other beats in both.

    Parameters
    ----------
    cost, score : sequence of float, shape (N,)
        Of every trial.
    front : sequence of int
        Rows of the line.
    across, upward : str
        Names of the axes, with units.
    names : mapping, optional
        Row → name beside its point.
    limit : float, optional
        The budget, drawn as a dashed line.
    source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        The cost is logarithmic.

    Raises
    ------
    ValueError
        There is no trial, or a cost is not positive.

    Examples
    --------
    >>> figure = costs([1e3, 1e4], [0.8, 0.9], [0, 1], "parameters", "AUC")
    >>> figure.axes[0].get_xscale()
    'log'
    """
    x, y = np.asarray(cost, np.float64), np.asarray(score, np.float64)
    if not x.size or not (x > 0).all():
        raise ValueError(
            f"trials: need costs that are positive, got {x[:3].tolist()}. Leave others out."
        )
    with style():
        figure, axes = new_figure()
        axes.plot(x, y, "o", color="0.6", ms=4, label="trials", zorder=2)
        rows = sorted(front, key=lambda row: (x[row], y[row]))
        looks: dict[str, Any] = {"color": ENTRY_COLOURS[1], "lw": 1.4, "zorder": 3}
        axes.step(x[rows], y[rows], where="post", **looks)
        axes.plot(x[rows], y[rows], "o", ms=5, color=ENTRY_COLOURS[1], label="front", zorder=4)
        for row, name in (names or {}).items():
            place = {"xytext": (4, -9), "textcoords": "offset points", "fontsize": "xx-small"}
            axes.annotate(name, (x[row], y[row]), **place)
        if limit is not None:
            axes.axvline(limit, color="0.3", ls="--", lw=1.0, label="budget")
        axes.set_xscale("log")
        plain(axes.xaxis)
        axes.set_xlabel(across)
        axes.set_ylabel(upward)
        axes.legend(loc="lower right", fontsize="x-small")
        axes.grid(color="0.93", lw=0.8)
        axes.set_axisbelow(True)
        label(axes, "", source)
        finish(figure)
    return figure


def importance(shares: Mapping[str, float], *, source: str = "simulation") -> Figure:
    """A bar for each choice, the most important first.

    Parameters
    ----------
    shares : mapping
        Name of the choice → its share, all adding to 1.
    source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Bars from top to bottom.

    Raises
    ------
    ValueError
        There is no choice.

    Examples
    --------
    >>> figure = importance({"model.maps": 0.7, "training.batch": 0.3})
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['model.maps', 'training.batch']
    """
    if not shares:
        raise ValueError("trials: need one choice or more, got none. Give some.")
    rows = sorted(shares.items(), key=lambda one: -one[1])[:20]
    with style():
        figure, axes = new_figure(6.4, 1.1 + 0.27 * len(rows))
        axes.barh(range(len(rows)), [one for _, one in rows], color=ENTRY_COLOURS[0], height=0.65)
        axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize="x-small")
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel("importance", fontsize="small")
        axes.tick_params(axis="y", which="both", left=False, right=False)
        label(axes, "", source)
        finish(figure)
    return figure


def choices(values: Mapping[str, Sequence[Any]], score: Sequence[float], upward: str) -> Figure:
    """The score of every trial against each choice, a panel each.

    Parameters
    ----------
    values : mapping
        Name of the choice → what each trial had, numbers or texts; None where it had none. The
        first twelve are drawn.
    score : sequence of float, shape (N,)
        Of every trial.
    upward : str
        Name of the score.

    Returns
    -------
    Figure
        Numbers that span more than a factor 20 are drawn logarithmically.

    Raises
    ------
    ValueError
        There is no choice.

    Examples
    --------
    >>> figure = choices({"maps": [4, 8], "pooling": ["mean", "maximum"]}, [0.8, 0.9], "AUC")
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['maps', 'pooling']
    """
    if not values:
        raise ValueError("trials: need one choice or more, got none. Give some.")
    found = list(values.items())[:PANELS]
    columns = min(len(found), 4)
    rows = -(-len(found) // columns)
    heights = np.asarray(score, np.float64)
    with style():
        figure, grid = new_figure(
            2.7 * columns, 2.3 * rows, rows, columns, squeeze=False, sharey=True
        )
        for axes, (name, given) in zip(grid.flat, found, strict=False):
            _panel(axes, name, given, heights)
        for axes in list(grid.flat)[len(found) :]:
            figure.delaxes(axes)
        for row in grid:
            row[0].set_ylabel(upward, fontsize="small")
        finish(figure)
    return figure


def _panel(axes: Any, name: str, given: Sequence[Any], score: npt.NDArray[np.float64]) -> None:
    rows = [k for k, one in enumerate(given) if one is not None]
    kept = [given[k] for k in rows]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in kept)
    if numbers:
        x = np.asarray(kept, np.float64)
        if x.size and x.min() > 0 and x.max() > 20 * x.min():
            axes.set_xscale("log")
        else:
            whole = all(isinstance(one, int) for one in kept)
            axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=whole))
    else:
        texts = sorted({str(one) for one in kept})
        x = np.array([texts.index(str(one)) for one in kept], np.float64)
        axes.set_xticks(range(len(texts)), [text[:14] for text in texts], fontsize="xx-small")
        axes.set_xlim(-0.6, len(texts) - 0.4)
    axes.plot(x, score[rows], "o", ms=3.5, color=ENTRY_COLOURS[0], alpha=0.7)
    axes.set_xlabel(name, fontsize="x-small")
    axes.tick_params(labelsize="x-small")


def progress(
    number: Sequence[int], score: Sequence[float], upward: str, *, source: str = "simulation"
) -> Figure:
    """The score of each trial in the order of the search, and the best so far.

    Parameters
    ----------
    number : sequence of int, shape (N,)
        Of the trials.
    score : sequence of float, shape (N,)
        What they are worth.
    upward : str
        Name of the score.
    source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Points and a line.

    Raises
    ------
    ValueError
        There is no trial.

    Examples
    --------
    >>> figure = progress([0, 2, 3], [0.7, 0.9, 0.8], "AUC")
    >>> figure.axes[0].lines[1].get_ydata().tolist()
    [0.7, 0.9, 0.9]
    """
    if not len(number):
        raise ValueError("trials: need one trial or more, got none. Give some.")
    y = np.asarray(score, np.float64)
    with style():
        figure, axes = new_figure()
        axes.plot(number, y, "o", color="0.6", ms=4, label="trials")
        best = np.maximum.accumulate(y)
        axes.step(number, best, where="post", color=ENTRY_COLOURS[1], lw=1.4, label="best so far")
        axes.set_xlabel("trial")
        axes.set_ylabel(upward)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.legend(loc="upper left", fontsize="x-small")
        make_room(axes)
        label(axes, "", source)
        finish(figure)
    return figure
