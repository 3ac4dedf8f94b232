"""Intervals by resampling, for weighted sums that no count stands for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hepvision.core.seeds import generator
from hepvision.physics._interval import LEVEL, Interval, checked_level

__all__ = ["bootstrap", "bootstrap_interval"]

Array = npt.NDArray[np.float64]


def bootstrap(
    statistic: Callable[[Array], float],
    weight: npt.ArrayLike,
    replicas: int = 200,
    seed: int = 0,
) -> Array:
    r"""A statistic over Poisson-resampled weights.

    Each event is repeated :math:`\mathrm{Poisson}(1)` times, by multiplying its weight.

    Parameters
    ----------
    statistic : callable
        Weights, shape (B,) → number; NaN where it is undefined for a replica.
    weight : array, shape (B,)
        Event weights of any sign.
    replicas : int
        How many resamplings.
    seed : int
        Same seed, same replicas.

    Returns
    -------
    array, shape (replicas,)
        The statistic in each replica.

    Raises
    ------
    ValueError
        If ``replicas`` is below 2.

    References
    ----------
    B. Efron, Ann. Statist. 7 (1979) 1.

    Examples
    --------
    >>> sums = bootstrap(lambda w: float(w.sum()), np.ones(100), replicas=500, seed=1)
    >>> bool(8 < sums.std() < 12)
    True
    """
    if replicas < 2:
        raise ValueError(f"bootstrap: needs at least 2 replicas, got {replicas}. Ask for 200.")
    values = np.asarray(weight, dtype=np.float64)
    random = generator(seed, "bootstrap")
    results = np.empty(replicas)
    for replica in range(replicas):
        results[replica] = statistic(values * random.poisson(1.0, values.shape))
    return results


def bootstrap_interval(value: float, replicas: npt.ArrayLike, level: float = LEVEL) -> Interval:
    """Central percentile interval of a bootstrap.

    Parameters
    ----------
    value : float
        The statistic on the sample itself.
    replicas : array, shape (R,)
        The statistic in each replica; NaN ones do not count.
    level : float
        Confidence level.

    Returns
    -------
    Interval
        ``value`` with percentiles of the replicas, widened to hold ``value``.

    Raises
    ------
    ValueError
        If fewer than half of the replicas are finite.

    Examples
    --------
    >>> print(bootstrap_interval(5.0, np.linspace(0, 10, 1001), level=0.8))
    5 +4 −4
    """
    tail = 0.5 * (1.0 - checked_level(level))
    samples = np.asarray(replicas, dtype=np.float64)
    finite = samples[np.isfinite(samples)]
    if finite.size < max(2, samples.size // 2):
        raise ValueError(
            f"bootstrap_interval: the statistic must be finite in half of the replicas, got "
            f"{finite.size} of {samples.size}. Use more events."
        )
    low, high = np.quantile(finite, [tail, 1.0 - tail])
    return Interval(value, min(float(low), value), max(float(high), value))
