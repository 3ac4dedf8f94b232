"""Which taggers are told apart on the same test events, and which are not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.evaluation.over_seeds import Measured
from hepvision.physics.intervals import LEVEL, Interval

__all__ = ["Difference", "difference", "holm", "two_sided"]


@dataclass(frozen=True)
class Difference:
    """One tagger's measure minus another's.

    Parameters
    ----------
    difference : Interval
        On the scale of the measure: AUC, accuracy, or ln ε_b.
    p_value : float
        Two-sided probability of a difference this large between equal taggers.
    seeds_known : bool
        Whether both have several seeds. Otherwise the difference is that of these trainings, not
        of the methods.

    Examples
    --------
    >>> Difference(Interval(0.0, -0.1, 0.1), 1.0, True).to_dict()["p_value"]
    1.0
    """

    difference: Interval
    p_value: float
    seeds_known: bool

    def to_dict(self) -> dict[str, Any]:
        """As a dict; the interval stays :class:`Interval`.

        Returns
        -------
        dict
            The fields.
        """
        return {
            "difference": self.difference,
            "p_value": self.p_value,
            "seeds_known": self.seeds_known,
        }


def difference(first: Measured, second: Measured, level: float = LEVEL) -> Difference | None:
    r"""Paired test of two taggers on the same test events, with the spread of their seeds.

    The test events enter by the differences of what each contributes to either tagger, so that
    what both find hard does not count; likewise the validation events that chose the cuts. Seeds
    are independent of each other. Degrees of freedom are those of Welch and Satterthwaite: few
    seeds that scatter make a large difference likely.

    Parameters
    ----------
    first, second : Measured
        The same measure of two taggers, test events in the same order, resamplings of the same
        validation events.
    level : float
        Confidence level.

    Returns
    -------
    Difference or None
        None where one of them lets no background pass: nothing is then known of its ln ε_b. Nor
        where they differ and no event scatters, as AUCs of 0 and 1 on a handful of events do.

    Raises
    ------
    ValueError
        If the measures differ, or their test events in number.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837. B. L. Welch,
    Biometrika 34 (1947) 28.

    Examples
    --------
    >>> from hepvision.evaluation.over_seeds import auc_over_seeds
    >>> rng = np.random.default_rng(3)
    >>> labels = rng.random(2000) < 0.5
    >>> sharp = rng.normal(size=(3, 2000)) + labels
    >>> blunt = sharp + 2 * rng.normal(size=(3, 2000))
    >>> difference(auc_over_seeds(sharp, labels), auc_over_seeds(blunt, labels)).p_value < 0.001
    True
    """
    if first.scale != second.scale or first.contribution.size != second.contribution.size:
        raise ValueError(
            "difference: needs one measure on the same test events, got "
            f"{first.contribution.size} and {second.contribution.size} events. Use one sample."
        )
    if not (math.isfinite(first.value) and math.isfinite(second.value)):
        return None
    gap = first.value - second.value
    apart = first.contribution - second.contribution
    known = float(np.dot(apart, apart)) + _resampled(first.replicas, second.replicas)
    total, few = known, 0.0
    for one in (first, second):
        variance = one.variances()["seeds"]
        total += variance
        few += variance**2 / max(one.values.size - 1, 1)
    freedom = total**2 / few if few > 0.0 else math.inf
    error = math.sqrt(total)
    if error <= 0.0 and gap != 0.0:
        return None
    half = error * _quantile(0.5 + 0.5 * level, freedom)
    sure = min(first.values.size, second.values.size) > 1
    p_value = two_sided(gap, error, first.contribution.size, freedom)
    return Difference(Interval(gap, gap - half, gap + half), p_value, sure)


def _resampled(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    if first.size and first.size == second.size:
        return float((first - second).var())
    return sum(float(one.var()) for one in (first, second) if one.size)


def _quantile(place: float, freedom: float) -> float:
    if math.isinf(freedom):
        return float(special.ndtri(place))
    return float(special.stdtrit(freedom, place))


def two_sided(gap: float, error: float, events: int, freedom: float = math.inf) -> float:
    """Probability of a difference this large between equal classifiers.

    It is no smaller than exchanging the two, event by event, could give.

    Parameters
    ----------
    gap, error : float
        The difference, and its standard deviation.
    events : int
        On which both were measured.
    freedom : float
        Degrees of freedom.

    Returns
    -------
    float
        Of Student's distribution, the normal one without a finite freedom.

    Examples
    --------
    >>> round(two_sided(2.0, 1.0, 1000), 3), two_sided(1.0, 0.0, 2)
    (0.046, 0.5)
    """
    found = 0.0 if gap else 1.0
    if error > 0.0:
        ratio = -abs(gap) / error
        tail = special.ndtr(ratio) if math.isinf(freedom) else special.stdtr(freedom, ratio)
        found = min(2.0 * float(tail), 1.0)
    return max(found, 2.0 ** (1 - events))


def holm(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Probabilities of many tests, adjusted so that any false finding is as rare as in one test.

    Parameters
    ----------
    p_values : array, shape (T,)
        Of all tests that were made, whether or not they are told of.

    Returns
    -------
    array, shape (T,)
        The smallest times T, the next times T − 1, and so on, none below the one before.

    Raises
    ------
    ValueError
        If one is not a probability.

    References
    ----------
    S. Holm, Scand. J. Statist. 6 (1979) 65.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=np.float64)
    if given.ndim != 1 or not ((given >= 0.0) & (given <= 1.0)).all():
        raise ValueError(f"holm: needs probabilities, got {given}. Give values from 0 to 1.")
    order = np.argsort(given, kind="stable")
    raised = given[order] * np.arange(given.size, 0, -1)
    found = np.empty_like(given)
    found[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return found
