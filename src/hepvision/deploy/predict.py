"""Score events of stores and files with a bundle, or with an exported file."""

import contextlib
import dataclasses
import logging
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.cache import cache_key
from hepvision.core.chunks import each_chunk
from hepvision.core.errors import SchemaError
from hepvision.core.files import sha256
from hepvision.core.outputs import enough_space, output_file
from hepvision.core.own import records, using
from hepvision.core.places import is_remote, place
from hepvision.core.progress import Bars
from hepvision.deploy._onnx_bundle import load_model
from hepvision.deploy._score_parts import ScoreParts
from hepvision.deploy._scorer import Scorer, Scores, Task, table_of, tasks_of
from hepvision.deploy.bundle import Bundle, save_bundle
from hepvision.events.selection import CutFlow
from hepvision.events.store import is_store, open_store

__all__ = ["Scored", "predict"]

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """What ``predict`` did.

    Parameters
    ----------
    path : Path or None
        The file it wrote.
    flow : CutFlow
        Examples read, and left after each cut.
    held : pyarrow.Table or None
        One row an example that passes, where no file was written.

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
    held: pa.Table | None

    @property
    def table(self) -> pa.Table:
        """One row an example that passes; read from the file where there is one."""
        return pq.read_table(self.path) if self.held is None else self.held

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
    workers: int = 1,
    scheduler: str | None = None,
    progress: bool = True,
    components: Iterable[str] = (),
) -> Scored:
    """Apply a bundle, or what was exported of it, to events: its selection, inputs and model.

    Events are taken piece by piece, so that memory does not grow with their number. Where a file
    is written, what was interrupted goes on when the same is asked for again, and the file is the
    same with any number of workers.

    Parameters
    ----------
    bundle : path or Bundle
        A folder that a study made, a file of ``hepvision export``, which needs no torch, or what
        ``load_bundle`` gave.
    inputs : path or sequence of paths
        Stores, or files of any format that a reader knows.
    out : path, optional
        Parquet file to write; appears only when it is whole.
    batch : int
        Examples at a time in the network.
    threads : int, optional
        Threads of torch or ONNX Runtime; with workers one each.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler to use instead; its workers must see the same paths.
    progress : bool
        Show a bar with rate and time left.
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
    OSError
        The disk is full, or no scheduler answers.
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
    single = isinstance(inputs, str | Path) or is_remote(inputs)
    each: Any = [inputs] if single else inputs
    files = [place(one) for one in each]
    mine = [components] if isinstance(components, str) else list(components)
    if out is not None:
        read = [one for one in files if not is_remote(one)]
        output_file(out, *read, *(one.rpartition(":")[0] for one in mine), suffix=".parquet")
    if not files:
        raise SchemaError("predict: needs a store or file, got none. Name at least one.")
    with using(mine), contextlib.ExitStack() as stack:
        loaded = bundle if isinstance(bundle, Bundle) else load_model(bundle, threads)
        folder: Path | None = None if isinstance(bundle, Bundle) else Path(bundle)
        here = workers == 1 and scheduler is None
        if isinstance(bundle, Bundle) and (out is not None or not here):
            folder = save_bundle(Path(stack.enter_context(_temporary())) / "bundle", bundle)
        tasks = tasks_of(files)
        parts = None
        if out is not None and folder is not None:
            stack.enter_context(enough_space(out))
            parts = ScoreParts(Path(out), _key(folder, tasks))
            stack.callback(parts.drop_if_empty)
        bars = stack.enter_context(Bars(shown=progress))
        scorer = Scorer(loaded if here else str(folder), batch, threads if here else threads or 1)
        found = _each(scorer, tasks, parts, workers, scheduler)
        stack.enter_context(contextlib.closing(found))
        empty = table_of(loaded, None, batch, threads)
        return _gathered(found, tasks, parts, bars, empty)


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="hepvision-")


def _key(folder: Path, tasks: Sequence[Task]) -> str:
    """All that decides the scores: the bundle, the inputs, and how they are cut."""
    files = [folder] if folder.is_file() else sorted(folder.iterdir())
    bundle = {path.name: sha256(path) for path in files if path.is_file()}
    return cache_key({"bundle": bundle, "own": records(), "inputs": [_known(one) for one in tasks]})


def _known(task: Task) -> list[Any]:
    """What tells an input from another one, or from itself after a change."""
    path = place(task.path)
    if is_store(path):
        return [open_store(path).checksum, len(task.pieces)]
    about = path.stat()
    return [str(path.resolve()), about.st_size, about.st_mtime_ns, len(task.pieces)]


def _each(
    scorer: Scorer,
    tasks: Sequence[Task],
    parts: ScoreParts | None,
    workers: int,
    scheduler: str | None,
) -> Generator[Scores | tuple[int, CutFlow], None, None]:
    """Scores of pieces, new ones and, as numbers alone, those that are there already."""
    done = {} if parts is None else parts.done()
    yield from done.items()
    left = [task.without(frozenset(done)) for task in tasks]
    if workers == 1 and scheduler is None:
        for task in left:
            if task.pieces:
                yield from scorer.stream(task)
        return
    apart = [one for task in left for one in task.apart()]
    with contextlib.closing(each_chunk(scorer, apart, workers, scheduler)) as found:
        for several in found:
            yield from several


def _gathered(
    found: Iterator[Scores | tuple[int, CutFlow]],
    tasks: Sequence[Task],
    parts: ScoreParts | None,
    bars: Bars,
    empty: pa.Table,
) -> Scored:
    """Keep what comes, in files or in memory, and put it together."""
    flow: CutFlow | None = None
    tables = {-1: empty}
    total, read = sum(task.events for task in tasks), 0
    for one in found:
        number, passed = (one.number, one.flow) if isinstance(one, Scores) else one
        if isinstance(one, Scores) and parts is not None:
            parts.add(number, one.table, passed)
        elif isinstance(one, Scores):
            tables[number] = one.table
        flow = passed if flow is None else flow + passed
        read += passed.passed[0]
        share = passed.passed[-1] / passed.passed[0] if passed.passed[0] else 1.0
        bars.events("score", min(read, total), total, share)
    flow = flow or CutFlow([], [0], [0.0])
    if not flow.passed[-1]:
        _log.warning("predict: none of %d examples passes the selection", flow.passed[0])
    if parts is not None:
        parts.finish(empty.schema)
        return Scored(parts.out, flow, None)
    return Scored(None, flow, pa.concat_tables([tables[key] for key in sorted(tables)]))
