"""Distance correlation of weighted columns by running sums, O(N log N), no N×N array."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepvision.core.seeds import generator
from hepvision.evaluation._samples import Array, Integers, checked_column, checked_weight
from hepvision.physics.intervals import Interval, normal_quantile

__all__ = [
    "Dependence",
    "against_chance",
    "dependence",
    "p_value",
    "root_interval",
    "shuffled",
    "standardised",
    "thinned",
]


def standardised(name: str, values: Array, weight: Array) -> Array:
    """Centred and scaled with the weights; large offsets would cost precision."""
    centred = values - np.average(values, weights=weight)
    spread = float(np.average(centred**2, weights=weight))
    if spread <= 0.0 or values.min() == values.max():
        raise ValueError(
            f"{name}: must vary, got a spread of {max(spread, 0.0):g}. "
            "A constant has no correlation."
        )
    return np.asarray(centred / math.sqrt(spread))


def _sorted_sums(values: Array, order: Integers, share: Array) -> Array:
    r""":math:`\sum_j s_j |x_i - x_j|` for every i, by one sweep through the sorted values."""
    x, s = values[order], share[order]
    upto, moment = np.cumsum(s), np.cumsum(s * x)
    result = np.empty_like(x)
    result[order] = x * (2.0 * upto - upto[-1]) - 2.0 * moment + moment[-1]
    return result


def _concordant(x: Array, y: Array, share: Array, order_y: Integers, rank_x: Integers) -> Array:
    r""":math:`\sum_j p_j (x_i - x_j)(y_i - y_j)` over partners j ordered alike in x and y.

    Events stand in the order of y and are split by the bits of their rank in x, from the highest:
    each pair is parted at one level, where sums over the other half are running sums.
    """
    size = order_y.size
    rank, who, place = rank_x[order_y], order_y, np.arange(size)
    result = np.zeros(size)
    for bit in reversed(range(max(1, int(size - 1).bit_length()))):
        upper = (rank >> bit & 1).astype(bool)
        start = rank >> (bit + 1) << (bit + 1)
        stop = np.minimum(start + (2 << bit), size)
        u, v, p = x[who], y[who], share[who]
        columns = np.stack([p, p * u, p * v, p * u * v])
        lower_sum, upper_sum = np.zeros((2, 4, size + 1))
        np.cumsum(np.where(upper, 0.0, columns), axis=1, out=lower_sum[:, 1:])
        np.cumsum(np.where(upper, columns, 0.0), axis=1, out=upper_sum[:, 1:])
        one, of_u, of_v, of_uv = np.where(
            upper,
            lower_sum[:, place] - lower_sum[:, start],
            upper_sum[:, stop] - upper_sum[:, place],
        )
        result[who] += u * v * one - u * of_v - v * of_u + of_uv
        # the halves move apart, each keeping the order of y
        before = np.concatenate(([0], np.cumsum(~upper)))
        left = before[:-1] - before[start]
        goal = start + np.where(upper, (1 << bit) + place - start - left, left)
        moved = np.empty_like(place)
        moved[goal] = place
        rank, who = rank[moved], who[moved]
    return result


@dataclass(frozen=True, eq=False)
class Dependence:
    """Squared distance correlation and what is needed for its error.

    Parameters
    ----------
    square : float
        The squared distance correlation.
    chance : float
        What independent columns show on average.
    error, chance_error : float
        Standard error of ``square`` from each event's influence, and that of ``chance``, which
        remains for independent columns, where the other vanishes.
    """

    square: float
    chance: float
    error: float
    chance_error: float

    def interval(self, level: float) -> Interval:
        """Interval of the square root, chance taken off."""
        return root_interval(self.square, self.error, self.chance, self.chance_error, level)


def root_interval(
    square: float, error: float, chance: float, chance_error: float, level: float
) -> Interval:
    r"""A measured :math:`\sqrt{S}` with the interval of the true one.

    Noise adds ``chance`` to a true square of 0 and nothing to one of 1, so that
    :math:`S = s + (1 - s) c` on average; its own fluctuation scales alike.

    Parameters
    ----------
    square, error : float
        What was measured, and its error to first order.
    chance, chance_error : float
        Mean and spread of the square where the truth is 0.
    level : float
        Confidence level.

    Returns
    -------
    Interval
        The plain root, with ends widened to hold it.
    """
    value, left = math.sqrt(square), 1.0 - min(chance, 0.999)
    centre = (square - chance) / left
    rest = 1.0 - min(max(centre, 0.0), 1.0)
    half = normal_quantile(level) * math.hypot(error, rest * chance_error) / left
    low, high = (math.sqrt(min(max(end, 0.0), 1.0)) for end in (centre - half, centre + half))
    return Interval(value, min(low, value), max(high, value))


def p_value(square: float, null: Array) -> float:
    """Share of what chance gives that is at least as large; the measured one counts among it.

    Parameters
    ----------
    square : float
        What was measured.
    null : array, shape (R,)
        The same in samples where the truth is 0.

    Returns
    -------
    float
        Never below 1 / (R + 1).

    Examples
    --------
    >>> p_value(0.3, np.array([0.1, 0.2, 0.3]))
    0.5
    """
    # the same selection drawn again may differ by rounding
    return float((1 + np.count_nonzero(null >= square * (1.0 - 1e-12))) / (1 + null.size))


def against_chance(
    square: float,
    error: float,
    drawn: Callable[[np.random.Generator], float],
    selections: int,
    seed: int,
    level: float,
) -> tuple[Interval, float, float]:
    """A measured distance beside those of random selections.

    Parameters
    ----------
    square, error : float
        What was measured, squared, and its error to first order.
    drawn : callable
        The squared distance of one random selection.
    selections, seed : int
        How many tell what chance gives, and from which seed.
    level : float
        Confidence level.

    Returns
    -------
    distance : Interval
        Its interval has chance taken off.
    chance : float
        Root mean square of the random ones.
    p_value : float
        See :func:`p_value`.

    Raises
    ------
    ValueError
        If there are no selections.
    """
    if selections < 1:
        raise ValueError(f"selections: must be 1 or more, got {selections}. Ask for 200.")
    random = generator(seed, "bootstrap", "shuffle")
    null = np.array([drawn(random) for _ in range(selections)])
    mean, spread = float(null.mean()), float(null.std())
    interval = root_interval(square, error, mean, spread, level)
    return interval, math.sqrt(mean), p_value(square, null)


def dependence(x: Array, y: Array, weight: Array) -> Dependence:
    r"""Squared distance correlation of standardised columns, with its error.

    Parameters
    ----------
    x, y : array, shape (B,)
        Standardised columns.
    weight : array, shape (B,)
        Event weights of any sign.

    Returns
    -------
    Dependence
        The square, its mean under independence, their errors (:math:`\sqrt2/n_\mathrm{eff}`
        for the latter).

    References
    ----------
    G. J. Székely, M. L. Rizzo, N. K. Bakirov, Ann. Statist. 35 (2007) 2769, arXiv:0803.4101.
    """
    share = weight / weight.sum()
    order_x, order_y = np.argsort(x, kind="stable"), np.argsort(y, kind="stable")
    rank_x = np.empty_like(order_x)
    rank_x[order_x] = np.arange(order_x.size)
    mean_x, mean_y, mean_xy = (float(np.dot(share, column)) for column in (x, y, x * y))
    a, b = _sorted_sums(x, order_x, share), _sorted_sums(y, order_y, share)
    every = x * y - x * mean_y - y * mean_x + mean_xy
    pairs_xy = 2.0 * _concordant(x, y, share, order_y, rank_x) - every
    pairs_xx = x**2 - 2.0 * x * mean_x + float(np.dot(share, x**2))
    pairs_yy = y**2 - 2.0 * y * mean_y + float(np.dot(share, y**2))
    cross_a, cross_b = _sorted_sums(x, order_x, share * b), _sorted_sums(y, order_y, share * a)
    own_a, own_b = _sorted_sums(x, order_x, share * a), _sorted_sums(y, order_y, share * b)
    both, slope = _covariance(share, pairs_xy, a, b, cross_a + cross_b)
    var_x, slope_x = _covariance(share, pairs_xx, a, a, 2.0 * own_a)
    var_y, slope_y = _covariance(share, pairs_yy, b, b, 2.0 * own_b)
    count = 1.0 / float(np.dot(share, share))
    if var_x <= 0.0 or var_y <= 0.0:
        return Dependence(0.0, 0.0, 0.0, math.sqrt(2.0) / count)
    norm = math.sqrt(var_x * var_y)
    part = share * (slope - 0.5 * both * (slope_x / var_x + slope_y / var_y)) / norm
    chance = float(np.dot(share, a)) * float(np.dot(share, b)) / (count * norm)
    square = min(max(both / norm, 0.0), 1.0)
    linear = math.sqrt(float(np.dot(part, part)))
    return Dependence(square, chance, linear, math.sqrt(2.0) / count)


def _covariance(
    share: Array, pairs: Array, a: Array, b: Array, crossed: Array
) -> tuple[float, Array]:
    """Squared distance covariance, and its derivative by each event's share, centred."""
    all_a, all_b = float(np.dot(share, a)), float(np.dot(share, b))
    value = float(np.dot(share, pairs)) + all_a * all_b - 2.0 * float(np.dot(share, a * b))
    slope = 2.0 * pairs + 2.0 * (a * all_b + b * all_a) - 2.0 * (a * b + crossed)
    return value, slope - float(np.dot(share, slope))


def shuffled(weight: Array, random: np.random.Generator) -> Integers:
    """Rows whose observable each event takes, so that it depends on nothing any more.

    A permutation where all weights are equal. Else drawn with the weights, so that the observable
    keeps its weighted spectrum while each side of a cut keeps its own effective count: to permute
    would mix both up where weights differ between them.

    Parameters
    ----------
    weight : array, shape (B,)
        Event weights; negative ones count by their size.
    random : Generator
        Where the draws come from.

    Returns
    -------
    array of int, shape (B,)
        Row numbers.
    """
    if weight.min() == weight.max():
        return random.permutation(weight.size)
    reach = np.cumsum(np.abs(weight))
    return np.searchsorted(reach, reach[-1] * random.random(weight.size), side="right")


def thinned(
    score: npt.ArrayLike,
    observable: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    largest: int | None,
    seed: int,
) -> tuple[Array, Array, Array]:
    """Standardised columns and weights of at most ``largest`` events, drawn without bias."""
    x = checked_column("score", score)
    y = checked_column("observable", observable, x.size)
    weights = checked_weight(weight, x.size)
    if largest is not None and x.size > largest:
        rows = np.sort(generator(seed, "bootstrap", "subsample").permutation(x.size)[:largest])
        x, y, weights = x[rows], y[rows], weights[rows]
    return standardised("score", x, weights), standardised("observable", y, weights), weights
