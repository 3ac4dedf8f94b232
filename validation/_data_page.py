"""The sections of the data page as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from _data_measures import PARTS, QUANTILES, TRACK_PT
from _data_rows import CMS_PILEUP, REAL, SIMULATED
from _shared import head, row

__all__ = ["page"]

Rows = Mapping[str, Any]
TITLES = REAL | {"minimum_bias": "simulated minimum bias", "photon_jet": "simulated γ+jet"}
RINGS = {
    "EB": ("1–20", "21–40", "41–60", "61–84", "85"),
    "EE": ("1.4–1.6", "1.6–1.8", "1.8–2.0", "2.0–2.25", "2.25–2.5", "2.5–3.0"),
    "HB": ("1–4", "5–8", "9–12", "13–16"),
}
ABOVE = {"EB": 1, "EE": 2, "HB": 1, "HE": 1}


def _pm(pair: Sequence[float], digits: int = 1) -> str:
    return f"{pair[0]:.{digits}f} ± {pair[1]:.{digits}f}"


def _ratio(simulated: Sequence[float], real: Sequence[float]) -> str:
    """Quotient with its error."""
    if real[0] <= 0:
        return "–"
    quotient = simulated[0] / real[0]
    error = quotient * np.hypot(simulated[1] / max(simulated[0], 1e-9), real[1] / real[0])
    return f"{quotient:.2f} ± {error:.2f}"


def _counts(found: Rows) -> list[str]:
    lines = head("sample", "events", "vertices", *PARTS, f"tracks, pT > {TRACK_PT} GeV")
    for name, title in TITLES.items():
        one = found[name]
        cells = [_pm(one[part]["hits"], 2 if part == "HE" else 1) for part in PARTS]
        tracks = _pm(one["tracks"]["number"])
        lines.append(row(title, str(one["events"]), _pm(one["vertices"]), *cells, tracks))
    lines += ["", "Simulated over real, at matched numbers of vertices:", ""]
    lines += head("quantity", "minimum bias", "γ+jet over two photons")
    quantities = {
        f"{part}: {what}": (part, key)
        for part in ("EB", "EE", "HB")
        for what, key in (
            ("hits", "hits"),
            ("energy in all", "sum"),
            (f"hits above {ABOVE[part]} GeV", "above"),
        )
    } | {"tracks": ("tracks", "number")}
    for title, (part, key) in quantities.items():
        cells = [
            _ratio(found[process][part][key], found[name][part][key])
            for process, name in SIMULATED.items()
        ]
        lines.append(row(title, *cells))
    return lines


def _energies(found: Rows) -> list[str]:
    lines: list[str] = []
    for part in ("EB", "EE", "HB"):
        lines += ["", f"**{part}** (GeV)", ""]
        lines += head("sample", "least", *(f"{q:g} %" for q in QUANTILES))
        for name, title in TITLES.items():
            one = found[name][part]
            values = (f"{value:.2f}" for value in one["quantiles"])
            lines.append(row(title, f"{one['least']:.2f}", *values))
    return lines


def _profiles(found: Rows) -> list[str]:
    lines: list[str] = []
    for part, names in RINGS.items():
        what = "\\|η\\|" if part == "EE" else "\\|ieta\\|"
        lines += ["", f"**{part}**, hits an event in {what}", "", *head("sample", *names)]
        for name, title in TITLES.items():
            lines.append(row(title, *(f"{value:.1f}" for value in found[name][part]["rings"])))
    lines += ["", "**Tracks** an event in \\|η\\|, and quantiles of their pT (GeV)", ""]
    lines += head(
        "sample", "0–0.5", "0.5–1", "1–1.5", "1.5–2", "2–2.5", "25 %", "50 %", "75 %", "95 %"
    )
    for name, title in TITLES.items():
        one = found[name]["tracks"]
        rings = (f"{value:.1f}" for value in one["rings"])
        lines.append(row(title, *rings, *(f"{value:.2f}" for value in one["pt"])))
    return lines


def _alignment(found: Rows) -> list[str]:
    lines = head(
        "sample", "best shift (η, φ)", "unshifted", "lead over the best other shift", "4 rings off"
    )
    for name, title in (TITLES | {"real": "all real files"}).items():
        one = found[name]
        place = f"({one['best'][0]}, {one['best'][1]})"
        if one["best"] != [0, 0]:
            place = f"**{place}**"
        cells = (f"{one['unshifted']:.3f}", _pm(one["lead"], 3), f"{one['far']:.3f}")
        lines.append(row(title, place, *cells))
    return lines


def _shapes(found: Rows) -> list[str]:
    lines = head("photons", "number", "median pT", "R9", "σ_iηiη", "H/E")
    names = {
        ("cms", "prompt"): "prompt, CMS simulation 2017",
        ("ours", "prompt"): "prompt, hepvision",
        ("cms", "non-prompt"): "non-prompt, CMS simulation 2017",
        ("ours", "non-prompt"): "non-prompt, hepvision",
        ("real b jets", "stored"): "in real b-jet events of 2012, as CMS stored them",
    }
    for (side, kind), title in names.items():
        one = found[side][kind]
        cells = []
        for shape, digits in (("r9", 3), ("sieie", 4), ("hoe", 3)):
            middle, error, low, high = one[shape]
            cells.append(
                f"{middle:.{digits}f} ± {error:.{digits}f} ({low:.{digits}f} – {high:.{digits}f})"
            )
        lines.append(row(title, str(one["photons"]), f"{one['pt'][0]:.0f} GeV", *cells))
    return lines


def _told(rows: Rows) -> list[str]:
    """Differences, the largest first, with their size."""
    hits, shapes, reach = rows["hits"], rows["photons"], rows["reach"]
    real, ours = hits["MinimumBias_Run2012C_0"], hits["minimum_bias"]
    forward = [one["tracks"]["rings"][4] / one["tracks"]["rings"][3] for one in (real, ours)]
    inner, outer = reach["E3×3 / E5×5"], reach["E5×5 / raw"]
    prompt = [shapes[side]["prompt"]["r9"] for side in ("ours", "cms")]
    fake = [shapes[side]["non-prompt"]["r9"] for side in ("ours", "cms")]
    jets = shapes["real b jets"]["stored"]["r9"]
    return [
        f"1. **R9 of non-prompt photons, {fake[0][0]:.2f} against {fake[1][0]:.2f}, is the "
        "clustering's, not the showers'.** CMS's samples of 2017 build super-clusters from "
        "particle-flow clusters in a window that narrows with energy; 2012 and this toolkit use "
        "the hybrid algorithm, which gathers 0.3 rad in φ on both sides, neighbours in the jet "
        f"included. Of our non-prompt clusters the 5×5 holds {outer[0]:.2f} (median), and the 3×3 "
        f"{inner[0]:.2f} of the 5×5. Real photon candidates in b-jet events of 2012, stored by CMS "
        f"with its own hybrid clusters, have R9 of {jets[0]:.2f} ± {jets[1]:.2f}. Isolation is not "
        "the reason: our candidates with tracks of less than a tenth of their pT around have the "
        "same R9 within 0.04. σ_iηiη and H/E, which depend little on the clustering, agree within "
        "their errors. Stays.",
        "2. **Endcap hits in minimum bias: "
        f"{_ratio(ours['EE']['hits'], real['EE']['hits'])} of the real number, their energy "
        f"{_ratio(ours['EE']['sum'], real['EE']['sum'])}.** Shape and thresholds of the spectrum "
        "agree, so there are too many soft clusters, or energies are 10 % too high where the "
        "spectrum is steep. Candidates: material and preshower losses of soft photons, dead "
        "channels, and whatever thins the tracks there, next. Stays.",
        f"3. **Tracks at 2.0 < \\|η\\| < 2.5 over those at 1.5–2.0: {forward[1]:.2f} simulated, "
        f"{forward[0]:.2f} real** (four files agree). The real tracker loses tracks towards its "
        "edge; ours keeps 0.85 of the hadrons up to 2.5. The files also hold no tracks below "
        "0.7 GeV; ours reach down to 0.2 GeV: cut before comparing. Stays.",
        f"4. **R9 of prompt photons, {prompt[0][0]:.3f} against {prompt[1][0]:.3f}.** The 68 % "
        "ranges agree. Dead channels, light collection, the other clustering and another pT "
        "spectrum are candidates; none was tried. Stays.",
        "5. **Minimum bias is harder in the real file**: barrel hits above 1 GeV "
        f"{_ratio(ours['EB']['above'], real['EB']['above'])}, 95 % of the tracks below "
        f"{ours['tracks']['pt'][3]:.2f} GeV simulated and {real['tracks']['pt'][3]:.2f} GeV real. "
        "Two to three standard errors, and one of the 25 events holds a barrel hit of 19 GeV; "
        "more files would tell. Stays.",
        "6. **Real photon triggers are not γ+jet**: the file has more soft activity and photons in "
        "the endcaps, ours one central photon above 40 GeV. Compare shapes there, not sums.",
        "7. Of HB's towers of this crossing only half are kept below 5 GeV (chosen to agree, the "
        "files do not say by what rule); of HE nothing below 30 GeV, in all files.",
        "8. The least energies of real events, −0.9 GeV in the barrel and −4.8 GeV in the endcaps, "
        "are single hits, probably pulled down by pulses of earlier crossings; ours draw one "
        "exponential and reach what the tables say.",
    ]


def _mended() -> list[str]:
    return [
        "The first comparison showed nearly twice as many simulated barrel hits in minimum bias as",
        "real ones at equal vertices, most of them isolated, all in time and 99.9 % of them above",
        "−0.11 GeV (real: −0.32 GeV), 3×3 towers around HB's seeds that real events do not have,",
        "and one noise for all endcap crystals. The real hits say what analysis files keep, and",
        "CMS's software why:",
        "",
        "- of isolated barrel hits above 0.2 GeV nine in ten (minimum bias; two in three",
        "  elsewhere) are 20–60 ns off: pile-up of the crossings before and after, kept because",
        "  its time is suspicious. They are added in proportion to the event's pile-up; in-time",
        "  crystals without a cluster are dropped;",
        "- windows of 5×5 lie around seeds of 1 GeV Et (barrel) and 0.2 GeV Et (endcaps; 0.18 in",
        "  CMS's software), along φ around weaker seeds, and are whole only where the 5×5 trigger",
        "  tower holds 1 GeV (2 GeV: its neighbours too), as selective readout does;",
        "- around photons and electrons of 10 GeV all hits above 95 MeV within ΔR < 0.6 are kept,",
        "  as isolation needs them; so is the ring of crystals at the barrel's end;",
        "- negative hits of fully read windows give the noise: 38 to 47 MeV in the barrel, and",
        "  46 MeV of transverse energy, 0.11 to 0.48 GeV of energy, in the endcaps.",
    ]


def page(rows: Rows, events: int, names: Mapping[str, str]) -> list[str]:
    """The whole page."""
    found = rows["hits"]
    return [
        "# Simulation against real collisions",
        "",
        f"Made by `python validation/data.py --events {events}` (about three minutes on one core).",
        "Real: four event-display files",
        "of CMS (25 events each, 8 TeV, 2012). Simulated: minimum bias and γ+jet with",
        "`readout: reduced`, their pile-up set so that as many vertices are reconstructed as in",
        "the minimum-bias and the two-photon file. Errors are statistical; the files are small,",
        "and one file is one run.",
        "",
        "## What was mended",
        "",
        *_mended(),
        "",
        f"![Energies of hits and pT of tracks]({names['spectra']})",
        "",
        "## Hits and tracks an event",
        "",
        *_counts(found),
        "",
        "## Energies",
        "",
        "Quantiles of all hits of a part.",
        *_energies(found),
        "",
        "## Occupancy",
        "",
        f"![Occupancy in η]({names['occupancy']})",
        "",
        f"![Barrel hits of an event]({names['maps']})",
        *_profiles(found),
        "",
        "## Do ECAL and HCAL images lie on each other?",
        "",
        "Correlation of √E of the barrel's crystals, summed 5×5, and of HB's towers, over shifts",
        "by whole towers; errors from events drawn again. Where little energy reaches HB, as in",
        "minimum bias, 25 events do not say which shift is best; all files together do.",
        "",
        *_alignment(rows["aligned"]),
        "",
        "## Shapes of photons",
        "",
        "pT > 20 GeV, \\|η\\| < 1.44, H/E < 0.5 on both sides; hepvision: γ+jet, full readout,",
        f"pile-up {CMS_PILEUP:g}; CMS: ttH(γγ) of 2017. Prompt or not by `genPartFlav`. Medians",
        "with errors, 68 % ranges in brackets.",
        "",
        *_shapes(rows["photons"]),
        "",
        "## What differs",
        "",
        *_told(rows),
    ]
