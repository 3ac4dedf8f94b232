"""Gluinos without R parity in multijet events: cuts, trees and networks, with paired verdicts.

    python validation/rpv_multijet.py                  # goes on where it stopped
    python validation/rpv_multijet.py --minutes 60     # starts no row, or trial, after that
    python validation/rpv_multijet.py --only compact   # rows whose key starts so
    python validation/rpv_multijet.py --search         # the search, after the rows
    python validation/rpv_multijet.py --page           # only writes the page anew

makes ``rpv_multijet.md`` beside itself, one training at a time, from ``rpv_multijet.json``, where
finished rows are kept. Events, inputs and half-trained networks are in the cache, so a run that was
stopped goes on. Simulating takes about an hour of two cores, mostly for QCD, of which one event
in a hundred and forty passes; ``--workers`` and ``--events`` change that. The large network takes
most of the rest. The run folders are kept: ``hepvision compare`` takes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from _multijet_page import done_rows, page
from _multijet_rows import EVENTS, LEVEL, PAIRS, RATES, ROWS, Row, card_of
from _multijet_search import searched
from _record import Record, each_row, row_arguments
from _shared import write

from hepvision.core.files import read_json
from hepvision.evaluation.paired_measures import paired_measure
from hepvision.evaluation.roc import auc
from hepvision.physics.intervals import effective_count

SCORE = "score_gluinos"
#: What is read of predictions.
COLUMNS = (SCORE, "weight")


def record(events: int) -> Record:
    """What is done with so many events."""
    decides = {"version": 2, "events": events}
    return Record(Path(__file__).with_suffix(".json"), decides, ("samples", "pairs"), COLUMNS)


def make(row: Row, done: Record, workers: int) -> None:
    """Train and judge one row, and hold its entry against the others."""
    card = card_of(row, done.decides["events"])
    made = done.trained(row, card, workers=workers)
    versus = made.metrics["versus"]["rest"]
    finished = {
        "auc": versus["auc"],
        "point": versus["at_background_efficiency"][f"{LEVEL:g}"],
        "timing": made.timing,
    }
    samples = judged(made.folder, row)

    def add(found: dict[str, Any]) -> None:
        found["rows"][row.key] = finished
        found["samples"] = samples
        tune(found, done)
        pair(found, done)

    done.update(add)


def judged(folder: Path, row: Row) -> dict[str, Any]:
    """What is known of the samples, and of how many judged events their weights count."""
    keys = ("events", "cut_flow", "cross_section_pb", "efficiency", "luminosity_weight")
    path = folder / row.entry / str(row.seed) / "predictions.parquet"
    table = pq.read_table(path, columns=["sample", "weight"])
    sample, weight = (table[key].to_numpy() for key in ("sample", "weight"))
    made = {}
    for name, one in read_json(folder / "samples.json").items():
        mine = weight[sample == name]  # the training events are not scored
        counts = {"judged": len(mine), "effective": effective_count(mine)}
        made[name] = {**{key: one.get(key) for key in keys}, **counts}
    return made


def tune(found: dict[str, Any], done: Record) -> None:
    """The learning rate of the large network, by the AUC on the validation events."""
    rows = [Row("large", 1, rate) for rate in RATES]
    if "tuned" in found or any(one.key not in found["rows"] for one in rows):
        return
    areas = {}
    for one in rows:
        table = done.predictions(one, 1, *COLUMNS)
        areas[f"{one.rate:g}"] = auc(*truth(table, SCORE)).value
    best = max(RATES, key=lambda rate: areas[f"{rate:g}"] or 0.0)
    found["tuned"] = {"rate": best, "areas": areas}


def pair(found: dict[str, Any], done: Record) -> None:
    """Both measures of all pairs of entries that are there."""
    for first, second in PAIRS:
        rows = [done_rows(found, entry) for entry in (first, second)]
        if not all(rows):
            continue
        tables = [[done.predictions(one, 2, *COLUMNS) for one in each] for each in rows]
        one = tables[0][0]
        if any(not np.array_equal(t["event_id"], one["event_id"]) for each in tables for t in each):
            raise ValueError(f"{first}, {second}: must be judged on the same events. Begin anew.")
        both = [np.stack([table[SCORE] for table in each]) for each in tables]
        events = truth(one)
        found["pairs"][f"{first} against {second}"] = {
            "AUC": plain(paired_measure(*both, *events)),
            f"ε_s at ε_b {LEVEL}": plain(paired_measure(*both, *events, LEVEL)),
        }


def truth(table: dict[str, Any], *columns: str) -> tuple[Any, ...]:
    """Columns of predictions, which events are signal, and their weights."""
    return (*(table[one] for one in columns), table["sample"] == "gluinos", table["weight"])


def plain(found: Any) -> dict[str, Any]:
    """A paired measure as plain data."""
    keys = ("first", "second", "difference", "sure")
    made = {key: {**vars(getattr(found, key))} for key in keys}
    return {**made, "p_value": found.p_value, "verdict": found.verdict}


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = row_arguments(__file__, __doc__, "compact", workers=2)
    parser.add_argument("--events", type=int, default=EVENTS, help="simulated events a class")
    parser.add_argument("--search", action="store_true", help="search, instead of making rows")
    given = parser.parse_args()
    done = record(given.events)
    if given.search:
        searched(done, given.workers, given.minutes)
        write(given.out, page(done.read()))
        return
    if not given.page:
        done.update(lambda found: pair(found, done))
    each_row(ROWS, done, given, lambda row: make(row, done, given.workers), page)


if __name__ == "__main__":
    main()
