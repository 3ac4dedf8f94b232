"""Mass sculpting without bins: the Cramér–von Mises statistic of passing and failing background."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._distance import against_chance, shuffled
from hepvision.evaluation._samples import (
    Array,
    Booleans,
    Integers,
    checked_binary,
    checked_column,
    checked_weight,
)
from hepvision.physics.intervals import LEVEL, Interval, effective_count

__all__ = ["CramerVonMises", "cramer_von_mises", "cramer_von_mises_statistic"]


@dataclass(frozen=True)
class CramerVonMises:
    r"""How far the cumulative mass spectra of passing and failing background are apart.

    Parameters
    ----------
    distance : Interval
        :math:`\sqrt{3 \int (F - G)^2\,dH}`: 0 alike, 1 without overlap, whatever the counts.
    chance : float
        The distance that a random selection of as many events shows (root mean square).
    statistic : float
        The statistic *T*, which grows with the counts.
    p_value : float
        Share of random selections whose distance is at least as large; never below
        1 / (selections + 1).

    Examples
    --------
    >>> mass = np.linspace(100.0, 180.0, 400)
    >>> result = cramer_von_mises(mass, mass, np.arange(400) < 1, 140.0)
    >>> result.distance.value > 0.99, round(result.p_value, 3)
    (True, 0.005)
    """

    distance: Interval
    chance: float
    statistic: float
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict; the interval stays an :class:`Interval`.

        Returns
        -------
        dict
            The fields.

        Examples
        --------
        >>> list(CramerVonMises(Interval(0, 0, 0), 0.0, 0.0, 1.0).to_dict())
        ['distance', 'chance', 'statistic', 'p_value']
        """
        return {
            "distance": self.distance,
            "chance": self.chance,
            "statistic": self.statistic,
            "p_value": self.p_value,
        }


@dataclass(frozen=True, eq=False)
class _Sorted:
    """Weights in rising order of the mass; equal masses share their first and last place."""

    weight: Array
    first: Integers
    last: Integers

    @classmethod
    def of(cls, values: Array, weight: Array) -> tuple[_Sorted, Integers]:
        order = np.argsort(values, kind="stable")
        column = values[order]
        first = np.searchsorted(column, column, side="left")
        last = np.searchsorted(column, column, side="right") - 1
        return cls(weight[order], first, last), order

    def difference(self, passing: Array, failing: Array) -> Array:
        """Cumulative share of passing minus that of failing weights, at each event."""
        one, other = np.cumsum(passing), np.cumsum(failing)
        return np.asarray((one / one[-1] - other / other[-1])[self.last])

    def square(self, passing: Array, failing: Array) -> float:
        """Squared distance; negative weights could bring it below 0."""
        both = passing + failing
        difference = self.difference(passing, failing)
        found = 3.0 * float(np.dot(both, difference**2)) / float(both.sum())
        return min(max(found, 0.0), 1.0)

    def chance(self, passed: Array, random: np.random.Generator) -> float:
        """Squared distance of a random selection with the weights of the passing events."""
        place = shuffled(self.weight, random)
        one, other = (
            np.bincount(place, self.weight * side, minlength=passed.size).astype(np.float64)
            for side in (passed, 1.0 - passed)
        )
        return self.square(one, other)

    def error(self, passed: Array) -> float:
        """Error of the squared distance, from each event's influence."""
        total, own = float(self.weight.sum()), float(np.dot(self.weight, passed))
        other = total - own
        difference = self.difference(self.weight * passed, self.weight * (1.0 - passed))
        part = self.weight * difference / total
        above = np.cumsum(part[::-1])[::-1][self.first]
        share = np.cumsum(self.weight * passed)[self.last] / own
        rest = share - difference
        slope = (difference**2 - float(np.dot(part, difference))) / total
        slope = slope + np.where(
            passed > 0.0,
            2.0 * (above - float(np.dot(part, share))) / own,
            -2.0 * (above - float(np.dot(part, rest))) / other,
        )
        return 3.0 * math.sqrt(float(np.dot(self.weight**2, slope**2)))


def cramer_von_mises_statistic(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    first_weight: npt.ArrayLike | None = None,
    second_weight: npt.ArrayLike | None = None,
) -> float:
    r"""Two-sample Cramér–von Mises statistic, with weights.

    .. math:: T = \frac{n m}{n + m} \int \left(F(x) - G(x)\right)^2 dH(x)

    with the cumulative shares *F*, *G* of the samples and *H* of both together, and effective
    counts for *n* and *m*.

    Parameters
    ----------
    first, second : array, shape (N,) and (M,)
        The samples.
    first_weight, second_weight : array, shape (N,) and (M,), optional
        Their event weights; ones if not given.

    Returns
    -------
    float
        *T*; about 1/6 for samples of one distribution.

    Raises
    ------
    ValueError
        If a sample is empty, a number is not finite, or weights do not sum to more than 0.

    References
    ----------
    T. W. Anderson, Ann. Math. Statist. 33 (1962) 1148.

    Examples
    --------
    >>> round(cramer_von_mises_statistic([1.0, 2.0, 3.0], [1.5, 2.5, 3.5]), 4)
    0.0833
    """
    one, other = checked_column("first", first), checked_column("second", second)
    weights = (checked_weight(first_weight, one.size), checked_weight(second_weight, other.size))
    both, order = _Sorted.of(np.concatenate([one, other]), np.concatenate(weights))
    passed = (order < one.size).astype(np.float64)
    n, m = (effective_count(weight) for weight in weights)
    return n * m / (n + m) * both.square(both.weight * passed, both.weight * (1.0 - passed)) / 3.0


def _checked_sides(column: Array, weight: Array, threshold: float) -> Booleans:
    passed = column >= threshold
    for name, chosen in (("passes", passed), ("fails", ~passed)):
        if not chosen.any() or weight[chosen].sum() <= 0.0:
            raise ValueError(
                f"cramer_von_mises: background must stand on both sides of the cut, got none that "
                f"{name} {threshold:g}. Move the cut."
            )
    return np.asarray(passed)


def cramer_von_mises(
    score: npt.ArrayLike,
    mass: npt.ArrayLike,
    is_signal: npt.ArrayLike,
    threshold: float,
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    selections: int = 200,
    seed: int = 0,
) -> CramerVonMises:
    r"""Cramér–von Mises distance of the background's mass spectra on both sides of a cut.

    It needs no bins and no range. Random selections, with the weights of the events that pass and
    masses of any, tell what chance gives.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    mass : array, shape (B,), GeV
        The observable that must not be sculpted.
    is_signal : array, shape (B,)
        True for signal, False for background.
    threshold : float
        The cut: ``score >= threshold`` passes.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.
    selections, seed : int
        How many random selections tell what chance gives, and from which seed.

    Returns
    -------
    CramerVonMises
        The plain distance, with an interval from which chance is taken, so that it reaches 0 where
        nothing is seen; what chance gives; the statistic and its p-value.

    Raises
    ------
    ValueError
        If arrays are not fit, there are no selections, or no background passes or none fails.

    References
    ----------
    T. W. Anderson, Ann. Math. Statist. 33 (1962) 1148.
    A. Rogozhnikov et al., JINST 10 (2015) T03002, arXiv:1410.4140 (flatness of a classifier).

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> mass = rng.uniform(100, 180, 1000)
    >>> flat = cramer_von_mises(rng.random(1000), mass, np.arange(1000) < 1, 0.5)
    >>> flat.p_value > 0.05, flat.distance.low
    (True, 0.0)
    """
    column, mask, weights = checked_binary(score, is_signal, weight)
    values = checked_column("mass", mass, column.size)[~mask]
    own = weights[~mask]
    chosen = _checked_sides(column[~mask], own, threshold)
    both, order = _Sorted.of(values, own)
    passed = chosen[order].astype(np.float64)
    square = both.square(both.weight * passed, both.weight * (1.0 - passed))

    def drawn(random: np.random.Generator) -> float:
        return both.chance(passed, random)

    distance, chance, p_value = against_chance(
        square, both.error(passed), drawn, selections, seed, level
    )
    n, m = effective_count(own[chosen]), effective_count(own[~chosen])
    return CramerVonMises(distance, chance, n * m / (n + m) * square / 3.0, p_value)
