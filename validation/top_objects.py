"""The study top_objects: three classes and two, every entry, judged in pairs.

    python validation/top_objects.py                  # goes on where it stopped
    python validation/top_objects.py --events 20000   # selected events a class; the page says it
    python validation/top_objects.py --minutes 60     # starts no row after that
    python validation/top_objects.py --only circles   # rows whose key starts so
    python validation/top_objects.py --page           # only writes the page anew

makes ``top_objects.md`` beside itself, one training at a time, from ``top_objects.json``, where
finished rows are kept. Events are simulated once and kept in the cache, with the folders of the
runs, which ``hepvision compare`` takes.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow.parquet as pq
from _objects_page import page
from _objects_rows import CARD, ROWS, Row, card_of
from _shared import arguments, by_rows, plain_interval, rows_to_make, write

from hepvision.core.cache import cache_folder
from hepvision.core.files import read_json, write_json
from hepvision.evaluation.even_mix import even_mix, even_mix_difference
from hepvision.events.store import open_store, write_store
from hepvision.studies.card import resolve
from hepvision.studies.run import run
from hepvision.studies.samples import prepare

#: Raise this to make everything anew.
VERSION = 1
EVENTS = 10_000
RECORD = Path(__file__).with_suffix(".json")
#: What the events of the two backgrounds keep in the store of both.
KEPT = ("Electron", "Muon", "Jet", "MET", "GenPart")


def home(events: int) -> Path:
    """Where stores and runs are kept."""
    folder = cache_folder("validation") / f"top_objects-{VERSION}-{events}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def record(events: int) -> dict[str, Any]:
    """What is done with so many events."""
    found: dict[str, Any] = read_json(RECORD) if RECORD.is_file() else {}
    if (found.get("version"), found.get("events")) != (VERSION, events):
        return {"version": VERSION, "events": events, "rows": {}, "groups": {}, "pairs": []}
    return found


def stores_of(events: int, workers: int) -> tuple[dict[str, Path], Path]:
    """Stores of the three classes, and one of both backgrounds."""
    study = resolve(CARD, "quick", [f"simulate.events={events}"])
    stores = {key: store.path for key, store in prepare(study, workers=workers).items()}
    both = home(events) / "rest"
    if not (both / "manifest.json").is_file():
        parts = []
        for number, key in enumerate(("w", "drell_yan")):
            store = open_store(stores[key])
            scalars = [name for name in store.fields if "." not in name]
            rows = store.read([*scalars, *KEPT])
            # ids tell the two apart and stay what they were in the lower bits
            ids = ak.to_numpy(rows["event_id"]) | (np.uint64(number + 1) << np.uint64(60))
            parts.append(ak.with_field(rows, ids, "event_id"))
        write_store(both, ak.concatenate(parts))
    return stores, both


def answers(row: Row, events: int) -> tuple[Any, Any, Any]:
    """Numbers and classes of the test events, and which were taken for tops, in one order."""
    path = home(events) / row.key / row.entry / str(row.seed) / "predictions.parquet"
    table = pq.read_table(path)
    column = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    scores = [name for name in column if name.startswith("score_")]
    ids = column["event_id"].astype(np.uint64)
    if row.classes == 3:
        kind = np.select([column["sample"] == "top", column["sample"] == "w"], [0, 1], 2)
    else:
        kind = np.where(column["sample"] == "top", 0, (ids >> np.uint64(60)).astype(int))
    told = np.stack([column[name] for name in scores], axis=1).argmax(axis=1)
    told_top = told == scores.index("score_top")
    ids &= np.uint64((1 << 60) - 1)
    order = np.lexsort((ids, kind))
    order = order[column["split"][order] == 2]
    return ids[order], kind[order], told_top[order]


def make(row: Row, events: int, workers: int) -> None:
    """Train and judge one row; put it together with the others."""
    card = card_of(row, *stores_of(events, workers))
    made = run(card, home(events) / row.key)
    metrics = made.metrics["entries"][row.entry][str(row.seed)]
    done = record(events)
    done["rows"][row.key] = {
        "auc": metrics["versus"]["rest"]["auc"],
        "confusion": metrics["confusion"],
        "timing": read_json(made.folder / "timing.json")[row.entry][str(row.seed)],
    }
    together(done, events)
    write_json(RECORD, done)


def together(done: dict[str, Any], events: int) -> None:
    """Even mixes of all groups, means over their seeds, and all pairs of them."""
    said: dict[str, Any] = {}
    judged: tuple[Any, Any] | None = None
    for group in dict.fromkeys(one.group for one in ROWS):
        rows = [one for one in ROWS if one.group == group and one.key in done["rows"]]
        if rows:
            each = [answers(one, events) for one in rows]
            judged = judged or each[0][:2]
            pairs = (both for one in each for both in zip(judged, one[:2], strict=True))
            if not all(np.array_equal(*both) for both in pairs):
                raise ValueError(f"{group}: must be judged on the same events. Begin anew.")
            said[group] = np.mean([one[2] for one in each], axis=0)
            done["groups"][group] = {"even_mix": plain_interval(even_mix(said[group], judged[1]))}
    done["pairs"] = []
    for first, second in itertools.combinations(said, 2):
        found = even_mix_difference(said[first], said[second], judged[1])
        done["pairs"].append(
            {
                "first": first,
                "second": second,
                "difference": plain_interval(found.difference),
                "p": found.p_value,
            }
        )


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = by_rows(arguments(__file__, __doc__), "trees")
    parser.add_argument("--events", type=int, default=EVENTS, help="selected events a class")
    given = parser.parse_args()
    for row in rows_to_make(ROWS, lambda: record(given.events)["rows"], given):
        make(row, given.events, given.workers)
        write(given.out, page(record(given.events)))
        print(f"{row.key}: done", flush=True)
    write(given.out, page(record(given.events)))


if __name__ == "__main__":
    main()
