"""Electrons, photons and neutral pions from their crystals, with paired verdicts.

    python validation/electron_photon.py                 # goes on where it stopped
    python validation/electron_photon.py --minutes 60    # starts no row after that
    python validation/electron_photon.py --only pion     # rows whose key starts so
    python validation/electron_photon.py --files F.hdf5  # the published images too
    python validation/electron_photon.py --page          # only writes the page anew

makes ``electron_photon.md`` beside itself, one training at a time, from ``electron_photon.json``,
where finished rows are kept. Events and half-trained networks are in the cache, so a run that was
stopped goes on: at the last finished epoch. Samples are made once and serve all rows, whatever code
changes later. All of it takes about half a day on two cores, most of it in the networks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from _crop_page import page
from _crop_rows import ALIKE, ENERGY, JUDGED, PUBLISHED, ROWS, STUDIES, Row, card_of
from _shared import arguments, by_rows, plain_interval, rows_to_make, write

import hepvision
from hepvision.core.cache import cache_folder
from hepvision.core.files import read_json, write_json
from hepvision.evaluation.over_seeds import auc_over_seeds
from hepvision.evaluation.paired import paired_auc
from hepvision.evaluation.roc import auc
from hepvision.events.observables import observable
from hepvision.events.selection import selected
from hepvision.events.store import open_store
from hepvision.studies.card import resolve
from hepvision.studies.run import run
from hepvision.studies.samples import simulation

#: Raise this to make everything anew.
VERSION = 1
RECORD = Path(__file__).with_suffix(".json")


def home() -> Path:
    """Where events and networks are kept."""
    folder = cache_folder("validation") / f"electron_photon-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def record() -> dict[str, Any]:
    """What is done."""
    found: dict[str, Any] = read_json(RECORD) if RECORD.is_file() else {}
    if found.get("version") != VERSION:
        parts = ("samples", "alike", "rows", "entries", "pairs")
        return {"version": VERSION, **{name: {} for name in parts}}
    return found


def samples(name: str, events: int | None, workers: int) -> dict[str, Path]:
    """Make or find the events of a study."""
    if name == PUBLISHED:
        return {}
    size = STUDIES[name].events if events is None else events
    study = resolve(STUDIES[name].card, "paper", [f"simulate.events={size}"])
    stores = {}
    for key, sample in study.samples.items():
        folder = home() / "samples" / f"{name}-{size}" / key
        folder.parent.mkdir(parents=True, exist_ok=True)
        store = hepvision.simulate(
            **simulation(study, sample.simulate), out=folder, workers=workers
        )
        stores[key] = folder
        done = record()
        counts = store.manifest["provenance"]["counts"]
        made = done["samples"].setdefault(name, {})
        if key not in made:
            print(f"{name}, {key}: {len(store)} events", flush=True)
        passed = counts["selected"] / counts["detected"]
        made[key] = {"events": len(store), "passed": passed}
        write_json(RECORD, done)
    if name != "pairs" and name not in record()["alike"]:
        alike(name, study.select, stores)
    return stores


def alike(name: str, select: tuple[str, ...], stores: dict[str, Path]) -> None:
    """AUC of everything that should not tell the classes of a gun apart, and of the energy."""
    first, second = (selected(open_store(path).read(), select)[0] for path in stores.values())
    signal = np.repeat([True, False], [len(first), len(second)])
    found = {}
    for key, expression in {**ALIKE, ENERGY: "Photon[:, 0].energyRaw"}.items():
        values = [observable(expression, one) for one in (first, second)]
        if key == ENERGY:
            eta = [observable(ALIKE["η of the cluster"], one) for one in (first, second)]
            values = [one / np.cosh(at) for one, at in zip(values, eta, strict=True)]
        found[key] = plain_interval(auc(np.concatenate(values), signal))
    done = record()
    done["alike"][name] = found
    write_json(RECORD, done)


def predictions(row: Row, part: int = 2) -> tuple[Any, Any]:
    """Scores of the signal and whether it is, of one part of the split, in a fixed order."""
    folder = home() / "rows" / row.key / row.entry / str(row.seed)
    signal = next(iter(resolve(STUDIES[row.study].card).samples))
    columns = ("event_id", "sample", "split", f"score_{signal}")
    table = pq.read_table(folder / "predictions.parquet", columns=list(columns))
    ids, sample, split, score = (table[key].to_numpy() for key in columns)
    order = np.lexsort((ids, sample))
    order = order[split[order] == part]
    return score[order], sample[order] == signal


def make(row: Row, stores: dict[str, Path], files: Path | None) -> None:
    """Train and judge one row, and put it together with what it is compared with."""
    made = run(card_of(row, stores, files), home() / "rows" / row.key)
    metrics = made.metrics["entries"][row.entry][str(row.seed)]
    done = record()
    done["rows"][row.key] = {
        "auc": metrics["versus"]["rest"]["auc"],
        "timing": read_json(made.folder / "timing.json")[row.entry][str(row.seed)],
    }
    seeds = [one for one in ROWS if one.group == row.group and one.key in done["rows"]]
    found = [predictions(one) for one in seeds]
    areas = auc_over_seeds([score for score, _ in found], found[0][1])
    done["entries"][row.group] = {"auc": plain_interval(areas.interval()), "errors": areas.errors()}
    if row.examples is None and row.seed == 1:
        done["pairs"] |= judged(row, done["rows"])
    write_json(RECORD, done)


def judged(row: Row, rows: dict[str, Any]) -> dict[str, Any]:
    """Paired differences of this row's entry and others, of the first seed."""
    made = {}
    for first, second, _ in JUDGED[row.study]:
        both = [Row(row.study, one, 1) for one in (first, second)]
        if row.entry in (first, second) and all(one.key in rows for one in both):
            (one, signal), (other, _) = (predictions(each) for each in both)
            found = paired_auc(one, other, signal)
            made[f"{row.study}: {first} − {second}"] = {
                "difference": plain_interval(found.difference),
                "p_value": float(found.p_value),
            }
    return made


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = by_rows(arguments(__file__, __doc__, workers=2), "pion-crop")
    parser.add_argument("--files", type=Path, help="the published images of electrons and photons")
    parser.add_argument("--events", type=int, help="of each class, for a try: no learning curves")
    given = parser.parse_args()
    rows = [one for one in ROWS if one.study != PUBLISHED or given.files is not None]
    rows = [one for one in rows if one.examples is None or given.events is None]
    for row in rows_to_make(rows, lambda: record()["rows"], given):
        make(row, samples(row.study, given.events, given.workers), given.files)
        write(given.out, page(record()))
        print(f"{row.key}: done", flush=True)
    write(given.out, page(record()))


if __name__ == "__main__":
    main()
