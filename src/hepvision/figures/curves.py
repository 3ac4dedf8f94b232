"""Curves of classifiers: ROC with bands, losses against epochs, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hepvision.figures.style import (
    ENTRY_COLOURS,
    LINE_STYLES,
    MARKERS,
    colour,
    finish,
    label,
    legend_beside,
    make_room,
    new_figure,
    style,
)
from hepvision.physics.intervals import clopper_pearson

__all__ = [
    "CROWDED",
    "RocLine",
    "banded",
    "calibration",
    "learning_curves",
    "roc_curves",
    "roc_line",
]

#: Curves that a legend can name inside the axes.
CROWDED = 6

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RocLine:
    """A ROC curve with its band, ready to draw.

    Parameters
    ----------
    signal_efficiency, background_efficiency : array, shape (T,)
        ε_s and ε_b of every cut, from the tightest to the loosest.
    low, high : array, shape (T,)
        Interval of ε_b at these cuts.
    note : str
        Set beside the name in the legend, such as the area.

    Examples
    --------
    >>> RocLine(np.array([0, 1.0]), np.array([0, 1.0]), np.zeros(2), np.ones(2)).note
    ''
    """

    signal_efficiency: Array
    background_efficiency: Array
    low: Array
    high: Array
    note: str = ""


def roc_line(
    signal_efficiency: npt.ArrayLike,
    background_efficiency: npt.ArrayLike,
    background_count: float,
    note: str = "",
) -> RocLine:
    """Give a ROC curve its Clopper–Pearson band in ε_b.

    Parameters
    ----------
    signal_efficiency, background_efficiency : array, shape (T,)
        ε_s and ε_b of every cut.
    background_count : float
        Background events, or their effective count with weights.
    note : str
        Set beside the name in the legend.

    Returns
    -------
    RocLine
        With the 68 % band; the signal's own error is not in it, being small beside it where the
        rejection is large.

    Raises
    ------
    ValueError
        If the arrays differ in shape, or there is no background.

    References
    ----------
    C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.

    Examples
    --------
    >>> line = roc_line([0.0, 0.5, 1.0], [0.0, 0.1, 1.0], 100)
    >>> line.low.round(2).tolist(), line.high.round(2).tolist()
    ([0.0, 0.07, 0.98], [0.02, 0.14, 1.0])
    """
    signal = np.asarray(signal_efficiency, dtype=np.float64)
    background = np.clip(np.asarray(background_efficiency, dtype=np.float64), 0.0, 1.0)
    if signal.shape != background.shape or signal.ndim != 1:
        raise ValueError(
            f"ROC: both efficiencies must have one shape (T,), got {signal.shape} and "
            f"{background.shape}. Give one of each a cut."
        )
    if not background_count > 0:
        raise ValueError(
            f"ROC: the background count must be positive, got {background_count}. "
            "Count the events of the background."
        )
    low, high = clopper_pearson(background * background_count, background_count)
    return RocLine(signal, background, low, high, note)


def roc_curves(
    lines: Mapping[str, RocLine],
    against: str = "background",
    scale: Literal["linear", "rejection"] = "rejection",
    *,
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """ROC curves of several classifiers with their 68 % bands.

    Of more than ``CROWDED`` curves only the one with the largest area has its band.

    Parameters
    ----------
    lines : mapping
        Name of the classifier → its curve.
    against : str
        The background, for the axis.
    scale : "linear" or "rejection"
        ε_s against ε_b, or 1/ε_b against ε_s with a logarithmic axis.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Dotted grey: a classifier that guesses.

    Raises
    ------
    ValueError
        If the scale is another.

    Examples
    --------
    >>> line = roc_line([0.0, 0.6, 1.0], [0.0, 0.1, 1.0], 100, "AUC 0.75")
    >>> figure = roc_curves({"trees": line}, "γ + jet")
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['trees, AUC 0.75']
    """
    if scale not in ("linear", "rejection"):
        raise ValueError(f"scale: must be linear or rejection, got {scale!r}. Take one of them.")
    with style():
        crowded = len(lines) > CROWDED
        figure, axes = new_figure(8.6, 4.6) if crowded else new_figure()
        with_band = banded(lines)
        for i, (name, line) in enumerate(lines.items()):
            shade, dash = colour(i), LINE_STYLES[i % len(LINE_STYLES)]
            alpha = 0.22 if name in with_band else 0.0
            text = f"{name}, {line.note}" if line.note else name
            signal, background = line.signal_efficiency, line.background_efficiency
            if scale == "linear":
                axes.fill_betweenx(signal, line.low, line.high, color=shade, alpha=alpha, lw=0)
                axes.plot(background, signal, color=shade, ls=dash, label=text)
            else:
                drawn = background > 0
                axes.fill_between(
                    signal[drawn],
                    1.0 / line.high[drawn],
                    1.0 / line.low[drawn],
                    color=shade,
                    alpha=alpha,
                    lw=0,
                )
                axes.plot(signal[drawn], 1.0 / background[drawn], color=shade, ls=dash, label=text)
        grid = np.linspace(0.01, 1.0, 200)
        if scale == "linear":
            axes.plot([0, 1], [0, 1], color="0.55", ls=":", lw=1.0)
            axes.set(xlim=(0, 1), ylim=(0, 1.0))
            axes.set_xlabel(f"$\\epsilon_b$ ({against})")
            axes.set_ylabel("signal efficiency $\\epsilon_s$")
        else:
            axes.plot(grid, 1.0 / grid, color="0.55", ls=":", lw=1.0)
            axes.set_yscale("log")
            axes.set(xlim=(0, 1), ylim=(1.0, _top(lines)))
            axes.set_xlabel("signal efficiency $\\epsilon_s$")
            axes.set_ylabel(f"1 / $\\epsilon_b$ ({against})")
        if crowded:
            legend_beside(axes)
        elif scale == "linear":
            axes.legend(loc="lower right")
        else:
            axes.legend(loc="upper right")
            make_room(axes)
        label(axes, right, source)
        finish(figure)
    return figure


def banded(lines: Mapping[str, RocLine]) -> set[str]:
    """Curves that are drawn with their band; bands of many hide the curves.

    Parameters
    ----------
    lines : mapping
        Name of the classifier → its curve.

    Returns
    -------
    set of str
        All, or of more than ``CROWDED`` the one with the largest area.

    Examples
    --------
    >>> banded({})
    set()
    """
    if len(lines) <= CROWDED:
        return set(lines)
    areas = {
        name: np.trapezoid(line.signal_efficiency, line.background_efficiency)
        for name, line in lines.items()
    }
    return {max(areas, key=lambda name: float(areas[name]))}


def _top(lines: Mapping[str, RocLine]) -> float:
    """Top of the rejection axis, above where curves are read (ε_s ≥ 0.1) and below the moon."""
    top = 10.0
    for line in lines.values():
        read = (line.signal_efficiency >= 0.1) & (line.background_efficiency > 0)
        if read.any():
            top = max(top, float(1.0 / line.background_efficiency[read].min()))
    return 2.0 * top


def learning_curves(
    histories: Mapping[str, Sequence[Mapping[str, Any]]],
    colours: Sequence[str] = ENTRY_COLOURS,
    *,
    steps: str = "epoch",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Loss against epoch, on the training (thin) and the validation sample (thick).

    Parameters
    ----------
    histories : mapping
        Name of an entry → one history a seed. A history has arrays ``train_loss`` and
        ``validation_loss``, and optionally ``epoch`` (from 1) and ``best_epoch``, the one whose
        weights were kept, which gets a dot. An entry's seeds share a colour.
    colours : sequence of str
        One an entry.
    steps : str
        What is counted: "epoch", or "round" for trees.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        The curves.

    Raises
    ------
    ValueError
        If a history lacks a loss.

    Examples
    --------
    >>> history = {"train_loss": [1.0, 0.8], "validation_loss": [1.0, 0.9], "best_epoch": 2}
    >>> figure = learning_curves({"CMS-B": [history]})
    >>> figure.axes[0].get_lines()[1].get_ydata()
    array([1. , 0.9])
    """
    with style():
        figure, axes = new_figure()
        for i, (name, seeds) in enumerate(histories.items()):
            for j, history in enumerate(seeds):
                _losses(axes, history, name, colour(i, tuple(colours)), first=j == 0)
        # a single epoch has no line to draw
        alone = any(np.size(one["train_loss"]) == 1 for rows in histories.values() for one in rows)
        mark = "o" if alone else None
        axes.plot(
            [], [], color="0.3", lw=1.0, ls="--", marker=mark, mfc="none", label="training sample"
        )
        axes.set_xlabel(steps)
        axes.set_ylabel("loss")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
        axes.xaxis.minorticks_off()
        axes.legend(loc="upper right")
        make_room(axes)
        label(axes, right, source)
        finish(figure)
    return figure


def _losses(axes: Any, history: Mapping[str, Any], name: str, shade: str, first: bool) -> None:
    missing = [key for key in ("train_loss", "validation_loss") if key not in history]
    if missing:
        raise ValueError(
            f"learning curve {name}: needs train_loss and validation_loss, got no "
            f"{missing[0]}. Record it each epoch."
        )
    train = np.asarray(history["train_loss"], dtype=np.float64)
    valid = np.asarray(history["validation_loss"], dtype=np.float64)
    epochs = np.asarray(history.get("epoch", np.arange(1, valid.size + 1)))
    mark = "o" if valid.size == 1 else None
    axes.plot(epochs[: train.size], train, color=shade, lw=1.0, ls="--", marker=mark, mfc="none")
    axes.plot(epochs, valid, color=shade, lw=1.8, marker=mark, label=name if first else "_")
    best = history.get("best_epoch")
    if best is not None and np.any(epochs == best):
        axes.plot(best, valid[epochs == best][0], "o", color=shade, ms=6, label="_best")


def calibration(
    bins: Mapping[str, Mapping[str, npt.ArrayLike]],
    *,
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """How often an event with score s is signal: a calibrated classifier lies on the diagonal.

    Parameters
    ----------
    bins : mapping
        Name of the classifier → arrays, one value a bin: ``predicted`` (mean score), ``observed``
        (signal fraction), ``low`` and ``high`` (its interval).
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Points with error bars.

    Examples
    --------
    >>> row = {
    ...     "predicted": [0.1, 0.9],
    ...     "observed": [0.2, 0.8],
    ...     "low": [0.1, 0.7],
    ...     "high": [0.3, 0.9],
    ... }
    >>> figure = calibration({"CMS-B": row})
    >>> figure.axes[0].get_xlabel()
    'mean score'
    """
    with style():
        figure, axes = new_figure()
        axes.plot([0, 1], [0, 1], color="0.55", ls=":", lw=1.0)
        for i, (name, row) in enumerate(bins.items()):
            seen, low, high, mean = (
                np.asarray(row[key], dtype=np.float64)
                for key in ("observed", "low", "high", "predicted")
            )
            axes.errorbar(
                mean,
                seen,
                yerr=(np.maximum(seen - low, 0.0), np.maximum(high - seen, 0.0)),
                color=colour(i),
                marker=MARKERS[i % len(MARKERS)],
                ms=4,
                lw=1.0,
                ls=LINE_STYLES[i % len(LINE_STYLES)],
                label=name,
            )
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.set_xlabel("mean score")
        axes.set_ylabel("fraction of signal")
        axes.legend(loc="upper left")
        make_room(axes)
        label(axes, right, source)
        finish(figure)
    return figure
