"""The ``search:`` block of a card: what may be varied, what counts, and how long it goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from hepvision.core.card import Card
from hepvision.core.errors import CardError
from hepvision.core.names import hint
from hepvision.studies._budget import parse_budget

__all__ = ["Between", "Range", "Search", "Several"]

Positive = Annotated[int, pydantic.Field(gt=0)]
Number = int | float
#: Blocks of a card in which a value may be varied.
PLACES = ("model", "training", "representations")


class Between(Card):
    """A number between two ends; whole if both ends are.

    Parameters
    ----------
    low, high : number
        Both ends may be taken.
    step : number, optional
        Between neighbouring values.
    log : bool
        Draw its logarithm evenly.

    Examples
    --------
    >>> Between(low=1, high=4).whole
    True
    """

    low: Number
    high: Number
    step: Annotated[Number, pydantic.Field(gt=0)] | None = None
    log: bool = False

    @pydantic.model_validator(mode="after")
    def _fits(self) -> Between:
        if self.low > self.high:
            raise ValueError(f"low must not exceed high, got {self.low:g} and {self.high:g}")
        if self.step is not None and abs(math.remainder(self.high - self.low, self.step)) > (
            1e-9 * self.step
        ):
            raise ValueError(
                f"high must lie whole steps above low, got {self.low:g}, {self.high:g} and "
                f"{self.step:g}"
            )
        if self.log and self.step is not None:
            raise ValueError("log takes no step")
        if self.log and self.low <= 0:
            raise ValueError(f"low must be positive where log is asked for, got {self.low:g}")
        if self.whole and self.step is not None and not isinstance(self.step, int):
            raise ValueError(f"step must be whole as low and high are, got {self.step:g}")
        return self

    @property
    def whole(self) -> bool:
        """Whether it is an integer."""
        return isinstance(self.low, int) and isinstance(self.high, int)


def _kind(given: Any) -> str:
    if isinstance(given, Several | Between):
        return "several" if isinstance(given, Several) else "between"
    if isinstance(given, Mapping):
        return "several" if {"each", "length", "same"} & set(given) else "between"
    return "choices"


Choices = Annotated[tuple[Any, ...], pydantic.Field(min_length=1)]
Scalar = Annotated[
    Annotated[Choices, pydantic.Tag("choices")] | Annotated[Between, pydantic.Tag("between")],
    pydantic.Discriminator(_kind),
]


class Several(Card):
    """A list, such as one width a layer.

    Parameters
    ----------
    each : range
        Of one value.
    length : int, range or str
        How many; or the name of another range, whose list is as long.
    same : bool
        One value for all places.

    Examples
    --------
    >>> Several(each={"low": 4, "high": 16}, length=3).same
    False
    """

    each: Scalar
    length: Positive | Between | str
    same: bool = False

    @pydantic.field_validator("length", mode="after")
    @classmethod
    def _counts(cls, length: Any) -> Any:
        if isinstance(length, Between) and (not length.whole or length.low < 1):
            raise ValueError(f"low and high must be whole and positive, got {length.low}")
        return length


Range = Annotated[
    Annotated[Choices, pydantic.Tag("choices")]
    | Annotated[Between, pydantic.Tag("between")]
    | Annotated[Several, pydantic.Tag("several")],
    pydantic.Discriminator(_kind),
]


class Search(Card):
    """What ``hepvision search`` varies in one entry of a card.

    Parameters
    ----------
    entry : str
        Name of the entry whose model, training and representations are varied.
    model : str or mapping, optional
        Model that is varied, in place of the entry's own.
    against : str
        Name of the entry that the best networks are judged against, on events no trial saw; the
        searched entry as it stands if not given.
    ranges : mapping
        Place in the entry, such as ``model.hidden``, ``training.learning_rate`` or
        ``representations.image.size`` → a list of choices, ``{low, high, step, log}``, or
        ``{each, length, same}`` for lists.
    score : "auc" or "signal_efficiency"
        What a trial is worth, on validation events.
    background_efficiency : float
        ε_b of the signal efficiency, there and in the judgement.
    background : str
        Class that the signal is told from; ``rest`` for all others.
    minimise : sequence of str
        Costs that stand against the score: ``parameters``, ``multiply_adds``, ``latency``. Times
        differ from run to run, so that a search for latency cannot be repeated exactly.
    budget : str
        Limits such as ``parameters<50e3, latency<1ms``: networks beyond are never trained.
    trials : int
        Networks that are trained.
    prune : bool
        Stop a trial whose validation loss is above the median, at the same epoch, of trials that
        cost no more.
    warm_up : int
        Epochs that every trial has.
    finalists : int
        Networks that are trained anew and judged.
    seed : int
        Of the draws.

    Examples
    --------
    >>> Search(entry="net", ranges={"model.hidden": [[16], [32, 16]]}).minimise
    ('parameters', 'multiply_adds')
    """

    entry: str
    model: str | dict[str, Any] | None = None
    against: str = ""
    ranges: Annotated[dict[str, Range], pydantic.Field(min_length=1)]
    score: Literal["auc", "signal_efficiency"] = "auc"
    background_efficiency: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.01
    background: str = "rest"
    minimise: Annotated[
        tuple[Literal["parameters", "multiply_adds", "latency"], ...], pydantic.Field(min_length=1)
    ] = ("parameters", "multiply_adds")
    budget: str = ""
    trials: Positive = 50
    prune: bool = True
    warm_up: Positive = 2
    finalists: Positive = 3
    seed: Annotated[int, pydantic.Field(ge=0)] = 1

    @pydantic.model_validator(mode="after")
    def _fits(self) -> Search:
        for path, one in self.ranges.items():
            place, _, rest = path.partition(".")
            if place not in PLACES or not rest or (place == PLACES[2] and "." not in rest):
                raise ValueError(
                    f"ranges: {path}: must be model.FIELD, training.FIELD or "
                    f"representations.KEY.FIELD. {hint(place, PLACES, '')}".strip()
                )
            if isinstance(one, Several) and isinstance(one.length, str):
                self._require_list(path, one.length)
        if len(set(self.minimise)) != len(self.minimise):
            raise ValueError(f"minimise must name each cost once, got {', '.join(self.minimise)}")
        try:
            parse_budget(self.budget)
        except CardError as error:
            raise ValueError(str(error)) from error
        return self

    def _require_list(self, path: str, other: str) -> None:
        if other == path or other not in self.ranges:
            known = [one for one in self.ranges if one != path]
            raise ValueError(f"ranges: {path}: length: no range {other!r}. {hint(other, known)}")
        one = self.ranges[other]
        if isinstance(one, Several):
            if not isinstance(one.length, str):
                return
        elif not isinstance(one, Between) and all(isinstance(item, list) for item in one):
            return
        raise ValueError(
            f"ranges: {path}: length: {other} must be a range of lists with a length of its own"
        )
