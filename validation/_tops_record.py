"""What is done of the top-tagging validation, kept such that two processes may add to it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hepvision.core.cache import cache_folder
from hepvision.core.files import read_json, write_json

__all__ = ["RECORD", "claimed", "home", "record", "update"]

#: Raise this to make everything anew.
VERSION = 1
RECORD = Path(__file__).with_name("top_tagging.json")


def home() -> Path:
    """Where the runs are kept."""
    folder = cache_folder("validation") / f"top_tagging-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def record() -> dict[str, Any]:
    """What is done."""
    found: dict[str, Any] = read_json(RECORD) if RECORD.is_file() else {}
    if found.get("version") != VERSION:
        return {"version": VERSION, "jets": {}, "mass": {}, "rows": {}, "entries": {}}
    return found


@contextlib.contextmanager
def claimed(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Whether nobody else is at it; what a process claimed is free again when it ends."""
    with (home() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def update(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Change the record while nobody else does."""
    with claimed("record", wait=True):
        done = record()
        change(done)
        write_json(RECORD, done)
    return done
