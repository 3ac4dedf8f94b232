"""Leak controls of the diphoton study: what must separate nothing, and what may.

Makes ``leaks.md`` beside itself, row by row: simulated events and finished rows are kept in the
cache, so a run that was stopped goes on. About half an hour on an idle core for 1,000 events a
class. Other code of the simulation makes other events and rows.
"""

from __future__ import annotations

from _leak_page import page
from _leak_rows import ROWS, WINDOW, WINDOWS, Samples
from _resume import resumed
from _shared import arguments, write

#: Raise this when a row changes: older rows are then made anew.
VERSION = 1


def main() -> None:
    """Read the command line, make the rows, write the page."""
    parser = arguments(__file__, __doc__)
    parser.add_argument("--events", type=int, default=1000, help="a class")
    given = parser.parse_args()
    samples = Samples(given.events, given.workers)
    decided = {"events": given.events, "code": samples.code, "version": VERSION}
    rows = resumed("leaks", decided, ROWS, samples)
    write(given.out, page(rows, given.events, WINDOWS, WINDOW))


if __name__ == "__main__":
    main()
