"""Hold simulated events against real ones of CMS, and photons against CMS's simulation.

    python validation/data.py

makes ``data.md`` and two pictures beside itself, a section at a time: simulated events and finished
sections are kept in the cache, so a run that was stopped goes on. About three minutes on one core.
The samples are looked for in the folder that HEPVISION_SHARED names, else in ``shared`` beside the
repository; where they are not there, the page is left as it is.
"""

from __future__ import annotations

from _data_page import page
from _data_pictures import pictures
from _data_rows import ROWS, Samples
from _resume import resumed
from _shared import arguments, shared, write

#: Raise this when a section changes: older ones are then made anew.
VERSION = 2


def main() -> None:
    """Read the command line, find the samples, make the sections, write the page."""
    parser = arguments(__file__, __doc__)
    parser.add_argument("--events", type=int, default=300, help="a simulated sample")
    given = parser.parse_args()
    files = shared("data", "cms_ispy")
    if files is None:
        return
    samples = Samples(files.parent, given.events, given.workers)
    decided = {"events": samples.events, "code": samples.code, "version": VERSION}
    rows = resumed("data", decided, ROWS, samples)
    names = pictures(samples, given.out.parent)
    write(given.out, page(rows, given.events, names))


if __name__ == "__main__":
    main()
