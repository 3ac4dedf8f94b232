"""Gluinos without R parity in multijet events: cuts, trees and networks, with paired verdicts.

    python validation/rpv_multijet.py                  # goes on where it stopped
    python validation/rpv_multijet.py --minutes 60     # starts no row after that
    python validation/rpv_multijet.py --only compact   # rows whose key starts so
    python validation/rpv_multijet.py --page           # only writes the page anew

makes ``rpv_multijet.md`` beside itself, one training at a time, from ``rpv_multijet.json``, where
finished rows are kept. Events, inputs and half-trained networks are in the cache, so a run that was
stopped goes on. Simulating takes about three hours of two cores, mostly for QCD, of which one event
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
from _shared import arguments, by_rows, rows_to_make, write

from hepvision.core.cache import cache_folder
from hepvision.core.files import read_json, write_json
from hepvision.evaluation.paired_measures import paired_measure
from hepvision.evaluation.roc import auc
from hepvision.physics.intervals import effective_count
from hepvision.studies.run import run

#: Raise this to make everything anew.
VERSION = 1
RECORD = Path(__file__).with_suffix(".json")


def home(events: int) -> Path:
    """Where the runs are kept."""
    folder = cache_folder("validation") / f"rpv_multijet-{VERSION}-{events}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def record(events: int) -> dict[str, Any]:
    """What is done with so many events."""
    found: dict[str, Any] = read_json(RECORD) if RECORD.is_file() else {}
    if (found.get("version"), found.get("events")) != (VERSION, events):
        return {"version": VERSION, "events": events, "samples": {}, "rows": {}, "pairs": {}}
    return found


def scores(row: Row, events: int, part: int) -> dict[str, Any]:
    """Score, class and weight of one part of the split, ordered by event."""
    path = home(events) / row.key / row.entry / str(row.seed) / "predictions.parquet"
    names = ("event_id", "sample", "split", "weight", "score_gluinos")
    table = {name: pq.read_table(path, columns=[name])[name].to_numpy() for name in names}
    order = np.lexsort((table["event_id"], table["sample"]))
    order = order[table["split"][order] == part]
    return {
        "event": table["event_id"][order],
        "score": table["score_gluinos"][order],
        "signal": table["sample"][order] == "gluinos",
        "weight": table["weight"][order],
    }


def make(row: Row, events: int, workers: int) -> None:
    """Train and judge one row, and hold its entry against the others."""
    made = run(card_of(row, events), home(events) / row.key, workers=workers)
    metrics = made.metrics["entries"][row.entry][str(row.seed)]
    versus = metrics["versus"]["rest"]
    done = record(events)
    done["rows"][row.key] = {
        "auc": versus["auc"],
        "point": versus["at_background_efficiency"][f"{LEVEL:g}"],
        "timing": read_json(made.folder / "timing.json")[row.entry][str(row.seed)],
    }
    keys = ("events", "cut_flow", "cross_section_pb", "efficiency", "luminosity_weight")
    path = made.folder / row.entry / str(row.seed) / "predictions.parquet"
    table = pq.read_table(path, columns=["sample", "weight"]).to_pydict()
    sample, weight = np.asarray(table["sample"]), np.asarray(table["weight"])
    for name, one in read_json(made.folder / "samples.json").items():
        mine = weight[sample == name]  # the training events are not scored
        judged = {"judged": len(mine), "effective": effective_count(mine)}
        done["samples"][name] = {**{key: one.get(key) for key in keys}, **judged}
    tune(done, events)
    pair(done, events)
    write_json(RECORD, done)


def tune(done: dict[str, Any], events: int) -> None:
    """The learning rate of the large network, by the AUC on the validation events."""
    rows = [Row("large", 1, rate) for rate in RATES]
    if "tuned" in done or any(one.key not in done["rows"] for one in rows):
        return
    areas = {}
    for one in rows:
        table = scores(one, events, 1)
        areas[f"{one.rate:g}"] = auc(table["score"], table["signal"], table["weight"]).value
    best = max(RATES, key=lambda rate: areas[f"{rate:g}"] or 0.0)
    done["tuned"] = {"rate": best, "areas": areas}


def pair(done: dict[str, Any], events: int) -> None:
    """Both measures of all pairs of entries that are there."""
    for first, second in PAIRS:
        rows = [done_rows(done, entry) for entry in (first, second)]
        if not all(rows):
            continue
        tables = [[scores(one, events, 2) for one in each] for each in rows]
        one = tables[0][0]
        if any(not np.array_equal(t["event"], one["event"]) for each in tables for t in each):
            raise ValueError(f"{first}, {second}: must be judged on the same events. Begin anew.")
        both = [np.stack([table["score"] for table in each]) for each in tables]
        truth = (one["signal"], one["weight"])
        done["pairs"][f"{first} against {second}"] = {
            "AUC": plain(paired_measure(*both, *truth)),
            f"ε_s at ε_b {LEVEL}": plain(paired_measure(*both, *truth, LEVEL)),
        }


def plain(found: Any) -> dict[str, Any]:
    """A paired measure as plain data."""
    keys = ("first", "second", "difference", "sure")
    made = {key: {**vars(getattr(found, key))} for key in keys}
    return {**made, "p_value": found.p_value, "verdict": found.verdict}


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = by_rows(arguments(__file__, __doc__, workers=2), "compact")
    parser.add_argument("--events", type=int, default=EVENTS, help="simulated events a class")
    given = parser.parse_args()
    for row in rows_to_make(ROWS, lambda: record(given.events)["rows"], given):
        make(row, given.events, given.workers)
        write(given.out, page(record(given.events)))
        print(f"{row.key}: done", flush=True)
    write(given.out, page(record(given.events)))


if __name__ == "__main__":
    main()
