"""H→γγ as in the paper: all models of its table 1, learning curves, sculpting and significance.

    python validation/higgs_diphoton.py                 # goes on where it stopped
    python validation/higgs_diphoton.py --minutes 60    # starts no row after that
    python validation/higgs_diphoton.py --page          # only writes the page anew

makes ``higgs_diphoton.md`` beside itself, one row at a time, from ``higgs_diphoton.json``, where
finished rows are kept. Events and half-trained networks are in the cache, so a run that was stopped
goes on: at the last finished epoch. Samples are made once and serve all rows, whatever code changes
later; the page says which code made them. All of it takes about a day on two cores.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from _higgs_page import page
from _higgs_rows import CATEGORIES, ROWS, Row, card_of
from _shared import arguments, write

import hepvision
from hepvision.core.cache import cache_folder
from hepvision.core.files import read_json, write_json
from hepvision.events.store import Store
from hepvision.studies.card import resolve
from hepvision.studies.run import run
from hepvision.studies.samples import code_key, simulation

#: Raise this to make everything anew.
VERSION = 1
RECORD = Path(__file__).with_suffix(".json")
#: What the page needs of a row's measures.
KEPT = ("versus", "correlation", "mass", "analysis", "warnings")


def home() -> Path:
    """Where events and networks are kept."""
    folder = cache_folder("validation") / f"higgs_diphoton-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def record() -> dict[str, Any]:
    """Samples and rows that are done."""
    found: dict[str, Any] = read_json(RECORD) if RECORD.is_file() else {}
    if found.get("version") != VERSION:
        return {"version": VERSION, "samples": {}, "rows": {}}
    return found


def samples(category: str, workers: int) -> dict[str, Store]:
    """Make or find the events of a category."""
    study = resolve(CATEGORIES[category].card, "paper", CATEGORIES[category].changes)
    found = {}
    for key, sample in study.samples.items():
        folder = home() / "samples" / category / key
        code = folder.with_suffix(".json")
        if not code.is_file():
            folder.parent.mkdir(parents=True, exist_ok=True)
            write_json(code, {"code": code_key()})
        settings = simulation(study, sample.simulate)
        store = found[key] = hepvision.simulate(**settings, out=folder, workers=workers)
        print(f"{category}, {key}: {len(store)} events", flush=True)
        done = record()
        made = store.manifest["provenance"]
        done["samples"].setdefault(category, {})[key] = {
            "events": len(store),
            "tried": made["counts"]["tried"],
            "cross_section_pb": made["cross_section_pb"],
            "luminosity_weight": made["luminosity_weight"],
            "code": read_json(code)["code"],
        }
        write_json(RECORD, done)
    return found


def make(row: Row, stores: dict[str, Store]) -> dict[str, Any]:
    """Train and judge one row; the same row again is read."""
    made = run(card_of(row, stores), home() / "rows" / row.key)
    name, seed = row.entry, str(row.seed)
    metrics = made.metrics["entries"][name][seed]
    return {
        "metrics": {key: metrics[key] for key in KEPT if key in metrics},
        "timing": read_json(made.folder / "timing.json")[name][seed],
    }


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = arguments(__file__, __doc__, workers=2)
    parser.add_argument("--minutes", type=float, default=1e9, help="start no row after that")
    parser.add_argument("--only", default="", help="rows whose key starts so, as central-EB")
    parser.add_argument("--samples", action="store_true", help="only make the samples")
    parser.add_argument("--page", action="store_true", help="only write the page")
    given = parser.parse_args()
    started = time.monotonic()
    for category in CATEGORIES if given.samples else ():
        if category.startswith(given.only):
            samples(category, given.workers)
    for row in () if given.page or given.samples else ROWS:
        if not row.key.startswith(given.only) or row.key in record()["rows"]:
            continue
        if time.monotonic() - started >= 60.0 * given.minutes:
            break
        stores = samples(row.category, given.workers)
        made = make(row, stores)
        done = record()
        done["rows"][row.key] = made
        write_json(RECORD, done)
        write(given.out, page(record()))
        print(f"{row.key}: done", flush=True)
    write(given.out, page(record()))


if __name__ == "__main__":
    main()
