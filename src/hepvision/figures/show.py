"""Look at one event of stores, of files, or of events in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import awkward as ak

from hepvision.core.outputs import output_file
from hepvision.core.own import using
from hepvision.core.places import is_remote, place
from hepvision.events.store import is_store, open_store
from hepvision.figures.event_display import EventDisplay, event_display, together
from hepvision.figures.tables import number
from hepvision.readers._reading import advice
from hepvision.readers._which import which

__all__ = ["show"]


def show(
    source: str | Path | ak.Array | Sequence[str | Path],
    event: int = 0,
    out: str | Path | None = None,
    *,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    components: Iterable[str] = (),
) -> EventDisplay:
    """Draw one event as an interactive page: all views that it has something for.

    Parameters
    ----------
    source : path or ak.Array, or sequence of path
        A store, a file that one of the readers knows, or events. Of several paths one event
        each is drawn, one below the other.
    event : int
        Which one, from 0.
    out : path, optional
        Write the page here; without it, the object shows itself in a notebook.
    format : str, optional
        Name of a reader, where the file does not tell.
    options : mapping, optional
        Options of the reader.
    components : iterable of str
        A reader of one's own, ``path/to/file.py:Class``.

    Returns
    -------
    EventDisplay
        The page.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    CorruptFileError
        No reader knows the file, or it is damaged.
    ValueError
        There is no such event, nothing to draw in it, or the page would replace what is read or
        has another suffix.

    Examples
    --------
    >>> hit = {"ieta": 1, "iphi": 1, "energy": 2.0}
    >>> show(ak.Array([{"event": 7, "EcalBarrelHit": [hit]}])).title
    'event 7'
    >>> show(ak.Array([{"event": 7}]), event=1)
    Traceback (most recent call last):
    ...
    ValueError: event: must be 0 to 0, got 1. Count from 0.
    """
    sources: list[str | Path | ak.Array] = [source]
    if not (isinstance(source, str | Path | ak.Array) or is_remote(source)):
        sources = list(source)
    if not sources:
        raise ValueError("show: needs a file, got none. Give at least one.")
    if out is not None:
        read = [one for one in sources if not isinstance(one, ak.Array)]
        output_file(out, *read, suffix=".html")
    mine = [components] if isinstance(components, str) else list(components)
    with using(mine):
        displays = [
            _display(_picked(one, event, format, options), one, event, key)
            for one, key in zip(sources, _keys(len(sources)), strict=True)
        ]
    display = together(displays)
    if out is not None:
        display.write(out)
    return display


def _keys(number: int) -> list[str]:
    return ["event"] if number == 1 else [f"event{k}" for k in range(number)]


def _display(
    picked: tuple[Any, str, int], source: str | Path | ak.Array, event: int, key: str
) -> EventDisplay:
    record, where, count = picked
    told = f"{where}, event {event} of {number(count)}, from 0" if where else ""
    display = event_display(record, key, told)
    if not display.panels:
        fields = [name for name in record.fields if getattr(record[name], "fields", None)]
        filled = [name for name in fields if len(record[name])]
        got = f"{', '.join(filled)} alone" if filled else "no object in any collection"
        advice = (
            f"Take another with --event, or see 'hepvision inspect {source}'."
            if where
            else "Take another event."
        )
        before = f"{where}: " if where else ""
        raise ValueError(f"{before}event {event}: must hold something to draw, got {got}. {advice}")
    return display


def _picked(
    source: str | Path | ak.Array, event: int, format: str | None, options: Mapping[str, Any] | None
) -> tuple[Any, str, int]:
    """The event, its file, and how many events that has."""
    if isinstance(source, ak.Array):
        return source[_checked(event, len(source), "")], "", len(source)
    path = place(source)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder. {advice(path)}")
    if is_store(path):
        store = open_store(path)
        row = _checked(event, len(store), str(path))
        return store.read(start=row, stop=row + 1)[0], path.name, len(store)
    reader = which(path, format, options)
    count = reader.count(path)
    row = _checked(event, count, str(path))
    return reader.read(path, slice(row, row + 1))[0], path.name, count


def _checked(event: int, count: int, where: str) -> int:
    before = f"{where}: " if where else ""
    if not count:
        raise ValueError(f"{before}event: there is none, got {event}. Give another file.")
    if not 0 <= event < count:
        raise ValueError(f"{before}event: must be 0 to {count - 1}, got {event}. Count from 0.")
    return event
