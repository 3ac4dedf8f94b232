"""One look for every figure: the CMS style of mplhep, colours that all eyes tell apart."""

from __future__ import annotations

import base64
import contextlib
import functools
import io
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = [
    "CLASS_COLOURS",
    "ENTRY_COLOURS",
    "LAYER_COLOURS",
    "LINE_STYLES",
    "MARKERS",
    "MASS_NAME",
    "colour",
    "embed",
    "finish",
    "label",
    "legend_beside",
    "make_room",
    "new_figure",
    "pretty",
    "style",
]

#: Line colours for models. M. A. Petroff, arXiv:2107.02270, the ten-colour sequence.
ENTRY_COLOURS = (
    "#3f90da",
    "#bd1f01",
    "#832db6",
    "#e76300",
    "#717581",
    "#a96b59",
    "#94a4a2",
    "#ffa90e",
    "#b9ac70",
    "#92dadb",
)
#: Colours for classes; signal first. M. A. Petroff, the six-colour sequence.
CLASS_COLOURS = ("#e42536", "#5790fc", "#f89c20", "#964a8b", "#7a21dd", "#9c9ca1")
#: Colours of detector layers, as in the first figure of the end-to-end papers.
LAYER_COLOURS = {"tracks": "#e06c00", "ECAL": "#1750c8", "HCAL": "#5c6068"}
#: Line styles that go with the colours, so that curves differ in black and white too.
LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
#: Markers that go with the colours.
MARKERS = ("o", "s", "v", "^", "D", "p")
#: The diphoton mass, for axes.
MASS_NAME = "$m_{\\gamma\\gamma}$ [GeV]"

_OURS: dict[str, Any] = {
    # named, not generic, so that a figure saved by the caller keeps them; the second has Greek
    "font.family": ["TeX Gyre Heros", "DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "mathtext.default": "it",
    "font.size": 12.0,
    "axes.linewidth": 1.0,
    "axes.unicode_minus": True,
    "xtick.major.size": 6.0,
    "xtick.minor.size": 3.0,
    "ytick.major.size": 6.0,
    "ytick.minor.size": 3.0,
    "xtick.major.pad": 4.0,
    "legend.fontsize": 10.5,
    "legend.labelspacing": 0.3,
    "legend.handletextpad": 0.5,
    # where an axis cannot grow, the text stays readable over what is drawn
    "legend.frameon": True,
    "legend.facecolor": "white",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.8,
    "lines.linewidth": 1.7,
    "figure.dpi": 120.0,
    "savefig.dpi": 200.0,
    # text as outlines looks the same on machines without the font
    "svg.fonttype": "path",
    # ids in an SVG are hashes of content and this salt, not random
    "svg.hashsalt": "hepvision",
}


@functools.cache
def _parameters() -> Mapping[str, Any]:
    import mplhep

    return {**mplhep.style.CMS, **_OURS}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in hepvision's style; the caller's own settings are put back.

    Yields
    ------
    None
        Nothing.

    Examples
    --------
    >>> before = matplotlib.rcParams["font.size"]
    >>> with style():
    ...     matplotlib.rcParams["font.size"]
    12.0
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    settings: Any = dict(_parameters())
    with matplotlib.rc_context(settings):
        yield


def new_figure(
    width: float = 4.6, height: float = 4.0, rows: int = 1, columns: int = 1, **layout: Any
) -> tuple[Figure, Any]:
    """A figure that no global state knows, and its axes.

    Parameters
    ----------
    width, height : float, inch
        Size; text is set so that 4.6 inches fill a telephone's screen.
    rows, columns : int
        Panels.
    **layout
        For :meth:`matplotlib.figure.Figure.subplots`.

    Returns
    -------
    figure : Figure
        The figure.
    axes : Axes or array of Axes
        One, or shape (rows, columns).

    Examples
    --------
    >>> with style():
    ...     figure, axes = new_figure(columns=2)
    >>> axes.shape
    (2,)
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **layout)


def finish(figure: Figure) -> None:
    """Lay a figure out, once for all: texts are placed in the style that they were made in.

    Parameters
    ----------
    figure : Figure
        Complete; called within :func:`style`.

    Examples
    --------
    >>> with style():
    ...     figure, axes = new_figure()
    ...     finish(figure)
    >>> bool(axes.get_position().x0 > 0.05)
    True
    """
    figure.draw_without_rendering()
    # or saving would do the same work twice more
    figure.set_layout_engine("none")


def make_room(axes: Axes) -> None:
    """Raise the top of the axes until their legend, which stands above, covers nothing drawn.

    Parameters
    ----------
    axes : Axes
        With a legend; called within :func:`style`, when all is drawn.

    Examples
    --------
    >>> with style():
    ...     figure, axes = new_figure()
    ...     lines = axes.plot([0, 1], [0, 1], label="a line")
    ...     axes.set_ylim(0, 1)
    ...     legend = axes.legend(loc="upper right")
    ...     make_room(axes)
    (0.0, 1.0)
    >>> bool(axes.get_ylim()[1] > 1.1)
    True
    """
    figure, legend = axes.figure, axes.get_legend()
    if not isinstance(figure, Figure) or legend is None:
        return
    figure.draw_without_rendering()
    box = legend.get_window_extent().transformed(axes.transAxes.inverted())
    drawn = _drawn(axes)
    beside = (drawn[:, 0] > box.x0 - 0.02) & (drawn[:, 0] < box.x1 + 0.02)
    highest = float(drawn[beside, 1].max(initial=0.0))
    growth = highest / max(box.y0 - 0.02, 0.1)
    if growth > 1.0:
        scale = axes.yaxis.get_transform()
        low, high = scale.transform(np.asarray(axes.get_ylim()))
        axes.set_ylim(top=float(scale.inverted().transform(low + growth * (high - low))))


def legend_beside(axes: Axes) -> None:
    """A legend right of the axes, where many names cover nothing drawn.

    Parameters
    ----------
    axes : Axes
        With labelled lines, in a figure that is wide enough; called within :func:`style`.

    Examples
    --------
    >>> with style():
    ...     figure, axes = new_figure(8.6, 4.6)
    ...     lines = axes.plot([0, 1], [0, 1], label="a line")
    ...     legend_beside(axes)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['a line']
    """
    axes.legend(
        loc="upper left", bbox_to_anchor=(1.01, 1.01), borderaxespad=0.0, fontsize="x-small"
    )


def _drawn(axes: Axes) -> npt.NDArray[np.float64]:
    """Points along all that is drawn in the axes' coordinates, shape (points, 2), from 0 to 1."""
    paths = [(one.get_path(), one.get_transform()) for one in axes.get_lines()]
    paths += [(one.get_path(), one.get_transform()) for one in axes.patches]
    for collection in axes.collections:
        paths += [(path, collection.get_transform()) for path in collection.get_paths()]
    points = [np.empty((0, 2))]
    for path, place in paths:
        # lines across the whole axes grow with them
        if place.contains_branch_seperately(axes.transData) == (True, True):
            along = np.asarray(path.transformed(place - axes.transAxes).vertices, np.float64)
            along = along[np.isfinite(along).all(axis=1)]
            steps = np.linspace(0.0, 1.0, 8)[:, None, None]
            points += [along, (along[:-1] + steps * np.diff(along, axis=0)).reshape(-1, 2)]
    return np.concatenate(points)


def label(axes: Axes, right: str = "", source: str = "simulation") -> None:
    """Say above the axes whose result it is, and under which conditions.

    Parameters
    ----------
    axes : Axes
        Where.
    right : str
        Conditions, such as "8 TeV, pile-up 20".
    source : str
        What follows the name: "simulation" for our own, or the experiment for published data.
        Empty: no name, as in the second of two panels.

    Examples
    --------
    >>> with style():
    ...     figure, axes = new_figure()
    ...     label(axes, "8 TeV")
    >>> [text.get_text() for text in axes.texts]
    ['hepvision', 'simulation', '8 TeV']
    """
    place: dict[str, Any] = {
        "xytext": (0, 4),
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "va": "baseline",
    }
    if source:
        name = axes.annotate("hepvision", (0.0, 1.0), fontweight="bold", **place)
        beside = {**place, "xytext": (5, 0), "xycoords": name, "va": "bottom"}
        axes.annotate(source, (1.0, 0.0), fontstyle="italic", fontsize="small", **beside)
    if right:
        axes.annotate(right, (1.0, 1.0), fontsize="small", ha="right", **place)


def colour(index: int, palette: tuple[str, ...] = ENTRY_COLOURS) -> str:
    """Colour of the n-th curve; the palette repeats.

    Parameters
    ----------
    index : int
        From 0.
    palette : tuple of str
        Colours.

    Returns
    -------
    str
        As ``#rrggbb``.

    Examples
    --------
    >>> colour(0), colour(10) == colour(0)
    ('#3f90da', True)
    """
    return palette[index % len(palette)]


def pretty(name: str) -> str:
    """A class or process by the field's own symbols, where there are any.

    Parameters
    ----------
    name : str
        Name in a card.

    Returns
    -------
    str
        For titles and legends.

    Examples
    --------
    >>> pretty("higgs_to_diphoton"), pretty("top_jets")
    ('H → γγ', 'top jets')
    """
    return _SYMBOLS.get(name, name.replace("_", " "))


_SYMBOLS = {
    "higgs": "H → γγ",
    "signal": "signal",
    "higgs_to_diphoton": "H → γγ",
    "higgs_diphoton": "H → γγ",
    "prompt_diphoton": "γγ",
    "diphoton": "γγ",
    "photon_jet": "γ + jet",
    "minimum_bias": "minimum bias",
    "rest": "all backgrounds",
}


def embed(figure: Figure, form: Literal["png", "svg"] = "svg", dpi: float = 160.0) -> str:
    """A figure as a data URI, to stand in an HTML page without another file.

    Parameters
    ----------
    figure : Figure
        Any figure.
    form : "png" or "svg"
        Lines are sharp and small as SVG, images as PNG.
    dpi : float
        Dots an inch, of a PNG.

    Returns
    -------
    str
        ``data:image/…;base64,…``; the same figure gives the same text.

    Raises
    ------
    ValueError
        If the form is another.

    Examples
    --------
    >>> embed(Figure(figsize=(1, 1)), "png")[:22]
    'data:image/png;base64,'
    """
    kinds = {"png": ("image/png", {"Software": None}), "svg": ("image/svg+xml", {"Date": None})}
    if form not in kinds:
        raise ValueError(f"figure: form must be png or svg, got {form!r}. Take one of them.")
    kind, metadata = kinds[form]
    buffer = io.BytesIO()
    with style():
        figure.savefig(buffer, format=form, dpi=dpi, metadata=metadata)
    return f"data:{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
