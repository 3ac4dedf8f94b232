"""Values with confidence intervals: counts, efficiencies, weighted sums.

Weighted samples enter by their effective count :func:`effective_count`; where weights may be
negative no count stands for the sample, and a seeded bootstrap takes over.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.physics._interval import LEVEL, Interval, checked_level, normal_quantile
from hepvision.physics.resampling import bootstrap, bootstrap_interval

__all__ = [
    "LEVEL",
    "Interval",
    "bootstrap",
    "bootstrap_interval",
    "clopper_pearson",
    "effective_count",
    "normal_quantile",
    "poisson_interval",
    "weighted_efficiency",
    "weighted_poisson",
]

Array = npt.NDArray[np.float64]


def effective_count(weight: npt.ArrayLike) -> float:
    r"""Number of equally weighted events with the same relative precision.

    .. math:: n_\mathrm{eff} = \left(\sum w\right)^2 / \sum w^2

    Parameters
    ----------
    weight : array, shape (B,)
        Event weights.

    Returns
    -------
    float
        Effective count; 0 for no events.

    References
    ----------
    L. Kish, Survey Sampling, Wiley (1965).

    Examples
    --------
    >>> effective_count([2.0, 2.0, 2.0])
    3.0
    >>> effective_count([1.0, 3.0])
    1.6
    """
    values = np.asarray(weight, dtype=np.float64)
    squares = float(np.dot(values, values))
    return float(values.sum()) ** 2 / squares if squares > 0.0 else 0.0


def clopper_pearson(
    passed: npt.ArrayLike, total: npt.ArrayLike, level: float = LEVEL
) -> tuple[Array, Array]:
    r"""Exact central interval of a binomial efficiency.

    The ends solve :math:`P(\geq k\,|\,\varepsilon_\mathrm{low}) = \alpha/2` and
    :math:`P(\leq k\,|\,\varepsilon_\mathrm{high}) = \alpha/2` with :math:`\alpha` = 1 − ``level``.
    Counts need not be whole, so that effective counts may be used.

    Parameters
    ----------
    passed, total : array, shape (...)
        Events that pass and all events; the shapes must broadcast.
    level : float
        Confidence level; the coverage is never less.

    Returns
    -------
    low, high : array, shape (...)
        Ends of the interval; (0, 1) where ``total`` is 0.

    Raises
    ------
    ValueError
        If a count is negative or not finite, ``passed > total``, or ``level`` is out of range.

    References
    ----------
    C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.

    Examples
    --------
    >>> low, high = clopper_pearson([0, 5], 10)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.305], [0.168, 0.695])
    """
    tail = 0.5 * (1.0 - checked_level(level))
    k, n = np.broadcast_arrays(
        np.asarray(passed, dtype=np.float64), np.asarray(total, dtype=np.float64)
    )
    wrong = ~(np.isfinite(k) & np.isfinite(n) & (k >= 0.0) & (k <= n))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"clopper_pearson: needs 0 <= passed <= total, got {k.flat[first]:g} of "
            f"{n.flat[first]:g}. Check the counts."
        )
    # 1 stands in where the quantile is not defined; those ends are 0 and 1 by definition.
    failed = n - k
    low = special.betaincinv(np.where(k > 0, k, 1.0), failed + 1.0, tail)
    high = special.betaincinv(k + 1.0, np.where(failed > 0, failed, 1.0), 1.0 - tail)
    return np.where(k > 0, low, 0.0), np.where(failed > 0, high, 1.0)


def poisson_interval(count: npt.ArrayLike, level: float = LEVEL) -> tuple[Array, Array]:
    r"""Exact central interval of a Poisson mean.

    Parameters
    ----------
    count : array, shape (...)
        Observed counts.
    level : float
        Confidence level; the coverage is never less.

    Returns
    -------
    low, high : array, shape (...)
        :math:`\tfrac12\chi^2_{2n}(\alpha/2)` (0 for no events) and
        :math:`\tfrac12\chi^2_{2n+2}(1-\alpha/2)`.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or ``level`` is out of range.

    References
    ----------
    F. Garwood, Biometrika 28 (1936) 437.

    Examples
    --------
    >>> low, high = poisson_interval([0, 9])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.0, 6.06], [1.84, 13.11])
    """
    tail = 0.5 * (1.0 - checked_level(level))
    n = np.asarray(count, dtype=np.float64)
    if not (np.isfinite(n) & (n >= 0.0)).all():
        raise ValueError(
            f"poisson_interval: counts must be finite and not negative, got {n.min()}. "
            "Use weighted_poisson for weighted sums."
        )
    low = np.where(n > 0, special.gammaincinv(np.where(n > 0, n, 1.0), tail), 0.0)
    return low, np.asarray(special.gammaincinv(n + 1.0, 1.0 - tail))


def weighted_poisson(
    sum_weight: npt.ArrayLike, sum_weight_squared: npt.ArrayLike, level: float = LEVEL
) -> tuple[Array, Array]:
    r"""Interval of a sum of weights, by the scaled Poisson of its effective count.

    Parameters
    ----------
    sum_weight, sum_weight_squared : array, shape (...)
        :math:`\sum w` and :math:`\sum w^2`, for instance a bin each.
    level : float
        Confidence level.

    Returns
    -------
    low, high : array, shape (...)
        Garwood's interval of :math:`n_\mathrm{eff}` times :math:`\sum w^2 / \sum w`; where
        :math:`\sum w \le 0` the sum ± z standard deviations.

    Raises
    ------
    ValueError
        If ``level`` is out of range.

    References
    ----------
    G. Bohm, G. Zech, Nucl. Instrum. Meth. A 748 (2014) 1, arXiv:1309.1287.

    Examples
    --------
    >>> low, high = weighted_poisson(18.0, 36.0)
    >>> round(float(low), 2), round(float(high), 2)
    (12.12, 26.22)
    """
    total, squares = np.broadcast_arrays(
        np.asarray(sum_weight, dtype=np.float64), np.asarray(sum_weight_squared, dtype=np.float64)
    )
    usable = (total > 0.0) & (squares > 0.0)
    scale = np.divide(squares, total, out=np.ones_like(total), where=usable)
    low, high = poisson_interval(np.where(usable, total / scale, 0.0), level)
    half = normal_quantile(level) * np.sqrt(squares)
    filled = squares > 0.0
    high = np.where(usable, scale * high, np.where(filled, total + half, high))
    return np.where(usable, scale * low, np.where(filled, total - half, 0.0)), high


def weighted_efficiency(
    passed: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> Interval:
    r"""Efficiency :math:`\varepsilon = \sum_\mathrm{pass} w / \sum w` with its interval.

    Clopper–Pearson for :math:`\varepsilon n_\mathrm{eff}` of :math:`n_\mathrm{eff}`; exact
    without weights. With a negative weight: bootstrap, where ε may leave [0, 1].

    Parameters
    ----------
    passed : array, shape (B,)
        Whether each event passes.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap.

    Returns
    -------
    Interval
        The efficiency.

    Raises
    ------
    ValueError
        If shapes disagree, or the weights do not sum to a positive number.

    References
    ----------
    C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.

    Examples
    --------
    >>> print(weighted_efficiency([True] * 8 + [False] * 2))
    0.80 +0.13 −0.21
    """
    mask = np.asarray(passed, dtype=bool)
    values = np.ones(mask.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if mask.ndim != 1 or values.shape != mask.shape:
        raise ValueError(
            f"weighted_efficiency: passed and weight must have one shape (B,), got {mask.shape} "
            f"and {values.shape}. Give one weight an event."
        )
    total = float(values.sum())
    if not (math.isfinite(total) and total > 0.0):
        raise ValueError(
            f"weighted_efficiency: weights must sum to a positive number, got {total}. "
            "Check the sample."
        )
    efficiency = float(values[mask].sum()) / total
    if values.min() < 0.0:

        def again(drawn: Array) -> float:
            norm = float(drawn.sum())
            return float(drawn[mask].sum()) / norm if norm > 0.0 else math.nan

        return bootstrap_interval(efficiency, bootstrap(again, values, replicas, seed), level)
    efficiency = min(efficiency, 1.0)
    if weight is None:
        low, high = clopper_pearson(int(mask.sum()), mask.size, level)
    else:
        count = effective_count(values)
        low, high = clopper_pearson(efficiency * count, count, level)
    return Interval(efficiency, min(float(low), efficiency), max(float(high), efficiency))
