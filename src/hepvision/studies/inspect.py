"""Look into a file: its format, its events, what they are fit for and what is odd about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import awkward as ak

from hepvision.core.names import load, names, summary
from hepvision.core.own import using
from hepvision.core.places import place
from hepvision.events.checks import COUNTS, Finding, Preflight
from hepvision.events.ranges import Ranges
from hepvision.events.schema import missing_fields
from hepvision.events.store import is_store, open_store
from hepvision.readers._contents import contents
from hepvision.readers._momenta_twice import momenta_twice
from hepvision.readers._which import name_of, which

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Inspection", "inspect"]

PIECE = 500  # events held in memory at a time
#: Attributes that are told; the counts of the reader are among the warnings.
TOLD = ("labels", "image", "cells", "geometry", "readout", "lacks", "interactions", "primary")


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What ``inspect`` found; shows itself as tables.

    Parameters
    ----------
    path : str
        The file or store.
    format, summary, why : str
        Its format, what that is, and how it was told.
    options : dict
        Options of the reader and their values.
    entries, looked : int
        Events in the file, and those that were looked at.
    ranges : Ranges
        Collections and fields of these.
    attributes : dict
        What the reader says of the whole: names of labels, shape of pictures.
    lacks : dict of tuple of str
        For each representation the fields that it reads and these events have not.
    findings : tuple of Finding
        What a user should know.

    Examples
    --------
    >>> Inspection("a.ig", "ispy", "", "", {}, 0, 0, Ranges(), {}, {}, ()).to_dict()["format"]
    'ispy'
    """

    path: str
    format: str
    summary: str
    why: str
    options: dict[str, Any]
    entries: int
    looked: int
    ranges: Ranges
    attributes: dict[str, Any]
    lacks: dict[str, tuple[str, ...]]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON.

        Returns
        -------
        dict
            One key a part; a field's range is null where it has no value.

        Examples
        --------
        >>> sorted(Inspection("", "", "", "", {}, 0, 0, Ranges(), {}, {}, ()).to_dict())[:2]
        ['attributes', 'collections']
        """
        plain = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in {"ranges", "findings"}
        }
        plain["collections"] = {
            name: {"objects": total, "most": most}
            for name, (total, most) in self.ranges.objects.items()
        }
        plain["fields"] = {
            name: {
                "type": one.field.dtype,
                "unit": one.field.unit,
                "meaning": one.field.meaning,
                "values": one.count,
                "lowest": one.low if one.count else None,
                "mean": one.mean if one.count else None,
                "highest": one.high if one.count else None,
            }
            for name, one in self.ranges.fields.items()
        }
        plain["findings"] = [found._asdict() for found in self.findings]
        return plain

    def __rich__(self) -> RenderableType:
        from hepvision.studies._inspection_tables import tables

        return tables(self)

    def __repr__(self) -> str:
        import io

        from rich.console import Console

        console = Console(file=io.StringIO(), width=110, color_system=None)
        with console.capture() as captured:
            console.print(self)
        return captured.get().rstrip()


def inspect(
    path: str | Path,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    events: int = 10_000,
    components: Iterable[str] = (),
) -> Inspection:
    """Look into a file or a store, piece by piece.

    Parameters
    ----------
    path : path
        A file of a format that a reader knows, or a store.
    format : str, optional
        Name of a reader, where the file does not tell.
    options : mapping, optional
        Options of the reader.
    events : int
        How many to look at, from the first.
    components : iterable of str
        A reader of one's own, ``path/to/file.py:Class``.

    Returns
    -------
    Inspection
        Shows itself as tables.

    Raises
    ------
    CorruptFileError, SchemaError
        No reader knows the file, or it is damaged.
    FileNotFoundError, PermissionError
        It cannot be opened.
    ValueError
        The number of events is not positive.

    Examples
    --------
    >>> inspect("absent.root")
    Traceback (most recent call last):
    ...
    FileNotFoundError: absent.root: no such file. Check the path.
    """
    if events < 1:
        raise ValueError(f"events: must be 1 or more, got {events}.")
    with using(components):
        return _inspected(place(path), format, options, events)


def _inspected(
    path: Path, format: str | None, options: Mapping[str, Any] | None, events: int
) -> Inspection:
    if is_store(path):
        store = open_store(path)
        name, entries, why = "store", len(store), "manifest.json lies in it"
        told, chosen = "Events that hepvision wrote.", dict[str, Any]()
        pieces = _counted_once(store.stream())
    else:
        reader = which(path, format, options)
        name, entries = name_of(reader), reader.count(path)
        told, chosen = summary("readers", name), _options(reader)
        why = f"named by you; {contents(path)}" if format else contents(path)
        pieces = reader.stream(path, min(PIECE, events))
    twice = {} if is_store(path) else momenta_twice(path)
    check, attributes = Preflight(str(path)), dict[str, Any]()
    lacks: dict[str, tuple[str, ...]] = {}
    for piece in _first(pieces, events):
        check.add(piece)
        kept = piece.attrs.get("hepvision") or {}
        attributes |= {key: kept[key] for key in TOLD if kept.get(key)}
        lacks = lacks or _lacks(piece)
    return Inspection(
        str(path),
        name,
        told,
        why,
        chosen,
        entries,
        check.ranges.events,
        check.ranges,
        attributes,
        lacks,
        (*check.findings(), *_disagreeing(twice)),
    )


def _disagreeing(twice: Mapping[str, tuple[int, int]]) -> Iterator[Finding]:
    for name, (off, every) in twice.items():
        if off:
            text = f"{off:,} of {every:,} have px, py that disagree with pt, phi"
            yield Finding("disagree", name, text)


def _first(pieces: Iterator[ak.Array], events: int) -> Iterator[ak.Array]:
    """Pieces until there are enough events, the last one cut."""
    left = events
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


def _counted_once(pieces: Iterator[ak.Array]) -> Iterator[ak.Array]:
    """A store's counts are those of the whole, and stand with each of its pieces."""
    for number, piece in enumerate(pieces):
        kept = dict(piece.attrs.get("hepvision") or {})
        for kind in COUNTS if number else ():
            kept.pop(kind, None)
        yield ak.Array(piece.layout, behavior=piece.behavior, attrs={"hepvision": kept})


def _options(reader: Any) -> dict[str, Any]:
    return {field.name: getattr(reader, field.name) for field in dataclasses.fields(reader)}


def _lacks(events: ak.Array) -> dict[str, tuple[str, ...]]:
    """For each representation, as it is by default, what the events have not."""
    found: dict[str, tuple[str, ...]] = {}
    absent = set((events.attrs.get("hepvision") or {}).get("lacks") or ())
    for name in names("representations"):
        reads = tuple(load("representations", name)().reads)
        without = set(missing_fields(events, reads))
        without |= {one for one in reads if one.partition(".")[0] in absent}
        found[name] = tuple(one for one in reads if one in without)
    return found
