"""What a score knows of the mass: score against mass, and sculpting of several classifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from hepvision.evaluation.profile import LEAST, Profile, profile
from hepvision.figures.style import MARKERS, MASS_NAME, colour, finish, label, new_figure, style

__all__ = ["score_against_mass", "sculpting_comparison"]

Array = npt.NDArray[np.float64]
Columns = Mapping[str, npt.ArrayLike]

MEAN = "#bd1f01"
HEADROOM = 1.32
"""Top of the score's axis; text stands above 1."""


def score_against_mass(
    scores: Columns,
    masses: Columns,
    weights: Columns | None = None,
    *,
    edges: Sequence[float] | None = None,
    name: str = MASS_NAME,
    score_name: str = "signal score",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Distribution of the score in bins of mass, and its mean; a panel a class.

    Each bin of mass is normalised to one, so that a falling spectrum does not hide how the score
    moves. Where the score does not know the mass, the mean is flat.

    Parameters
    ----------
    scores : mapping
        Class → scores in [0, 1], shape (B,).
    masses : mapping
        Class → masses, shape (B,), GeV.
    weights : mapping, optional
        Class → event weights, shape (B,).
    edges : sequence of float, GeV, optional
        Bins of the mass; from 90 to 190 GeV in 20 if not given.
    name, score_name : str
        For the axes.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Shades: share of the events of a mass bin; bins with fewer than five effective events stay
        white. Line: mean with its 68 % band; dashed: mean of all.

    Raises
    ------
    ValueError
        If there is no class, a class has no mass, or no class has an event in the bins.

    References
    ----------
    M. Andrews et al., EPJ Web Conf. 214 (2019) 06031, figure 3.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> figure = score_against_mass({"γγ": rng.random(500)}, {"γγ": 90 + 100 * rng.random(500)})
    >>> figure.axes[0].get_xlabel()
    '$m_{\\\\gamma\\\\gamma}$ [GeV]'
    """
    bounds = np.linspace(90.0, 190.0, 21) if edges is None else np.asarray(edges, np.float64)
    found = _filled(scores, masses, weights or {}, bounds)
    count = max(int(np.asarray(one[0]).size) for one in found.values())
    rows = np.linspace(0.0, 1.0, int(np.clip(np.sqrt(count) / 2.5, 6, 25)) + 1)
    shares = {key: _shares(*one, bounds, rows) for key, one in found.items()}
    known = [share[np.isfinite(share)] for share in shares.values()]
    top = max((float(np.quantile(share, 0.99)) for share in known if share.size), default=1.0)
    with style():
        width = 1.7 + 2.55 * len(found)
        figure, axes = new_figure(width, 3.5, 1, len(found), squeeze=False, sharey=True)
        for panel, (key, (score, mass, weight)) in zip(axes[0], found.items(), strict=True):
            mesh = panel.pcolormesh(
                bounds,
                rows,
                shares[key].T,
                cmap="Blues",
                vmin=0.0,
                vmax=top or 1.0,
                rasterized=True,
            )
            _mean(panel, profile(score, mass, bounds, weight), key)
            if not np.isfinite(shares[key]).any():
                bare = f"fewer than {LEAST:g} events in every bin"
                panel.text(0.5, 0.12, bare, transform=panel.transAxes, ha="center", color="0.4")
            panel.set_xlabel(name)
            panel.xaxis.set_major_locator(MaxNLocator(nbins=4, prune="both"))
        axes[0, 0].set(ylim=(0.0, HEADROOM), xlim=(bounds[0], bounds[-1]))
        axes[0, 0].set_yticks(np.linspace(0.0, 1.0, 6))
        axes[0, 0].set_ylabel(score_name)
        bar = figure.colorbar(mesh, ax=list(axes[0]), pad=0.015, extend="max")
        bar.set_label(f"share of a mass bin / {rows[1]:.2g}", fontsize="small")
        bar.ax.minorticks_off()
        label(axes[0, 0], "" if len(found) > 1 else right, source)
        if len(found) > 1:
            label(axes[0, -1], right, "")
        finish(figure)
    return figure


def _filled(
    scores: Columns, masses: Columns, weights: Columns, edges: Array
) -> dict[str, tuple[Array, Array, Array]]:
    """Classes that have events in the bins."""
    found = {}
    for key, values in scores.items():
        if key not in masses:
            raise ValueError(f"score against mass: {key} must have masses, got none. Give them.")
        column, mass = np.asarray(values, np.float64), np.asarray(masses[key], np.float64)
        weight = np.asarray(weights.get(key, np.ones(column.shape)), np.float64)
        inside = (mass >= edges[0]) & (mass < edges[-1])
        if weight[inside].sum() > 0.0:
            found[key] = (column, mass, weight)
    if not found:
        raise ValueError("score against mass: needs events in the bins, got none. Widen them.")
    return found


def _shares(score: Array, mass: Array, weight: Array, edges: Array, rows: Array) -> Array:
    """Share of each score bin in each mass bin; NaN where a column has too few events."""
    # a score of exactly 1 belongs to the last bin, one that rounding took above it too
    table, _, _ = np.histogram2d(mass, np.clip(score, 0.0, 1.0), (edges, rows), weights=weight)
    sums, _ = np.histogram(mass, edges, weights=weight)
    squares, _ = np.histogram(mass, edges, weights=weight**2)
    enough = (sums > 0.0) & (sums**2 >= LEAST * squares * (1.0 - 1e-9))
    empty = np.full(table.shape, np.nan)
    return np.divide(table, sums[:, None], out=empty, where=enough[:, None])


def _mean(axes: Axes, found: Profile, title: str) -> None:
    axes.axhline(found.overall, color="0.3", lw=1.0, ls="--")
    axes.stairs(
        found.high, found.edges, baseline=found.low, fill=True, color=MEAN, alpha=0.35, lw=0
    )
    axes.stairs(found.mean, found.edges, baseline=None, color=MEAN, lw=1.6)
    inside: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    axes.annotate(title, (0.0, 1.0), (7, -7), va="top", fontweight="bold", **inside)
    if found.degrees:
        text = f"flat: χ² / dof = {found.chi2:.1f} / {found.degrees}"
        axes.annotate(text, (0.0, 1.0), (7, -25), va="top", fontsize="small", **inside)


def sculpting_comparison(
    values: Mapping[str, Mapping[str, Mapping[str, tuple[float, float, float, float]]]],
    *,
    measure: str = "JS distance",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Sculpting of several classifiers at the same signal efficiencies; a panel a background.

    Parameters
    ----------
    values : mapping
        Background → classifier → signal efficiency, as text → distance, the ends of its interval,
        and what chance gives.
    measure : str
        What is compared.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Points with intervals; a grey bar from 0 to what a random selection of as many events
        shows on average. A point at the end of its bar is no sculpting.

    Raises
    ------
    ValueError
        If there is nothing to compare.

    Examples
    --------
    >>> figure = sculpting_comparison({"γγ": {"EB": {"0.5": (0.1, 0.05, 0.14, 0.06)}}})
    >>> figure.axes[0].get_xlabel()
    'JS distance, γγ'
    """
    names = list(dict.fromkeys(name for row in values.values() for name in row))
    levels = list(dict.fromkeys(k for row in values.values() for one in row.values() for k in one))
    if not names or not levels:
        raise ValueError("sculpting comparison: needs one value or more, got none. Give values.")
    with style():
        height = 1.55 + (0.12 + 0.16 * len(levels)) * len(names)
        figure, axes = new_figure(
            8.6, height, 1, len(values), squeeze=False, sharex=True, sharey=True
        )
        for panel, (against, row) in zip(axes[0], values.items(), strict=True):
            for place, name in enumerate(names):
                if place % 2:
                    panel.axhspan(place - 0.5, place + 0.5, color="0.96", lw=0, zorder=0)
                for k, level in enumerate(levels):
                    if level in row.get(name, {}):
                        _sculpted(panel, row[name][level], place, k, len(levels))
            panel.set_xlabel(f"{measure}, {against}", fontsize="small")
            panel.xaxis.set_major_locator(MaxNLocator(nbins=4, prune="upper"))
            panel.tick_params(axis="y", which="both", left=False, right=False)
        axes[0, 0].set_yticks(range(len(names)), names)
        axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
        axes[0, 0].set_xlim(0.0, axes[0, 0].get_xlim()[1])
        keys = [
            Line2D(
                [], [], color=colour(k), marker=MARKERS[k % len(MARKERS)], ms=5, lw=1.6, label=level
            )
            for k, level in enumerate(levels)
        ]
        keys.append(Line2D([], [], color="0.8", lw=6.5, label="chance"))
        figure.legend(
            handles=keys,
            loc="outside lower center",
            ncols=len(keys),
            title="signal efficiency $\\epsilon_s$",
            title_fontsize="small",
            fontsize="small",
        )
        label(axes[0, 0], "" if len(values) > 1 else right, source)
        if right and len(values) > 1:
            label(axes[0, -1], right, "")
        finish(figure)
    return figure


def _sculpted(
    axes: Axes, found: tuple[float, float, float, float], place: int, index: int, count: int
) -> None:
    value, low, high, chance = found
    y = place + 0.75 * ((index + 0.5) / count - 0.5)
    axes.plot([0.0, chance], [y, y], color="0.8", lw=6.5, solid_capstyle="butt", zorder=1)
    error = ([max(value - low, 0.0)], [max(high - value, 0.0)])
    shade, marker = colour(index), MARKERS[index % len(MARKERS)]
    axes.errorbar(value, y, xerr=error, color=shade, marker=marker, ms=5, lw=1.4, zorder=2)
