"""One event as plain columns: what every view of the display draws from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Columns", "Event", "event_of"]

Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Event:
    """One event: values of its own, flat columns of its collections, and where it is from.

    Parameters
    ----------
    scalars : mapping
        ``sample``, ``run``, ``event``, ``pileup`` …, as far as known.
    collections : mapping of mapping of array, shape (N,)
        Columns by collection and field.
    about : mapping
        What the reader or the store tells of all its events: ``reader``, ``file``, ``image`` …

    Examples
    --------
    >>> event = Event({"event": 7}, {"MET": {"pt": np.array([30.0])}})
    >>> event.count("MET"), event.count("Jet"), event.columns("MET", "pt", "phi")
    (1, 0, {})
    """

    scalars: Mapping[str, Any]
    collections: Mapping[str, Columns]
    about: Mapping[str, Any] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """Number of objects in a collection; 0 if the event has no such collection."""
        return next((len(one) for one in self.collections.get(name, {}).values()), 0)

    def columns(self, name: str, *needed: str) -> Columns:
        """Columns of a collection; none if it has no object or lacks a needed field."""
        found = self.collections.get(name, {})
        return found if self.count(name) and set(needed) <= set(found) else {}


def event_of(record: Any, about: Mapping[str, Any] | None = None) -> Event:
    """Take one event apart.

    Parameters
    ----------
    record : ak.Record
        One event of the schema; any collection may be absent.
    about : mapping, optional
        What is told of its file; from the record's own attributes by default.

    Returns
    -------
    Event
        Its columns; objects with a value that is not finite are left out and counted.

    Examples
    --------
    >>> import awkward as ak
    >>> made = event_of(ak.Array([{"event_id": 7, "Vertex": [{"x": 0.0}, {"x": 1.0}]}])[0])
    >>> made.count("Vertex"), int(made.scalars["event_id"])
    (2, 7)
    """
    scalars: dict[str, Any] = {}
    collections: dict[str, Columns] = {}
    left_out: dict[str, int] = {}
    for name in record.fields:
        value = record[name]
        if isinstance(value, str | int | float | np.number | np.bool_):
            scalars[name] = value
        elif getattr(value, "fields", None):
            found = {key: np.ravel(np.asarray(value[key])) for key in value.fields}
            collections[name], lost = _finite(found)
            left_out |= {f"{name} that are not finite": lost} if lost else {}
    kept = dict((record.attrs.get("hepvision") if about is None else about) or {})
    if left_out:
        kept["left_out"] = {**(kept.get("left_out") or {}), **left_out}
    return Event(scalars, collections, kept)


def _finite(columns: Columns) -> tuple[Columns, int]:
    """Objects of which all values are finite, and how many are not: no reader lets them through."""
    kept = np.ones(next((len(one) for one in columns.values()), 0), bool)
    for one in columns.values():
        if one.dtype.kind == "f":
            kept &= np.isfinite(one)
    lost = int((~kept).sum())
    return ({key: one[kept] for key, one in columns.items()} if lost else columns), lost
