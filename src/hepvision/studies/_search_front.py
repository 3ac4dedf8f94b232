"""Which trials no other beats, and which of them are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.studies._search_block import Search
from hepvision.studies._search_storage import TRAINED

__all__ = ["Found", "chosen", "found_in", "front", "is_trial", "of_front"]

_NAME = "trial-"


@dataclass(frozen=True)
class Found:
    """A trained network of a search.

    Parameters
    ----------
    number : int
        Of the trial.
    score, error : float
        On validation events.
    costs : dict of float
        By name.
    choices : dict
        Place → value.
    """

    number: int
    score: float
    error: float
    costs: dict[str, float]
    choices: dict[str, Any]

    @property
    def name(self) -> str:
        """As an entry of a card."""
        return f"{_NAME}{self.number}"


def is_trial(name: str) -> bool:
    """Whether an entry is called as trials are."""
    return name.startswith(_NAME) and name.removeprefix(_NAME).isdecimal()


def found_in(trials: Sequence[Any]) -> list[Found]:
    """Trials that were trained to the end."""
    kept = [one.user_attrs for one in trials if one.user_attrs.get("outcome") == TRAINED]
    numbers = [one.number for one in trials if one.user_attrs.get("outcome") == TRAINED]
    return [
        Found(number, one["score"], one["error"], dict(one["costs"]), dict(one["choices"]))
        for number, one in zip(numbers, kept, strict=True)
    ]


def front(losses: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which rows no other row beats: smaller or equal in every column and smaller in one.

    Parameters
    ----------
    losses : array, shape (N, M)
        Smaller is better.

    Returns
    -------
    array of bool, shape (N,)
        Equal rows all stay.
    """
    table = np.asarray(losses, np.float64).reshape(len(np.atleast_1d(losses)), -1)
    stays = np.ones(len(table), np.bool_)
    for row in range(len(table)):  # as many as there are trials
        beaten = (table <= table[row]).all(axis=1) & (table < table[row]).any(axis=1)
        stays[row] = not beaten.any()
    return stays


def of_front(found: Sequence[Found], search: Search) -> list[Found]:
    """Networks that no other beats in score and every cost, cheapest first."""
    if not found:
        return []
    table = [[-one.score, *(one.costs[cost] for cost in search.minimise)] for one in found]
    kept = [one for one, stays in zip(found, front(table), strict=True) if stays]
    return sorted(kept, key=lambda one: (one.costs[search.minimise[0]], -one.score, one.number))


def chosen(found: Sequence[Found], search: Search) -> list[Found]:
    """Networks to judge, by validation events alone.

    The best score first; then the cheapest network whose score is within its error of the best,
    then within two, three and so on, until there are as many as the card asks for.
    """
    best = of_front(found, search)
    if not best:
        return []
    leader = max(best, key=lambda one: (one.score, -one.number))
    kept = [leader]
    for width in range(1, 6):
        near = [one for one in best if one.score >= leader.score - width * leader.error]
        if near[0] not in kept:
            kept.append(near[0])
    others = sorted((one for one in best if one not in kept), key=lambda one: -one.score)
    return [*kept, *others][: search.finalists]
