"""From files of any known format to a store."""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import hepvision
from hepvision.core.chunks import each_chunk
from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.files import read_json
from hepvision.core.names import file_of
from hepvision.core.outputs import output_folder, resumable
from hepvision.core.own import code_of, using
from hepvision.events.selection import names_in
from hepvision.events.store import Store, StoreWriter, open_store
from hepvision.studies._conversion_progress import Progress
from hepvision.studies._conversion_record import few, provenance
from hepvision.studies._pieces import Input, Made, Piece, look, make, make_in_order, pieces_of
from hepvision.studies._sources import sources

__all__ = ["convert", "events_in"]

_LOG = logging.getLogger(__name__)
#: The version of what is made from equal files and settings.
VERSION = 1
#: Bytes of files from which on it pays to look at them in several processes.
_MUCH = 1_000_000_000


def convert(
    files: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    label: str,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    select: str | Sequence[str] | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    skip_broken: bool = False,
    progress: bool = True,
    components: Iterable[str] = (),
) -> Store:
    """Read files of any format that a reader knows, select events and store them.

    What was interrupted goes on when it is started again with the same files and settings. The
    store is the same with any number of workers. ``event_id`` is the number of the file, from 0,
    times 2⁴⁰ plus the row in the file; ``run``, ``luminosityBlock`` and ``event`` stay.

    Parameters
    ----------
    files : path, or sequence of paths
        Files, folders, patterns with stars, or addresses such as ``https://…``, which are fetched
        into the cache.
    out : path
        Folder of the store.
    label : str
        Name of the sample.
    format : str, optional
        A reader; by default the files tell.
    options : mapping, optional
        Options of the reader.
    select : str or sequence of str, optional
        Events must pass these expressions over the schema's fields.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler to use instead.
    skip_broken : bool
        Leave out files that are damaged, whole, and keep the others.
    progress : bool
        Show progress bars.
    components : iterable of str
        Readers of the user's own, ``path/to/file.py:Class`` each.

    Returns
    -------
    Store
        The events. ``manifest["provenance"]`` holds the files with their checksums, those that
        were left out, and the cut flow.

    Raises
    ------
    CorruptFileError
        A file is damaged, or no reader knows it.
    SchemaError
        A file lacks what its format has, files do not fit together, or the folder holds
        something else.
    UnknownNameError, CardError
        There is no such format, option or field.
    FileNotFoundError
        There is no such file.
    ValueError
        A setting is wrong, or no event passes the selection.
    OSError
        An address cannot be reached, or the disk is full.

    Examples
    --------
    >>> convert("no/such/*.root", "store", label="top")
    Traceback (most recent call last):
    ...
    FileNotFoundError: no/such/*.root: no such file. Check the path.
    """
    words = [files] if isinstance(files, str | Path) else list(files)
    cuts = (select,) if isinstance(select, str) else tuple(select or ())
    if not label.strip():
        raise ValueError(f"label: must be a name, got {label!r}. Name the sample.")
    if workers < 1:
        raise ValueError(f"workers: must be positive, got {workers}. Give 1 or more.")
    for cut in cuts:  # so that a slip is told before files are fetched
        names_in(cut)
    chosen, out = dict(options or {}), output_folder(out)
    with using(components), resumable(out), Progress(shown=progress) as bar:
        if format is not None:
            file_of("readers", format)
        inputs = _inputs(words, format, chosen, workers, scheduler, bar)
        _refuse_misfits(inputs, skip_broken)
        plan = _plan(inputs, label, chosen, cuts)
        _refuse_other_files(out, plan)
        writer = StoreWriter(out, plan)
        if writer.finished:
            return open_store(out)
        with _discarding(writer):
            return _fill(writer, inputs, plan, skip_broken, workers, scheduler, bar)


def events_in(
    files: Sequence[str | Path],
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> int:
    """Events in files that are there, each opened and refused as ``convert`` would.

    Parameters
    ----------
    files : sequence of paths
        Files, folders, or patterns with stars.
    format : str, optional
        Name of the reader; found by content if not given.
    options : mapping, optional
        Of the reader.

    Returns
    -------
    int
        Of all files together.

    Raises
    ------
    CorruptFileError, SchemaError, FileNotFoundError
        As :func:`convert`.

    Examples
    --------
    >>> events_in(["no/such/*.root"])
    Traceback (most recent call last):
    ...
    FileNotFoundError: no/such/*.root: no such file. Check the path.
    """
    with Progress(shown=False) as bar:
        inputs = _inputs(files, format, dict(options or {}), 1, None, bar)
    _refuse_misfits(inputs, False)
    return sum(one.events for one in inputs)


def _inputs(
    words: Sequence[str | Path],
    format: str | None,
    options: Mapping[str, Any],
    workers: int,
    scheduler: str | None,
    bar: Progress,
) -> list[Input]:
    """Look at all files; those that belong to another one are not files of their own."""
    found, others = sources(words, bar.fetched)
    items = [(str(one.path), one.given, format, options) for one in found]
    large = sum(one.path.stat().st_size for one in found) > _MUCH
    inputs: list[Input] = []
    crew = (workers, scheduler) if large else (1, None)
    with contextlib.closing(each_chunk(look, items, *crew)) as looks:
        for one in looks:
            inputs.append(one)
            bar.looked(len(inputs), len(items))
    beside = {Path(one.path).parent / name.split()[0] for one in inputs for name in one.beside}
    if passed_over := [one for one in others if one not in beside]:
        _LOG.warning(
            "%d files have no suffix of a format: %s.", len(passed_over), few(passed_over, 3)
        )
    return [one for one in inputs if Path(one.path) not in beside]


def _refuse_misfits(inputs: Sequence[Input], skip_broken: bool) -> None:
    """Refuse broken files, different formats, one file given twice, and files without events."""
    whole = [one for one in inputs if not one.error]
    broken = [one.error for one in inputs if one.error]
    if broken and (not skip_broken or not whole):
        raise CorruptFileError(_told(broken, len(inputs), skip_broken))
    formats = {one.format: one for one in reversed(whole)}
    if len(formats) > 1:
        named = " and ".join(f"{name} ({one.given})" for name, one in sorted(formats.items()))
        raise SchemaError(f"files: must be of one format, got {named}. Convert them apart.")
    known: dict[str, Input] = {}
    for one in whole:
        same = known.setdefault(one.sha256, one)
        if same is not one:
            raise SchemaError(
                f"{one.given}: must differ from {same.given}, got the same content. Give one of "
                "them."
            )
    if not sum(one.events for one in whole):
        raise SchemaError(f"{whole[0].given}: must hold events, got none. Give other files.")


def _told(broken: Sequence[str], files: int, skip_broken: bool) -> str:
    if files == 1:
        return broken[0]
    text = f"{len(broken)} of {files} files are broken: {' | '.join(broken[:5])}"
    text += f" | and {len(broken) - 5} more." if len(broken) > 5 else ""
    return (
        text if skip_broken else f"{text} hepvision convert --skip-broken leaves broken ones out."
    )


def _plan(
    inputs: Sequence[Input], label: str, options: Mapping[str, Any], cuts: Sequence[str]
) -> dict[str, Any]:
    """All that decides the store."""
    whole = next(one for one in inputs if not one.error)
    return {
        "made_by": f"hepvision {hepvision.__version__} convert",
        "label": label,
        "reader": whole.format,
        "options": dict(options),
        **code_of("readers", whole.format),
        "select": list(cuts),
        "piece": whole.size,
        "files": [
            [number, Path(one.path).name, one.bytes, one.sha256, *one.beside]
            for number, one in enumerate(inputs)
            if not one.error
        ],
        "version": VERSION,
    }


def _refuse_other_files(out: Path, plan: Mapping[str, Any]) -> None:
    """In words: the writer would list all files of both."""
    if not (out / "plan.json").is_file():
        return
    old = read_json(out / "plan.json")
    theirs = old.get("files", []) if isinstance(old, dict) else []
    if theirs != plan["files"] and "piece" in old:
        new = [one[1] for one in plan["files"] if one not in theirs]
        lost = [one[1] for one in theirs if one not in plan["files"]]
        changes = [f"{names[0]} {what}" for names, what in ((new, "new"), (lost, "gone")) if names]
        raise SchemaError(
            f"{out}: was made from other files, got {' and '.join(changes)}. "
            "Choose another folder or delete this one."
        )


def _made(
    pieces: Sequence[Piece],
    inputs: Sequence[Input],
    done: Set[int],
    broken: Mapping[int, str],
    workers: int,
    scheduler: str | None,
) -> Generator[Made, None, None]:
    """What is not done yet: in one pass over each large file, or many pieces at a time."""
    if workers > 1 or scheduler is not None:
        apart = [one for one in pieces if not _in_one_pass(one, inputs)]
        pieces = [one for one in pieces if _in_one_pass(one, inputs)]
        todo = [one for one in apart if one.number not in done]
        if todo:
            # files may turn out to be broken meanwhile
            left = (one for one in todo if not all(rows.file in broken for rows in one.rows))
            yield from each_chunk(make, left, workers, scheduler)
    for file, group in itertools.groupby(pieces, key=lambda one: one.rows[0].file):
        every = list(group)
        wanted = [one for one in every if one.number not in done]
        one_pass = _in_one_pass(every[0], inputs) or len(wanted) == len(every) > 1
        if wanted and one_pass:
            yield from make_in_order(every, {one.number for one in wanted})
            continue
        for piece in wanted:
            if len(every) == 1 or file not in broken:
                yield make(piece)


def _in_one_pass(piece: Piece, inputs: Sequence[Input]) -> bool:
    """A large file of a format that is read from its start: from the middle it would be slow."""
    one = inputs[piece.rows[0].file]
    return one.sequential and one.events > one.size


def _fill(
    writer: StoreWriter,
    inputs: Sequence[Input],
    plan: Mapping[str, Any],
    skip_broken: bool,
    workers: int,
    scheduler: str | None,
    bar: Progress,
) -> Store:
    pieces = pieces_of(inputs, plan)
    entries = writer.done()
    broken = {file: one.error for file, one in enumerate(inputs) if one.error}
    for entry in entries.values():
        told = entry["record"].get("broken", {})
        _note(broken, {int(file): text for file, text in told.items()}, inputs, skip_broken)
    total = sum(map(len, pieces))
    read = sum(len(one) for one in pieces if one.number in entries)
    passed = sum(entry["events"] for entry in entries.values())
    bar.read(read, total, passed)
    made_now = _made(pieces, inputs, set(entries), broken, workers, scheduler)
    with contextlib.closing(made_now) as results:
        for made in results:
            number = made.piece.number
            _note(broken, made.broken, inputs, skip_broken)
            if made.part is not None:
                entries[number] = writer.add(number, made.part, made.record)
                passed += made.part.events
            read += len(made.piece)
            bar.read(read, total, passed)
            del made  # else two parts are held at a time
    # of a large file that broke in its middle no piece is kept
    kept = [
        entries[one.number]
        for one in pieces
        if one.number in entries and (len(one.rows) > 1 or one.rows[0].file not in broken)
    ]
    if not kept:
        raise CorruptFileError(_told(list(broken.values()), len(inputs), skip_broken))
    return writer.finish(kept, provenance(inputs, plan, kept, broken))


def _note(
    broken: dict[int, str], found: Mapping[int, str], inputs: Sequence[Input], skip_broken: bool
) -> None:
    if found and not skip_broken:
        raise CorruptFileError(_told(list(found.values()), len(inputs), skip_broken))
    for file, text in found.items():
        broken.setdefault(file, text)


@contextlib.contextmanager
def _discarding(writer: StoreWriter) -> Iterator[None]:
    """Keep no parts of a store that the same settings can never finish."""
    try:
        yield
    except (ValueError, LookupError):
        for path in (*writer.path.glob("part-*"), writer.path / "plan.json"):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # there may be hidden files of another program
            writer.path.rmdir()
        raise
