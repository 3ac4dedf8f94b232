"""One category of an analysis: its fit in the sample and in all replicas of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from hepvision.evaluation._samples import Array
from hepvision.evaluation.mass_fit import expected_fit, fit_background, fit_peak, peak_window
from hepvision.physics.intervals import Interval, bootstrap_interval, effective_count

__all__ = ["Category", "CategoryFit", "reflected"]


@dataclass(frozen=True, eq=False)
class Category:
    """Events of one range of the score, and the fit of their mass.

    Parameters
    ----------
    low, high : float or None
        Ends of the score; None where there is none.
    signal, background : float
        Expected events in the range of the fit.
    significance : Interval
        Of this category alone.
    window : tuple of float, GeV
        Narrowest window with 68 % of the fitted peak.
    signal_inside, background_inside : float
        Expected events in the window.
    simulated : float
        Effective background events that this rests on.
    fit_probability : float or None
        p-value of the background's fit to its simulation; None for too few events.
    peak, falling : array, shape (bins,)
        Fitted signal and background, expected events a bin.

    Examples
    --------
    >>> Category(
    ...     0.5,
    ...     None,
    ...     9.0,
    ...     90.0,
    ...     Interval(1, 0.9, 1.1),
    ...     (124.0, 126.0),
    ...     6.1,
    ...     3.0,
    ...     50.0,
    ...     0.5,
    ...     np.ones(2),
    ...     np.ones(2),
    ... ).width
    1.0
    """

    low: float | None
    high: float | None
    signal: float
    background: float
    significance: Interval
    window: tuple[float, float]
    signal_inside: float
    background_inside: float
    simulated: float
    fit_probability: float | None
    peak: Array
    falling: Array

    @property
    def width(self) -> float:
        """Effective width of the peak: half of the window, in GeV."""
        return 0.5 * (self.window[1] - self.window[0])

    def to_dict(self) -> dict[str, Any]:
        """All but the spectra, for ``metrics.json``.

        Returns
        -------
        dict
            The numbers.
        """
        return {
            "score": [self.low, self.high],
            "signal": self.signal,
            "background": self.background,
            "window": list(self.window),
            "effective_width": self.width,
            "signal_inside": self.signal_inside,
            "background_inside": self.background_inside,
            "simulated": self.simulated,
            "fit_probability": self.fit_probability,
            "significance": self.significance,
        }


class CategoryFit:
    """One category in the sample and all replicas: row 0 is the sample."""

    def __init__(self, spectra: Array, signal_weight: Array, edges: Array, form: str):
        events = effective_count(signal_weight)
        # a tail needs events to be seen in
        components = 1 + int(events > 30) + int(events > 300)
        signal, self.background = spectra[:, 1], spectra[:, 0]
        self.shape = fit_peak(signal, edges, components)
        self.peak = signal.sum(axis=1, keepdims=True) * self.shape
        self.falling = fit_background(self.background, edges, form)
        self.found = np.stack(expected_fit(self.peak, self.falling, edges, form), axis=1)
        # nothing is known of the slope where a replica has no background
        self.found[self.falling.sum(axis=1) <= 0.0] = np.nan

    def category(
        self,
        low: float | None,
        high: float | None,
        weight: Array,
        secured: float,
        edges: Array,
        level: float,
    ) -> Category:
        """The sample's numbers, with intervals from the replicas."""
        window = peak_window(self.shape[0], edges)
        rise = np.concatenate([[0.0], np.cumsum(self.falling[0])])
        shares = np.concatenate([[0.0], np.cumsum(self.peak[0])])
        under, peak = (float(np.diff(np.interp(window, edges, one))[0]) for one in (rise, shares))
        return Category(
            low,
            high,
            float(self.peak[0].sum()),
            float(self.falling[0].sum()),
            reflected(self.found[:, 0], level),
            (float(window[0]), float(window[1])),
            peak,
            under,
            secured,
            _fit_probability(self.background[0], self.falling[0], weight),
            self.peak[0],
            self.falling[0],
        )


def reflected(found: Array, level: float) -> Interval:
    """Value of the sample (first) with the replicas' spread of ln(value), turned round.

    Few background events leave gaps that the fits take for purity. A replica is better than its
    sample by about as much as the sample is better than the truth, so the truth lies on the
    other side of the value.
    """
    value, again = float(found[0]), found[1:]
    if not value > 0.0:
        return Interval(0.0, 0.0, 0.0)
    drawn = np.divide(value**2, again, out=np.full_like(again, np.nan), where=again > 0.0)
    return bootstrap_interval(value, drawn, level)


def _fit_probability(counts: Array, fitted: Array, weight: Array) -> float | None:
    """χ² in at most 16 bins of equal expected content, ten effective events each."""
    bins = min(int(effective_count(weight) / 10.0), 16)
    if bins < 4 or weight.sum() <= 0.0:
        return None
    rise = np.cumsum(fitted) / fitted.sum()
    place = np.minimum((rise * bins).astype(np.int64), bins - 1)
    seen, told = (np.bincount(place, one, minlength=bins) for one in (counts, fitted))
    average = float(np.dot(weight, weight) / weight.sum())
    filled = told > 0
    square = ((seen - told)[filled] ** 2 / (told[filled] * average)).sum()
    return float(stats.chi2.sf(square, int(filled.sum()) - 2))
