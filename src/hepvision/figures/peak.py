"""Mass spectra of a category: signal stacked on backgrounds, and what a fit has to see."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hepvision.figures.style import (
    CLASS_COLOURS,
    MASS_NAME,
    colour,
    finish,
    label,
    new_figure,
    style,
)

__all__ = ["ExpectedSpectrum", "expected_spectrum"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ExpectedSpectrum:
    """Expected events against mass: simulated ones and the fitted functions.

    Parameters
    ----------
    edges : array, shape (bins + 1,), GeV
        Equal bins.
    simulated : mapping
        Background's name → its expected events, shape (bins,).
    error : array, shape (bins,)
        Statistical error of the simulated backgrounds' sum.
    peak, falling : array, shape (bins,)
        Fitted signal and background.
    variance : array, shape (bins,)
        Variance of data in each bin: their number, where they are not weighted.

    Examples
    --------
    >>> one = np.ones(2)
    >>> ExpectedSpectrum(np.arange(3.0), {"γγ": one}, one, one, one, one).merged(2).peak
    array([2.])
    """

    edges: Array
    simulated: Mapping[str, Array]
    error: Array
    peak: Array
    falling: Array
    variance: Array

    def merged(self, bins: int) -> ExpectedSpectrum:
        """The same in wider bins.

        Parameters
        ----------
        bins : int
            How many become one; must divide their number.

        Returns
        -------
        ExpectedSpectrum
            With fewer bins.

        Raises
        ------
        ValueError
            If some bins would be left over.
        """
        if self.peak.size % bins:
            raise ValueError(
                f"spectrum: {self.peak.size} bins cannot be merged by {bins}. Give a divisor."
            )

        def sums(of: Array) -> Array:
            found: Array = of.reshape(-1, bins).sum(axis=1)
            return found

        return ExpectedSpectrum(
            self.edges[::bins],
            {name: sums(one) for name, one in self.simulated.items()},
            np.sqrt(sums(self.error**2)),
            sums(self.peak),
            sums(self.falling),
            sums(self.variance),
        )


def expected_spectrum(
    spectrum: ExpectedSpectrum,
    signal: str = "signal",
    *,
    merge: int = 1,
    name: str = MASS_NAME,
    unit: str = "events",
    title: str = "",
    right: str = "",
    source: str = "simulation",
) -> Figure:
    """Signal stacked on the backgrounds, and below what is left after the fitted background.

    Parameters
    ----------
    spectrum : ExpectedSpectrum
        Of one category, or a weighted sum of all.
    signal : str
        Name of the signal.
    merge : int
        Bins of the spectrum that make one of the histogram's; the functions keep the narrow ones.
    name : str
        For the axis of the mass.
    unit : str
        What is counted, such as "weighted events".
    title : str
        Set in the panel.
    right, source : str
        For :func:`~hepvision.figures.style.label`.

    Returns
    -------
    Figure
        Above: simulated backgrounds (hatched: their statistical error) under the signal, and the
        fit. Below: signal alone, over the 68 % band that data scatter in.

    Raises
    ------
    ValueError
        If the bins cannot be merged so.

    Examples
    --------
    >>> one = np.ones(8)
    >>> spectrum = ExpectedSpectrum(np.arange(9.0), {"γγ": one}, one, one, one, one)
    >>> len(expected_spectrum(spectrum, merge=2).axes)
    2
    """
    wide = spectrum.merged(merge)
    width = float(wide.edges[1] - wide.edges[0])
    with style():
        figure, (top, below) = new_figure(
            4.6, 4.6, 2, 1, sharex=True, gridspec_kw={"height_ratios": (2.2, 1.2)}
        )
        power = _draw_stack(top, spectrum, wide, signal, merge)
        _draw_rest(below, spectrum, wide, signal, merge)
        below.set_xlabel(name)
        top.set_ylabel(f"{power}{unit} / {width:g} GeV")
        top.legend(loc="upper right", title=title, title_fontsize="medium", ncols=2)
        label(top, right, source)
        figure.align_ylabels()
        finish(figure)
    return figure


def _draw_stack(
    axes: Axes, spectrum: ExpectedSpectrum, wide: ExpectedSpectrum, signal: str, merge: int
) -> str:
    """Simulation and fit; gives the power of ten that the axis is in."""
    highest = max(float((sum(wide.simulated.values()) + wide.peak + wide.error).max()), 1e-300)
    exponent = math.floor(math.log10(highest))
    exponent = exponent if not -3 < exponent < 4 else 0
    unit = 10.0**-exponent
    below = np.zeros_like(wide.peak)
    parts = [*wide.simulated.items(), (signal, wide.peak)]
    shades = [*(colour(k + 1, CLASS_COLOURS) for k in range(len(wide.simulated)))]
    for (name, counts), shade in zip(parts, [*shades, CLASS_COLOURS[0]], strict=True):
        top, base = unit * (below + counts), unit * below
        axes.stairs(top, wide.edges, baseline=base, fill=True, color=shade, label=name)
        below = below + counts
    low, high = np.maximum(below - wide.error, 0.0), below + wide.error
    band = unit * high, wide.edges
    axes.stairs(*band, baseline=unit * low, fill=False, hatch="////", color="0.35", lw=0.0)
    places = 0.5 * (spectrum.edges[1:] + spectrum.edges[:-1])
    both, falling = (
        unit * merge * one for one in (spectrum.falling + spectrum.peak, spectrum.falling)
    )
    axes.plot(places, both, color="black", lw=1.3, label="fit")
    axes.plot(places, falling, color="black", lw=1.0, ls="--")
    axes.set_ylim(0, 1.45 * unit * highest)
    return f"$\\mathrm{{10^{{{exponent}}}}}$ " if exponent else ""


def _draw_rest(
    axes: Axes, spectrum: ExpectedSpectrum, wide: ExpectedSpectrum, signal: str, merge: int
) -> None:
    """The signal over the band in which data scatter about the background."""
    places = 0.5 * (spectrum.edges[1:] + spectrum.edges[:-1])
    band, peak = np.sqrt(wide.variance), merge * spectrum.peak
    axes.stairs(
        band, wide.edges, baseline=-band, fill=True, color="0.85", label="±1σ of data in a bin"
    )
    axes.axhline(0.0, color="black", lw=1.0, ls="--")
    axes.plot(places, peak, color=CLASS_COLOURS[0], label=signal)
    most = max(float(band.max()), float(peak.max())) or 1.0
    axes.set(xlim=(wide.edges[0], wide.edges[-1]), ylim=(-1.3 * most, 2.2 * most))
    axes.set_ylabel("minus fit", loc="center")
    axes.legend(loc="upper right", ncols=2, fontsize="small")
