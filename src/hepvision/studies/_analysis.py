"""What a card says of the analysis that its scores are for."""

from typing import Annotated, Literal

import pydantic

from hepvision.core.card import Card

__all__ = ["BINS", "Analysis"]

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
