"""Top tagging on the published jets: every representation and network, with verdicts.

    python validation/top_tagging.py                 # goes on where it stopped
    python validation/top_tagging.py --minutes 60    # starts no row after that
    python validation/top_tagging.py --only trees    # rows whose key starts so
    python validation/top_tagging.py --page          # only writes the page anew
    python validation/top_tagging.py --plan          # what is left, and what it takes

makes ``top_tagging.md`` beside itself, one training at a time, from ``top_tagging.json``, where
finished rows are kept. Inputs and half-trained networks are in the cache, so a run that was stopped
goes on at the last finished epoch. A row takes one thread: start the command twice for two cores,
each takes the next row that the other is not at. The jets are those of ``data/top_tagging`` in the
folder that HEPVISION_SHARED names, or of ``--files``: train, val and test. The run folders are
kept: ``hepvision compare`` takes them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from _shared import arguments, shared, write
from _tops_page import page
from _tops_record import claimed, home, record, update
from _tops_rows import CARD, ROWS, Row, card_of, core_hours

from hepvision.core.files import read_json
from hepvision.evaluation.over_seeds import auc_over_seeds, rejection_over_seeds
from hepvision.evaluation.roc import auc
from hepvision.physics.intervals import Interval
from hepvision.studies.card import resolve
from hepvision.studies.run import run
from hepvision.studies.samples import ExampleStream, prepare

#: Bins of the jet mass up to 400 GeV in which the likelihood ratio is counted.
BINS = np.arange(0.0, 404.0, 4.0)


def interval(found: Interval) -> dict[str, float]:
    """As plain data."""
    return {key: float(getattr(found, key)) for key in ("value", "low", "high")}


def mass(files: Path) -> None:
    """AUC of the jet mass on the test jets: as a cut, and as a ratio of the training spectra."""
    study = resolve(CARD, "paper", [f"files={files}"])
    stream = ExampleStream(study, prepare(study), ("FatJet.mass", "FatJet.pt", "FatJet.eta"))
    columns: dict[str, list[Any]] = {name: [] for name in ("mass", "pt", "eta", "top", "split")}
    for rows in stream:
        for name in ("mass", "pt", "eta"):
            columns[name].append(np.asarray(rows.FatJet[:, 0][name], float))
        columns["top"].append(np.full(len(rows), rows["sample"][0] == "top"))
        columns["split"].append(np.asarray(rows["split"]))
    values = {name: np.concatenate(parts) for name, parts in columns.items()}
    top, train, test = values["top"], values["split"] == 0, values["split"] == 2
    place = np.clip(np.digitize(values["mass"], BINS), 1, len(BINS) - 1)
    counts = [np.bincount(place[train & chosen], minlength=len(BINS)) for chosen in (top, ~top)]
    ratio = np.log((counts[0] + 0.5) / (counts[1] + 0.5))
    scores = {"cut": values["mass"], "likelihood ratio": ratio[place]}
    scores |= {"pT": values["pt"], "−abs(η)": -np.abs(values["eta"])}
    made = {
        "mass": {name: interval(auc(score[test], top[test])) for name, score in scores.items()},
        "jets": {
            name: [int(((values["split"] == part) & chosen).sum()) for chosen in (top, ~top)]
            for part, name in enumerate(("train", "validation", "test"))
        },
    }
    update(lambda done: done.update(made))


def make(row: Row, files: Path) -> None:
    """Train and judge one row, and put it together with the other seeds of its entry."""
    made = run(card_of(row), home() / row.key, changes=[f"files={files}"])
    metrics = made.metrics["entries"][row.entry][str(row.seed)]
    finished = {
        "auc": metrics["versus"]["rest"]["auc"],
        "accuracy": metrics["accuracy"],
        "timing": read_json(made.folder / "timing.json")[row.entry][str(row.seed)],
    }

    def add(done: dict[str, Any]) -> None:
        done["rows"][row.key] = finished
        seeds = [one for one in ROWS if one.group == row.group and one.key in done["rows"]]
        done["entries"][row.group] = together(seeds)

    update(add)


def together(rows: list[Row]) -> dict[str, Any]:
    """AUC and rejections over the seeds of an entry, with all sources of error."""
    parts: dict[int, tuple[Any, Any]] = {}
    for part in (1, 2):
        scores: list[Any] = []
        top = np.zeros(0, bool)
        for row in rows:
            path = home() / row.key / row.entry / str(row.seed) / "predictions.parquet"
            columns = ("event_id", "sample", "split", "score_top")
            table = {key: pq.read_table(path, columns=[key])[key].to_numpy() for key in columns}
            order = np.lexsort((table["event_id"], table["sample"]))
            order = order[table["split"][order] == part]
            scores.append(table["score_top"][order])
            top = table["sample"][order] == "top"
        parts[part] = (scores, top)
    (chosen, valid), (judged, is_top) = parts[1], parts[2]
    areas = auc_over_seeds(judged, is_top)
    found: dict[str, Any] = {
        "seeds": [row.seed for row in rows],
        "auc": interval(areas.interval()),
        "errors": areas.errors(),
    }
    for level in (0.3, 0.5):
        passing = rejection_over_seeds(judged, is_top, None, (chosen, valid, None), level)
        found[f"rejection at {level}"] = interval(passing.interval())
    return found


def plan() -> None:
    """Say what is left."""
    done, left = record()["rows"], 0.0
    for row in ROWS:
        made = row.key in done
        left += 0.0 if made else core_hours(row)
        print(f"{row.key:32s} {'done' if made else f'{60 * core_hours(row):4.0f} min of a core'}")
    print(f"left: {left:.1f} hours of a core")


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = arguments(__file__, __doc__)
    parser.add_argument("--files", type=Path, help="folder of train, val and test")
    parser.add_argument("--minutes", type=float, default=1e9, help="start no row after that")
    parser.add_argument("--only", default="", help="rows whose key starts so, as trees")
    parser.add_argument("--page", action="store_true", help="only write the page")
    parser.add_argument("--plan", action="store_true", help="only say what is left")
    given = parser.parse_args()
    if given.plan:
        plan()
        return
    ends = time.monotonic() + 60.0 * given.minutes
    files = None if given.page else (given.files or shared("data", "top_tagging"))
    if files is not None:
        with claimed("mass", wait=True):
            if not record()["mass"]:
                mass(files)
        for row in ROWS:
            if row.key.startswith(given.only) and time.monotonic() < ends:
                with claimed(row.key) as free:
                    if free and row.key not in record()["rows"]:
                        make(row, files)
                        write(given.out, page(record()))
                        print(f"{row.key}: done", flush=True)
    write(given.out, page(record()))


if __name__ == "__main__":
    main()
