"""The rows of the multijet validation as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from _multijet_rows import LEVEL, RATES, ROWS, SPLIT, UNTUNED, Row
from _multijet_search import search_lines
from _shared import head, row, signed

__all__ = ["page"]

Done = Mapping[str, Any]
MISSING = "not made yet"
#: ε_s at ε_b = 0.003 of the paper, on events of Delphes.
PUBLISHED = {"compact": 0.746, "large": 0.641}


def _samples(done: Done) -> list[str]:
    judged = ("validation and test", "effective")
    lines = head("class", "events", *judged, "selected of detected", "cross-section (pb)")
    for name, one in done["samples"].items():
        flow = one["cut_flow"]["passed"]
        lines.append(
            row(
                name,
                f"{one['events']:,}",
                f"{one['judged']:,}",
                f"{one['effective']:,.0f}",
                f"{flow[-1] / flow[0]:.3f}",
                f"{one['cross_section_pb']:.3g}",
            )
        )
    return [*lines, ""]


def _table(done: Done) -> list[str]:
    columns = ("AUC", "ε_s", "ε_b", "background left (effective)", "published ε_s")
    lines = head("entry", "seed", *columns, "parameters", "epochs (best)", "minutes")
    for one in ROWS:
        found = done["rows"].get(one.key)
        if found is None:
            lines.append(row(f"**{one.name}**", one.seed, MISSING, *[""] * 7))
            continue
        point, timing = found["point"], found["timing"]
        left = f"{point['remaining']} ({point['remaining_effective']:.0f})"
        lines.append(
            row(
                f"**{one.name}**",
                one.seed,
                signed(found["auc"]),
                signed(point["signal_efficiency"]),
                signed(point["background_efficiency"]),
                f"{left} †" if point["warning"] else left,
                PUBLISHED.get(one.entry, "–"),
                f"{int(timing.get('parameters') or 0):,}",
                f"{timing.get('epochs', '–')} ({timing.get('best_epoch', '–')})",
                f"{float(timing.get('seconds') or 0.0) / 60:.1f}",
            )
        )
    return [*lines, ""]


def _pairs(done: Done) -> list[str]:
    lines = head("pair", "measure", "first", "second", "difference (95 %)", "p", "the first is")
    for name, measures in done["pairs"].items():
        for measure, one in measures.items():
            cells = (signed(one[key]) for key in ("first", "second", "sure"))
            lines.append(row(name, measure, *cells, f"{one['p_value']:.3f}", one["verdict"]))
    return [*lines, ""] if done["pairs"] else [MISSING, ""]


def _tuned(done: Done) -> list[str]:
    if "tuned" not in done:
        return [f"Learning rates of the large network: {MISSING}.", ""]
    areas = done["tuned"]["areas"]
    told = ", ".join(f"{rate:g}: {areas[f'{rate:g}']:.4f}" for rate in RATES)
    return [
        f"AUC of the large network on the validation events by learning rate: {told}.",
        f"What is held against others is the one with {done['tuned']['rate']:g}.",
        "",
    ]


def _ordering(done: Done) -> list[str]:
    """What became of the paper's ordering of the compact and the large network."""
    found = [done["pairs"].get(f"compact against {one}") for one in ("large", UNTUNED)]
    if None in found:
        return []
    tuned, plain = (one["AUC"] for one in found if one)
    kept = next(value for key, value in found[1].items() if key != "AUC")
    return [
        "In the paper the compact network keeps more of the signal than the large one. Here its",
        f"AUC is {tuned['verdict']}: {signed(tuned['sure'])}. Against the large one with the",
        f"learning rate of the other networks, {UNTUNED.rpartition(' ')[2]}, the difference is",
        f"{signed(plain['sure'])} ({plain['verdict']}; in ε_s {kept['verdict']}): a choice among",
        "three rates is worth more than what is left. Another reason that we can name is not",
        "tested: the paper has 29 times as many training events.",
        "",
    ]


def page(done: Done) -> list[str]:
    """Everything that is known so far."""
    count = sum(one.key in done["rows"] for one in ROWS)
    return [
        "# Gluinos without R parity in multijet events",
        "",
        f"Study `rpv_multijet` with {done['events']:,} simulated events a class: pairs of gluinos",
        "of 1000 GeV, and QCD with weights, both with four jets of R = 1.0 above 200 GeV. Made by",
        f"`python validation/rpv_multijet.py`, which goes on where it stopped: {count} of",
        f"{len(ROWS)} trainings are done. {SPLIT['test']:.0%} of the events are for the test, "
        f"{SPLIT['validation']:.0%}",
        "for validation. The epoch, the learning rate and the cuts are chosen on the validation",
        "events; test events are looked at once. All measures are weighted.",
        "",
        *_samples(done),
        "## All rows",
        "",
        f"The cut is the one that keeps {LEVEL} of the background among the validation events; ε_s",
        "and ε_b are what it keeps of the test events, with intervals of 68 %. What two entries",
        "keep at the same ε_b stands in the pairs below. † fewer than 30 background events count:",
        "an order of magnitude. Published ε_s (at the same ε_b; V. Ayyar et al.,",
        "arXiv:2002.05761) are from 412,416 training events of another detector simulation.",
        "",
        *_table(done),
        *_tuned(done),
        "## Pairs on the same events",
        "",
        "Both are measured on the same resampled test events, cut included; the mean over seeds",
        "where there are several. A verdict needs 95 % confidence.",
        "",
        *_pairs(done),
        *_ordering(done),
        "## The search",
        "",
        *search_lines(done),
    ]


def done_rows(done: Done, entry: str) -> list[Row]:
    """Rows of an entry that are done; of the large network, those with the best learning rate."""
    found = [one for one in ROWS if entry in (one.entry, one.name) and one.key in done["rows"]]
    if entry == "large":
        rate = done.get("tuned", {}).get("rate")
        return [one for one in found if one.rate == rate]
    return found
