"""Event ids from run, luminosity block and event number, which repeat in some files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["all_differ", "event_ids", "hashes"]

Ids = NDArray[np.uint64]


def event_ids(run: Any, block: Any, event: Any) -> tuple[Ids, int]:
    """Ids of all events of a file: the same event has the same id in every file.

    Parameters
    ----------
    run, block, event : array of int, shape (B,)
        The file's own numbers.

    Returns
    -------
    ids : array of uint64, shape (B,)
        Unique: the second and later events of the same numbers get ids of their own.
    repeated : int
        How many such events there are.

    Examples
    --------
    >>> ids, repeated = event_ids([1, 1, 1], [1, 2, 1], [7, 7, 7])
    >>> len(set(ids.tolist())), repeated
    (3, 1)
    >>> int(event_ids([1], [2], [7])[0][0]) == int(ids[1])
    True
    """
    ids = hashes(run, block, event)
    if all_differ(ids.copy()):
        return ids, 0
    with np.errstate(over="ignore"):
        first = _times(ids)
        repeated, times = int((first > 0).sum()), first
        while times.any():
            ids = np.where(times > 0, _mixed(ids ^ _mixed(times)), ids)
            times = _times(ids)
    return ids, repeated


def hashes(run: Any, block: Any, event: Any) -> Ids:
    """Ids of events whose numbers do not repeat.

    Parameters
    ----------
    run, block, event : array of int, shape (B,)
        The file's own numbers.

    Returns
    -------
    array of uint64, shape (B,)
        The same for the same numbers.

    Examples
    --------
    >>> bool(hashes([1], [2], [7])[0] == event_ids([1], [2], [7])[0][0])
    True
    """
    with np.errstate(over="ignore"):
        return _mixed(_mixed(_mixed(_whole(run)) ^ _whole(block)) ^ _whole(event))


def all_differ(ids: Ids) -> bool:
    """Whether no id repeats; sorts them where they are.

    Parameters
    ----------
    ids : array of uint64, shape (B,)
        Ids, in another order afterwards: a second array of so many would be large.

    Returns
    -------
    bool
        True for no ids.

    Examples
    --------
    >>> all_differ(np.array([3, 1, 2], np.uint64)), all_differ(np.array([3, 1, 3], np.uint64))
    (True, False)
    """
    ids.sort()
    return not bool((ids[1:] == ids[:-1]).any())


def _whole(values: Any) -> Ids:
    return np.asarray(values).astype(np.uint64)


def _mixed(value: Ids) -> Ids:
    # splitmix64 (Steele, Lea, Flood 2014): neighbouring numbers give unrelated hashes.
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _times(ids: Ids) -> Ids:
    """How often each id came before."""
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    new = np.ones(len(ids), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    place = np.arange(len(ids))
    times = np.empty(len(ids), np.uint64)
    times[order] = place - np.maximum.accumulate(np.where(new, place, 0))
    return times
