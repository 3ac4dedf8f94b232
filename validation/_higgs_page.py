"""The rows of the H→γγ validation as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from _higgs_rows import CATEGORIES, CONTROL_SIZE, CONTROLS, ROWS, Row
from _shared import head, row

from hepvision.physics.intervals import Interval

__all__ = ["page"]

Done = Mapping[str, Any]
AGAINST = {"diphoton": "γγ", "photon_jet": "γ+jet", "rest": "both"}
#: What the paper shows for its images, central category, decorrelated from the mass.
PAPER = {"diphoton": "0.77", "photon_jet": "0.95", "rest": "0.81"}
IMAGES = ("EB", "CMS-B", "ECAL", "CMS-I", "CMS-II")
MISSING = "not made yet"
TRAINED = ("entry", "training events a class")
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
        *head(
            "category",
            "sample",
            "events",
            "tried",
            "cross-section (pb)",
            "an event stands for, in 20 fb⁻¹",
            "made by code",
        ),
    ]
    for name, category in CATEGORIES.items():
        for key in ("higgs", "diphoton", "photon_jet"):
            one = made.get(name, {}).get(key)
            if one is None:
                lines.append(row(category.title, key, MISSING, "", "", "", ""))
                continue
            cells = [one["events"], one["tried"], f"{one['cross_section_pb']:.4g}"]
            cells += [f"{20000 * one['luminosity_weight']:.3g} events", f"`{one['code'][:10]}`"]
            lines.append(row(category.title, key, *cells))
    return [*lines, ""]


def _judged(done: Done, category: str) -> list[Row]:
    """Rows on most events, finished so far; beside the controls the row that they vary."""
    found = []
    for entry in CATEGORIES[category].entries:
        made = [one for one in ROWS if (one.category, one.entry) == (category, entry)]
        made = [one for one in made if one.key in done]
        of_controls = [one for one in made if one.examples == CONTROL_SIZE and entry == "EB"]
        found += list(dict.fromkeys((*of_controls, *made[-1:])))
    return sorted(found, key=lambda one: one.entry in CONTROLS)


def _size(examples: int | None) -> str:
    return f"{examples:,}" if examples else "all"


def _trained(done: Done, category: str) -> list[tuple[tuple[str, str], Mapping[str, Any]]]:
    """Entry and training events, and what was found, of each row that is judged."""
    rows = _judged(done, category)
    return [((one.entry, _size(one.examples)), done[one.key]) for one in rows]


def _areas(done: Done, category: str) -> list[str]:
    against = (f"against {one}" for one in AGAINST.values())
    lines = head(*TRAINED, *against, "epochs (best)", "events/s")
    for names, made in _trained(done, category):
        timing = made["timing"]
        areas = (_interval(made["metrics"]["versus"][one]["auc"]) for one in AGAINST)
        epochs = f"{timing['epochs']} ({timing['best_epoch']})"
        lines.append(row(*names, *areas, epochs, f"{timing['events_a_second'] or 0:.0f}"))
    if category == "central":
        lines.append(row("paper, images", "51,200", *(PAPER[one] for one in AGAINST), "", ""))
    return [*lines, ""]


def _curves(done: Done, category: str) -> list[str]:
    """AUC against the number of training events, one row an entry and background."""
    sizes = CATEGORIES[category].sizes
    lines = head("entry", "against", *map(_size, sizes))
    for entry in CATEGORIES[category].entries:
        if entry in CONTROLS:
            continue
        for against, title in AGAINST.items():
            cells = []
            for size in sizes:
                found = _metrics(done, Row(category, entry, size))
                cells.append(_interval(found["versus"][against]["auc"]) if found else "–")
            lines.append(row(entry, title, *cells))
    return [*lines, ""]


def _expected(done: Done) -> list[str]:
    lines = head("expected from the paper", TRAINED[1], "measured", "")
    for entry in ("EB", "CMS-B"):
        made = next((one for one in _judged(done, "central")[::-1] if one.entry == entry), None)
        momenta = made and _metrics(done, Row("central", "4-momentum", made.examples))
        if made is None or momenta is None:
            lines.append(row(f"{entry}: all of the below", "", "", MISSING))
            continue
        found = done[made.key]["metrics"]
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
            lines.append(row(f"{entry} {rule}", _size(made.examples), said, verdict))
    return [*lines, ""]


def _mass(done: Done, category: str) -> list[str]:
    linear = "correlation of score and mass, background"
    lines = head(*TRAINED, linear, "distance correlation", "by chance")
    for names, made in _trained(done, category):
        one = made["metrics"]["correlation"]
        both = (_interval(one[key]) for key in ("pearson", "distance"))
        lines.append(row(*names, *both, f"{one['chance']:.3f}"))
    return [*lines, ""]


def _spread(found: Mapping[str, Any]) -> str:
    """A distance with what chance gives, or why there is none."""
    if "reason" in found:
        return "–"
    return f"{_interval(found['distance'])} ({found['chance']:.3f}; p {found['p_value']:.2f})"


def _sculpting(done: Done, category: str) -> list[str]:
    distances = ("Jensen–Shannon (chance; p)", "Cramér–von Mises")
    lines = head(*TRAINED, "background", "ε_s", "ε_b", *distances)
    for names, made in _trained(done, category):
        measured = made["metrics"].get("mass") or {}
        for level, point in measured.get("at_signal_efficiency", {}).items():
            for key in ("diphoton", "photon_jet"):
                one = point["against"][key]
                passing = _interval(one["background_efficiency"])
                spreads = (_spread(one[kind]) for kind in ("jensen_shannon", "cramer_von_mises"))
                lines.append(row(*names, AGAINST[key], level, passing, *spreads))
    return [*lines, ""]


def _percent(found: Mapping[str, float]) -> str:
    return str(Interval(*(100.0 * found[key] for key in ("value", "low", "high")))) + " %"


def _analysis(done: Done, category: str) -> list[str]:
    gains = ("gain over no categories", "over the trees")
    lines = head(*TRAINED, "significance", "σ_μ", "categories", *gains)
    for names, made in _trained(done, category):
        found = made["metrics"].get("analysis")
        if not found:
            continue
        if "missing" in found:
            lines.append(row(*names, found["missing"], "", "", "", ""))
            continue
        over = (found.get("over_standard") or {}).get("significance")
        both = (_interval(found[key]) for key in ("significance", "mu_error"))
        several = len(found["categories"]) > 1
        gained = (
            _percent(found["over_inclusive"]) if several else "–",
            _percent(over) if over else "–",
        )
        lines.append(row(*names, *both, len(found["categories"]), *gained))
    return [*lines, ""]


def page(record: Mapping[str, Any]) -> list[str]:
    """Everything that is known so far."""
    done = record["rows"]
    count = sum(one.key in done for one in ROWS)
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
    return lines
