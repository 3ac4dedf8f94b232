"""Events that trials may see: those of training and validation, and no others."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.card import component, parse
from hepvision.core.errors import CorruptFileError
from hepvision.core.files import atomic_write
from hepvision.core.inputs import Inputs, taken
from hepvision.events.store import Store
from hepvision.studies._study_examples import examples_of
from hepvision.studies.card import Study
from hepvision.studies.inputs import Table, inputs_of
from hepvision.studies.samples import ExampleStream, prepare

__all__ = ["SEEN", "forget", "record_seen", "seen"]

#: Name of the file: one row an example that trials may see.
SEEN = "seen.parquet"
_ROW = "row"


def record_seen(folder: Path, study: Study, stores: Mapping[str, Store]) -> Table:
    """Write down which events of a study's stores trials may see.

    Returns
    -------
    Table
        Of all examples, test examples too.
    """
    _, table, _ = examples_of(study, dict(stores))
    rows = np.flatnonzero(np.isin(table.columns["split"], (0, 1)))
    columns = {key: one[rows] for key, one in table.columns.items()} | {_ROW: rows}
    with atomic_write(folder / SEEN) as file:
        pq.write_table(pa.table({key: pa.array(one) for key, one in columns.items()}), file)
    return table


def seen(folder: Path, study: Study) -> tuple[Table, Inputs, Mapping[str, Any]]:
    """Table, inputs and measured representations of the examples that trials may see."""
    representations = json.dumps(study.representations, sort_keys=True)
    plain = study.model_dump_json(exclude={"entries", "training", "representations", "search"})
    return _seen(str(folder), plain, representations)


# one at a time: inputs of many events fill the memory
@functools.lru_cache(maxsize=1)
def _seen(folder: str, plain: str, blocks: str) -> tuple[Table, Inputs, Mapping[str, Any]]:
    path = Path(folder) / SEEN
    try:
        found = pq.read_table(path)
        columns = {name: found.column(name).to_numpy() for name in found.column_names}
        rows = columns.pop(_ROW)
    except (pa.ArrowException, KeyError, OSError, ValueError) as error:
        raise CorruptFileError(f"{path}: cannot be read. Search in another folder.") from error
    representations = json.loads(blocks)
    entry = {"name": "any", "uses": list(representations), "model": "any"}
    block = {**json.loads(plain), "representations": representations, "entries": [entry]}
    study = parse(Study, {**block, "published": [], "analysis": None}, "search")
    stream = ExampleStream(study, prepare(study, 1, None, False), ())
    made = {key: component("representations", one) for key, one in representations.items()}
    inputs, measured = inputs_of(stream, made)
    return Table(columns, tuple(study.samples)), taken(inputs, rows), measured


def forget() -> None:
    """Give back the memory of events."""
    _seen.cache_clear()
