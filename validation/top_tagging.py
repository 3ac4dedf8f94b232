"""Top tagging on the published jets: every representation and network, with verdicts.

    python validation/top_tagging.py                 # goes on where it stopped
    python validation/top_tagging.py --minutes 60    # starts no row after that
    python validation/top_tagging.py --only trees    # rows whose key starts so
    python validation/top_tagging.py --page          # only writes the page anew
    python validation/top_tagging.py --plan          # what is left, and what it takes

makes ``top_tagging.md`` beside itself, one training at a time, from ``top_tagging.json``, where
finished rows are kept, and ``top_tagging/``, where their scores are. Inputs and half-trained
networks are in the cache, so a run that was stopped goes on at the last finished epoch. A row takes
one thread: start the command twice for two cores, each takes the next row that the other is not at.
The jets are those of ``data/top_tagging`` in the folder that HEPVISION_SHARED names, or of
``--files``: train, val and test. The run folders are kept: ``hepvision compare`` takes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from _record import Record, each_row, row_arguments
from _shared import shared
from _tops_page import page
from _tops_rows import CARD, ROWS, Row, card_of, core_hours

from hepvision.evaluation.over_seeds import auc_over_seeds, rejection_over_seeds
from hepvision.evaluation.roc import auc
from hepvision.studies.card import resolve
from hepvision.studies.samples import ExampleStream, prepare

RECORD = Record(
    Path(__file__).with_suffix(".json"),
    {"version": 1},
    ("jets", "mass", "entries"),
    said=("score_top",),
)
#: Bins of the jet mass up to 400 GeV in which the likelihood ratio is counted.
BINS = np.arange(0.0, 404.0, 4.0)


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
        "mass": {name: auc(score[test], top[test]).to_dict() for name, score in scores.items()},
        "jets": {
            name: [int(((values["split"] == part) & chosen).sum()) for chosen in (top, ~top)]
            for part, name in enumerate(("train", "validation", "test"))
        },
    }
    RECORD.update(lambda done: done.update(made))


def make(row: Row, files: Path) -> None:
    """Train and judge one row, and put it together with the other seeds of its entry."""
    made = RECORD.trained(row, card_of(row), changes=[f"files={files}"])
    finished = {
        "auc": made.metrics["versus"]["rest"]["auc"],
        "accuracy": made.metrics["accuracy"],
        "timing": made.timing,
    }

    def add(done: dict[str, Any]) -> None:
        done["rows"][row.key] = finished
        seeds = [one for one in ROWS if one.group == row.group and one.key in done["rows"]]
        done["entries"][row.group] = together(seeds)

    RECORD.update(add)


def together(rows: list[Row]) -> dict[str, Any]:
    """AUC and rejections over the seeds of an entry, with all sources of error."""
    parts: dict[int, tuple[Any, Any]] = {}
    for part in (1, 2):
        tables = [RECORD.predictions(row, part, "score_top") for row in rows]
        parts[part] = ([one["score_top"] for one in tables], tables[0]["sample"] == "top")
    (chosen, valid), (judged, is_top) = parts[1], parts[2]
    areas = auc_over_seeds(judged, is_top)
    found: dict[str, Any] = {
        "seeds": [row.seed for row in rows],
        "auc": areas.interval().to_dict(),
        "errors": areas.errors(),
    }
    for level in (0.3, 0.5):
        passing = rejection_over_seeds(judged, is_top, None, (chosen, valid, None), level)
        found[f"rejection at {level}"] = passing.interval().to_dict()
    return found


def plan() -> None:
    """Say what is left."""
    done, left = RECORD.read()["rows"], 0.0
    for row in ROWS:
        made = row.key in done
        left += 0.0 if made else core_hours(row)
        print(f"{row.key:32s} {'done' if made else f'{60 * core_hours(row):4.0f} min of a core'}")
    print(f"left: {left:.1f} hours of a core")


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = row_arguments(__file__, __doc__, "trees")
    parser.add_argument("--files", type=Path, help="folder of train, val and test")
    parser.add_argument("--plan", action="store_true", help="only say what is left")
    given = parser.parse_args()
    if given.plan:
        plan()
        return
    files = None if given.page else (given.files or shared("data", "top_tagging"))
    if files is not None:
        with RECORD.claimed("mass", wait=True):
            if not RECORD.read()["mass"]:
                mass(files)
    rows = ROWS if files is not None else ()
    each_row(rows, RECORD, given, lambda row: make(row, files), page)


if __name__ == "__main__":
    main()
