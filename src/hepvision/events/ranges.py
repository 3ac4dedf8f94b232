"""How many objects there are, and between what values each field lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.schema import FIELDS, SCALARS, Field, flat

__all__ = ["Range", "Ranges", "columns_of"]

_UNKNOWN = Field("", "", "")


def columns_of(events: ak.Array) -> Iterator[tuple[str, NDArray[np.float64 | np.int64], Field]]:
    """All columns of numbers of events, flat.

    Parameters
    ----------
    events : ak.Array
        Events; ``sample`` is no number and left out.

    Yields
    ------
    name : str
        Of a scalar, or ``Collection.field``.
    values : array, shape (N,)
        One an event, or one an object.
    field : Field
        Its type, unit and meaning.

    Examples
    --------
    >>> [name for name, _, _ in columns_of(ak.Array([{"weight": 1.0, "sample": "toy"}]))]
    ['weight']
    """
    for name in events.fields:
        if name in FIELDS:
            for key, values in flat(events[name])[1].items():
                yield f"{name}.{key}", values, FIELDS[name].get(key, _UNKNOWN)
        elif name != "sample":
            yield name, ak.to_numpy(events[name]), SCALARS.get(name, _UNKNOWN)


@dataclass
class Range:
    """Values of one field, as far as they were seen.

    Examples
    --------
    >>> one = Range(Field("f4", "GeV", "energy"))
    >>> one.add(np.array([1.0, 3.0, np.nan]))
    >>> one.low, one.mean, one.high, one.count, one.bad
    (1.0, 2.0, 3.0, 2, 1)
    """

    field: Field
    count: int = 0
    bad: int = 0
    low: float = float("inf")
    high: float = float("-inf")
    total: float = 0.0

    def add(self, values: NDArray[np.float64 | np.int64]) -> None:
        """Take values in.

        Parameters
        ----------
        values : array, shape (N,)
            In the unit of the field; what is not finite is counted apart.
        """
        numbers = np.asarray(values, np.float64)
        finite = np.isfinite(numbers)
        if not finite.all():
            self.bad += int((~finite).sum())
            numbers = numbers[finite]
        if len(numbers):
            self.count += len(numbers)
            self.low = min(self.low, float(numbers.min()))
            self.high = max(self.high, float(numbers.max()))
            self.total += float(numbers.sum())

    @property
    def mean(self) -> float:
        """Mean of the finite values; NaN of none."""
        return self.total / self.count if self.count else float("nan")


@dataclass
class Ranges:
    """Number of events and objects, and the range of each field.

    Examples
    --------
    >>> seen = Ranges()
    >>> seen.add(ak.Array([{"weight": 2.0}, {"weight": 4.0}]))
    >>> seen.events, seen.fields["weight"].mean
    (2, 3.0)
    """

    events: int = 0
    fields: dict[str, Range] = field(default_factory=dict)
    #: Objects of each collection in all events, and the most in one.
    objects: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, events: ak.Array) -> None:
        """Take events in.

        Parameters
        ----------
        events : ak.Array
            Events of the schema.
        """
        self.events += len(events)
        for name in events.fields:
            if name in FIELDS:
                counts = np.diff(flat(events[name])[0])
                total, most = self.objects.get(name, (0, 0))
                here = int(counts.max()) if len(counts) else 0
                self.objects[name] = (total + int(counts.sum()), max(most, here))
        for name, values, known in columns_of(events):
            self.fields.setdefault(name, Range(known)).add(values)
