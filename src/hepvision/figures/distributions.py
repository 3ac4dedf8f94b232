"""Distributions: scores by class, mass before and after a cut, confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hepvision.figures.style import (
    CLASS_COLOURS,
    LINE_STYLES,
    MARKERS,
    MASS_NAME,
    colour,
    finish,
    label,
    make_room,
    new_figure,
    style,
)
from hepvision.physics.intervals import weighted_poisson

__all__ = ["confusion_matrix", "mass_spectrum", "score_distributions"]

Array = npt.NDArray[np.float64]


def _counts(
    values: npt.ArrayLike, weight: npt.ArrayLike | None, edges: Array
) -> tuple[Array, Array, Array]:
    """Sums of weights in bins and the ends of their intervals; events outside go to no bin."""
    column = np.asarray(values, dtype=np.float64)
    weights = np.ones(column.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    total, _ = np.histogram(column, edges, weights=weights)
    squares, _ = np.histogram(column, edges, weights=weights**2)
    low, high = weighted_poisson(total, squares)
    # the interval of an empty bin is one event of average weight
    unit = float(weights.mean()) if weights.size else 1.0
    return total, low, np.where(squares > 0, high, high * unit)


def score_distributions(
    scores: Mapping[str, npt.ArrayLike],
    weights: Mapping[str, npt.ArrayLike] | None = None,
    *,
    score_name: str = "signal score",
    bins: int = 30,
    cut: float | None = None,
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Score of each true class, each normalised to one.

    Parameters
    ----------
    scores : mapping
        Class name → scores in [0, 1], shape (B,).
    weights : mapping, optional
        Class name → event weights, shape (B,).
    score_name : str
        For the axis.
    bins : int
        Number of bins from 0 to 1.
    cut : float, optional
        A working point, drawn as a line.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Lines with the statistical interval as a band.

    Examples
    --------
    >>> figure = score_distributions({"higgs": [0.8, 0.9], "rest": [0.1, 0.3]}, bins=5)
    >>> figure.axes[0].get_ylabel()
    'fraction of events / 0.2'
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    with style():
        figure, axes = new_figure()
        for i, (name, values) in enumerate(scores.items()):
            shade = colour(i, CLASS_COLOURS)
            total, low, high = _counts(values, (weights or {}).get(name), edges)
            norm = float(total.sum()) or 1.0
            axes.stairs(
                high / norm, edges, baseline=low / norm, fill=True, color=shade, alpha=0.25, lw=0
            )
            axes.stairs(
                total / norm,
                edges,
                color=shade,
                lw=1.6,
                ls=LINE_STYLES[i % len(LINE_STYLES)],
                label=name,
            )
        if cut is not None:
            axes.axvline(cut, color="0.3", lw=1.0, ls="--")
        axes.set_xlim(0, 1)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(score_name)
        axes.set_ylabel(f"fraction of events / {1.0 / bins:.2g}")
        axes.legend(loc="upper right", ncols=1 if len(scores) < 4 else 2)
        make_room(axes)
        label(axes, right, source)
        finish(figure)
    return figure


def mass_spectrum(
    mass: npt.ArrayLike,
    passes: Mapping[str, npt.ArrayLike],
    weight: npt.ArrayLike | None = None,
    *,
    edges: Sequence[float] | None = None,
    name: str = MASS_NAME,
    title: str = "",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Mass of one background before and after cuts, and the ratio: flat if nothing is sculpted.

    Parameters
    ----------
    mass : array, shape (B,), GeV
        Of all events.
    passes : mapping
        Name of a cut → array of bool, shape (B,): which events pass.
    weight : array, shape (B,), optional
        Event weights.
    edges : sequence of float, GeV, optional
        Bins; from 90 to 190 GeV in 20 if not given.
    name : str
        For the axis.
    title : str
        The class shown, set in the panel.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Above: spectra normalised to one; below: after over before.

    Raises
    ------
    ValueError
        If a mask has another shape than the masses.

    Examples
    --------
    >>> mass = np.linspace(90, 190, 200)
    >>> figure = mass_spectrum(mass, {"tight": mass > 120})
    >>> len(figure.axes)
    2
    """
    column = np.asarray(mass, dtype=np.float64)
    weights = np.ones(column.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    bins = np.linspace(90.0, 190.0, 21) if edges is None else np.asarray(edges, dtype=np.float64)
    before, _, _ = _counts(column, weights, bins)
    norm = float(before.sum()) or 1.0
    with style():
        figure, (top, below) = new_figure(
            4.6, 4.4, 2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 1.2)}
        )
        top.stairs(before / norm, bins, fill=True, color="0.82", label="all")
        top.stairs(before / norm, bins, color="0.45", lw=1.0)
        below.axhline(1.0, color="0.45", lw=1.0)
        tallest = 0.0
        for i, (cut, mask) in enumerate(passes.items()):
            chosen = np.asarray(mask, dtype=bool)
            if chosen.shape != column.shape:
                raise ValueError(
                    f"mass spectrum {cut}: needs one flag an event, got shape {chosen.shape} for "
                    f"{column.shape}. Apply the cut to the same events."
                )
            total, low, high = _counts(column[chosen], weights[chosen], bins)
            scale = 1.0 / (float(total.sum()) or 1.0)
            tallest = max(tallest, float(total.max()) * scale)
            # points of several cuts stand beside each other, not over each other
            shift = (i - 0.5 * (len(passes) - 1)) / (len(passes) + 1)
            places = 0.5 * (bins[1:] + bins[:-1]) + shift * np.diff(bins)
            filled = before > 0
            _points(top, places, total * scale, low * scale, high * scale, i, cut)
            expected = np.where(filled, before / norm, 1.0) / scale
            value, down, up = ((v / expected)[filled] for v in (total, low, high))
            _points(below, places[filled], value, down, up, i, "_")
        below.set(ylim=(0, 2.4), xlim=(bins[0], bins[-1]))
        below.set_xlabel(name)
        below.set_ylabel("ratio", loc="center")
        # the interval of three events may reach anywhere, and would flatten all else
        tallest = max(tallest, float(before.max()) / norm)
        top.set_ylim(0, min(top.get_ylim()[1], 1.5 * (tallest or 1.0)))
        top.set_ylabel("fraction of events / bin")
        top.legend(loc="upper right", title=title, title_fontsize="medium")
        make_room(top)
        label(top, right, source)
        figure.align_ylabels()
        finish(figure)
    return figure


def _points(
    axes: Axes, x: Array, value: Array, low: Array, high: Array, index: int, name: str
) -> None:
    axes.errorbar(
        x,
        value,
        yerr=(np.maximum(value - low, 0.0), np.maximum(high - value, 0.0)),
        color=colour(index),
        marker=MARKERS[index % len(MARKERS)],
        ms=3.5,
        lw=1.0,
        ls="none",
        label=name,
    )


def confusion_matrix(
    value: npt.ArrayLike,
    low: npt.ArrayLike | None = None,
    high: npt.ArrayLike | None = None,
    classes: Sequence[str] = (),
    *,
    title: str = "",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Fraction of each true class (row) that is called each class (column).

    Parameters
    ----------
    value : array, shape (K, K)
        Fractions; rows add to one.
    low, high : array, shape (K, K), optional
        Ends of their intervals.
    classes : sequence of str
        Names, in order.
    title : str
        The classifier.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        The matrix with its numbers in it.

    Raises
    ------
    ValueError
        If the matrix is not square, or the names do not match it.

    Examples
    --------
    >>> figure = confusion_matrix([[0.9, 0.1], [0.2, 0.8]], classes=["signal", "background"])
    >>> sorted(text.get_text() for text in figure.axes[0].texts if "." in text.get_text())
    ['0.10', '0.20', '0.80', '0.90']
    """
    matrix = np.asarray(value, dtype=np.float64)
    names = list(classes) or [str(i) for i in range(len(matrix))]
    if matrix.shape != (len(names), len(names)):
        raise ValueError(
            f"confusion matrix: must have shape {(len(names), len(names))} for these classes, got "
            f"{matrix.shape}. Give one row and column a class."
        )
    ends = None if low is None or high is None else (np.asarray(low), np.asarray(high))
    with style():
        figure, axes = new_figure(4.6, 4.3)
        axes.imshow(matrix, cmap="Blues", vmin=0.0, vmax=1.15)
        for (i, j), number in np.ndenumerate(matrix):
            shade = "white" if number > 0.6 else "black"
            axes.text(j, i, f"{number:.2f}", ha="center", va="center", color=shade, fontsize=14)
            if ends is not None:
                up, down = ends[1][i, j] - number, number - ends[0][i, j]
                errors: dict[str, Any] = {"ha": "center", "color": shade, "fontsize": "x-small"}
                axes.text(j, i + 0.27, f"+{up:.2f} −{down:.2f}", va="center", **errors)
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names, rotation=90, va="center")
        axes.minorticks_off()
        axes.tick_params(length=0)
        axes.set_xlabel("called")
        axes.set_ylabel("true class")
        label(axes, right or title, source)
        finish(figure)
    return figure
