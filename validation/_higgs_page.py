"""The rows of the H→γγ validation as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from _higgs_rows import CATEGORIES, CONTROL_SIZE, CONTROLS, MOST_IMAGES, PAIRS, ROWS, Row
from _shared import head, interval_of, row

from hepvision.physics.intervals import Interval

__all__ = ["page"]

Done = Mapping[str, Any]
AGAINST = {"diphoton": "γγ", "photon_jet": "γ+jet", "rest": "both"}
#: What the paper shows for its images, central category, decorrelated from the mass.
PAPER = {"diphoton": "0.77", "photon_jet": "0.95", "rest": "0.81"}
#: Images by category, of which the paper lets expect something.
IMAGES = {"central": ("EB", "CMS-B"), "forward": ("ECAL", "CMS-I", "CMS-II")}
MOMENTA = "4-momentum"
MISSING = "not made yet"
WATCHED = ("epoch", "validation", "correlation", "correlation_limit")
TRAINED = ("entry", "training events a class")
_KEPT = (
    "Which epoch was kept, and which would have been by the loss alone. The correlation is the",
    "distance correlation of score and mass on the validation events, of both backgrounds or of",
    "the one where it is further above its limit; that is 0.1 with what chance adds. Dividing by",
    "the mass takes it from the photons, not from the rest: noise and pile-up have a scale of",
    "their own, which becomes 1/m (leaks.md, 'Divided by the mass'). Once a network has learned",
    "that, an earlier epoch is kept, or, where none is below the limit, the least correlated one.",
)
_LAST = (
    "What the choice costs: the network of the last epoch on the same test events, with the",
    "distance correlation of its score and the mass for background. A cut on it bends the",
    "spectrum.",
)
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
    lines = head(*TRAINED, *against, "epochs (best)", "hours")
    for names, made in _trained(done, category):
        timing = made["timing"]
        areas = (interval_of(made["metrics"]["versus"][one]["auc"]) for one in AGAINST)
        epochs = f"{timing['epochs']} ({timing['best_epoch']})"
        lines.append(row(*names, *areas, epochs, f"{timing['seconds'] / 3600:.1f}"))
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
                cells.append(interval_of(found["versus"][against]["auc"]) if found else "–")
            lines.append(row(entry, title, *cells))
    return [*lines, ""]


def _at_last(record: Mapping[str, Any], key: str, against: str, other: float) -> str:
    """AUC of the last epoch, and what it is above or below 4-momentum."""
    if key not in record["last"]:
        return ""
    area = record["last"][key]["versus"][against]["value"]
    return f"{area:.3f} ({area - other:+.3f})"


def _reached(record: Mapping[str, Any]) -> list[tuple[str, str, bool, str, str]]:
    """What the paper lets expect of the AUC: rule, size, whether it holds, numbers, last epoch."""
    done, found = record["rows"], []
    for category, entry in ((key, one) for key, entries in IMAGES.items() for one in entries):
        pairs = []
        for made in (one for one in ROWS if (one.category, one.entry) == (category, entry)):
            both = (_metrics(done, made), _metrics(done, Row(category, MOMENTA, made.examples)))
            if None not in both:
                pairs.append((_size(made.examples), *both))
                key = made.key
        if not pairs:
            continue
        jet, pair = (
            [[one["versus"][key]["auc"]["value"] for one in both] for _, *both in pairs]
            for key in ("photon_jet", "diphoton")
        )
        size, (image, momenta) = pairs[-1][0], jet[-1]
        rule, above = f"{entry} against γ+jet:", f"{image:.3f} − {momenta:.3f}"
        last = _at_last(record, key, "photon_jet", momenta)
        found += [
            (f"{rule} 0.90 or more", size, image >= 0.9, f"{image:.3f}", last),
            (f"{rule} 0.10 above {MOMENTA}", size, image - momenta >= 0.1, above, last),
        ]
        gaps = [momenta - image for image, momenta in pair]
        below = f"{pair[-1][0]:.3f} − {pair[-1][1]:.3f}"
        rule, last = f"{entry} against γγ:", _at_last(record, key, "diphoton", pair[-1][1])
        found.append((f"{rule} within 0.08 of {MOMENTA}", size, abs(gaps[-1]) <= 0.08, below, last))
        if len(gaps) > 1:
            closing = " → ".join(f"{gap:.3f}" for gap in gaps)
            sizes = f"{pairs[0][0]} to {size}"
            rule += f" closing on {MOMENTA} with more events"
            found.append((rule, sizes, gaps[-1] < gaps[0], closing, ""))
    return found


def _bent(done: Done) -> list[tuple[str, str, bool, str, str]]:
    """Whether division by the mass bends its spectrum less, at equal signal efficiency."""
    both = [_metrics(done, Row("central", one, CONTROL_SIZE)) for one in ("EB", "EB-undivided")]
    if None in both:
        return []
    found = []
    for level in both[0]["mass"]["at_signal_efficiency"]:  # type: ignore[index]
        points = [one["mass"]["at_signal_efficiency"][level] for one in both]  # type: ignore[index]
        for key in ("diphoton", "photon_jet"):
            spreads = [one["against"][key]["cramer_von_mises"] for one in points]
            if any("reason" in one for one in spreads):
                continue
            divided, plain = (interval_of(one["distance"]) for one in spreads)
            rule = f"EB, {AGAINST[key]}: less bent with division, ε_s {level}"
            said = f"{divided} against {plain}"
            found.append((rule, _size(CONTROL_SIZE), divided.value < plain.value, said, ""))
    return found


def _expected(record: Mapping[str, Any]) -> list[str]:
    columns = ("measured", "", f"at the last epoch (above {MOMENTA})")
    lines = head("expected from the paper", TRAINED[1], *columns)
    for rule, size, holds, said, last in (*_reached(record), *_bent(record["rows"])):
        lines.append(row(rule, size, said, "holds" if holds else "**does not hold**", last))
    if len(lines) == 2:
        lines.append(row("no image is trained yet", "", "", MISSING, ""))
    return [*lines, ""]


def _pairs(record: Mapping[str, Any], category: str) -> list[str]:
    """Differences of AUC on the same test events."""
    lines = head("rows", TRAINED[1], "against", "difference of AUC", "p-value")
    for first, second in PAIRS:
        found = record["pairs"].get(f"{first.key} − {second.key}")
        if first.category == category and found:
            names = (f"{first.entry} − {second.entry}", _size(first.examples))
            for key, title in AGAINST.items():
                one = found[key]
                lines.append(
                    row(*names, title, interval_of(one["difference"]), f"{one['p_value']:.2g}")
                )
    return [*lines, ""] if len(lines) > 2 else [MISSING, ""]


def _mass(done: Done, category: str) -> list[str]:
    linear = "correlation of score and mass, background"
    lines = head(*TRAINED, linear, "distance correlation", "by chance")
    for names, made in _trained(done, category):
        one = made["metrics"]["correlation"]
        both = (interval_of(one[key]) for key in ("pearson", "distance"))
        lines.append(row(*names, *both, f"{one['chance']:.3f}"))
    return [*lines, ""]


def _epochs(record: Mapping[str, Any], category: str) -> list[str]:
    """What the demand to know nothing of the mass cost: the epoch that was kept, and the best."""
    kept = ("epoch kept", "its loss", "its correlation", "limit")
    least = ("epoch of the least loss", "its loss", "its correlation")
    lines = head(*TRAINED, *kept, *least)
    for one in (one for one in ROWS if one.category == category):
        found = record["epochs"].get(one.key)
        if found:
            cells = [found["kept"][key] for key in WATCHED] + [
                found["least loss"][key] for key in WATCHED[:3]
            ]
            shown = (f"{x:.0f}" if i in (0, 4) else f"{x:.3f}" for i, x in enumerate(cells))
            lines.append(row(one.entry, _size(one.examples), *shown))
    return [*lines, ""] if len(lines) > 2 else [MISSING, ""]


def _last(record: Mapping[str, Any], category: str) -> list[str]:
    """The network of the last epoch, where an earlier one was kept."""
    against = (f"against {one}" for one in AGAINST.values())
    known = ("distance correlation", "the same of γγ alone")
    lines = head(*TRAINED, "epoch", *against, *known)
    for one in (one for one in ROWS if one.category == category):
        found = record["last"].get(one.key)
        if found:
            areas = (interval_of(found["versus"][key]) for key in AGAINST)
            names = (one.entry, _size(one.examples), found["epoch"])
            mass = (interval_of(found["distance"][key]) for key in ("rest", "diphoton"))
            lines.append(row(*names, *areas, *mass))
    return [*lines, ""] if len(lines) > 2 else [MISSING, ""]


def _spread(found: Mapping[str, Any]) -> str:
    """A distance with what chance gives, or why there is none."""
    if "reason" in found:
        return "–"
    return f"{interval_of(found['distance'])} ({found['chance']:.3f}; p {found['p_value']:.2f})"


def _sculpting(done: Done, category: str) -> list[str]:
    distances = ("Jensen–Shannon (chance; p)", "Cramér–von Mises")
    lines = head(*TRAINED, "background", "ε_s", "ε_b", *distances)
    for names, made in _trained(done, category):
        measured = made["metrics"].get("mass") or {}
        for level, point in measured.get("at_signal_efficiency", {}).items():
            for key in ("diphoton", "photon_jet"):
                one = point["against"][key]
                passing = interval_of(one["background_efficiency"])
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
        both = (interval_of(found[key]) for key in ("significance", "mu_error"))
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
        "choose the best epoch and the working points, 15 % are judged. Images of the central",
        f"category train on at most {MOST_IMAGES:,} of the 15,000 events a class: the hours below",
        "are those of one core, and thirty-odd rows must fit into a few days.",
        "",
        *_samples(record["samples"]),
        "## Expected and measured",
        "",
        *_expected(record),
        "Where an image falls short, it is the price of knowing nothing of the mass: with endcaps",
        "a network soon learns it from γγ, and an early epoch is kept, the loss of which is far",
        "from the least. The last column has what the same training gives at its last epoch, on",
        "the same test events; score and mass are correlated there (tables of epochs below). And",
        "with endcaps only some 6,000 events a class train; 0.08 is expected of 20,000.",
        "",
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
            "What tracks and HCAL add, and what the endcaps' projection changes: differences of",
            "AUC on the same test events, paired as by DeLong.",
            "",
            *_pairs(record, name),
            "Score and mass on background.",
            "",
            *_mass(done, name),
            *_KEPT,
            "",
            *_epochs(record, name),
            *_LAST,
            "",
            *_last(record, name),
            *_BENT,
            "",
            *_sculpting(done, name),
            *_WORTH,
            "",
            *_analysis(done, name),
        ]
    return lines
