"""Leak controls of the diphoton study: what must separate nothing, and what may.

Makes ``leaks.md`` beside itself, row by row: simulated events and finished rows are kept in the
cache, so a run that was stopped goes on. About half an hour on an idle core for 1,000 events a
class. Other code of the simulation makes other events and rows.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from _leak_page import page
from _leak_rows import ROWS, WINDOW, WINDOWS, Samples

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.files import atomic_write, read_json, write_json

#: Raise this when a row changes: older rows are then made anew.
VERSION = 1


def run(events: int, workers: int = 1) -> dict[str, Any]:
    """Make all rows, or find them in the cache."""
    samples = Samples(events, workers)
    key = cache_key({"events": events, "code": samples.code, "version": VERSION})
    path = cache_folder("validation") / f"leaks-{key}.json"
    done: dict[str, Any] = read_json(path) if path.is_file() else {}
    for name, row in ROWS.items():
        if name not in done:
            started = time.perf_counter()
            done[name] = row(samples)
            write_json(path, done)
            print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
    return done


def main() -> None:
    """Read the command line, make the rows, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000, help="a class")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    rows = run(given.events, given.workers)
    with atomic_write(given.out) as file:
        file.write(page(rows, given.events, WINDOWS, WINDOW).encode())


if __name__ == "__main__":
    main()
