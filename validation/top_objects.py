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
from _objects_page import page
from _objects_rows import CARD, ROWS, Row, card_of
from _record import Record, each_row, row_arguments

from hepvision.evaluation.even_mix import even_mix, even_mix_difference
from hepvision.events.store import open_store, write_store
from hepvision.studies.card import resolve
from hepvision.studies.samples import prepare

EVENTS = 10_000
#: What the events of the two backgrounds keep in the store of both.
KEPT = ("Electron", "Muon", "Jet", "MET", "GenPart")


def record(events: int) -> Record:
    """What is done with so many events."""
    decides = {"version": 1, "events": events}
    scores = tuple(f"score_{one}" for one in ("top", "w", "drell_yan", "background"))
    return Record(Path(__file__).with_suffix(".json"), decides, ("groups", "pairs"), scores)


def stores_of(done: Record, workers: int) -> tuple[dict[str, Path], Path]:
    """Stores of the three classes, and one of both backgrounds."""
    study = resolve(CARD, "quick", [f"simulate.events={done.decides['events']}"])
    stores = {key: store.path for key, store in prepare(study, workers=workers).items()}
    both = done.home / "background"
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


def answers(row: Row, done: Record) -> tuple[Any, Any, Any]:
    """Numbers and classes of the test events, and which were taken for tops, in one order."""
    others = ("w", "drell_yan") if row.classes == 3 else ("background",)
    scores = [f"score_{one}" for one in ("top", *others)]
    column = done.predictions(row, 2, *scores)
    ids = column["event_id"].astype(np.uint64)
    if row.classes == 3:
        kind = np.select([column["sample"] == "top", column["sample"] == "w"], [0, 1], 2)
    else:
        kind = np.where(column["sample"] == "top", 0, (ids >> np.uint64(60)).astype(int))
    told = np.stack([column[name] for name in scores], axis=1).argmax(axis=1)
    ids &= np.uint64((1 << 60) - 1)
    order = np.lexsort((ids, kind))
    return ids[order], kind[order], (told == 0)[order]


def make(row: Row, done: Record, workers: int) -> None:
    """Train and judge one row; put it together with the others."""
    with done.claimed("samples", wait=True):
        stores = stores_of(done, workers)
    made = done.trained(row, card_of(row, *stores))
    finished = {
        "auc": made.metrics["versus"]["rest"]["auc"],
        "confusion": made.metrics["confusion"],
        "timing": made.timing,
    }

    def add(found: dict[str, Any]) -> None:
        found["rows"][row.key] = finished
        found |= together(found["rows"], done)

    done.update(add)


def together(rows: dict[str, Any], done: Record) -> dict[str, Any]:
    """Even mixes of all groups, means over their seeds, and all pairs of them."""
    said: dict[str, Any] = {}
    groups: dict[str, Any] = {}
    judged: tuple[Any, Any] | None = None
    for group in dict.fromkeys(one.group for one in ROWS):
        each = [answers(one, done) for one in ROWS if one.group == group and one.key in rows]
        if each:
            judged = judged or each[0][:2]
            both = (two for one in each for two in zip(judged, one[:2], strict=True))
            if not all(np.array_equal(*two) for two in both):
                raise ValueError(f"{group}: must be judged on the same events. Begin anew.")
            said[group] = np.mean([one[2] for one in each], axis=0)
            groups[group] = {"even_mix": even_mix(said[group], judged[1]).to_dict()}
    pairs = {}
    for first, second in itertools.combinations(said, 2):
        found = even_mix_difference(said[first], said[second], judged[1])
        pairs[f"{first} − {second}"] = {
            "difference": found.difference.to_dict(),
            "p_value": found.p_value,
        }
    return {"groups": groups, "pairs": pairs}


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = row_arguments(__file__, __doc__, "trees")
    parser.add_argument("--events", type=int, default=EVENTS, help="selected events a class")
    given = parser.parse_args()
    done = record(given.events)
    each_row(ROWS, done, given, lambda row: make(row, done, given.workers), page)


if __name__ == "__main__":
    main()
