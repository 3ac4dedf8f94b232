"""Detector images: one event as tracks, ECAL and HCAL over each other; averages by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.figures._detector_frames import (
    ENDCAPS,
    bar_place,
    dress,
    laid_out,
    position,
)
from hepvision.figures.style import LAYER_COLOURS, finish, label, new_figure, pretty, style

__all__ = ["average_images", "detector_image", "eta_profiles"]

Array = npt.NDArray[np.float64]
Image = npt.ArrayLike | Mapping[str, npt.ArrayLike]
LAYERS = ("tracks", "ECAL", "HCAL")
FLOORS = {"tracks": 0.5, "ECAL": 0.1, "HCAL": 0.02}
"""Smallest intensity drawn, GeV a pixel: about the noise of a channel (a tower is 25 pixels)."""
QUANTITY = {"tracks": "track $p_T$", "ECAL": "ECAL energy", "HCAL": "HCAL energy"}


def _checked(image: npt.ArrayLike, name: str) -> Array:
    values = np.asarray(image, dtype=np.float64)
    if values.ndim != 3 or values.shape[0] != len(LAYERS):
        raise ValueError(
            f"{name}: must have shape (3, rows, columns) = (tracks, ECAL, HCAL), got "
            f"{values.shape}. Add empty layers where there are none."
        )
    return values


def _ramp(name: str) -> Colormap:
    """From a light tint to the layer's own colour, so that the weakest pixel is still seen."""
    strong = np.array(to_rgb(LAYER_COLOURS[name]))
    tint, dark = 1.0 - 0.30 * (1.0 - strong), 0.62 * strong
    ramp = LinearSegmentedColormap.from_list(name, [tuple(tint), tuple(strong), tuple(dark)])
    nothing = (0.0, 0.0, 0.0, 0.0)
    return ramp.with_extremes(bad=nothing, under=nothing)


def _parts(image: Image, name: str) -> dict[str, Array]:
    given = image if isinstance(image, Mapping) else {"image": image}
    return {part: _checked(values, name) for part, values in given.items()}


def _photon_marks(
    axes: Axes, part: str, photons: Mapping[str, Any], shape: tuple[int, int]
) -> None:
    column, row = position(part, shape, photons["eta"], photons["phi"])
    momenta = photons.get("pt")
    for i in np.flatnonzero(np.isfinite(row)):
        x, y = float(column[i]), float(row[i])
        axes.plot(x, y, "o", ms=15, mfc="none", mec="black", mew=1.2, label="_photon")
        if momenta is None:
            continue
        left = x > (0.8 if part not in ENDCAPS else 0.5) * shape[1]
        axes.annotate(
            f"γ {float(np.asarray(momenta)[i]):.0f} GeV",
            (x, y),
            xytext=(-11 if left else 11, 9),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize="x-small",
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
        )


def detector_image(
    image: Image,
    photons: Mapping[str, Any] | None = None,
    title: str = "",
    *,
    right: str = "",
    source: str = "simulation",
    floors: Mapping[str, float] = FLOORS,
) -> Figure:
    """One event: HCAL grey, ECAL blue, tracks orange, logarithmic.

    Parameters
    ----------
    image : array, shape (3, H, W), GeV, or mapping of such
        Track pT, ECAL and HCAL energy a pixel: 170 × 360 for the barrel, 280 × 360 for the whole
        detector; or the parts of an ECAL-centric image by name.
    photons : mapping, optional
        Arrays ``eta`` and ``phi`` (rad), and ``pt`` (GeV) if known: marked by circles.
    title : str
        What event it is.
    right, source : str
        For :func:`~hepvision.figures.style.label`.
    floors : mapping
        Smallest intensity drawn in each layer, GeV.

    Returns
    -------
    Figure
        Tracks are drawn larger than their pixel, which would not be seen.

    Raises
    ------
    ValueError
        If the image has not three layers.

    References
    ----------
    M. Andrews et al., Eur. Phys. J. Web Conf. 214 (2019) 06031, arXiv:1807.11916 (figure 1).

    Examples
    --------
    >>> figure = detector_image(np.ones((3, 170, 360)), {"eta": [0.5], "phi": [1.0], "pt": [60]})
    >>> len(figure.axes[0].get_images())
    2
    """
    parts = _parts(image, "detector image")
    with style():
        figure, panels = laid_out(parts)
        norms = {
            name: _norm(np.concatenate([one[i].ravel() for one in parts.values()]), floors[name])
            for i, name in enumerate(LAYERS)
        }
        drawn = []
        for part, axes in panels.items():
            drawn.append(_pixels(axes, parts[part], norms, floors))
            if photons is not None:
                height, width = parts[part].shape[1:]
                _photon_marks(axes, part, photons, (height, width))
        first, main = next(iter(panels.items()))
        label(main, right, source)
        # an empty title would leave the label no room
        main.set_title(title or " ", pad=19, fontsize="medium")
        for i, (name, mappable) in enumerate(zip(LAYERS, drawn[0], strict=True)):
            place = main.inset_axes(bar_place(i, parts[first].shape[1]))
            bar = figure.colorbar(mappable, cax=place, orientation="horizontal")
            bar.set_label(f"{QUANTITY[name]} [GeV]", fontsize="small", loc="right")
            _plain_ticks(bar)
        finish(figure)
    return figure


def _pixels(
    axes: Axes, values: Array, norms: Mapping[str, Normalize], floors: Mapping[str, float]
) -> list[ScalarMappable]:
    """Draw the layers; in the order of ``LAYERS``."""
    drawn: dict[str, ScalarMappable] = {}
    for name in ("HCAL", "ECAL"):
        layer = values[LAYERS.index(name)]
        drawn[name] = axes.imshow(
            np.ma.masked_less(layer, floors[name]),
            cmap=_ramp(name),
            norm=norms[name],
            origin="lower",
            interpolation="none",
            aspect="equal",
        )
    row, column = np.nonzero(values[0] >= floors["tracks"])
    strength = values[0][row, column]
    drawn["tracks"] = axes.scatter(
        column,
        row,
        c=strength,
        s=9.0 + 22.0 * np.clip(norms["tracks"](strength), 0.0, 1.0),
        marker="s",
        cmap=_ramp("tracks"),
        norm=norms["tracks"],
        linewidths=0,
    )
    return [drawn[name] for name in LAYERS]


def _plain_ticks(bar: Colorbar) -> None:
    """Powers of ten written out, and nothing between: a narrow bar has room for no more."""
    axis = bar.long_axis
    low, high = bar.norm.vmin or 1.0, bar.norm.vmax or 1.0
    # less than two decades may hold a single power of ten, which is no scale
    between = (1.0, 2.0, 5.0) if high < 100.0 * low else (1.0,)
    axis.set_major_locator(LogLocator(subs=between, numticks=6))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
    bar.ax.tick_params(labelsize="x-small", which="both", length=2, top=False, left=False)
    bar.outline.set_linewidth(0.6)


def _norm(layer: Array, floor: float) -> LogNorm:
    top = float(layer.max()) if layer.size else 0.0
    return LogNorm(floor, max(top, 10.0 * floor))


def _blocks(image: Array, size: int = 5) -> Array:
    """Sums over blocks of size × size pixels; rows and columns left over are dropped."""
    layers, rows, columns = image.shape
    cut = image[:, : rows // size * size, : columns // size * size]
    return cut.reshape(layers, rows // size, size, columns // size, size).sum(axis=(2, 4))


def _averaged(image: Image, name: str) -> tuple[str, Array, tuple[int, int]]:
    """What the image shows, its blocks, and its rows and columns of pixels."""
    parts = _parts(image, name)
    if parts.keys() <= ENDCAPS.keys():
        # the beam, the corners and a gap stay white
        gap = np.full((len(LAYERS), 50, 2), np.nan)
        there = _blocks(EcalEndcap().exists()[None].astype(np.float64), 2) > 0
        discs = [np.where(there, _blocks(part, 2), np.nan) for part in parts.values()]
        beside = np.concatenate([piece for one in discs for piece in (one, gap)][:-1], axis=2)
        return "endcaps", beside, (100, 2 * beside.shape[2])
    (part, values), *_ = parts.items()
    return part, _blocks(values), (values.shape[1], values.shape[2])


def average_images(
    images: Mapping[str, Image], *, right: str = "", source: str = "simulation"
) -> Figure:
    """Average image of each class, one column a class and one row a layer.

    Pixels are joined to blocks of 5 × 5 (a tower), in endcaps of 2 × 2: single ones show noise
    alone.

    Parameters
    ----------
    images : mapping
        Class name → array, shape (3, H, W), GeV a pixel and event; or a mapping of the endcaps,
        which stand beside each other, −z on the left. A layer shares one colour scale from 0
        among the classes, so that they can be compared.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        The panels.

    Raises
    ------
    ValueError
        If there is no image, or one has not three layers.

    Examples
    --------
    >>> figure = average_images({"higgs": np.ones((3, 170, 360))})
    >>> len(figure.axes)
    6
    """
    if not images:
        raise ValueError("average images: needs one class or more, got none. Add an image.")
    arrays = {name: _averaged(image, name) for name, image in images.items()}
    part, _, (rows, columns) = next(iter(arrays.values()))
    tall = rows > EcalBarrel.shape[0]
    with style():
        figure, grid = new_figure(
            1.2 + 2.9 * len(arrays), 7.4 if tall else 5.0, 3, len(arrays), squeeze=False,
            sharex=True, sharey=True,
        )  # fmt: skip
        for i, layer in enumerate(LAYERS):
            stack = np.stack([array[i] for _, array, _ in arrays.values()])
            # a few blocks hold a hard photon of one event and would set the scale
            top = float(np.nanpercentile(stack, 99.5)) or 1.0
            norm = Normalize(0.0, top)
            for j, (name, (_, array, _)) in enumerate(arrays.items()):
                axes = grid[i, j]
                shown = axes.imshow(
                    array[i],
                    cmap="cividis",
                    norm=norm,
                    origin="lower",
                    interpolation="none",
                    extent=(-0.5, columns - 0.5, -0.5, rows - 0.5),
                )
                dress(axes, part, (rows, columns))
                if i == 0:
                    axes.set_title(pretty(name), fontsize="medium", pad=21)
            bar = figure.colorbar(shown, ax=list(grid[i]), pad=0.01, extend="max", aspect=11)
            bar.set_label(f"{QUANTITY[layer]}\n[GeV / event]", fontsize="x-small")
            bar.ax.tick_params(labelsize="x-small", which="both", length=2)
        label(grid[0, 0], "", source)
        if right:
            label(grid[0, -1], right, "")
        if part != "endcaps":
            for axes in grid[-1]:
                axes.set_xlabel("$i\\phi$")
            for axes in grid[:, 0]:
                axes.set_ylabel("$\\eta$" if tall else "$i\\eta$")
        finish(figure)
    return figure


def eta_profiles(
    images: Mapping[str, npt.ArrayLike],
    colours: Sequence[str],
    *,
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Energy an event against iη, summed over φ: what the average images differ in.

    Parameters
    ----------
    images : mapping
        Class name → average image, shape (3, H, W), GeV a pixel and event.
    colours : sequence of str
        One a class.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Three panels: tracks, ECAL, HCAL.

    Raises
    ------
    ValueError
        If an image has not three layers.

    Examples
    --------
    >>> figure = eta_profiles({"higgs": np.ones((3, 170, 360))}, ["#e42536"])
    >>> len(figure.axes)
    3
    """
    arrays = {name: _checked(image, name) for name, image in images.items()}
    with style():
        figure, grid = new_figure(8.6, 3.3, 1, 3)
        for i, (axes, layer) in enumerate(zip(grid, LAYERS, strict=True)):
            for (name, array), shade in zip(arrays.items(), colours, strict=False):
                # five crystals are a tower: finer bins show noise alone
                rows = array.shape[1] // 5 * 5
                sums = array[i, :rows].sum(axis=1).reshape(-1, 5).sum(axis=1)
                whole = array.shape[1] > EcalBarrel.shape[0]
                half = sums.size / 2 if whole else array.shape[1] / 2
                axes.stairs(
                    sums,
                    np.linspace(-half, half, sums.size + 1),
                    baseline=None,
                    color=shade,
                    lw=1.5,
                    label=pretty(name),
                )
            axes.margins(y=0.25)
            axes.set_ylim(bottom=0)
            axes.set_xlabel("tower $i\\eta$" if whole else "$i\\eta$")
            width = "tower" if whole else "5 crystals"
            axes.set_ylabel(f"{QUANTITY[layer]} [GeV / {width}]", fontsize="small")
        grid[0].set_ylim(0, 1.35 * grid[0].get_ylim()[1])
        grid[0].legend(loc="upper right")
        label(grid[0], "", source)
        if right:
            label(grid[-1], right, "")
        finish(figure)
    return figure
