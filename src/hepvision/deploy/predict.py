"""Score events of stores and files with a bundle."""

import dataclasses
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.errors import SchemaError
from hepvision.core.files import atomic_write
from hepvision.core.outputs import output_file
from hepvision.core.own import using
from hepvision.deploy.bundle import Bundle, load_bundle
from hepvision.events.examples import examples
from hepvision.events.schema import FIELDS, missing_fields
from hepvision.events.selection import CutFlow, selected
from hepvision.events.store import open_store
from hepvision.readers._which import which
from hepvision.representations._expressions import value_where_possible
from hepvision.representations._together import columns_read

__all__ = ["Scored", "predict"]

_log = logging.getLogger(__name__)

#: Events of a file that are held in memory at a time.
PIECE = 250


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """What ``predict`` did.

    Parameters
    ----------
    path : Path or None
        The file it wrote.
    flow : CutFlow
        Examples read, and left after each cut.
    table : pyarrow.Table
        One row an example that passes.

    Examples
    --------
    >>> flow = CutFlow(["num(Photon) == 2"], [5, 2], [5.0, 2.0])
    >>> Scored(None, flow, pa.table({"event_id": [1, 2]}))
    2 of 5 examples pass the selection
               5  all
               2  num(Photon) == 2
    """

    path: Path | None
    flow: CutFlow
    table: pa.Table

    @property
    def read(self) -> int:
        """Examples in the inputs."""
        return self.flow.passed[0]

    @property
    def passed(self) -> int:
        """Examples that pass the selection and have scores."""
        return self.flow.passed[-1]

    def __repr__(self) -> str:
        where = f", scores in {self.path}" if self.path else ""
        head = f"{self.passed:,} of {self.read:,} examples pass the selection{where}"
        return "\n".join([head, repr(self.flow)])


def predict(
    bundle: str | Path | Bundle,
    inputs: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    batch: int = 64,
    threads: int | None = None,
    components: Iterable[str] = (),
) -> Scored:
    """Apply a bundle to events: its selection, its inputs, its model.

    Parameters
    ----------
    bundle : path or Bundle
        A folder that a study made, or what ``load_bundle`` gave.
    inputs : path or sequence of paths
        Stores, or files of any format that a reader knows.
    out : path, optional
        Parquet file to write; appears only when it is whole.
    batch : int
        Examples at a time in the network.
    threads : int, optional
        Threads of torch.
    components : iterable of str
        The user's own components that the bundle was made with, ``path/to/file.py:Class`` each.

    Returns
    -------
    Scored
        Counts and the table: event_id, sample, run, luminosityBlock, event, object_index, the
        bundle's observables, and ``score_<class>`` for each class.

    Raises
    ------
    SchemaError
        The inputs lack a field that the bundle reads.
    UnknownNameError
        The bundle needs a component of a user's own that is not given.
    CorruptFileError
        The bundle or an input is damaged.
    ValueError
        The table would replace what is read, lie in a store, a bundle or a run folder, or have
        another suffix than Parquet's.

    Examples
    --------
    >>> predict("nowhere", "events.ig")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no bundle is there. Check the path; a run \
keeps its bundles in <entry>/<seed>/bundle.
    """
    files = [Path(one) for one in ([inputs] if isinstance(inputs, str | Path) else inputs)]
    mine = [components] if isinstance(components, str) else list(components)
    if out is not None:
        output_file(out, *files, *(one.rpartition(":")[0] for one in mine), suffix=".parquet")
    with using(mine):
        return _scored(bundle, files, out, batch, threads)


def _scored(
    bundle: str | Path | Bundle,
    paths: Sequence[Path],
    out: str | Path | None,
    batch: int,
    threads: int | None,
) -> Scored:
    loaded = bundle if isinstance(bundle, Bundle) else load_bundle(bundle)
    if not paths:
        raise SchemaError("predict: needs a store or file, got none. Name at least one.")
    flow: CutFlow | None = None
    tables = [_table(loaded, None, batch, threads)]
    for path in paths:
        for events in stream_for(path, loaded):
            rows, passed = selected(examples(events, loaded.per), loaded.select)
            flow = passed if flow is None else flow + passed
            tables.append(_table(loaded, rows, batch, threads))
    flow, table = flow or CutFlow([], [0], [0.0]), pa.concat_tables(tables)
    if out is not None:
        with atomic_write(out) as file:
            pq.write_table(table, file, compression="zstd")
    if not table.num_rows:
        _log.warning("predict: none of %d examples passes the selection", flow.passed[0])
    return Scored(None if out is None else Path(out), flow, table)


def _refuse(path: Path, lost: Sequence[str]) -> None:
    if lost:
        raise SchemaError(
            f"{path}: the bundle reads {', '.join(lost)}, got events without. Give events that "
            "have these fields, or use a bundle that does not read them."
        )


def stream_for(path: Path, bundle: Bundle) -> Iterator[ak.Array]:
    """Events of a store or file with what a bundle reads; refused if they lack it."""
    wanted = columns_read(bundle.reads, bundle.select, bundle.per, bundle.observables)
    if path.is_dir():
        store = open_store(path)
        there = set(store.fields) | {name.partition(".")[0] for name in store.fields}
        _refuse(path, [name for name in wanted if name not in there])
        yield from store.stream(wanted)
        return
    for events in which(path).stream(path, PIECE):
        lacks = (events.attrs.get("hepvision") or {}).get("lacks", ())
        read = {field for one in bundle.representations.values() for field in one.reads}
        _refuse(path, sorted({name.partition(".")[0] for name in read} & set(lacks)))
        whole = [name for name in wanted if name in FIELDS and name not in events.fields]
        fields = tuple(name for name in wanted if name not in FIELDS)
        _refuse(path, [*missing_fields(events, fields), *whole])
        yield events


def _table(bundle: Bundle, rows: ak.Array | None, batch: int, threads: int | None) -> pa.Table:
    """Scores of examples that pass; of none, the empty table with the right columns."""
    rows = None if rows is None or not len(rows) else rows
    types = {"event_id": pa.uint64(), "sample": pa.string(), "run": pa.uint32()}
    types |= {"luminosityBlock": pa.uint32(), "event": pa.uint64(), "object_index": pa.int32()}
    columns = {
        name: pa.array([] if rows is None else ak.to_list(rows[name]), kind)
        for name, kind in types.items()
    }
    for name in bundle.observables:
        values = np.zeros(0) if rows is None else value_where_possible(name, rows)
        columns[name] = pa.array(values, pa.float64())
    classes = bundle.task.class_names
    scores = np.zeros((0, len(classes)))
    if rows is not None:
        scores = bundle.scores(rows, batch=batch, threads=threads)
    for name, column in zip(classes, scores.T, strict=True):
        columns[f"score_{name}"] = pa.array(np.ascontiguousarray(column), pa.float64())
    return pa.table(columns)
