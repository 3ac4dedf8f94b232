"""The rows of the top-tagging validation as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from _shared import head, interval_of, row
from _tops_rows import LEARNING, LONG, MASS, MAY_FALL_SHORT, MUST, ROWS, Row, core_hours, late

__all__ = ["page"]

Done = Mapping[str, Any]
MISSING = "not made yet"


def _mass(done: Done) -> list[str]:
    lines = head("score", "AUC on the test jets", "expected", "")
    for name, found in done["mass"].items():
        expected, verdict = "–", ""
        if name in MASS:
            value, apart = MASS[name]
            expected = f"{value} ± {apart}"
            verdict = "holds" if abs(found["value"] - value) <= apart else "**does not hold**"
        lines.append(row(name, f"{found['value']:.4f}", expected, verdict))
    return [*lines, ""]


def _verdict(done: Done, entry: str, area: float) -> str:
    if entry not in MUST:
        return "reported"
    if area >= MUST[entry]:
        return f"holds: {MUST[entry]} or more"
    trees = done["entries"].get("trees-all")
    if entry == MAY_FALL_SHORT and trees and area <= trees["auc"]["value"]:
        return f"below {MUST[entry]}: does not beat the trees at this number of jets"
    return f"**does not hold**: {MUST[entry]} or more"


def _table(done: Done) -> list[str]:
    measures = ("AUC", "spread of seeds", "1/ε_b at ε_s 0.5", "at 0.3", "accuracy")
    costs = ("parameters", "epochs (best)", "minutes of a core", "scored jets/s")
    lines = head("entry", "seeds", *measures, *costs, "")
    for entry in dict.fromkeys(one.entry for one in ROWS):
        found = done["entries"].get(f"{entry}-all")
        if found is None:
            lines.append(row(entry, "", *[""] * 9, MISSING))
            continue
        rows = [done["rows"][Row(entry, seed).key] for seed in found["seeds"]]
        areas = [one["auc"]["value"] for one in rows]
        timing = rows[0]["timing"]
        # other programs and pauses only add
        quickest = min(one["timing"]["seconds"] for one in rows)
        rate = max(one["timing"]["scored_a_second"] for one in rows)
        lines.append(
            row(
                f"**{entry}**",
                len(rows),
                interval_of(found["auc"]),
                f"{max(areas) - min(areas):.4f}" if len(areas) > 1 else "one seed",
                interval_of(found["rejection at 0.5"]),
                interval_of(found["rejection at 0.3"]),
                f"{sum(_accuracy(one) for one in rows) / len(rows):.4f}",
                f"{timing['parameters']:,}",
                f"{timing['epochs']} ({timing['best_epoch']})",
                f"{quickest / 60:.1f}",
                f"{rate:,.0f}",
                _verdict(done, entry, found["auc"]["value"]),
            )
        )
    return [*lines, ""]


def _accuracy(made: Mapping[str, Any]) -> float:
    found = made["accuracy"]
    return float(found["value"] if isinstance(found, Mapping) else found)


def _curves(done: Done) -> list[str]:
    sizes = [*LEARNING, None]
    lines = head("entry", *(f"{size:,} a class" if size else "all" for size in sizes))
    for entry in dict.fromkeys(one.entry for one in ROWS if one.examples):
        found = [done["entries"].get(Row(entry, 1, size).group) for size in sizes]
        lines.append(row(entry, *(interval_of(one["auc"]) if one else "–" for one in found)))
    return [*lines, ""]


def page(done: Done) -> list[str]:
    """Everything that is known so far."""
    count = sum(one.key in done["rows"] for one in ROWS)
    jets = ", ".join(
        f"{sum(done['jets'][name]):,} {name} ({done['jets'][name][0]:,} tops)"
        for name in ("train", "validation", "test")
        if name in done["jets"]
    )
    return [
        "# Top tagging on the published jets",
        "",
        "Jets of the top-tagging reference set (zenodo 2603256; A. Butter et al., SciPost Phys. 7",
        "(2019) 014, arXiv:1902.09914), split as published:",
        f"{jets or MISSING}.",
        "Made by `python validation/top_tagging.py`, which goes on where it stopped and may be",
        f"started twice: {count} of {len(ROWS)} rows are done, each with one thread. All take some",
        f"{sum(map(core_hours, ROWS)):.0f} hours of a core. Only the training jets train; the",
        "epoch and the cuts are chosen on the validation jets; test jets are looked at once.",
        "Training jets that have a copy among the test jets are left out.",
        "",
        "Intervals are 68 %, from the finite test sample and, with three seeds, from the seeds.",
        "Where one training takes more than twenty minutes of two cores there is one seed:",
        f"{', '.join(LONG)}; where it takes more than twenty with the one thread that a row has,",
        f"the other two are made last: {', '.join(late())}.",
        "Published numbers are from 1.2 million training jets, 24 times as many.",
        "",
        "## The jet alone",
        "",
        "The mass as a cut and as the ratio of its spectra in the training jets; pT and",
        "pseudorapidity tell how much the selection itself gives away.",
        "",
        *_mass(done),
        "## All rows",
        "",
        "1/ε_b at ε_s 0.5 leads: at 0.3 only some ten background jets pass the best taggers.",
        "Times are those of the quickest seed: other programs and pauses only add.",
        "",
        *_table(done),
        "## Learning curves",
        "",
        "AUC against the number of training jets.",
        "",
        *_curves(done),
    ]
