"""Categories of the score: where to cut so that the categories together find the most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import (
    Array,
    Booleans,
    Integers,
    binned,
    checked_binary,
    checked_column,
    checked_edges,
)
from hepvision.evaluation.mass_fit import expected_fit, fit_background, fit_peak
from hepvision.evaluation.working_point import choose_threshold

__all__ = ["category_of", "choose_boundaries", "left_at_half", "secured_count", "spectra"]


def category_of(score: npt.ArrayLike, boundaries: npt.ArrayLike) -> Integers:
    """Category of each event: 0 has the highest scores.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    boundaries : array, shape (k,)
        Falling scores; an event on a boundary belongs to the category above it.

    Returns
    -------
    array of int, shape (B,)
        From 0 to k.

    Raises
    ------
    ValueError
        If the boundaries do not fall.

    Examples
    --------
    >>> category_of([0.95, 0.9, 0.5, 0.1], [0.9, 0.3])
    array([0, 0, 1, 2])
    """
    cuts = np.asarray(boundaries, dtype=np.float64)
    if cuts.ndim != 1 or (np.diff(cuts) >= 0.0).any():
        raise ValueError(f"boundaries: must fall, got {cuts.tolist()}. Sort them.")
    place = np.searchsorted(cuts[::-1], np.asarray(score, dtype=np.float64), side="right")
    return cuts.size - place.astype(np.int64)


def spectra(
    rows: npt.ArrayLike, mass: npt.ArrayLike, weight: npt.ArrayLike, edges: Array, count: int
) -> Array:
    """Weighted mass histograms of several groups of events at once.

    Parameters
    ----------
    rows : array of int, shape (B,)
        Group of each event, from 0.
    mass : array, shape (B,), GeV
        Events outside the edges go to no bin.
    weight : array, shape (B,)
        Event weights.
    edges : array, shape (bins + 1,), GeV
        Rising edges.
    count : int
        Groups.

    Returns
    -------
    array, shape (count, bins)
        Sums of weights.

    Examples
    --------
    >>> spectra([0, 1, 1], [101, 101, 109], [1, 2, 3], np.array([100.0, 105.0, 110.0]), 2)
    array([[1., 0.],
           [2., 3.]])
    """
    inside, place = binned(np.asarray(mass, dtype=np.float64), edges)
    bins = edges.size - 1
    index = np.asarray(rows)[inside] * bins + place
    chosen = np.asarray(weight, dtype=np.float64)[inside]
    found: Array = np.bincount(index, chosen, minlength=count * bins).astype(np.float64)
    return found.reshape(count, bins)


def secured_count(
    rows: npt.ArrayLike, source: npt.ArrayLike, weight: npt.ArrayLike, count: int
) -> Array:
    r"""Effective events of each group, counting what an absent source may hide.

    .. math:: n = \left(\sum_c W_c\right)^2 / \sum_c \left(\sum w^2 + \bar{w_c^2}\right)

    One more event of each source stands in the error: a source whose events weigh much may be
    there although none of its few simulated events is.

    Parameters
    ----------
    rows : array of int, shape (B,)
        Group of each event, from 0.
    source : array of int, shape (B,)
        Sample that the event is from.
    weight : array, shape (B,)
        Event weights.
    count : int
        Groups.

    Returns
    -------
    array, shape (count,)
        At most the plain effective count.

    Examples
    --------
    >>> light, heavy = np.ones(100), [50.0]
    >>> rows = np.repeat([0, 1], [100, 1])
    >>> secured_count(rows, rows, np.concatenate([light, heavy]), 2).round(1)
    array([3.8, 0.5])
    """
    weights = np.asarray(weight, dtype=np.float64)
    return _secured(
        *_sums(np.asarray(rows), weights, count), _one_of_each(np.asarray(source), weights)
    )


def left_at_half(
    ratio: npt.ArrayLike, is_signal: npt.ArrayLike, weight: npt.ArrayLike, source: npt.ArrayLike
) -> float:
    """Effective background events where half of the signal passes.

    Below the smallest number of a category no cut is possible there: the better a score is, the
    sooner the simulation runs out, and a comparison would be of sample sizes.

    Parameters
    ----------
    ratio : array, shape (B,)
        Larger is more like signal.
    is_signal : array of bool, shape (B,)
        Which events are signal.
    weight : array, shape (B,)
        Expected events that each stands for.
    source : array of int, shape (B,)
        Sample of each event.

    Returns
    -------
    float
        Effective number, with one more event of each sample in the error.

    Examples
    --------
    >>> ratio, signal = np.tile(np.linspace(0, 1, 101), 2), np.arange(202) < 101
    >>> round(left_at_half(ratio, signal, np.ones(202), np.where(signal, 0, 1)))
    50
    """
    values, signal, weights = np.asarray(ratio), np.asarray(is_signal, bool), np.asarray(weight)
    cut = choose_threshold(values, signal, weights, signal_efficiency=0.5)
    group = np.where(values[~signal] >= cut, 0, 1)
    return float(secured_count(group, np.asarray(source)[~signal], weights[~signal], 2)[0])


def _sums(rows: npt.NDArray[np.generic], weight: Array, count: int) -> tuple[Array, Array]:
    """Weights of each group, and their squares."""
    total: Array = np.bincount(rows, weight, minlength=count).astype(np.float64)
    squares: Array = np.bincount(rows, weight**2, minlength=count).astype(np.float64)
    return total, squares


def _one_of_each(source: npt.NDArray[np.generic], weight: Array) -> float:
    return sum(float(np.mean(weight[source == key] ** 2)) for key in np.unique(source))


def _secured(total: Array, squares: Array, one: float) -> Array:
    found: Array = np.maximum(total, 0.0) ** 2 / np.maximum(squares + one, 1e-300)
    return found


def choose_boundaries(
    score: npt.ArrayLike,
    mass: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    weight: npt.ArrayLike,
    source: npt.ArrayLike,
    edges: npt.ArrayLike,
    *,
    most: int = 4,
    minimum: float = 10.0,
    gain: float = 0.01,
    candidates: int = 24,
    form: str = "exponential",
) -> Array:
    """Cuts on the score between categories, for the largest combined significance.

    The significances of categories add in squares, so the best partition into any number of them
    is found exactly, on a grid of cuts: those that split the signal evenly, and those above which
    ever less background is left. A further category is made only if the significance gains by
    ``gain``.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal; events of the validation sample.
    mass : array, shape (B,), GeV
        Where the peak is.
    is_signal : array, shape (B,)
        True for signal, False for background.
    weight : array, shape (B,)
        Expected events that each stands for.
    source : array of int, shape (B,)
        Sample that the event is from.
    edges : array, shape (bins + 1,), GeV
        Range and bins of the fit.
    most : int
        Categories at most.
    minimum : float
        Background events that a category must rest on: see :func:`secured_count`.
    gain : float
        Relative gain that a further category must bring.
    candidates : int
        Parts of the signal between which a cut may lie; half as many cuts follow the background.
    form : "exponential" or "power"
        The background's function.

    Returns
    -------
    array, shape (k,)
        Falling; none if one category is best or all that the background bears.

    Raises
    ------
    ValueError
        If arrays are not fit, edges do not rise, or ``most`` is below 1.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> signal = np.arange(6000) < 3000
    >>> mass = np.where(signal, rng.normal(125, 1.5, 6000), rng.uniform(100, 180, 6000))
    >>> score = rng.normal(size=6000) + 2 * signal
    >>> edges = np.linspace(100, 180, 81)
    >>> cuts = choose_boundaries(score, mass, signal, np.ones(6000), ~signal, edges, most=2)
    >>> bool(0.0 < cuts[0] < 2.0)
    True
    """
    if most < 1:
        raise ValueError(f"categories: must be 1 or more, got {most}. Give 4.")
    column, mask, weights = checked_binary(score, is_signal, weight)
    values = checked_column("mass", mass, column.size)
    bounds = checked_edges(edges)
    inside, _ = binned(values, bounds)
    if not (inside & mask).any() or not (inside & ~mask).any():
        return np.empty(0)
    even = np.linspace(0.0, 1.0, candidates + 1)[1:-1]
    rising = 1.0 - 0.5 ** np.arange(1.0, 0.25 * candidates + 1.0, 0.5)
    grid = [
        np.quantile(column[inside & mask], even),
        np.quantile(column[inside & ~mask], rising),
    ]
    cuts = np.unique(np.concatenate(grid))[::-1]
    slices = category_of(column, cuts)
    squares = _interval_squares(
        slices, values, mask, weights, np.asarray(source), bounds, minimum, form
    )
    return cuts[_partition(squares, min(most, len(squares)), gain)]


def _interval_squares(
    slices: Integers,
    mass: Array,
    is_signal: Booleans,
    weight: Array,
    source: npt.NDArray[np.generic],
    edges: Array,
    minimum: float,
    form: str,
) -> Array:
    """Squared significance of slices first to last, shape (n, n); −inf where too few events."""
    count = int(slices.max()) + 1
    signal = spectra(slices[is_signal], mass[is_signal], weight[is_signal], edges, count)
    other = ~is_signal
    background = spectra(slices[other], mass[other], weight[other], edges, count)
    first, last = np.triu_indices(count)

    def sums(of: Array) -> Array:
        rise = np.concatenate([np.zeros((1, *of.shape[1:])), np.cumsum(of, axis=0)])
        found: Array = rise[last + 1] - rise[first]
        return found

    inside = other & binned(mass, edges)[0]
    total, error = _sums(slices[inside], weight[inside], count)
    one = _one_of_each(source[inside], weight[inside])
    secured = _secured(sums(total), sums(error), one)
    # one shape for all: a slice alone has too few events to have its own
    peak = fit_peak(signal.sum(axis=0), edges)
    fitted = fit_background(np.maximum(sums(background), 0.0), edges, form)
    expected = np.maximum(sums(signal).sum(axis=1, keepdims=True), 0.0) * peak
    significance, _ = expected_fit(expected, fitted, edges, form)
    squares = np.full((count, count), -np.inf)
    squares[first, last] = np.where(secured >= minimum, significance**2, -np.inf)
    return squares


def _partition(squares: Array, most: int, gain: float) -> list[int]:
    """Positions of the cuts of the best partition; each cut lies above the slice after it."""
    count = len(squares)
    best = squares[0].copy()  # slices 0 … j in one category
    back: list[Integers] = []
    found: list[int] = []
    reached = best[-1]
    for _ in range(1, most):
        total = best[:-1, None] + squares[1:, :]
        choice = np.argmax(total, axis=0)
        best = np.where(np.arange(count) > 0, total[choice, np.arange(count)], -np.inf)
        back.append(choice)
        if not best[-1] > max(reached, 0.0) * (1.0 + gain) ** 2:
            break
        reached, found, end = best[-1], [], count - 1
        for step in reversed(back):
            end = int(step[end])
            found.append(end)
    return sorted(found)
