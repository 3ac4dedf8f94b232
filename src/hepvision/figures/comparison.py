"""One measure of several classifiers beside each other, with intervals and published values."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hepvision.figures.style import colour, finish, label, new_figure, style

__all__ = ["comparison"]


def comparison(
    values: Mapping[str, Mapping[str, tuple[float, float, float]]],
    published: Mapping[str, float] | None = None,
    *,
    measure: str = "AUC",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """A point with its interval for each classifier, a panel for each background.

    Parameters
    ----------
    values : mapping
        Background → name of the classifier → value and the ends of its interval.
    published : mapping, optional
        Background → published value, drawn as a dashed line.
    measure : str
        What is compared.
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
                value, low, high = row[name]
                error = ([max(value - low, 0.0)], [max(high - value, 0.0)])
                panel.errorbar(
                    value, place, xerr=error, color=colour(place), marker="o", ms=5, lw=1.6
                )
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
