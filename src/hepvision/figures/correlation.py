"""What the score knows of an observable, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hepvision.figures.style import LINE_STYLES, colour, finish, label, make_room, new_figure, style

__all__ = ["correlation_curves"]


def correlation_curves(
    correlations: Mapping[str, npt.ArrayLike],
    limit: npt.ArrayLike,
    best_epoch: int | None = None,
    *,
    observable: str = "mass",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Distance correlation of score and observable against epoch, on the validation sample.

    Parameters
    ----------
    correlations : mapping of array, shape (epochs,)
        Name of a background → its correlation after each epoch.
    limit : array, shape (epochs,)
        What an epoch that does not know the observable stays below.
    best_epoch : int, optional
        The one whose weights were kept, from 1; marked by a line.
    observable : str
        Name on the axis.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        The curves.

    Raises
    ------
    ValueError
        A curve has another length than the limit.

    Examples
    --------
    >>> figure = correlation_curves({"γγ": [0.1, 0.3]}, [0.15, 0.15], best_epoch=1)
    >>> figure.axes[0].get_ylabel()
    'distance correlation with mass'
    """
    bound = np.asarray(limit, np.float64)
    epochs = np.arange(1, bound.size + 1)
    with style():
        figure, axes = new_figure()
        top = float(bound.max(initial=0.0))
        # a single epoch has no line to draw
        mark, limit_mark = ("o", "_") if bound.size == 1 else (None, None)
        for i, (name, values) in enumerate(correlations.items()):
            curve = np.asarray(values, np.float64)
            if curve.shape != bound.shape:
                raise ValueError(
                    f"correlation_curves: {name} must have one value an epoch, {bound.size}, "
                    f"got {curve.size}. Record it each epoch."
                )
            axes.plot(
                epochs,
                curve,
                color=colour(i),
                ls=LINE_STYLES[i % len(LINE_STYLES)],
                marker=mark,
                label=name,
            )
            top = max(top, float(curve.max(initial=0.0)))
        axes.plot(
            epochs,
            bound,
            color="0.4",
            lw=1.0,
            ls=":",
            marker=limit_mark,
            ms=14,
            label="largest that is allowed",
        )
        if best_epoch is not None:
            axes.axvline(best_epoch, color="0.75", lw=1.0, zorder=0, label="kept")
        axes.set_ylim(0.0, 1.1 * max(top, 1e-6))
        axes.set_xlabel("epoch")
        axes.set_ylabel(f"distance correlation with {observable}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
        axes.xaxis.minorticks_off()
        axes.legend(loc="upper right")
        make_room(axes)
        label(axes, right, source)
        finish(figure)
    return figure
