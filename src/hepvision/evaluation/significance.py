"""What an analysis gets out of a score: expected significance and error of the signal strength."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.core.seeds import generator
from hepvision.evaluation._category_fit import Category, CategoryFit, reflected
from hepvision.evaluation._samples import (
    Array,
    Booleans,
    Integers,
    binned,
    checked_binary,
    checked_column,
    checked_edges,
)
from hepvision.evaluation.categories import category_of, secured_count
from hepvision.physics.intervals import LEVEL, Interval

__all__ = [
    "Category",
    "ExpectedSignificance",
    "counting_significance",
    "expected_significance",
    "significance_gain",
]

FEWEST = 3
"""Simulated background events without which no slope is fitted: a category joins the next one."""


@dataclass(frozen=True, eq=False)
class ExpectedSignificance:
    """Result of the simultaneous fit of all categories.

    Parameters
    ----------
    significance, mu_error : Interval
        Expected significance, and σ of the signal strength at μ = 1.
    inclusive : Interval
        Significance without categories.
    over_inclusive : Interval
        Relative gain of the categories, from the same replicas.
    categories : tuple of Category
        The highest score first.
    warnings : tuple of str
        What rests on few events.
    replicas : array, shape (R, 2)
        Significance and 1/σ of μ, in the sample itself and in each of its replicas.
    events : int
        Checksum of the events, so that only results on the same are compared.

    Examples
    --------
    >>> one = Interval(1.0, 1.0, 1.0)
    >>> ExpectedSignificance(one, one, one, one, (), (), np.ones((2, 2)), 0).to_dict()["categories"]
    []
    """

    significance: Interval
    mu_error: Interval
    inclusive: Interval
    over_inclusive: Interval
    categories: tuple[Category, ...]
    warnings: tuple[str, ...]
    replicas: Array
    events: int

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the intervals stay :class:`Interval`.

        Returns
        -------
        dict
            All but the replicas and the checksum.
        """
        return {
            "significance": self.significance,
            "mu_error": self.mu_error,
            "inclusive": self.inclusive,
            "over_inclusive": self.over_inclusive,
            "categories": [one.to_dict() for one in self.categories],
            "warnings": list(self.warnings),
        }


def counting_significance(
    signal: npt.ArrayLike, background: npt.ArrayLike, uncertainty: float = 0.0
) -> Array:
    r"""Expected significance of a counting experiment.

    .. math:: \sqrt{2 \left((s + b) \ln(1 + s/b) - s\right)}

    and with a background known to :math:`\sigma_b` the Asimov value of Cowan,

    .. math:: \sqrt{2 \left((s + b) \ln\frac{(s + b)(b + \sigma_b^2)}{b^2 + (s + b)\sigma_b^2}
              - \frac{b^2}{\sigma_b^2} \ln\left(1 + \frac{\sigma_b^2 s}{b (b + \sigma_b^2)}\right)
              \right)}

    Parameters
    ----------
    signal, background : array, shape (...)
        Expected events; the background is more than 0.
    uncertainty : float
        Relative error of the background, :math:`\sigma_b / b`.

    Returns
    -------
    array, shape (...)
        In standard deviations.

    Raises
    ------
    ValueError
        If a background is not positive, or a signal or the uncertainty negative.

    References
    ----------
    G. Cowan, K. Cranmer, E. Gross, O. Vitells, Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727.
    G. Cowan, Discovery sensitivity for a counting experiment with background uncertainty (2012).

    Examples
    --------
    >>> print(round(float(counting_significance(10, 100)), 3))  # s / √b = 1
    0.984
    >>> print(round(float(counting_significance(10, 100, uncertainty=0.1)), 3))  # s/√(b + σ²): 0.71
    0.69
    """
    s, b = np.asarray(signal, dtype=np.float64), np.asarray(background, dtype=np.float64)
    if not ((b > 0.0).all() and (s >= 0.0).all() and uncertainty >= 0.0):
        raise ValueError(
            "counting_significance: needs background above 0, signal and uncertainty not below, "
            f"got {np.min(b):g}, {np.min(s):g}, {uncertainty:g}. Loosen the cut."
        )
    if not uncertainty:
        found: Array = np.sqrt(2.0 * np.maximum(special.xlog1py(s + b, s / b) - s, 0.0))
        return found
    variance = (uncertainty * b) ** 2
    # ln of the first fraction as ln(1 + x): little signal is not lost in rounding
    first = special.xlog1py(s + b, s * b / (b**2 + (s + b) * variance))
    second = b**2 / variance * np.log1p(variance * s / (b * (b + variance)))
    return np.asarray(np.sqrt(2.0 * np.maximum(first - second, 0.0)))


def expected_significance(
    score: npt.ArrayLike,
    mass: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike,
    source: npt.ArrayLike,
    boundaries: npt.ArrayLike,
    edges: npt.ArrayLike,
    *,
    minimum: float = 10.0,
    form: str = "exponential",
    replicas: int = 200,
    seed: int = 0,
    level: float = LEVEL,
) -> ExpectedSignificance:
    """Fit the mass in all categories together, and repeat it on resampled events.

    Each category has its own signal shape (a sum of Gaussians through its simulated signal) and
    its own background, whose norm and slope float. See
    :func:`~hepvision.evaluation.mass_fit.expected_fit`. The intervals are those of the finite
    simulation: everything is fitted again to every replica. Their spread is reflected about the
    value (in logarithms), since replicas of few events find more than there is.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal; events of the test sample.
    mass : array, shape (B,), GeV
        Where the peak is.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,)
        Expected events that each stands for, at the luminosity in question.
    source : array of int, shape (B,)
        Sample that the event is from.
    boundaries : array, shape (k,)
        As :func:`~hepvision.evaluation.categories.choose_boundaries` found them on other events.
    edges : array, shape (bins + 1,), GeV
        Range and equal bins of the fit.
    minimum : float
        Background events below which a category is warned of.
    form : "exponential" or "power"
        The background's function.
    replicas, seed : int
        Of the bootstrap; the same seed and events give the same replicas, whatever the score.
    level : float
        Confidence level.

    Returns
    -------
    ExpectedSignificance
        Combined and by category.

    Raises
    ------
    ValueError
        If arrays are not fit, edges do not rise, or too few events lie in the range for any fit.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> signal = np.arange(4000) < 2000
    >>> mass = np.where(signal, rng.normal(125, 1.5, 4000), rng.uniform(100, 180, 4000))
    >>> score = rng.normal(size=4000) + signal
    >>> weight = np.where(signal, 0.05, 1.0)
    >>> edges = np.linspace(100, 180, 161)
    >>> made = expected_significance(
    ...     score, mass, signal, weight, ~signal, [1.0], edges, replicas=20
    ... )
    >>> made.significance.value > made.inclusive.value > 5.0
    True
    """
    column, mask, weights = checked_binary(score, is_signal, weight)
    values = checked_column("mass", mass, column.size)
    bounds = checked_edges(edges)
    inside, bins = binned(values, bounds)
    column, weights, values = (one[inside] for one in (column, weights, values))
    mask, kind = mask[inside], np.asarray(source)[inside]
    cuts, joined = _fillable(column, mask, np.asarray(boundaries, dtype=np.float64), bounds)
    place, count = category_of(column, cuts), cuts.size + 1
    groups = 2 * place + mask
    drawn = _replicas(groups, bins, weights, (count, 2, bounds.size - 1), replicas, seed)
    fits = [
        CategoryFit(drawn[:, k], weights[(place == k) & mask], bounds, form) for k in range(count)
    ]
    whole = CategoryFit(drawn.sum(axis=1), weights[mask], bounds, form)
    both = np.sqrt(sum(fit.found**2 for fit in fits))
    secured = secured_count(place[~mask], kind[~mask], weights[~mask], count)
    ends = [None, *cuts.tolist(), None]
    made = []
    for k, fit in enumerate(fits):
        own = weights[(place == k) & ~mask]
        made.append(fit.category(ends[k + 1], ends[k], own, float(secured[k]), bounds, level))
    errors = np.divide(1.0, both[:, 1], out=np.full(len(both), np.nan), where=both[:, 1] > 0.0)
    return ExpectedSignificance(
        reflected(both[:, 0], level),
        reflected(errors, level),
        reflected(whole.found[:, 0], level),
        _relative(both[:, 0], whole.found[:, 0], level),
        tuple(made),
        (*joined, *_few(secured, minimum)),
        both,
        zlib.crc32(np.stack([values, weights, mask]).tobytes()),
    )


def _few(secured: Array, minimum: float) -> list[str]:
    return [
        f"category {k + 1} rests on {value:.1f} effective background events"
        for k, value in enumerate(secured)
        if value < minimum
    ]


def _fillable(
    score: Array, is_signal: Booleans, cuts: Array, edges: Array
) -> tuple[Array, list[str]]:
    """Boundaries without those beside a category that no fit can be made in."""
    said: list[str] = []
    while True:
        place = category_of(score, cuts)
        background = np.bincount(place[~is_signal], minlength=cuts.size + 1)
        signal = np.bincount(place[is_signal], minlength=cuts.size + 1)
        poor = np.flatnonzero((background < FEWEST) | (signal < FEWEST))
        if not poor.size:
            return cuts, said
        if not cuts.size:
            raise ValueError(
                f"expected significance: needs {FEWEST} signal and background events from "
                f"{edges[0]:g} to {edges[-1]:g} GeV, got {signal[0]} and {background[0]}. "
                "Simulate more."
            )
        k = int(poor[0])
        said.append(
            f"a category with {signal[k]} signal and {background[k]} background test events was "
            "joined with the next"
        )
        cuts = np.delete(cuts, min(k, cuts.size - 1))


def _replicas(
    groups: Integers,
    bins: Integers,
    weight: Array,
    shape: tuple[int, int, int],
    replicas: int,
    seed: int,
) -> Array:
    """Spectra of the sample and its replicas, shape (1 + R, categories, 2, bins)."""
    if replicas < 2:
        raise ValueError(f"replicas: must be 2 or more, got {replicas}. Ask for 200.")
    index = groups * shape[-1] + bins
    random = generator(seed, "bootstrap", "significance")
    drawn = np.empty((replicas + 1, math.prod(shape)))
    drawn[0] = np.bincount(index, weight, minlength=drawn.shape[1])
    for row in range(1, replicas + 1):
        again = weight * random.poisson(1.0, weight.size)
        drawn[row] = np.bincount(index, again, minlength=drawn.shape[1])
    return np.maximum(drawn.reshape(replicas + 1, *shape), 0.0)


def _relative(first: Array, second: Array, level: float) -> Interval:
    if not second[0] > 0.0:
        raise ValueError(
            f"gain: needs a significance above 0 to compare with, got {second[0]:g}. Simulate more."
        )
    ratio = np.divide(first, second, out=np.full_like(first, np.nan), where=second > 0.0)
    found = reflected(ratio, level)
    value, low, high = (
        None if end is None else end - 1.0 for end in (found.value, found.low, found.high)
    )
    return Interval(value, low, high)


def significance_gain(
    first: ExpectedSignificance,
    second: ExpectedSignificance,
    measure: Literal["significance", "precision"] = "significance",
    level: float = LEVEL,
) -> Interval:
    r"""Relative gain of one score over another, both on the same resampled events.

    Parameters
    ----------
    first, second : ExpectedSignificance
        From the same events and seed.
    measure : "significance" or "precision"
        What is compared: the significance, or :math:`1/\sigma_\mu`.
    level : float
        Confidence level.

    Returns
    -------
    Interval
        First over second, minus 1; what both have in common cancels.

    Raises
    ------
    ValueError
        If the results are of other events or replicas, or the second is 0.

    Examples
    --------
    >>> one = Interval(1.0, 1.0, 1.0)
    >>> rng = np.random.default_rng(3)
    >>> common = rng.normal(5.0, 0.5, (50, 2))
    >>> better, worse = (
    ...     ExpectedSignificance(one, one, one, one, (), (), f * common, 0) for f in (1.1, 1.0)
    ... )
    >>> print(round(significance_gain(better, worse).value, 3))
    0.1
    """
    if first.events != second.events or first.replicas.shape != second.replicas.shape:
        raise ValueError("gain: both results must be of the same events. Use one test sample.")
    column = 0 if measure == "significance" else 1
    return _relative(first.replicas[:, column], second.replicas[:, column], level)
