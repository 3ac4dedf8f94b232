"""The rows of the H→γγ validation as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from _higgs_rows import CATEGORIES, CONTROL_SIZE, CONTROLS, ROWS, Row

from hepvision.physics.intervals import Interval

__all__ = ["page"]

Done = Mapping[str, Any]
AGAINST = {"diphoton": "γγ", "photon_jet": "γ+jet", "rest": "both"}
#: What the paper shows for its images, central category, decorrelated from the mass.
PAPER = {"diphoton": "0.77", "photon_jet": "0.95", "rest": "0.81"}
IMAGES = ("EB", "CMS-B", "ECAL", "CMS-I", "CMS-II")
MISSING = "not made yet"
_BENT = (
    "How a cut bends the background's mass spectrum, at equal ε_s: distances in 20 bins from",
    "90 to 190 GeV (Jensen–Shannon, base 2) and without bins, with what a random choice of as many",
    "events gives, and its p-value.",
)
_WORTH = (
    "Expected significance at 20 fb⁻¹ and 8 TeV, in score categories, from fits of the mass",
    "(100–180 GeV). Only γγ and γ+jet, at leading order, and no photon identification: the ratios",
    "mean something, the absolute values less.",
)


def _metrics(done: Done, row: Row) -> Mapping[str, Any] | None:
    return done[row.key]["metrics"] if row.key in done else None


def _interval(found: Mapping[str, float]) -> Interval:
    return Interval(found["value"], found["low"], found["high"])


def _samples(made: Mapping[str, Any]) -> list[str]:
    lines = [
        "## Events",
        "",
        "| category | sample | events | tried | cross-section (pb) | an event stands for, in "
        "20 fb⁻¹ | made by code |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, category in CATEGORIES.items():
        for key in ("higgs", "diphoton", "photon_jet"):
            one = made.get(name, {}).get(key)
            if one is None:
                lines.append(f"| {category.title} | {key} | {MISSING} | | | | |")
                continue
            lines.append(
                f"| {category.title} | {key} | {one['events']} | {one['tried']} "
                f"| {one['cross_section_pb']:.4g} | {20000 * one['luminosity_weight']:.3g} events "
                f"| `{one['code'][:10]}` |"
            )
    return [*lines, ""]


def _judged(done: Done, category: str) -> list[Row]:
    """Rows on most events, finished so far; beside the controls the row that they vary."""
    found = []
    for entry in CATEGORIES[category].entries:
        made = [row for row in ROWS if (row.category, row.entry) == (category, entry)]
        made = [row for row in made if row.key in done]
        of_controls = [row for row in made if row.examples == CONTROL_SIZE and entry == "EB"]
        found += list(dict.fromkeys((*of_controls, *made[-1:])))
    return sorted(found, key=lambda row: row.entry in CONTROLS)


def _size(row: Row) -> str:
    return f"{row.examples:,}" if row.examples else "all"


def _areas(done: Done, category: str) -> list[str]:
    lines = [
        "| entry | training events a class | "
        + " | ".join(f"against {one}" for one in AGAINST.values())
        + " | epochs (best) | events/s |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in _judged(done, category):
        found, timing = done[row.key]["metrics"], done[row.key]["timing"]
        cells = [str(_interval(found["versus"][one]["auc"])) for one in AGAINST]
        lines.append(
            f"| {row.entry} | {_size(row)} | "
            + " | ".join(cells)
            + f" | {timing['epochs']} ({timing['best_epoch']}) "
            f"| {timing['events_a_second'] or 0:.0f} |"
        )
    if category == "central":
        lines.append(
            "| paper, images | 51,200 | " + " | ".join(PAPER[one] for one in AGAINST) + " | | |"
        )
    return [*lines, ""]


def _curves(done: Done, category: str) -> list[str]:
    """AUC against the number of training events, one row an entry and background."""
    sizes = CATEGORIES[category].sizes
    head = ["all" if size is None else f"{size:,}" for size in sizes]
    lines = [
        "| entry | against | " + " | ".join(head) + " |",
        "|---" * (2 + len(sizes)) + "|",
    ]
    for entry in CATEGORIES[category].entries:
        if entry in CONTROLS:
            continue
        for against, title in AGAINST.items():
            cells = []
            for size in sizes:
                found = _metrics(done, Row(category, entry, size))
                cells.append(str(_interval(found["versus"][against]["auc"])) if found else "–")
            lines.append(f"| {entry} | {title} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _expected(done: Done) -> list[str]:
    lines = [
        "| expected from the paper | training events a class | measured | |",
        "|---|---|---|---|",
    ]
    for entry in ("EB", "CMS-B"):
        row = next((row for row in _judged(done, "central")[::-1] if row.entry == entry), None)
        momenta = row and _metrics(done, Row("central", "4-momentum", row.examples))
        if row is None or momenta is None:
            lines.append(f"| {entry}: all of the below | | | {MISSING} |")
            continue
        found = done[row.key]["metrics"]
        jet, pair = (
            [one["versus"][key]["auc"]["value"] for one in (found, momenta)]
            for key in ("photon_jet", "diphoton")
        )
        for rule, holds, said in (
            ("against γ+jet: 0.90 or more", jet[0] >= 0.9, f"{jet[0]:.3f}"),
            (
                "against γ+jet: 0.10 above 4-momentum",
                jet[0] - jet[1] >= 0.1,
                f"{jet[0]:.3f} − {jet[1]:.3f}",
            ),
            (
                "against γγ: within 0.08 of 4-momentum",
                abs(pair[0] - pair[1]) <= 0.08,
                f"{pair[0]:.3f} − {pair[1]:.3f}",
            ),
        ):
            verdict = "holds" if holds else "**does not hold**"
            lines.append(f"| {entry} {rule} | {_size(row)} | {said} | {verdict} |")
    return [*lines, ""]


def _mass(done: Done, category: str) -> list[str]:
    lines = [
        "| entry | training events a class | correlation of score and mass, background "
        "| distance correlation | by chance |",
        "|---|---|---|---|---|",
    ]
    for row in _judged(done, category):
        one = done[row.key]["metrics"]["correlation"]
        lines.append(
            f"| {row.entry} | {_size(row)} | {_interval(one['pearson'])} "
            f"| {_interval(one['distance'])} | {one['chance']:.3f} |"
        )
    return [*lines, ""]


def _spread(found: Mapping[str, Any]) -> str:
    """A distance with what chance gives, or why there is none."""
    if "reason" in found:
        return "–"
    return f"{_interval(found['distance'])} ({found['chance']:.3f}; p {found['p_value']:.2f})"


def _sculpting(done: Done, category: str) -> list[str]:
    lines = [
        "| entry | training events a class | background | ε_s | ε_b "
        "| Jensen–Shannon (chance; p) | Cramér–von Mises |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in _judged(done, category):
        measured = done[row.key]["metrics"].get("mass") or {}
        for level, point in measured.get("at_signal_efficiency", {}).items():
            for key in ("diphoton", "photon_jet"):
                one = point["against"][key]
                lines.append(
                    f"| {row.entry} | {_size(row)} | {AGAINST[key]} | {level} "
                    f"| {_interval(one['background_efficiency'])} "
                    f"| {_spread(one['jensen_shannon'])} | {_spread(one['cramer_von_mises'])} |"
                )
    return [*lines, ""]


def _percent(found: Mapping[str, float]) -> str:
    return str(Interval(*(100.0 * found[key] for key in ("value", "low", "high")))) + " %"


def _analysis(done: Done, category: str) -> list[str]:
    lines = [
        "| entry | training events a class | significance | σ_μ | categories "
        "| gain over no categories | over the trees |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in _judged(done, category):
        found = done[row.key]["metrics"].get("analysis")
        if not found:
            continue
        if "missing" in found:
            lines.append(f"| {row.entry} | {_size(row)} | {found['missing']} | | | | |")
            continue
        over = (found.get("over_standard") or {}).get("significance")
        lines.append(
            f"| {row.entry} | {_size(row)} | {_interval(found['significance'])} "
            f"| {_interval(found['mu_error'])} "
            f"| {len(found['categories'])} | {_percent(found['over_inclusive'])} "
            f"| {_percent(over) if over else '–'} |"
        )
    return [*lines, ""]


def page(record: Mapping[str, Any]) -> str:
    """Everything that is known so far."""
    done = record["rows"]
    count = sum(row.key in done for row in ROWS)
    lines = [
        "# H→γγ as in the paper",
        "",
        "M. Andrews, M. Paulini, S. Gleyzer, B. Poczos (CMS), EPJ Web Conf. 214 (2019) 06031, on",
        "events of hepvision's own simulation. Made by `python validation/higgs_diphoton.py`,",
        f"which goes on where it stopped: {count} of {len(ROWS)} rows are done. Intervals are",
        "68 %, from the finite test sample; one training each. 75 % of the events train, 10 %",
        "choose the best epoch and the working points, 15 % are judged.",
        "",
        *_samples(record["samples"]),
        "## Expected and measured",
        "",
        *_expected(done),
    ]
    for name, category in CATEGORIES.items():
        lines += [
            f"## {category.title[0].upper()}{category.title[1:]}",
            "",
            "AUC of H→γγ against each background and both.",
            "",
            *_areas(done, name),
            "Learning curves: AUC against the number of training events a class.",
            "",
            *_curves(done, name),
            "Score and mass on background.",
            "",
            *_mass(done, name),
            *_BENT,
            "",
            *_sculpting(done, name),
            *_WORTH,
            "",
            *_analysis(done, name),
        ]
    return "\n".join(lines)
