"""Inputs of a study, computed once and cached as Parquet under everything that decides them."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.card import component, described
from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.files import read_json, write_json
from hepvision.core.inputs import Inputs, InputSpec, concatenate, taken
from hepvision.core.own import code_of
from hepvision.core.stored_inputs import bytes_of, loaded, stored_inputs, write_inputs
from hepvision.events.observables import observable
from hepvision.representations._together import fields_read, measure, represent, spec_of
from hepvision.studies.samples import ExampleStream

__all__ = ["Table", "decided_by", "inputs_of", "table_of"]


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
    stream: ExampleStream, representations: Mapping[str, Any], memory: float = math.inf
) -> tuple[Inputs, dict[str, Any]]:
    """Inputs of all examples, from the cache where it has them.

    Parameters
    ----------
    stream : ExampleStream
        All parts of the split.
    representations : mapping
        Key: representation, constants not yet measured.
    memory : float
        Bytes that all inputs together may take; where they take more, they stay on disk.

    Returns
    -------
    inputs : Inputs
        Parts as ``key.part``, rows in the order of the stream; all of them ``StoredPart`` where
        they stay on disk.
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
    files: dict[str, Path] = {}
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
        measured[key] = one
        files[key] = stem.with_suffix(".parquet")
        inputs |= _stored(files[key], spec_of({key: one})) or _made(files[key], key, one, stream)
    if bytes_of(inputs) > memory:
        return inputs, measured
    for key, one in measured.items():
        mine = {name: inputs[name] for name in spec_of({key: one})}
        try:
            inputs |= loaded(mine)
        except CorruptFileError:
            inputs |= loaded(_made(files[key], key, one, stream))
    return inputs, measured


def _stored(path: Path, spec: InputSpec) -> Inputs | None:
    """Parts of a file of the cache; a damaged one is taken away."""
    found = stored_inputs(path, spec)
    if found is None:
        path.unlink(missing_ok=True)
    return found


def _pieces(key: str, one: Any, stream: ExampleStream) -> Iterator[Inputs]:
    """Inputs piece by piece, the first of which must be the same for some examples alone."""
    for number, rows in enumerate(stream):
        made = represent({key: one}, rows)
        if not number:
            few = np.unique(np.linspace(0, len(rows) - 1, 5).astype(int))
            alone = concatenate([represent({key: one}, rows[k : k + 1]) for k in few])
            if not _alike(taken(made, few), alone, spec_of({key: one})):
                raise SchemaError(
                    f"representations.{key}: an example must give the same alone as among others, "
                    "got other numbers. Measure constants in measured."
                )
        yield made


def _alike(first: Inputs, second: Inputs, spec: InputSpec) -> bool:
    """Whether inputs are the same but for rounding."""
    for name, part in spec.items():
        one, other = (
            np.zeros((len(each[name]), *part.shape), np.float32) for each in (first, second)
        )
        first[name].fill(one)
        second[name].fill(other)
        most = float(np.abs(one).max(initial=0))
        if not np.allclose(one, other, rtol=1e-3, atol=1e-5 * most):
            return False
    return True


def _made(path: Path, key: str, one: Any, stream: ExampleStream) -> Inputs:
    every = dataclasses.replace(stream, fields=one.reads)
    write_inputs(path, _pieces(key, one, every))
    found = stored_inputs(path, spec_of({key: one}))
    if found is None:
        raise CorruptFileError(f"{path}: is gone or damaged. Run it again.")
    return found
