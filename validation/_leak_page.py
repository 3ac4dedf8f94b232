"""The rows of the leak controls as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from _shared import head, row

__all__ = ["page"]

Rows = Mapping[str, Any]
CLASSES = {"higgs_to_diphoton": "H→γγ", "prompt_diphoton": "γγ", "photon_jet": "γ+jet"}


def _verdict(low: float, high: float) -> str:
    return "inside" if low <= 0.5 <= high else "**outside**"


def _range(low: float, high: float) -> str:
    return f"{low:.3f} – {high:.3f}"


def _areas(rows: Rows, names: Mapping[str, str], *, null: bool = True) -> list[str]:
    """A table of AUCs; where 0.5 is expected it says whether the intervals hold it."""
    asked = ("0.5 in 68 %", "in 95 %") if null else ()
    lines = head("what", "H→γγ against", "AUC", "68 %", "95 %", *asked)
    for name, title in names.items():
        # rows come back from JSON in the order of their names
        for against, numbers in sorted(rows[name]["auc"].items(), reverse=True):
            ends = (numbers[1:3], numbers[3:5])
            verdicts = [_verdict(*one) for one in ends] if null else []
            cells = (f"{numbers[0]:.3f}", *(_range(*one) for one in ends), *verdicts)
            lines.append(row(title, against, *cells))
    return [*lines, ""]


def _pileup(rows: Rows) -> list[str]:
    counts = rows["pileup_counts"]
    names = {
        "pileup_counts": "number of interactions itself",
        "pileup_trees": "trees on coarse sums",
        "pileup_network": "ResNet-15 on images",
    }
    seen = rows["pileup_seen"]["auc"]["more than 20 interactions"]
    lines = [
        "## 1. Pile-up alone",
        "",
        "Events are selected with all their hits; then only the hits and tracks of pile-up are "
        "kept (`content: pileup`). What is left must be the same for all classes. Twice as "
        "many events as elsewhere, by two seeds; for the first four rows four times as many.",
        "",
        *_areas(rows, names),
        f"Trees see pile-up well: events with up to 20 interactions against those with more give "
        f"an AUC of {seen[0]:.3f}. A mean of 21 in one class and 20 in the other would show as "
        "0.56.",
        "",
        *head(
            "class", "pile-up interactions", "pile-up tracks", "both photons prompt", "one", "none"
        ),
    ]
    for process, title in CLASSES.items():
        one = counts[process]
        number, tracks = one["interactions"], one["tracks"]
        cells = [f"{number[0]:.2f} ± {number[1]:.2f}", f"{tracks[0]:.1f} ± {tracks[1]:.1f}"]
        lines.append(row(title, *cells, *(f"{share:.3f}" for share in one["prompt"])))
    found = rows["repeats"]
    lines += [
        "",
        f"Of {found['images']:,} images {found['repeated']} occur twice, and {found['shared']} "
        "events stand twice in a store or in two parts of the split.",
        "",
    ]
    return lines


def _divided(rows: Rows) -> list[str]:
    names = {
        "pileup_divided": "trees on pile-up divided by m",
        "pileup_divided_network": "ResNet-15 on pile-up divided by m",
    }
    explained = rows["mass_divided"]["rsquared"]
    return [
        "### Divided by the mass",
        "",
        "The study divides each image by the mass m of its photon pair, as the paper does. Noise, "
        "the threshold of the readout (80 MeV) and pile-up know nothing of m, so after the "
        "division they are a ruler that tells it, without any photon. This is no leak of the "
        "class but one of the mass: the AUCs of pile-up alone need not be 0.5 then, and say how "
        "much a classifier gains by it.",
        "",
        *_areas(rows, names, null=False),
        "Share of the variance of ln m of prompt pairs that trees explain from coarse sums of "
        "images divided by m; after a cut on pixels without the smallest one, which is the cut:",
        "",
        *head("image", "R²", "68 %"),
        *(row(name, f"{one[0]:.3f}", _range(*one[1:])) for name, one in explained.items()),
        "",
        "Dividing hides the mass only where nothing but the photons is left: their windows, and "
        "pixels above a fixed part of m that noise and pile-up seldom reach.",
        "",
    ]


def _blanked(rows: Rows, windows: Sequence[int], window: int) -> list[str]:
    names = {"whole_network": "ResNet-15, whole images"}
    names["blanked_network"] = f"ResNet-15, ±{window} crystals blanked"
    names |= {f"all_{one}": f"trees, ±{one} crystals blanked" for one in windows}
    names["hard_blanked"] = f"trees, hard process alone, ±{window}"
    layers = {"tracks": "tracks", "ecal": "ECAL", "hcal": "HCAL"}
    names |= {
        f"hard_{key}": f"trees, hard process alone, ±{window}, {layer}"
        for key, layer in layers.items()
    }
    names |= {f"pileup_{one}": f"trees, pile-up alone, ±{one}" for one in windows}
    names["holes"] = "trees on the photons' η1, η2, cos Δφ"
    about = rows["activity"]
    quantities = list(next(iter(about.values())))
    lines = [
        "## 2. All but the photons",
        "",
        "Squares around both photons are blanked in all layers. What still separates is the rest "
        "of the hard event. The test: trees on the hits of the hard process alone (with noise) "
        "must find at least as much as those on all hits, and trees on pile-up alone nothing but "
        "where the holes are, which only large windows show in such coarse sums.",
        "",
        *_areas(rows, names, null=False),
        f"Hard process alone outside ±{window} crystals, and pT of the pair, GeV: median, and mean "
        "± its error.",
        "",
        *head("class", *quantities),
    ]
    for process, title in CLASSES.items():
        cells = [f"{a:.1f}, {b:.1f} ± {c:.1f}" for a, b, c in about[process].values()]
        lines.append(row(title, *cells))
    return [
        *lines,
        "",
        "Gluons radiate more than quarks, so gg→H recoils against more than qq̄→γγ. What passes "
        "for a photon in γ+jet is part of a jet: the rest of it lies about the photon, which small "
        "windows leave, and the pair does not balance.",
        "",
    ]


def _mass(rows: Rows) -> list[str]:
    found = rows["mass"]
    lines = [
        "## 3. The mass from the 4-momentum inputs",
        "",
        f"{found['events']:,} prompt pairs ({found['dropped']} outside the generator's p̂T, as "
        "reconstructed, are left out). R² of boosted trees in events that they did not see. The "
        "null deals the masses out anew among the events by swaps that keep every event within "
        "pT > 20 GeV, m > 90 GeV and p̂T of 25–250 GeV, so it holds what the cuts alone tell; 20 "
        "of them.",
        "",
        *head(
            "of",
            "from pT1/m, η1, pT2/m, η2, cos Δφ",
            "68 %",
            "95 %",
            "null: mean ± spread",
            "range",
            "with both energies",
            "68 %",
        ),
    ]
    for name, one in found.items():
        if not isinstance(one, dict):
            continue
        real, null, more = one["inputs"], one["null"], one["energies"]
        cells = [f"{real[0]:.3f}", _range(*real[1:3]), _range(*real[3:])]
        cells += [f"{null[0]:.3f} ± {null[1]:.3f}", _range(*null[2:])]
        lines.append(row(name, *cells, f"{more[0]:.3f}", _range(*more[1:])))
    value, mean, spread = found["recoil"]
    return [
        *lines,
        "",
        "Negative R² is overfitting: worse than the mean. What is left beyond the cuts is physics, "
        f"pT of the pair over m falls with m: rank correlation {value:.3f}, null {mean:.3f} ± "
        f"{spread:.3f}.",
        "",
        "With an energy the mass is solved for, E1 / (cosh η1 · pT1/m): largest relative error "
        f"{found['solved']:.1e}.",
        "",
    ]


def _labels(rows: Rows) -> list[str]:
    found = rows["shuffled_trees"]
    mean, error = found["mean"]
    names = {
        "shuffled_network": "ResNet-15, labels shuffled",
        "seeds_network": "ResNet-15, two seeds of H→γγ",
        "seeds_trees": "trees on everything, two seeds of H→γγ",
    }
    return [
        "## 4. Labels and seeds that mean nothing",
        "",
        *_areas(rows, names),
        f"Trees on photon features and coarse sums, {found['shuffles']} AUCs with labels dealt out "
        f"anew: mean {mean:.4f} ± {error:.4f}; 0.5 lies inside the 68 % interval in "
        f"{found['inside'][0]:.2f} of them and inside the 95 % interval in "
        f"{found['inside'][1]:.2f}. With the true labels:",
        "",
        *_areas(rows, {"shuffled_trees": "trees on everything"}, null=False),
    ]


def page(rows: Rows, events: int, windows: Sequence[int], window: int) -> list[str]:
    """The page in Markdown.

    Parameters
    ----------
    rows : mapping
        As ``leaks.run`` gives them.
    events : int
        A class.
    windows : sequence of int
        Sizes that were blanked.
    window : int
        The one that most rows use.

    Returns
    -------
    list of str
        Its lines.
    """
    return [
        "# Leak controls",
        "",
        "Made by `python validation/leaks.py`. "
        f"{events:,} selected events a class (central, `paper` selection, 8 TeV, 20 pile-up "
        "interactions, `readout: full`), one half to train and one, with other pile-up events, to "
        "test. Intervals are DeLong's. Of many rows a third lie outside their 68 % interval by "
        "chance.",
        "",
        *_pileup(rows),
        *_divided(rows),
        *_blanked(rows, windows, window),
        *_mass(rows),
        *_labels(rows),
    ]
