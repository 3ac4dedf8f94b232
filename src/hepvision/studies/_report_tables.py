"""Tables of a report, made from what a run folder holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hepvision.figures.tables import cut_flow_table, number, table
from hepvision.physics.intervals import Interval
from hepvision.studies._run_folder import EntryFolder, RunFolder

__all__ = [
    "Cell",
    "headline",
    "interval_text",
    "published",
    "row_names",
    "sample_tables",
    "warnings",
    "working_points",
]

FIXED = (("ε_b", "at_background_efficiency"), ("ε_s", "at_signal_efficiency"))


@dataclass(frozen=True)
class Cell:
    """A value with its errors beside it.

    Parameters
    ----------
    value, errors : str
        As text; errors may be empty.
    few : bool
        Whether it rests on too few background events.
    """

    value: str
    errors: str = ""
    few: bool = False


def interval_text(found: Mapping[str, Any] | None, scale: float = 1.0) -> str:
    """Value and errors, or a dash where there are none."""
    if not found:
        return "–"
    ends = (None if found[k] is None else scale * found[k] for k in ("value", "low", "high"))
    return str(Interval(*ends)).replace("-", "−")


def _cell(found: Mapping[str, Any] | None, few: bool = False) -> Cell:
    if not found:
        return Cell("–")
    value, _, errors = interval_text(found).partition(" ")
    if value in "<>":
        return Cell(f"{value} {errors}", "", few)
    return Cell(value, errors, few)


def row_names(entries: Sequence[EntryFolder]) -> dict[str, str]:
    """Label of an entry and seed → its title, with the seed where there are several."""
    several = len({one.seed for one in entries}) > 1
    return {
        one.label: f"{one.title} (seed {one.seed})" if several else one.title for one in entries
    }


def headline(run: RunFolder, entries: Sequence[EntryFolder]) -> dict[str, Any]:
    """One row an entry and seed: what it is worth and what it costs."""
    backgrounds = run.backgrounds
    first: Mapping[str, Any] = next(
        (one.versus["rest"] for one in entries if "rest" in one.versus), {}
    )
    # one of each kind, the loosest cut and the middle one; the others are in a table of their own
    at_background = sorted(first.get("at_background_efficiency", {}), key=float)[-1:]
    at_signal = sorted(first.get("at_signal_efficiency", {}), key=float)
    at_signal = at_signal[len(at_signal) // 2 : len(at_signal) // 2 + 1]
    names = row_names(entries)
    header = [f"AUC, {run.title_of(name)}" for name in backgrounds]
    header += [f"ε_s at ε_b = {level}" for level in at_background]
    header += [f"1/ε_b at ε_s = {level}" for level in at_signal]
    header += ["parameters", "s / epoch", "training events/s", "scoring events/s"]
    rows = []
    for one in entries:
        cells = [_cell(one.versus.get(name, {}).get("auc")) for name in backgrounds]
        rest = one.versus.get("rest", {})
        for kind, levels, measure in (
            ("at_background_efficiency", at_background, "signal_efficiency"),
            ("at_signal_efficiency", at_signal, "background_rejection"),
        ):
            points = rest.get(kind, {})
            for level in levels:
                point = points.get(level, {})
                cells.append(_cell(point.get(measure), bool(point.get("warning"))))
        costs = (
            one.timing.get(key)
            for key in ("parameters", "seconds_an_epoch", "events_a_second", "scored_a_second")
        )
        # learners have no epochs, and record no time for one
        cells += [Cell(number(cost or None)) for cost in costs]
        rows.append({"name": names[one.label], "cells": cells})
    reference, notes, elsewhere = [], [], []
    shown = [("AUC", name) for name in backgrounds]
    shown += [(label, "rest") for label in header[len(backgrounds) :]]
    for (entry, note), values in published(run).items():
        given = [values.get(one) for one in shown]
        if any(one is not None for one in given):
            cells = [Cell("–" if one is None else f"{one:g}") for one in given[: len(backgrounds)]]
            cells += [Cell("" if one is None else f"{one:g}") for one in given[len(backgrounds) :]]
            reference.append({"name": " ".join(filter(None, ("published", entry))), "cells": cells})
            notes.append(note)
        about = f" ({', '.join(filter(None, (entry, note)))})" if entry or note else ""
        elsewhere += [
            f"{measure} against {run.title_of(against)}: {value:g}{about}"
            for (measure, against), value in values.items()
            if (measure, against) not in shown
        ]
    note = "; ".join(dict.fromkeys(filter(None, notes)))
    return {
        "header": header,
        "rows": rows,
        "published": reference,
        "note": note,
        "elsewhere": "; ".join(elsewhere),
    }


def published(run: RunFolder) -> dict[tuple[str, str], dict[tuple[str, str], float]]:
    """Numbers of the reference: (entry, note) → (measure, background) → value."""
    found: dict[tuple[str, str], dict[tuple[str, str], float]] = {}
    for row in run.card.get("published") or ():
        group = found.setdefault((str(row.get("entry") or ""), str(row.get("note") or "")), {})
        group[str(row["measure"]), str(row["against"])] = float(row["value"])
    return found


def warnings(run: RunFolder, entries: Sequence[EntryFolder]) -> list[str]:
    """All that the measures warn of, with the entry they belong to."""
    several = len({one.seed for one in entries}) > 1
    found = []
    for one in entries:
        for text in one.metrics.get("warnings", ()):
            against, _, what = text.partition(" at ")
            name = one.label if several else one.name
            found.append(f"{name} against {run.title_of(against)} at {what}")
    return found


def working_points(run: RunFolder, entries: Sequence[EntryFolder]) -> list[dict[str, Any]]:
    """Every working point against every background."""
    rows: list[dict[str, Any]] = []
    several = len({one.seed for one in entries}) > 1
    for one in entries:
        for against in run.backgrounds:
            measures = one.versus.get(against, {})
            for fixed, key in FIXED:
                for level, point in measures.get(key, {}).items():
                    few = bool(point.get("warning"))
                    rows.append(
                        {
                            "name": one.label if several else one.name,
                            "against": run.title_of(against),
                            "fixed": f"{fixed} = {level}",
                            "threshold": f"{point['threshold']:.4f}",
                            "cells": [
                                _cell(point["signal_efficiency"]),
                                _cell(point["background_efficiency"], few),
                                _cell(point["background_rejection"], few),
                            ],
                            "remaining": number(int(point["remaining"])),
                        }
                    )
    return rows


def _cross_section(sample: Mapping[str, Any]) -> str:
    value, error = sample.get("cross_section_pb"), sample.get("cross_section_error_pb")
    if value is None:
        return "–"
    if not error:
        return number(float(value))
    # as many decimals as show one digit of the error, two if it begins with a 1 or 2
    exponent = math.floor(math.log10(error))
    decimals = max(0, -exponent + (1 if error / 10.0**exponent < 3 else 0))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def sample_tables(run: RunFolder) -> dict[str, Any]:
    """Cross-sections and counts of all samples in one table; a cut flow each."""
    rows, flows = [], []
    copied = any(sample.get("copies_left_out") for sample in run.samples.values())
    for key in [*run.classes, *(name for name in run.samples if name not in run.classes)]:
        sample = run.samples.get(key)
        if sample is None:
            continue
        split = sample.get("split") or {}
        weight = sample.get("luminosity_weight")
        rows.append(
            [
                run.title_of(key),
                str((sample.get("process") or {}).get("name", "–")),
                _cross_section(sample),
                _share(sample.get("filter_efficiency")),
                _share(sample.get("efficiency")),
                "–" if weight is None else number(float(weight)),
                *(split.get(part) for part in ("train", "validation", "test")),
                *([sample.get("copies_left_out", 0)] if copied else []),
            ]
        )
        flows.append(_flow(run.title_of(key), sample))
    header = [
        "sample",
        "process",
        "cross-section [pb]",
        "generator filter",
        "of generated selected",
        "weight for 1 pb⁻¹",
        "training",
        "validation",
        "test",
        *(["copies left out"] if copied else []),
    ]
    return {
        "table": table(header, rows),
        "copied": copied,
        "flows": [flow for flow in flows if flow],
    }


def _share(value: Any) -> str:
    return "–" if value is None else f"{100.0 * float(value):.3g} %"


def _flow(title: str, sample: Mapping[str, Any]) -> str:
    """From generated events to those of the study; a step that keeps all is left out."""
    counts = sample.get("counts") or {}
    steps: list[tuple[str, int]] = []
    tried = counts.get("tried")
    if tried is not None:
        steps.append(("generated", int(tried)))
        left = int(tried)
        for key, name in (
            ("vetoed", "not vetoed at parton level"),
            ("failed", "hadronised"),
            ("filtered", "pass the generator filter"),
        ):
            if counts.get(key):
                left -= int(counts[key])
                steps.append((name, left))
    for flow, first in (
        (sample.get("cut_flow"), "simulated and reconstructed"),
        (sample.get("study_cut_flow"), "stored, as many as asked for"),
    ):
        if not flow or (steps and flow["passed"][-1] == steps[-1][1]):
            continue
        steps.append((first, int(flow["passed"][0])))
        # the study's cuts were applied to what is in the store already, and then remove nothing
        if flow["passed"][-1] < flow["passed"][0] or len(steps) == 1:
            steps += zip(map(str, flow["cuts"]), map(int, flow["passed"][1:]), strict=True)
    kept: list[dict[str, Any]] = []
    for name, events in steps:
        # counts of interrupted runs may be of another chunk; such a step says nothing
        if not kept or events <= kept[-1]["events"]:
            kept.append({"name": name, "events": events})
    return cut_flow_table(kept, title) if len(kept) > 1 else ""
