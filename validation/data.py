"""Hold simulated events against real ones of CMS, and photons against CMS's simulation.

    python validation/data.py

makes ``data.md`` and two pictures beside itself, a section at a time: simulated events and finished
sections are kept in the cache, so a run that was stopped goes on. About three minutes on one core.
The samples are looked for in the folder that HEPVISION_SHARED names, else in ``shared`` beside the
repository; where they are not there, the page is left as it is.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from _data_page import page
from _data_pictures import pictures
from _data_rows import ROWS, Samples

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.files import atomic_write, read_json, write_json

#: Raise this when a section changes: older ones are then made anew.
VERSION = 2


def run(samples: Samples) -> dict[str, Any]:
    """Make all sections, or find them in the cache."""
    key = cache_key({"events": samples.events, "code": samples.code, "version": VERSION})
    path = cache_folder("validation") / f"data-{key}.json"
    done: dict[str, Any] = read_json(path) if path.is_file() else {}
    for name, row in ROWS.items():
        if name not in done:
            started = time.perf_counter()
            done[name] = row(samples)
            write_json(path, done)
            print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
    return done


def main() -> None:
    """Read the command line, find the samples, make the sections, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300, help="a simulated sample")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    beside = Path(__file__).resolve().parents[2] / "shared"
    data = Path(os.environ.get("HEPVISION_SHARED", beside)) / "data"
    if not (data / "cms_ispy").is_dir():
        print("no samples: set HEPVISION_SHARED to their folder. The page is left as it is.")
        return
    samples = Samples(data, given.events, given.workers)
    rows = run(samples)
    names = pictures(samples, given.out.parent)
    with atomic_write(given.out) as file:
        file.write(page(rows, given.events, names).encode())


if __name__ == "__main__":
    main()
