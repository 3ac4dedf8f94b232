"""The analysis that scores are for: its settings, and scores and weights as it takes them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import pydantic

from hepvision.core.card import Card

__all__ = ["BINS", "Analysis", "ordering", "scaled"]

Array = npt.NDArray[np.float64]

BINS = 160
"""Bins of the fit: a third of the resolution of diphotons, from 100 to 180 GeV."""


class Analysis(Card):
    """A fit of the mass in categories of the score, at a luminosity.

    Parameters
    ----------
    luminosity : float
        In fb⁻¹.
    standard : str
        Entry that the others are compared with: what an analysis uses today.
    categories : int
        At most.
    minimum : float
        Effective background events of the validation sample that a category must rest on.
    low, high : float
        Range of the fit, in units of the mass.
    background : "exponential" or "power"
        The falling function.
    replicas : int
        Of the bootstrap.
    """

    luminosity: Annotated[float, pydantic.Field(gt=0)]
    standard: str = ""
    categories: Annotated[int, pydantic.Field(ge=1, le=9)] = 4
    minimum: Annotated[float, pydantic.Field(gt=0)] = 10.0
    low: Annotated[float, pydantic.Field(gt=0)] = 100.0
    high: Annotated[float, pydantic.Field(gt=0)] = 180.0
    background: Literal["exponential", "power"] = "exponential"
    replicas: Annotated[int, pydantic.Field(ge=20, le=5000)] = 200

    @pydantic.model_validator(mode="after")
    def _a_range(self) -> "Analysis":
        if self.low >= self.high:
            raise ValueError(f"low must lie below high, got {self.low:g} and {self.high:g}")
        return self


def ordering(
    scores: npt.ArrayLike, classes: Sequence[str], signal: str, factors: Mapping[str, float]
) -> Array:
    r"""Likelihood ratio of signal and backgrounds in the proportion in which they are expected.

    .. math:: \ln p_s - \ln \sum_b f_b\, p_b

    Classes are trained alike, but one background may be a hundred times the other.

    Parameters
    ----------
    scores : array, shape (B, K)
        Class probabilities.
    classes : sequence of str
        Names of the columns.
    signal : str
        Name of the signal.
    factors : mapping
        Background: expected events over events trained on.

    Returns
    -------
    array, shape (B,)
        Larger is more like signal; for one background the same order as its score.
    """
    # float32 probabilities of 0 must not become infinite; they tie at the ends
    found = np.clip(np.asarray(scores, dtype=np.float64), 1e-12, 1.0)
    column = {name: found[:, k] for k, name in enumerate(classes)}
    total: float = sum(factors.values())
    mixed = sum(factor / total * column[name] for name, factor in factors.items())
    ratio: Array = np.log(column[signal]) - np.log(mixed)
    return ratio


def scaled(
    target: npt.ArrayLike,
    weight: npt.ArrayLike,
    classes: Sequence[str],
    events: Mapping[str, float],
) -> Array:
    """Weights of one part of the split that stands for the whole luminosity.

    Parameters
    ----------
    target : array of int, shape (B,)
        Class numbers.
    weight : array, shape (B,)
        The generator's weights.
    classes : sequence of str
        Names of the classes.
    events : mapping
        Class: expected events, selected, of any mass.

    Returns
    -------
    array, shape (B,)
        Expected events that each stands for.
    """
    numbers, weights = np.asarray(target), np.asarray(weight, dtype=np.float64)
    totals = np.bincount(numbers, weights, minlength=len(classes))
    expected = np.array([events[name] for name in classes])
    factor = np.divide(expected, totals, out=np.zeros_like(expected), where=totals > 0)
    found: Array = weights * factor[numbers]
    return found
