"""Section of a report on expected significances, made from what a run folder holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation.categories import category_of, spectra
from hepvision.evaluation.significance import Category, expected_significance
from hepvision.figures.peak import ExpectedSpectrum, expected_spectrum
from hepvision.figures.tables import number, table
from hepvision.studies._analysis import BINS, Analysis, ordering, scaled
from hepvision.studies._report_parts import Picture, axis_name, conditions, drawn, firsts
from hepvision.studies._report_tables import interval_text, row_names
from hepvision.studies._run_folder import EntryFolder, RunFolder
from hepvision.tasks._predictions import Predictions

__all__ = ["significance_section"]

Array = npt.NDArray[np.float64]
#: Bins of the fit that make one of the figure.
_MERGED = 5


def significance_section(run: RunFolder, entries: Sequence[EntryFolder]) -> dict[str, Any]:
    """Tables, sentences and figures; empty if the card asks for no analysis.

    ``missing`` says why where nothing could be fitted.
    """
    block = run.card.get("analysis")
    shared = run.metrics.get("analysis")
    if not block or not shared:
        return {}
    analysis = Analysis(**block)
    judged = [one for one in entries if "significance" in one.metrics.get("analysis", {})]
    reasons = [shared["missing"]] if "missing" in shared else []
    reasons += [
        f"{one.label}: {one.metrics['analysis']['missing']}"
        for one in entries
        if "missing" in one.metrics.get("analysis", {})
    ]
    titles = {one.name: one.title for one in entries}
    return {
        "mass": _mass(run).replace("_", " "),
        "luminosity": f"{analysis.luminosity:g}",
        "range": f"{analysis.low:g}–{analysis.high:g}",
        "background": "exponential" if analysis.background == "exponential" else "power law",
        "standard": titles.get(analysis.standard, analysis.standard),
        "missing": reasons,
        "yields": _yields(run, shared),
        "table": _table(judged, analysis) if judged else "",
        "sentences": list(_sentences(judged, titles.get(analysis.standard, ""))),
        "categories": _categories(judged) if judged else "",
        "warnings": [
            f"{one.label}: {text}" for one in judged for text in one.metrics["analysis"]["warnings"]
        ],
        **_pictures(run, analysis, shared, firsts(judged)),
    }


def _yields(run: RunFolder, shared: Mapping[str, Any]) -> str:
    found = shared.get("expected") or {}
    rows = [
        [
            run.title_of(key),
            number(float(found[key]["cross_section_pb"])),
            _events(found[key]["events"]),
        ]
        for key in run.classes
        if key in found
    ]
    return table(["sample", "cross-section [pb]", "selected events"], rows) if rows else ""


def _events(value: float) -> str:
    """A yield: three digits, or all before the point."""
    return number(round(value) if value >= 100.0 else float(f"{value:.3g}"))


def _table(entries: Sequence[EntryFolder], analysis: Analysis) -> str:
    names, rows = row_names(entries), []
    for one in entries:
        found = one.metrics["analysis"]
        over = found.get("over_standard") or {}
        standard = one.name == analysis.standard
        gains = [
            "standard" if standard else _percent(over.get(key))
            for key in ("significance", "precision")
        ]
        rows.append(
            [
                names[one.label],
                len(found["categories"]),
                interval_text(found["significance"]),
                interval_text(found["mu_error"]),
                interval_text(found["inclusive"]),
                _gain(found),
                *gains,
            ]
        )
    header = ["entry", "categories", "significance [σ]", "σ of μ", "without categories [σ]"]
    header += ["gain of categories", "significance over standard", "1/σ of μ over standard"]
    return table(header, rows, "Simultaneous fit of all categories")


def _gain(found: Mapping[str, Any]) -> str:
    """What the categories gain, where there are several."""
    several = len(found["categories"]) > 1
    return _percent(found["over_inclusive"]) if several else "one category only"


def _percent(found: Mapping[str, Any] | None) -> str:
    if not found:
        return "–"
    sign = "+" if found["value"] > 0 else ""
    return f"{sign}{interval_text(found, 100.0)} %"


def _sentences(entries: Sequence[EntryFolder], standard: str) -> Iterator[str]:
    """What each entry gains over the standard analysis."""
    named = row_names(entries)
    reasons: dict[str, list[str]] = {}
    for one in entries:
        reason = one.metrics["analysis"].get("not_compared")
        if reason:
            reasons.setdefault(reason, []).append(named[one.label])
    for reason, names in reasons.items():
        yield f"{', '.join(names)}: {reason}"
    for one in entries:
        over = one.metrics["analysis"].get("over_standard")
        if not over:
            continue
        gain = over["significance"]
        # said of a loss, the interval is turned round
        turned = {"value": -gain["value"], "low": -gain["high"], "high": -gain["low"]}
        lost = gain["value"] < 0.0
        size, verb = (turned, "loses") if lost else (gain, "gains")
        text = f"{named[one.label]} {verb} {_plus_minus(size)} % in significance "
        text += f"{'against' if lost else 'over'} the standard analysis ({standard})"
        unclear = gain["low"] < 0.0 < gain["high"]
        yield f"{text}: not told from none with this simulation." if unclear else f"{text}."


def _plus_minus(found: Mapping[str, Any]) -> str:
    """Value and error in per cent; one error where both sides are alike."""
    text = interval_text(found, 100.0)
    value, up, down = text.split(" ") if text.count(" ") == 2 else (text, "", "")
    return f"{value} ± {up[1:]}" if up and up[1:] == down[1:] else text


def _categories(entries: Sequence[EntryFolder]) -> str:
    names, rows = row_names(entries), []
    for one in entries:
        for k, found in enumerate(one.metrics["analysis"]["categories"]):
            low, high = found["window"]
            rows.append(
                [
                    names[one.label],
                    k + 1,
                    _events(found["signal"]),
                    _events(found["background"]),
                    f"{found['effective_width']:.2f}",
                    f"{low:.1f}–{high:.1f}",
                    _events(found["signal_inside"]),
                    _events(found["background_inside"]),
                    number(found["signal_inside"] / max(found["background_inside"], 1e-9), 2),
                    f"{found['simulated']:.0f}",
                    number(found["fit_probability"], 2),
                    interval_text(found["significance"]),
                ]
            )
    header = ["entry", "category", "signal", "background", "σ_eff [GeV]", "window [GeV]"]
    header += ["S in it", "B in it", "S/B", "simulated B", "p of the fit", "significance [σ]"]
    return table(header, rows, "Categories of the score, the purest first")


def _pictures(
    run: RunFolder, analysis: Analysis, shared: Mapping[str, Any], entries: Sequence[EntryFolder]
) -> dict[str, list[Picture]]:
    every: dict[str, list[Picture]] = {"summed": [], "single": []}
    for one in entries:
        if one.predictions is None or "expected" not in shared:
            continue
        parts, spectrum = _spectra(run, analysis, shared, one, one.predictions)
        look = {**conditions(run), "name": axis_name(_mass(run))}
        fb = f"{analysis.luminosity:g} fb$\\mathrm{{^{{-1}}}}$"
        look["right"] = ", ".join(filter(None, (fb, look["right"])))
        signal = run.title_of(run.signal)
        counts = np.array([part.signal for part in parts])
        inside = np.array([(part.signal_inside, part.background_inside) for part in parts])
        purity = inside[:, 0] / inside.sum(axis=1)
        # so weighted, the signal keeps its number
        weights = purity * counts.sum() / (purity @ counts)
        several = len(parts) > 1
        figure = expected_spectrum(
            _sum(spectrum, weights),
            signal,
            merge=_MERGED,
            unit="weighted events" if several else "events",
            title=f"{one.name}, {'S/(S+B) weighted' if several else 'one category'}",
            **look,
        )
        about = "categories weighted by purity" if several else "one category"
        every["summed"].append(drawn(figure, f"Expected mass spectrum of {one.name}, {about}"))
        if not several:
            continue
        for k, only in enumerate(np.eye(len(parts))):
            title = f"{one.name}, category {k + 1} of {len(parts)}"
            figure = expected_spectrum(
                _sum(spectrum, only), signal, merge=_MERGED, title=title, **look
            )
            every["single"].append(drawn(figure, f"Expected mass spectrum, {title}"))
    return every


def _mass(run: RunFolder) -> str:
    mass = (run.card.get("mass") or {}).get("observable")
    return str(mass or next(iter(run.card.get("observables") or ()), ""))


def _spectra(
    run: RunFolder,
    analysis: Analysis,
    shared: Mapping[str, Any],
    one: EntryFolder,
    found: Predictions,
) -> tuple[tuple[Category, ...], list[ExpectedSpectrum]]:
    """Categories of the test sample and their spectra."""
    judged = one.metrics["analysis"]
    score = ordering(found.scores, run.classes, run.signal, judged["factors"])
    events = {key: part["events"] for key, part in shared["expected"].items()}
    target = found.target["class"]
    weight = scaled(target, found.weight, run.classes, events)
    mass = found.observables[_mass(run)].astype(float)
    signal = target == run.classes.index(run.signal)
    edges = np.linspace(analysis.low, analysis.high, BINS + 1)
    # the intervals stand in the metrics already; only the functions are wanted
    parts = expected_significance(
        score,
        mass,
        signal,
        weight,
        target,
        judged["boundaries"],
        edges,
        form=analysis.background,
        replicas=2,
    ).categories
    # boundaries are those of the categories that were fitted: some may have been joined
    cuts = [part.low for part in parts if part.low is not None]
    place, count = category_of(score, cuts), len(parts)
    names = [key for key in run.classes if key != run.signal]
    histograms = {
        run.title_of(key): spectra(place[rows], mass[rows], weight[rows], edges, count)
        for key, rows in ((key, target == run.classes.index(key)) for key in names)
    }
    squares = spectra(place[~signal], mass[~signal], weight[~signal] ** 2, edges, count)
    return parts, [
        ExpectedSpectrum(
            edges,
            {name: one[k] for name, one in histograms.items()},
            np.sqrt(squares[k]),
            part.peak,
            part.falling,
            part.peak + part.falling,
        )
        for k, part in enumerate(parts)
    ]


def _sum(parts: Sequence[ExpectedSpectrum], weights: Array) -> ExpectedSpectrum:
    """Weighted sum of categories."""

    def total(of: Sequence[Array], power: int = 1) -> Array:
        found: Array = np.einsum("k,kb->b", weights**power, np.stack(of))
        return found

    return ExpectedSpectrum(
        parts[0].edges,
        {name: total([part.simulated[name] for part in parts]) for name in parts[0].simulated},
        np.sqrt(total([part.error**2 for part in parts], 2)),
        total([part.peak for part in parts]),
        total([part.falling for part in parts]),
        total([part.variance for part in parts], 2),
    )
