"""Look at one event of a store, of a file, or of events in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak

from hepvision.core.files import refuse_plain
from hepvision.core.outputs import output_file
from hepvision.events.store import open_store
from hepvision.figures.event_display import EventDisplay, event_display
from hepvision.readers._which import which

__all__ = ["show"]


def show(
    source: str | Path | ak.Array, event: int = 0, out: str | Path | None = None
) -> EventDisplay:
    """Draw one event as an interactive page.

    Parameters
    ----------
    source : path or ak.Array
        A store, a file that one of the readers knows, or events.
    event : int
        Which one, from 0.
    out : path, optional
        Write the page here; without it, the object shows itself in a notebook.

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
        There is no such event, or the page would replace what is read or has another suffix.

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
    if out is not None:
        output_file(out, *([] if isinstance(source, ak.Array) else [source]), suffix=".html")
    display = event_display(_picked(source, event))
    if out is not None:
        display.write(out)
    return display


def _picked(source: str | Path | ak.Array, event: int) -> Any:
    if isinstance(source, ak.Array):
        return source[_checked(event, len(source))]
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder. Check the path.")
    if path.is_dir():
        refuse_plain(path)
        store = open_store(path)
        row = _checked(event, len(store))
        return store.read(start=row, stop=row + 1)[0]
    reader = which(path)
    row = _checked(event, reader.count(path))
    return reader.read(path, slice(row, row + 1))[0]


def _checked(event: int, count: int) -> int:
    if not 0 <= event < count:
        reach = f"must be 0 to {count - 1}" if count else "there is none"
        raise ValueError(f"event: {reach}, got {event}. Count from 0.")
    return event
