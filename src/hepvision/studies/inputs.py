"""Inputs of a study, computed once and cached as Parquet under everything that decides them."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.card import component, described
from hepvision.core.errors import SchemaError
from hepvision.core.files import atomic_write, read_json, write_json
from hepvision.core.inputs import Dense, Inputs, InputSpec, Part, Ragged, Sparse, concatenate
from hepvision.core.own import code_of
from hepvision.events.observables import observable
from hepvision.representations._together import fields_read, measure, represent, spec_of
from hepvision.studies.samples import ExampleStream

__all__ = ["Table", "decided_by", "inputs_of", "table_of"]


def _arrays(key: str, part: Part) -> dict[str, pa.Array]:
    if isinstance(part, Dense):
        width = int(np.prod(part.values.shape[1:]))
        flat = pa.array(np.ascontiguousarray(part.values).reshape(-1))
        return {f"{key}:dense": pa.FixedSizeListArray.from_arrays(flat, width)}
    offsets = pa.array(part.offsets.astype(np.int64))
    if isinstance(part, Ragged):
        columns = part.values.T
        return {
            f"{key}:{number}": pa.LargeListArray.from_arrays(
                offsets, pa.array(np.ascontiguousarray(column))
            )
            for number, column in enumerate(columns)
        }
    return {
        f"{key}:index": pa.LargeListArray.from_arrays(offsets, pa.array(part.index)),
        f"{key}:value": pa.LargeListArray.from_arrays(offsets, pa.array(part.value)),
    }


def _part(key: str, table: pa.Table, shape: tuple[int, ...]) -> Part:
    def column(name: str) -> Any:
        return table.column(f"{key}:{name}").combine_chunks()

    if f"{key}:dense" in table.column_names:
        values = column("dense").flatten().to_numpy().astype(np.float32)
        return Dense(values.reshape(table.num_rows, *shape))
    if f"{key}:index" in table.column_names:
        index, value = column("index"), column("value")
        offsets = index.offsets.to_numpy().astype(np.int64)
        flat = index.values.to_numpy()
        if flat.size and int(flat.max()) >= np.prod(shape):  # would be written out of bounds
            raise KeyError(f"{key}: index beyond the image")
        return Sparse(offsets, flat, value.values.to_numpy(), shape)
    pieces = [column(str(number)) for number in range(shape[-1])]
    offsets = pieces[0].offsets.to_numpy().astype(np.int64)
    return Ragged(offsets, np.stack([one.values.to_numpy() for one in pieces], axis=1))


def _write(path: Path, inputs: Inputs) -> None:
    columns = {
        name: array for key, part in inputs.items() for name, array in _arrays(key, part).items()
    }
    with atomic_write(path) as file:
        pq.write_table(pa.table(columns), file, compression="zstd", use_dictionary=False)


def _read(path: Path, spec: InputSpec) -> Inputs | None:
    try:
        table = pq.read_table(path)
        return {key: _part(key, table, part.shape) for key, part in spec.items()}
    except FileNotFoundError:
        return None
    except (pa.ArrowException, KeyError, OSError):
        path.unlink(missing_ok=True)
        return None


@dataclasses.dataclass(frozen=True)
class Table:
    """One row an example, without the inputs.

    Parameters
    ----------
    columns : dict of array, shape (B,)
        event_id, object_index, split, sample, target, weight and the observables.
    classes : tuple of str
        Names of the classes; the target counts them.

    Examples
    --------
    >>> Table({"target": np.array([0])}, ("a", "b")).classes
    ('a', 'b')
    """

    columns: dict[str, Any]
    classes: tuple[str, ...]

    def part(self, number: int) -> Any:
        """Rows of one part of the split.

        Parameters
        ----------
        number : int
            0 train, 1 validation, 2 test.

        Returns
        -------
        array of int, shape (b,)
            Row numbers.
        """
        return np.flatnonzero(self.columns["split"] == number)


def table_of(stream: ExampleStream) -> Table:
    """Identity, target, weight and observables of all examples.

    Parameters
    ----------
    stream : ExampleStream
        All parts of the split.

    Returns
    -------
    Table
        In the order of the stream.

    Raises
    ------
    SchemaError
        No example passes the selection.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> table_of(ExampleStream(resolve("higgs_diphoton"), {}, ()))
    Traceback (most recent call last):
    ...
    hepvision.core.errors.SchemaError: study: no event passes the selection. Loosen the cuts.
    """
    classes = tuple(stream.study.samples)
    pieces: list[dict[str, Any]] = []
    for rows in stream:
        sample = str(rows["sample"][0])  # a batch never spans two samples
        piece = {
            "event_id": ak.to_numpy(rows["event_id"]),
            "object_index": ak.to_numpy(rows["object_index"]),
            "split": ak.to_numpy(rows["split"]),
            "sample": np.full(len(rows), sample),
            "target": np.full(len(rows), classes.index(sample)),
            "weight": ak.to_numpy(rows["weight"]).astype(np.float64),
        }
        for name in stream.study.observables:
            piece[name] = observable(name, rows)
        pieces.append(piece)
    if not pieces:
        raise SchemaError("study: no event passes the selection. Loosen the cuts.")
    columns = {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}
    return Table(columns, classes)


def decided_by(stream: ExampleStream) -> dict[str, Any]:
    """All that decides which examples a stream gives, for keys of the cache.

    Parameters
    ----------
    stream : ExampleStream
        All parts of the split.

    Returns
    -------
    dict
        Plain data.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> decided_by(ExampleStream(resolve("higgs_diphoton"), {}, ()))["stores"]
    []
    """
    study = stream.study
    decided = {
        "stores": [store.checksum for store in stream.stores.values()],
        "select": study.select,
        "per": study.per,
        "split": study.split.model_dump(),
    }
    wheres = {key: study.samples[key].where for key in stream.stores}
    return {**decided, "where": wheres} if any(wheres.values()) else decided


def inputs_of(
    stream: ExampleStream, representations: Mapping[str, Any]
) -> tuple[Inputs, dict[str, Any]]:
    """Inputs of all examples, from the cache where it has them.

    Parameters
    ----------
    stream : ExampleStream
        All parts of the split.
    representations : mapping
        Key: representation, constants not yet measured.

    Returns
    -------
    inputs : Inputs
        Parts as ``key.part``, rows in the order of the stream.
    measured : dict
        The representations with constants of the training split.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> inputs_of(ExampleStream(resolve("higgs_diphoton"), {}, ()), {})
    ({}, {})
    """
    train = dataclasses.replace(stream, fields=fields_read(representations), part=0)
    decided = decided_by(stream)
    inputs: Inputs = {}
    measured: dict[str, Any] = {}
    for key, plain in representations.items():
        about = {**described(plain), "version": plain.version}
        about |= code_of("representations", about["name"])
        stem = cache_folder("inputs") / cache_key({**decided, "key": key, "representation": about})
        constants = stem.with_suffix(".json")
        if constants.is_file():
            one = component("representations", read_json(constants))
        else:
            one = measure({key: plain}, train)[key]
            write_json(constants, described(one))
        found = _read(stem.with_suffix(".parquet"), spec_of({key: one}))
        if found is None:
            every = dataclasses.replace(stream, fields=one.reads)
            found = concatenate([represent({key: one}, rows) for rows in every])
            _write(stem.with_suffix(".parquet"), found)
        inputs |= found
        measured[key] = one
    return inputs, measured
