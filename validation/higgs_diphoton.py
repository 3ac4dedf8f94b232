"""H→γγ as in the paper: all models of its table 1, learning curves, sculpting and significance.

    python validation/higgs_diphoton.py                 # goes on where it stopped
    python validation/higgs_diphoton.py --minutes 60    # starts no row after that
    python validation/higgs_diphoton.py --page          # only writes the page anew

makes ``higgs_diphoton.md`` beside itself, one row at a time, from ``higgs_diphoton.json``, where
finished rows are kept. Events and half-trained networks are in the cache, so a run that was stopped
goes on: at the last finished epoch. Two processes may share the rows. Samples are made once and
serve all rows, whatever code changes later; the page says which code made them. All of it takes
about a day on two cores.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from _higgs_page import AGAINST, page
from _higgs_rows import CATEGORIES, PAIRS, ROWS, Row, card_of
from _last_epoch import last_epoch
from _record import Record, each_row, row_arguments

import hepvision
from hepvision.core.files import read_json, write_json
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.paired import paired_auc
from hepvision.events.store import Store
from hepvision.studies.card import resolve
from hepvision.studies.samples import code_key, simulation
from hepvision.training.decorrelation import best_epoch

RECORD = Record(
    Path(__file__).with_suffix(".json"), {"version": 1}, ("samples", "epochs", "pairs", "last")
)
#: Which networks may not know.
MASS = "diphoton_mass"
#: What the page needs of a row's measures.
KEPT = ("versus", "correlation", "mass", "analysis", "warnings")


def lies(category: str) -> Path:
    """Where the events of a category are."""
    return RECORD.home / "samples" / category


def samples(category: str, workers: int) -> dict[str, Store]:
    """Make or find the events of a category."""
    study = resolve(CATEGORIES[category].card, "paper", CATEGORIES[category].changes)
    found, told = {}, {}
    for key, sample in study.samples.items():
        folder = lies(category) / key
        code = folder.with_suffix(".json")
        if not code.is_file():
            folder.parent.mkdir(parents=True, exist_ok=True)
            write_json(code, {"code": code_key()})
        settings = simulation(study, sample.simulate)
        store = found[key] = hepvision.simulate(**settings, out=folder, workers=workers)
        print(f"{category}, {key}: {len(store)} events", flush=True)
        made = store.manifest["provenance"]
        told[key] = {
            "events": len(store),
            "tried": made["counts"]["tried"],
            "cross_section_pb": made["cross_section_pb"],
            "luminosity_weight": made["luminosity_weight"],
            "code": read_json(code)["code"],
        }
    RECORD.update(lambda done: done["samples"].update({category: told}))
    return found


def made_before(row: Row) -> dict[str, Store]:
    """The events that a row was made from."""
    return {key: Store(lies(row.category) / key) for key in ("higgs", *AGAINST) if key != "rest"}


def make(row: Row, workers: int) -> None:
    """Train and judge one row."""
    with RECORD.claimed(f"samples-{row.category}", wait=True):
        stores = samples(row.category, workers)
    made = RECORD.trained(row, card_of(row, stores))
    metrics = {key: made.metrics[key] for key in KEPT if key in made.metrics}
    finished = {"metrics": metrics, "timing": made.timing}
    RECORD.update(lambda done: done["rows"].update({row.key: finished}))
    put_together()


def put_together() -> None:
    """Which epochs were kept, what the last gives, and differences of pairs that are there."""

    def add(part: str, name: str, made: Callable[[], Any]) -> None:
        if name not in RECORD.read()[part]:
            found = made()
            RECORD.update(lambda done: done[part].update({name: found}))

    rows = RECORD.read()["rows"]
    for row in (one for one in ROWS if one.key in rows):
        path = RECORD.home / "rows" / row.key / row.entry / str(row.seed) / "history.json"
        if path.is_file():
            add("epochs", row.key, lambda path=path: epochs(read_json(path)))
        timing = rows[row.key]["timing"]
        if RECORD.read()["epochs"].get(row.key) and timing["best_epoch"] < timing["epochs"]:
            add("last", row.key, lambda row=row: last_epoch(RECORD, row, made_before(row), MASS))
    for first, second in PAIRS:
        if {first.key, second.key} <= set(rows):
            name = f"{first.key} − {second.key}"
            add("pairs", name, lambda one=first, other=second: differences(one, other))


def epochs(history: list[dict[str, float]]) -> dict[str, Any]:
    """Loss and correlation of the epoch that was kept, and of the one with the least loss."""
    keys = ("epoch", "validation", "correlation", "correlation_limit")
    if "decorrelated" not in history[0]:  # the loss alone decides
        return {}
    both = {
        "kept": history[best_epoch(history) - 1],
        "least loss": min(history, key=itemgetter("validation")),
    }
    return {name: {key: one[key] for key in keys} for name, one in both.items()}


def differences(first: Row, second: Row) -> dict[str, Any]:
    """Paired differences of two rows' AUC against each background."""
    classes = [key for key in AGAINST if key != "rest"]
    columns = [f"score_{key}" for key in ("higgs", *classes)]
    tables = [RECORD.predictions(row, 2, *columns) for row in (first, second)]
    if not np.array_equal(*(table["event_id"] for table in tables)):
        raise ValueError(
            f"{first.key}, {second.key}: must be judged on the same events. Begin anew."
        )
    target = np.array([("higgs", *classes).index(one) for one in tables[0]["sample"]])
    scores = [np.stack([table[name] for name in columns], axis=1) for table in tables]
    made = {}
    for key in AGAINST:
        against = "rest" if key == "rest" else 1 + classes.index(key)
        parts = [signal_versus(one, target, 0, against) for one in scores]
        found = paired_auc(*(part.score for part in parts), parts[0].is_signal)
        made[key] = {"difference": found.difference.to_dict(), "p_value": found.p_value}
    return made


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = row_arguments(__file__, __doc__, "central-EB", workers=2)
    parser.add_argument("--samples", action="store_true", help="only make the samples")
    given = parser.parse_args()
    if given.samples:
        for category in CATEGORIES:
            if category.startswith(given.only):
                samples(category, given.workers)
        return
    if not given.page:
        put_together()
    each_row(ROWS, RECORD, given, lambda row: make(row, given.workers), page)


if __name__ == "__main__":
    main()
