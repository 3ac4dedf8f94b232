"""Figures of a report, made from what a run folder holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hepvision.evaluation.roc import roc
from hepvision.events.store import open_store
from hepvision.figures._detector_frames import ENDCAPS
from hepvision.figures.comparison import comparison
from hepvision.figures.correlation import correlation_curves
from hepvision.figures.curves import CROWDED, calibration, learning_curves, roc_curves, roc_line
from hepvision.figures.detector import average_images, detector_image, eta_profiles
from hepvision.figures.distributions import confusion_matrix, score_distributions
from hepvision.figures.event_display import EventDisplay, event_display
from hepvision.figures.style import CLASS_COLOURS, colour
from hepvision.physics.intervals import effective_count
from hepvision.studies._report_parts import Picture, conditions, drawn, firsts, versus
from hepvision.studies._run_folder import EntryFolder, RunFolder

__all__ = ["displays", "pictures"]

REGION_NAMES = {
    "barrel": "barrel",
    "ecal_centric": "barrel and endcaps in crystals",
    "hcal_centric": "whole detector in towers",
}


def pictures(run: RunFolder, entries: Sequence[EntryFolder]) -> dict[str, list[Picture]]:
    """Every figure of the report, by section."""
    first = firsts(entries)
    return {
        "comparison": list(_comparison(run, first)),
        "rejection": list(_roc(run, first, "rejection")),
        "linear": list(_roc(run, first, "linear")),
        "scores": list(_scores(run, first)),
        "confusion": list(_confusion(run, first)),
        "learning": list(_learning(run, entries)),
        "calibration": list(_calibration(run, first)),
        "examples": list(_examples(run)),
        "averages": list(_averages(run)),
    }


def _comparison(run: RunFolder, entries: Sequence[EntryFolder]) -> Iterator[Picture]:
    values: dict[str, dict[str, tuple[float, float, float]]] = {}
    for one in entries:
        for against in (name for name in run.backgrounds if name in one.versus):
            area = one.versus[against]["auc"]
            row = values.setdefault(run.title_of(against), {})
            row[one.name] = (area["value"], area["low"], area["high"])
    lines = {
        run.title_of(row["against"]): float(row["value"])
        for row in run.card.get("published") or ()
        if row.get("measure") == "AUC" and not row.get("entry")
    }
    if values:
        figure = comparison(values, lines, **conditions(run))
        yield drawn(figure, "Areas under the ROC curves of all entries", wide=True)


def _roc(
    run: RunFolder, entries: Sequence[EntryFolder], scale: Literal["rejection", "linear"]
) -> Iterator[Picture]:
    for against in run.backgrounds:
        lines = {}
        for one in entries:
            if one.predictions is None or against not in one.versus:
                continue
            part = versus(run, one.predictions, against)
            weight = one.predictions.weight[part.rows]
            curve = roc(part.score, part.is_signal, weight).thinned(400)
            count = effective_count(weight[~part.is_signal])
            area = one.versus[against]["auc"]["value"]
            lines[one.name] = roc_line(
                curve.signal_efficiency, curve.background_efficiency, count, f"AUC {area:.3f}"
            )
        if not lines:
            continue
        name = run.title_of(against)
        figure = roc_curves(lines, name, scale, **conditions(run))
        yield drawn(figure, f"ROC curves against {name}, {scale}", wide=len(lines) > CROWDED)


def _scores(run: RunFolder, entries: Sequence[EntryFolder]) -> Iterator[Picture]:
    signal = run.classes.index(run.signal) if run.signal in run.classes else 0
    for one in entries:
        if one.predictions is None:
            continue
        found = one.predictions
        target = found.target["class"]
        rows = {run.title_of(name): target == k for k, name in enumerate(run.classes)}
        figure = score_distributions(
            {name: found.scores[mask, signal] for name, mask in rows.items()},
            {name: found.weight[mask] for name, mask in rows.items()},
            score_name=f"{run.title_of(run.signal)} score of {one.name}",
            bins=_bins(len(found) / len(rows)),
            **conditions(run),
        )
        yield drawn(figure, f"Scores of {one.name} by true class")


def _bins(events: float) -> int:
    """Bins that a few hundred events can fill."""
    return int(np.clip(np.sqrt(events), 10, 40))


def _confusion(run: RunFolder, entries: Sequence[EntryFolder]) -> Iterator[Picture]:
    names = [run.title_of(name) for name in run.classes]
    for one in entries:
        found = one.metrics.get("confusion")
        if found:
            ends = (found["fraction"], found["low"], found["high"])
            label = {**conditions(run), "right": one.name}
            figure = confusion_matrix(*ends, names, **label)
            yield drawn(figure, f"Confusion matrix of {one.name}")


def _learning(run: RunFolder, entries: Sequence[EntryFolder]) -> Iterator[Picture]:
    by_name: dict[str, list[EntryFolder]] = {}
    for one in entries:
        if one.history and all({"train", "validation"} <= set(row) for row in one.history):
            by_name.setdefault(one.name, []).append(one)
    for name, seeds in by_name.items():
        histories = [
            {
                "epoch": [row.get("epoch", k + 1) for k, row in enumerate(one.history)],
                "train_loss": [row["train"] for row in one.history],
                "validation_loss": [row["validation"] for row in one.history],
                "best_epoch": one.timing.get("best_epoch"),
            }
            for one in seeds
        ]
        # learners have rounds, which take no time of their own
        steps = "epoch" if "seconds" in seeds[0].history[0] else "round"
        shade = colour([row["name"] for row in run.card["entries"]].index(name))
        figure = learning_curves({name: histories}, [shade], steps=steps, **conditions(run))
        yield drawn(figure, f"Losses of {name}")
        if "correlation" in seeds[0].history[0]:
            yield _known(run, seeds[0])


def _known(run: RunFolder, one: EntryFolder) -> Picture:
    """What the score knew of the observable that the training watched."""
    keys = [key for key in one.history[0] if key.startswith("correlation/")]
    curves = {
        run.title_of(key.partition("/")[2]): [row[key] for row in one.history]
        for key in keys
        if key != "correlation/all" or len(keys) == 1
    }
    figure = correlation_curves(
        curves or {"background": [row["correlation"] for row in one.history]},
        [row["correlation_limit"] for row in one.history],
        one.timing.get("best_epoch"),
        **conditions(run),
    )
    return drawn(figure, f"What the score of {one.name} knows of the mass, on validation events")


def _calibration(run: RunFolder, entries: Sequence[EntryFolder]) -> Iterator[Picture]:
    rows: dict[str, dict[str, npt.ArrayLike]] = {}
    for one in entries:
        found = (one.metrics.get("calibration") or {}).get("bins") or []
        filled = [row for row in found if row.get("observed") and row["predicted"] is not None]
        if filled:
            seen = [row["observed"] for row in filled]
            rows[one.name] = {
                "predicted": [row["predicted"] for row in filled],
                "observed": [value["value"] for value in seen],
                "low": [value["low"] for value in seen],
                "high": [value["high"] for value in seen],
            }
    if rows:
        yield drawn(calibration(rows, **conditions(run)), "Calibration of all entries")


def _photons(run: RunFolder, key: str) -> dict[str, Any] | None:
    if not (run.path / "examples" / "manifest.json").is_file():
        return None
    store = open_store(run.path / "examples")
    if not any(name.startswith("Photon.") for name in store.fields):
        return None
    events = store.read(["sample", "Photon"])
    photons = next((event["Photon"] for event in events if event["sample"] == key), None)
    if photons is None:
        return None
    place = {"eta": "superclusterEta", "phi": "superclusterPhi", "pt": "pt"}
    return {name: np.asarray(photons[column]) for name, column in place.items()}


def _examples(run: RunFolder) -> Iterator[Picture]:
    for region, images in run.images("example").items():
        for key, image in images.items():
            title = run.title_of(key)
            figure = detector_image(image, _photons(run, key), title, **conditions(run))
            about = f"One {title} event, {REGION_NAMES[region]}"
            yield drawn(figure, about, "png", wide=True)


def _averages(run: RunFolder) -> Iterator[Picture]:
    for region, images in run.images("average").items():
        where = REGION_NAMES[region]
        titled = {run.title_of(key): image for key, image in images.items()}
        ends: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        for title, parts in titled.items():
            for name, part in parts.items():
                (ends if name in ENDCAPS else rest).setdefault(title, {})[name] = part
        for some in (rest, ends):
            if some:
                about = f"Average images, {'endcaps' if some is ends else where}"
                yield drawn(average_images(some, **conditions(run)), about, "png", wide=True)
        first = {title: next(iter(parts.values())) for title, parts in rest.items()}
        figure = eta_profiles(first, CLASS_COLOURS, **conditions(run))
        yield drawn(figure, f"Energy against iη by class, {where}", wide=True)


def displays(run: RunFolder) -> list[tuple[str, EventDisplay]]:
    """Event displays of the example events, by class."""
    if not (run.path / "examples" / "manifest.json").is_file():
        return []
    events = open_store(run.path / "examples").read()
    return [
        (run.title_of(str(event["sample"])), event_display(event, key=f"display{number}"))
        for number, event in enumerate(events)
    ]
