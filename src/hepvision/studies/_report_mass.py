"""Tables of the report's section on the mass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hepvision.core.card import component
from hepvision.evaluation.working_point import FEW
from hepvision.studies._report_tables import interval_text, row_names
from hepvision.studies._run_folder import EntryFolder, RunFolder

__all__ = ["mass_tables"]


def _divided(run: RunFolder, name: str) -> str:
    """Whether the inputs of an entry are divided by an observable, as text."""
    uses = next(entry["uses"] for entry in run.card["entries"] if entry["name"] == name)
    found = []
    for key in uses:
        made = component("representations", run.card["representations"][key])
        by = getattr(made, "divide_by", None)
        ratios = any(one.endswith("_over_mass") for p in made.spec.values() for one in p.names)
        found.append(str(by).replace("_", " ") if by else "mass, in ratios" if ratios else "no")
    return ", ".join(dict.fromkeys(found))


def _decimal(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def _ends(found: Mapping[str, float]) -> str:
    return f"{_decimal(found['low'])} to {_decimal(found['high'])}"


def _distance(found: Mapping[str, Any]) -> list[str]:
    """A distance, the ends of its interval, what chance gives, and the p-value."""
    if "distance" not in found:
        return ["–"] * 4
    distance, p_value = found["distance"], found.get("p_value")
    chance = _decimal(float(found.get("floor") or found["chance"]))
    return [
        _decimal(distance["value"]),
        _ends(distance),
        chance,
        "–" if p_value is None else f"{p_value:.2g}",
    ]


def _linear(found: Mapping[str, Any]) -> list[str]:
    if "pearson" not in found:
        return ["–"] * 2
    return [_decimal(found["pearson"]["value"]), _ends(found["pearson"])]


def _sculpting_row(point: Mapping[str, Any], against: str) -> dict[str, Any]:
    """One cut of one entry against one background."""
    here = point["against"][against]
    # runs of before counted events only
    left = here.get("remaining_effective", here["remaining"])
    cells = [
        interval_text(point["signal_efficiency"]),
        interval_text(here["background_efficiency"]),
        *_distance(here["jensen_shannon"]),
        *_distance(here["cramer_von_mises"]),
    ]
    return {"cells": cells, "few": left < FEW}


def mass_tables(run: RunFolder, entries: Sequence[EntryFolder]) -> dict[str, Any]:
    """Tables of the section: sculpting at equal ε_s, a background each, and correlations.

    Empty where no entry has measures.
    """
    judged = [one for one in entries if one.metrics.get("mass")]
    if not judged:
        return {}
    first = judged[0].metrics["mass"]
    names = row_names(judged)
    edges = first["edges"]
    divided = {one.label: _divided(run, one.name) for one in judged}
    tables, correlations = [], []
    levels = list(first["at_signal_efficiency"])
    for key in run.backgrounds:
        blocks, related = [], []
        for level in levels:
            rows = [
                _sculpting_row(one.metrics["mass"]["at_signal_efficiency"][level], key)
                | {"name": names[one.label], "divided": divided[one.label]}
                for one in judged
            ]
            blocks.append({"level": level, "rows": rows})
        for one in judged:
            linked = one.metrics["mass"]["correlation"][key]
            cells = [*_linear(linked), *_distance(linked)]
            related.append({"name": names[one.label], "cells": cells, "few": False})
        tables.append({"title": run.title_of(key), "blocks": blocks})
        correlations.append({"title": run.title_of(key), "rows": related})
    return {
        "observable": str(first["observable"]).replace("_", " "),
        "bins": f"{len(edges) - 1} bins from {edges[0]:g} to {edges[-1]:g} GeV",
        "base": first["base"],
        "chosen_on": first["chosen_on"],
        "selections": first["selections"],
        "permutations": first["permutations"],
        "sculpting": tables,
        "correlation": correlations,
    }
