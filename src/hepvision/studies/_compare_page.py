"""The page of a comparison: tables and words from the numbers, figures from the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hepvision.evaluation.working_point import FEW
from hepvision.events.split import NAMES
from hepvision.figures.style import pretty
from hepvision.figures.tables import number
from hepvision.studies._compare_fairness import Check, Sample
from hepvision.studies._compare_measures import (
    LEADS,
    SIGNIFICANT,
    TESTED,
    Agreement,
    Background,
    Numbers,
    Pair,
)
from hepvision.studies._compare_rows import ComparedRun, Row
from hepvision.studies._report_parts import conditions
from hepvision.studies._report_tables import Cell, interval_text

__all__ = ["COSTS", "Compared", "Curve", "costs_of", "learning_curves", "values"]

#: Costs of timing.json that are compared.
COSTS = (
    "parameters",
    "flops",
    "training_events",
    "epochs",
    "seconds_an_epoch",
    "seconds",
    "scored_a_second",
    "latency",
)
#: Column of the table, and measure; the first leads.
COLUMNS = (
    ("1/ε_b at ε_s\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.5", LEADS),
    ("AUC", "auc"),
    ("1/ε_b at ε_s\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.3", "rejection_at_0.3"),
    ("accuracy", "accuracy"),
)


@dataclass(frozen=True, eq=False)
class Compared:
    """All that a comparison found, rows in the order of the table."""

    runs: list[ComparedRun]
    rows: list[Row]
    numbers: list[Numbers]
    pairs: list[Pair]
    agreement: Agreement
    checks: list[Check]
    left_out: list[str]
    test: Sample
    against: str
    background: Background

    @cached_property
    def names(self) -> list[str]:
        """Number and label of each row, for figures."""
        return [f"{k + 1} {row.label}" for k, row in enumerate(self.rows)]

    @property
    def title(self) -> str:
        """Titles of the studies."""
        return "; ".join(dict.fromkeys(self.title_of_run(row.run) for row in self.rows))

    def title_of_run(self, run: ComparedRun) -> str:
        """Title of its card."""
        return str(run.folder.card.get("title", run.name))

    def title_of(self, key: str) -> str:
        """How a class is called."""
        if key == "rest":
            others = [name for name in self.rows[0].classes if name != self.rows[0].signal]
            return self.title_of(others[0]) if len(others) == 1 else "all backgrounds"
        samples = self.rows[0].run.folder.card.get("samples") or {}
        return str((samples.get(key) or {}).get("title") or pretty(key))

    def like(self, k: int) -> list[int]:
        """Numbers, from 1, of the rows that a row is not told apart from."""
        found = [
            (one.second if one.first == k else one.first) + 1
            for one in self.pairs
            if k in (one.first, one.second) and not one.apart
        ]
        return sorted(found)


@dataclass(frozen=True)
class Curve:
    """Rows that differ in nothing but the training examples.

    Parameters
    ----------
    rows : tuple of int
        Their numbers from 0, fewest examples first.
    events : tuple of float
        Training events of each.
    """

    rows: tuple[int, ...]
    events: tuple[float, ...]


def costs_of(row: Row) -> dict[str, float | None]:
    """Costs of a row, means over its seeds."""
    return {key: row.cost(key) for key in COSTS}


def learning_curves(found: Compared) -> list[Curve]:
    """Groups of rows that differ in training examples alone."""
    groups: dict[str, list[tuple[float, int]]] = {}
    for k, row in enumerate(found.rows):
        events = row.cost("training_events")
        if events:
            groups.setdefault(row.method, []).append((events, k))
    made = []
    for group in groups.values():
        if len({events for events, _ in group}) > 1:
            rising = sorted(group)
            made.append(Curve(tuple(k for _, k in rising), tuple(size for size, _ in rising)))
    return made


def values(found: Compared) -> dict[str, Any]:
    """All that the template fills in, figures apart."""
    tests = sum(one is not None for pair in found.pairs for one in pair.tests.values())
    return {
        "title": found.title,
        "signal": found.title_of(found.rows[0].signal),
        "background": found.title_of(found.against),
        "events": number(len(found.test.key)),
        "header": [name for name, _ in COLUMNS],
        "rows": [_row(found, k) for k in range(len(found.rows))],
        "few": FEW,
        "any_few": any(one.few(name) for one in found.numbers for name in one.remaining),
        "verdict": verdict(found),
        "tests": tests,
        "level": f"{100 * SIGNIFICANT:g} %",
        "checks": found.checks,
        "faults": [one for one in found.checks if not one.holds],
        "left_out": found.left_out,
        "costs": [_costs(found, k) for k in range(len(found.rows))],
        "machines": _machines(found),
        "pairs": [_pair(found, one) for one in found.pairs],
        "single": any(len(row.seeds) == 1 for row in found.rows),
        "several_seeds": any(len(row.seeds) > 1 for row in found.rows),
        "chance": f"{found.agreement.chance:.2f}",
        "runs": [_run(found, run) for run in found.runs],
        "curves": bool(learning_curves(found)),
    }


def _cell(numbers: Numbers, name: str) -> Cell:
    value, _, errors = interval_text(numbers.measures[name].interval().to_dict()).partition(" ")
    few = numbers.few(name)
    if value in "<>":
        return Cell(f"{value} {errors}", "", few)
    return Cell(value, errors, few)


def _row(found: Compared, k: int) -> dict[str, Any]:
    row, numbers = found.rows[k], found.numbers[k]
    like = found.like(k)
    everyone = len(like) == len(found.rows) - 1 and len(like) > 2
    return {
        "number": k + 1,
        "label": row.label,
        "title": row.title,
        "published": _published(found, row),
        "representation": row.representation.replace("_", " "),
        "network": row.network.replace("_", " "),
        "cells": [_cell(numbers, name) for _, name in COLUMNS],
        "steps": _steps(numbers),
        "seeds": len(row.seeds),
        "like": "all others" if everyone else ", ".join(map(str, like)) or "–",
    }


def _steps(numbers: Numbers) -> str:
    """Where the cuts of a score in steps really lie."""
    found = {one[-3:]: numbers.steps(one) for one in numbers.remaining}
    told = [f"{at:.2f} for {wanted}" for wanted, at in found.items() if at is not None]
    return f"score in steps: cut at ε_s = {', '.join(told)}" if told else ""


def verdict(found: Compared) -> str:
    """One sentence on the first row, and whether it leads."""
    if len(found.rows) == 1:
        return ""
    like = found.like(0)
    first = f"{found.rows[0].label} (1) has the highest background rejection at ε_s = 0.5"
    if not like:
        return f"{first} and is told apart from every other row."
    if len(like) == len(found.rows) - 1:
        return f"{first}, but is told apart from no other row: this sample does not rank them."
    which = ", ".join(f"{found.rows[k - 1].label} ({k})" for k in like)
    return f"{first}, but is not told apart from {which}: call none of them the best."


def _costs(found: Compared, k: int) -> dict[str, Any]:
    row = found.rows[k]
    costs = costs_of(row)
    latency = costs["latency"]
    shown = [
        costs["flops"],
        costs["training_events"],
        costs["epochs"] if costs["seconds_an_epoch"] else None,
        costs["seconds_an_epoch"],
        costs["seconds"],
        costs["scored_a_second"],
        None if latency is None else 1e3 * latency,
    ]
    first: Mapping[str, Any] = row.timing[0]
    device = first.get("device", "cpu")
    where = first.get("threads", "–") if device == "cpu" else device
    return {
        "number": k + 1,
        "title": row.title,
        "cells": [_count(costs["parameters"]), *(_short(one) for one in shown)],
        "how": f"{first.get('precision', '–')}, {where}",
    }


def _short(value: float | None) -> str:
    """Three digits and a thousand's sign; costs are no better known."""
    if value is None:
        return "–"
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if value >= size:
            return f"{value / size:.3g} {sign}"
    return f"{value:.3g}" if value < 1000 else number(float(f"{value:.3g}"))


def _count(value: float | None) -> str:
    """A number of parameters, which papers give to the last digit."""
    return _short(value) if value is None or value >= 1e7 else number(round(value))


def _published(found: Compared, row: Row) -> str:
    """What the reference of the card says of an entry, against this background."""
    others = [name for name in row.classes if name != row.signal]
    against = {found.against} | ({"rest", *others} if len(others) == 1 else set())
    told = [
        f"{one['measure']} {float(one['value']):g}"
        + (f", {one['note']}" if one.get("note") else "")
        for one in row.run.folder.card.get("published") or ()
        if one.get("entry") == row.entry["name"] and one.get("against") in against
    ]
    return f"published: {'; '.join(told)}" if told else ""


def _machines(found: Compared) -> list[str]:
    """Where the costs were measured, one line a machine."""
    lines = []
    for run in dict.fromkeys(row.run.name for row in found.rows):
        folder = next(one.folder for one in found.runs if one.name == run)
        about = folder.environment
        if about:
            lines.append(f"{about.get('processor', '?')}, {about.get('cores', '?')} cores")
    return list(dict.fromkeys(lines))


def _pair(found: Compared, one: Pair) -> dict[str, Any]:
    cells = []
    for name in TESTED:
        test = one.tests[name]
        if test is None:
            cells += ["–", "–", "–"]
            continue
        gap = test["difference"]
        # a difference of ln ε_b is a ratio of rejections, the other way round
        text = interval_text(_turned(name, gap))
        cells += [text, _chance(test["p_value"]), _chance(test["adjusted"])]
    return {
        "name": f"{one.first + 1} – {one.second + 1}",
        "about": f"{found.rows[one.first].title} – {found.rows[one.second].title}",
        "cells": cells,
        "apart": one.apart,
    }


def _turned(name: str, gap: Any) -> dict[str, float]:
    if name == "auc":
        return {"value": gap.value, "low": gap.low, "high": gap.high}
    return {"value": -gap.value, "low": -gap.high, "high": -gap.low}


def _chance(value: float) -> str:
    return f"{value:.2g}" if value >= 1e-4 else number(value, 1)


def _run(found: Compared, run: ComparedRun) -> dict[str, Any]:
    card, samples = run.folder.card, list(run.folder.samples.values())
    parts = [[int((one.get("split") or {}).get(part, 0)) for one in samples] for part in NAMES]
    copies = sum(int(one.get("copies_left_out") or 0) for one in samples)
    return {
        "name": run.name,
        "title": found.title_of_run(run),
        "seeds": ", ".join(run.seeds),
        "rows": sum(row.run is run for row in found.rows),
        "source": conditions(run.folder)["source"] if samples else "–",
        "counts": [number(sum(one)) if any(one) else "–" for one in parts],
        "copies": number(copies) if samples else "–",
        "version": str(run.folder.environment.get("version", "–")),
        "size": str(card.get("size") or "–"),
    }
