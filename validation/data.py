"""Hold simulated events against real ones of CMS, and photons against CMS's simulation.

    python validation/data.py

makes ``data.md`` and two pictures beside itself, a section at a time: simulated events and finished
sections are kept in the cache, so a run that was stopped goes on. About three minutes on one core.
The samples are looked for in the folder that HEPVISION_SHARED names, else in ``shared`` beside the
repository; where they are not there, the page is left as it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from _data_page import page
from _data_pictures import pictures
from _data_rows import ROWS, Samples
from _resume import resumed
from _shared import shared

from hepvision.core.files import atomic_write

#: Raise this when a section changes: older ones are then made anew.
VERSION = 2


def main() -> None:
    """Read the command line, find the samples, make the sections, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300, help="a simulated sample")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    data = shared("data")
    if not (data / "cms_ispy").is_dir():
        print("no samples: set HEPVISION_SHARED to their folder. The page is left as it is.")
        return
    samples = Samples(data, given.events, given.workers)
    decided = {"events": samples.events, "code": samples.code, "version": VERSION}
    rows = resumed("data", decided, ROWS, samples)
    names = pictures(samples, given.out.parent)
    with atomic_write(given.out) as file:
        file.write(page(rows, given.events, names).encode())


if __name__ == "__main__":
    main()
