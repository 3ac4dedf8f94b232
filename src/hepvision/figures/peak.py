"""Mass spectra of a category: signal stacked on backgrounds, and what a fit has to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hepvision.figures.style import CLASS_COLOURS, colour, finish, label, new_figure, style

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
    name: str = "$m_{\\gamma\\gamma}$ [GeV]",
    unit: str = "events",
    title: str = "",
    note: str = "",
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
    title, note : str
        Set in the panels.
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
    centres = 0.5 * (spectrum.edges[1:] + spectrum.edges[:-1])
    width = float(wide.edges[1] - wide.edges[0])
    with style():
        figure, (top, below) = new_figure(
            4.6, 4.6, 2, 1, sharex=True, gridspec_kw={"height_ratios": (2.2, 1.2)}
        )
        _stack(top, wide, signal)
        top.plot(centres, merge * (spectrum.falling + spectrum.peak), color="black", lw=1.3)
        top.plot(centres, merge * spectrum.falling, color="black", lw=1.0, ls="--", label="fit")
        band = np.sqrt(wide.variance)
        below.stairs(
            band, wide.edges, baseline=-band, fill=True, color="0.85", label="±1σ of data in a bin"
        )
        below.axhline(0.0, color="black", lw=1.0, ls="--")
        below.plot(centres, merge * spectrum.peak, color=CLASS_COLOURS[0], label=signal)
        below.set(xlim=(wide.edges[0], wide.edges[-1]))
        most = max(float(band.max()), merge * float(spectrum.peak.max())) or 1.0
        below.set_ylim(-1.3 * most, 2.2 * most)
        below.set_xlabel(name)
        below.set_ylabel("minus background", loc="center")
        below.ticklabel_format(axis="y", scilimits=(-2, 4), useMathText=True)
        top.ticklabel_format(axis="y", scilimits=(-2, 4), useMathText=True)
        top.yaxis.get_offset_text().set_visible(False)
        below.legend(loc="upper right", ncols=2, fontsize="small")
        top.set_ylim(0, 1.45 * top.get_ylim()[1])
        top.set_ylabel(f"{unit} / {width:g} GeV")
        top.legend(loc="upper right", title=title, title_fontsize="medium", ncols=2)
        if note:
            top.annotate(note, (0.03, 0.04), xycoords="axes fraction", fontsize="small")
        label(top, right, source)
        figure.align_ylabels()
        finish(figure)
    return figure


def _stack(axes: Axes, spectrum: ExpectedSpectrum, signal: str) -> None:
    below = np.zeros_like(spectrum.peak)
    for k, (name, counts) in enumerate(spectrum.simulated.items()):
        shade = colour(k + 1, CLASS_COLOURS)
        top = below + counts
        axes.stairs(top, spectrum.edges, baseline=below, fill=True, color=shade, label=name)
        below = top
    hatch = {"fill": False, "hatch": "////", "color": "0.35", "lw": 0.0}
    low, high = np.maximum(below - spectrum.error, 0.0), below + spectrum.error
    axes.stairs(high, spectrum.edges, baseline=low, **hatch)
    axes.stairs(
        below + spectrum.peak,
        spectrum.edges,
        baseline=below,
        fill=True,
        color=CLASS_COLOURS[0],
        label=signal,
    )
