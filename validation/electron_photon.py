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
from _crop_page import page
from _crop_rows import ALIKE, ENERGY, JUDGED, PUBLISHED, ROWS, STUDIES, TIME, Row, card_of
from _record import Record, each_row, row_arguments

import hepvision
from hepvision.evaluation.over_seeds import auc_over_seeds
from hepvision.evaluation.paired import paired_auc
from hepvision.evaluation.roc import auc
from hepvision.events.observables import observable
from hepvision.events.selection import selected
from hepvision.events.store import open_store
from hepvision.representations.object_crop import ObjectCrop
from hepvision.studies.card import resolve
from hepvision.studies.samples import simulation

RECORD = Record(
    Path(__file__).with_suffix(".json"),
    {"version": 1},
    ("samples", "alike", "entries", "pairs"),
    said=("score_electron", "score_photon", "score_diphoton"),
)


def samples(name: str, events: int | None, workers: int) -> dict[str, Path]:
    """Make or find the events of a study."""
    if name == PUBLISHED:
        return {}
    size = STUDIES[name].events if events is None else events
    study = resolve(STUDIES[name].card, "paper", [f"simulate.events={size}"])
    stores, told = {}, {}
    for key, sample in study.samples.items():
        folder = RECORD.home / "samples" / f"{name}-{size}" / key
        folder.parent.mkdir(parents=True, exist_ok=True)
        store = hepvision.simulate(
            **simulation(study, sample.simulate), out=folder, workers=workers
        )
        stores[key] = folder
        counts = store.manifest["provenance"]["counts"]
        told[key] = {"events": len(store), "passed": counts["selected"] / counts["detected"]}
    RECORD.update(lambda done: done["samples"].update({name: told}))
    if name != "pairs" and TIME not in RECORD.read()["alike"].get(name, {}):
        alike(name, study.select, stores)
    return stores


def alike(name: str, select: tuple[str, ...], stores: dict[str, Path]) -> None:
    """AUC of everything that should not tell the classes of a gun apart, of time and energy."""
    first, second = (selected(open_store(path).read(), select)[0] for path in stores.values())
    signal = np.repeat([True, False], [len(first), len(second)])
    found = {}
    for key, expression in {**ALIKE, ENERGY: "Photon[:, 0].energyRaw"}.items():
        values = [observable(expression, one) for one in (first, second)]
        if key == ENERGY:
            eta = [observable(ALIKE["η of the cluster"], one) for one in (first, second)]
            values = [one / np.cosh(at) for one, at in zip(values, eta, strict=True)]
        found[key] = auc(np.concatenate(values), signal).to_dict()
    times = ObjectCrop(size=1, layers=("time",))
    seen = [times(one)["image"] for one in (first, second)]
    value = [np.zeros(len(one)) for one in seen]
    for one, into in zip(seen, value, strict=True):
        into[np.diff(one.offsets) > 0] = one.value  # at most one crystal an event
    found[TIME] = auc(np.concatenate(value), signal).to_dict()
    RECORD.update(lambda done: done["alike"].update({name: found}))


def predictions(row: Row) -> tuple[Any, Any]:
    """Scores of the signal and whether it is, of the test events in a fixed order."""
    signal = next(iter(resolve(STUDIES[row.study].card).samples))
    table = RECORD.predictions(row, 2, f"score_{signal}")
    return table[f"score_{signal}"], table["sample"] == signal


def make(row: Row, files: Path | None, events: int | None, workers: int) -> None:
    """Train and judge one row, and put it together with what it is compared with."""
    with RECORD.claimed(f"samples-{row.study}", wait=True):
        stores = samples(row.study, events, workers)
    made = RECORD.trained(row, card_of(row, stores, files))
    finished = {"auc": made.metrics["versus"]["rest"]["auc"], "timing": made.timing}

    def add(done: dict[str, Any]) -> None:
        done["rows"][row.key] = finished
        seeds = [one for one in ROWS if one.group == row.group and one.key in done["rows"]]
        found = [predictions(one) for one in seeds]
        areas = auc_over_seeds([score for score, _ in found], found[0][1])
        both = {"auc": areas.interval().to_dict(), "errors": areas.errors()}
        done["entries"][row.group] = both
        if row.examples is None and row.seed == 1:
            done["pairs"] |= judged(row, done["rows"])

    RECORD.update(add)


def judged(row: Row, rows: dict[str, Any]) -> dict[str, Any]:
    """Paired differences of this row's entry and others, of the first seed."""
    made = {}
    for first, second, _ in JUDGED[row.study]:
        both = [Row(row.study, one, 1) for one in (first, second)]
        if row.entry in (first, second) and all(one.key in rows for one in both):
            (one, signal), (other, _) = (predictions(each) for each in both)
            found = paired_auc(one, other, signal)
            made[f"{row.study}: {first} − {second}"] = {
                "difference": found.difference.to_dict(),
                "p_value": float(found.p_value),
            }
    return made


def main() -> None:
    """Read the command line, make rows, write the page after each."""
    parser = row_arguments(__file__, __doc__, "pion-crop", workers=2)
    parser.add_argument("--files", type=Path, help="the published images of electrons and photons")
    parser.add_argument("--events", type=int, help="of each class, for a try: no learning curves")
    given = parser.parse_args()
    rows = [
        row
        for row in ROWS
        if not (row.study == PUBLISHED and given.files is None)
        and not (row.examples is not None and given.events is not None)
    ]
    each_row(
        rows, RECORD, given, lambda row: make(row, given.files, given.events, given.workers), page
    )


if __name__ == "__main__":
    main()
