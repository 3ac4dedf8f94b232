"""Train, validation and test: published, or by a hash that adding events does not move."""

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.card import Card

__all__ = ["NAMES", "Split", "hashed", "split_of", "splits"]

#: Names of the parts, at their numbers.
NAMES = ("train", "validation", "test")


class Split(Card):
    """How events are divided when the sample publishes no split.

    Parameters
    ----------
    seed : int
        Seed of the hash.
    validation, test : float
        Fractions; the rest is for training.

    Examples
    --------
    >>> Split(test=0.3).fractions
    (0.5, 0.2, 0.3)
    """

    seed: int = 0
    validation: float = 0.2
    test: float = 0.2

    def model_post_init(self, context: object) -> None:
        """Refuse fractions that leave nothing to train on."""
        if min(self.validation, self.test) < 0 or self.validation + self.test >= 1:
            raise ValueError("fractions must be positive and leave some events for training")

    @property
    def fractions(self) -> tuple[float, float, float]:
        """Fractions of train, validation and test."""
        return (1 - self.validation - self.test, self.validation, self.test)


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # splitmix64 (Steele, Lea, Flood 2014): neighbouring numbers give unrelated hashes.
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def hashed(event_id: NDArray[np.uint64], seed: int) -> NDArray[np.float64]:
    """A number of each event that looks random, and is always the same.

    Parameters
    ----------
    event_id : array of uint64, shape (B,)
        Unique numbers.
    seed : int
        Another seed gives unrelated numbers.

    Returns
    -------
    array of float64, shape (B,)
        In [0, 1).

    Examples
    --------
    >>> bool((hashed(np.array([7, 8]), 1)[1:] == hashed(np.array([8]), 1)).all())
    True
    """
    with np.errstate(over="ignore"):
        start = _mixed(np.asarray([seed], np.uint64))
        mixed = _mixed(np.asarray(event_id, np.uint64) ^ start)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def split_of(event_id: NDArray[np.uint64], split: Split | None = None) -> NDArray[np.int8]:
    """Part of each event by a hash of (seed, event_id).

    Parameters
    ----------
    event_id : array of uint64, shape (B,)
        Unique numbers.
    split : Split, optional
        Seed and fractions.

    Returns
    -------
    array of int8, shape (B,)
        0 train, 1 validation, 2 test.

    Examples
    --------
    >>> part = split_of(np.arange(10_000, dtype=np.uint64))
    >>> (np.bincount(part) / 10_000).round(1).tolist()
    [0.6, 0.2, 0.2]
    """
    split = split or Split()
    uniform = hashed(event_id, split.seed)
    return np.searchsorted(np.cumsum(split.fractions)[:2], uniform, side="right").astype(np.int8)


def splits(events: ak.Array, split: Split | None = None) -> NDArray[np.int8]:
    """Part of each event or example: the published one, else by hash.

    Parameters
    ----------
    events : ak.Array
        Events or examples.
    split : Split, optional
        Used where no split is published.

    Returns
    -------
    array of int8, shape (B,)
        0 train, 1 validation, 2 test.

    Examples
    --------
    >>> splits(ak.Array([{"event_id": 1, "split": 2}])).tolist()
    [2]
    """
    if "split" in events.fields:
        return ak.to_numpy(events["split"]).astype(np.int8)
    return split_of(ak.to_numpy(events["event_id"]).astype(np.uint64), split)
