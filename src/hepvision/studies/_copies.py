"""Examples that stand in two classes, or on two sides of the split: found by their content."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.errors import CardError
from hepvision.core.files import atomic_write
from hepvision.events._repeats import content
from hepvision.events.schema import FIELDS
from hepvision.events.split import hashed
from hepvision.studies._subset import UNUSED
from hepvision.studies.inputs import Table, decided_by
from hepvision.studies.samples import ExampleStream

__all__ = ["apart"]

_LOG = logging.getLogger(__name__)


def apart(stream: ExampleStream, table: Table, fields: Sequence[str]) -> Table:
    """The table with each example on one side of the split only.

    Where copies of an example stand in several parts, the test example stays, else the validation
    example; the others are taken out of their part.

    Parameters
    ----------
    stream : ExampleStream
        All parts of the split.
    table : Table
        Made of it.
    fields : sequence of str
        Schema fields that the representations read; whole objects of their collections are
        compared.

    Returns
    -------
    Table
        With split −1 where an example is left out.

    Raises
    ------
    CardError
        The same example stands in two classes.
    """
    marks = _marks(stream, fields)
    if not marks.any():
        return table
    rows = np.flatnonzero(marks)  # examples without content are all alike
    kinds, kind, counts = np.unique(marks[rows], return_inverse=True, return_counts=True)
    twice = counts[kind] > 1
    rows, kind = rows[twice], kind[twice]
    target = table.columns["target"]
    low, high = (_each(kind, target[rows], len(kinds), one) for one in (np.minimum, np.maximum))
    shared = rows[(low != high)[kind]]
    if len(shared):
        names = sorted({table.classes[number] for number in target[shared]})
        raise CardError(
            f"samples: {' and '.join(names)} must have different events, got {len(shared):,} "
            f"examples with a copy in another class (event {table.columns['event_id'][shared[0]]})."
            " Let 'where' tell them apart, or give other files."
        )
    split = table.columns["split"]
    last = _each(kind, split[rows], len(kinds), np.maximum)
    away = rows[split[rows] < last[kind]]
    if not len(away):
        return table
    _LOG.warning(
        "%d training and validation examples are copies of validation or test examples: left out.",
        len(away),
    )
    left = np.array(split)
    left[away] = UNUSED
    return dataclasses.replace(table, columns={**table.columns, "split": left})


def _each(kind: NDArray[Any], values: NDArray[Any], kinds: int, better: Any) -> NDArray[Any]:
    """Smallest or largest value of each kind."""
    found = np.full(kinds, np.iinfo(np.int64).max if better is np.minimum else -1, np.int64)
    better.at(found, kind, values)
    return found


def _marks(stream: ExampleStream, fields: Sequence[str]) -> NDArray[np.uint64]:
    """A fingerprint of each example, 0 for one without content; from the cache if it is there."""
    read = {name.partition(".")[0] for name in fields} & set(FIELDS)
    if not read or not stream.stores:
        return np.zeros(0, np.uint64)
    stored = [set(store.fields) for store in stream.stores.values()]
    everywhere = sorted(set.intersection(*stored))
    columns = [name for name in everywhere if name.partition(".")[0] in read]
    path = cache_folder("inputs") / f"{cache_key({**decided_by(stream), 'content': columns})}.npy"
    if path.is_file():
        found: NDArray[np.uint64] = np.load(path, allow_pickle=False)
        return found
    pieces = [np.zeros(0, np.uint64)]
    for rows in dataclasses.replace(stream, fields=tuple(columns)):
        narrow = ak.Array({name: rows[name] for name in sorted(read & set(rows.fields))})
        made, there = content(narrow)
        # objects of one event have the same content but for their place
        place = np.asarray(ak.to_numpy(rows["object_index"]), np.uint64)
        with np.errstate(over="ignore"):
            made += (hashed(place, 1) * 2.0**53).astype(np.uint64) * (place > 0)
        pieces.append(np.where(there, made, np.uint64(0)))
    marks = np.concatenate(pieces)
    with atomic_write(path) as file:
        np.save(file, marks, allow_pickle=False)
    return marks
