"""Events that come twice: by their numbers, and by their content."""

from __future__ import annotations

from collections.abc import Iterator

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events._finding import Finding
from hepvision.events.schema import FIELDS, flat

__all__ = ["Repeats"]

_ODD = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio in 64 bits
_SHIFT = np.uint64(29)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number that looks random, the same for the same value."""
    for _ in range(2):
        values = (values ^ (values >> _SHIFT)) * _ODD
    return values ^ (values >> _SHIFT)


def _bits(values: NDArray[np.generic]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(values, np.float64).view(np.uint64)


def content(events: ak.Array) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """A fingerprint of each event's objects, whatever their order, and whether it has any.

    Parameters
    ----------
    events : ak.Array
        B events.

    Returns
    -------
    fingerprint : array of uint64, shape (B,)
        Equal for equal objects.
    there : array of bool, shape (B,)
        At least one object with a value that is not 0.
    """
    made, there = np.zeros(len(events), np.uint64), np.zeros(len(events), bool)
    for number, name in enumerate(sorted(set(events.fields) & set(FIELDS)), 1):
        offsets, columns = flat(events[name])
        objects = np.zeros(int(offsets[-1]), np.uint64)
        some = np.zeros(int(offsets[-1]), bool)
        for place, key in enumerate(sorted(columns), 1):
            salt = np.uint64((1000 * number + place) * 2 + 1)
            objects = _mixed(objects + _bits(columns[key]) * salt)
            some |= columns[key] != 0
        # sums that overflow on purpose do not see the order of the objects
        sums = np.concatenate([[np.uint64(0)], np.cumsum(objects, dtype=np.uint64)])
        made = _mixed(made + (sums[offsets[1:]] - sums[offsets[:-1]]) * np.uint64(2 * number + 1))
        seen = np.concatenate([[0], np.cumsum(some)])
        there |= seen[offsets[1:]] > seen[offsets[:-1]]
    return made, there


class Repeats:
    """Events with the run, block and number of another, or with the very same objects."""

    def __init__(self) -> None:
        self.events = 0
        self._numbers: list[NDArray[np.uint64]] = []
        self._contents: list[NDArray[np.uint64]] = []

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        self.events += len(events)
        keys = ("run", "luminosityBlock", "event")
        if set(keys) <= set(events.fields):
            made = np.zeros(len(events), np.uint64)
            for key in keys:
                made = _mixed(made + ak.to_numpy(events[key]).astype(np.uint64) * _ODD)
            self._numbers.append(made)
        made, there = content(events)
        self._contents.append(made[there])

    def findings(self, path: str) -> Iterator[Finding]:
        """One for the numbers, one for the contents."""
        for parts, text in (
            (self._numbers, "have the run, block and number of another"),
            (self._contents, "hold the very same objects as another"),
        ):
            every = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
            twice = len(every) - len(np.unique(every))
            if twice:
                share = f"{twice:,} of {self.events:,} {text}"
                yield Finding("repeats", "events", f"{share}. Take the copies out")
