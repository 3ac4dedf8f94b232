"""The rows of the electron–photon validation as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from _crop_rows import ALIKE, ENERGY, JUDGED, PUBLISHED, ROWS, STUDIES, TIME, Row
from _shared import head, interval_of, row, signed

__all__ = ["page"]

Done = Mapping[str, Any]
MISSING = "not made yet"
#: What is behind an ordering that may come out otherwise than expected.
REASONS = {
    "electron": [
        "Times tell nothing here, as what the hardest crystal's tells shows above: a channel of",
        "noise, which a network must learn to pass over. The curves with and without say what",
        "that costs.",
    ],
    "pairs": [
        "Three fifths of the events above are trained on, so few that times cost windows most, as",
        "the curves of single objects say. The image of the whole barrel holds tracks, which the",
        "windows do not: it stands beside shapes-match.",
    ],
}
#: Beyond this a difference is said to be one.
SURE = 0.01
REFERENCE = {
    ("electron", "crop"): "0.788",
    (PUBLISHED, "crop"): "0.788",
    ("pairs", "barrel"): "0.997",
}


def _samples(done: Done) -> list[str]:
    lines = head("study", "class", "events", "passed of those detected")
    for name, made in done["samples"].items():
        for key, one in made.items():
            lines.append(row(name, key, f"{one['events']:,}", f"{one['passed']:.4f}"))
    return [*lines, ""]


def _alike(done: Done) -> list[str]:
    guns = [name for name in STUDIES if name in done["alike"]]
    if not guns:
        return [MISSING, ""]
    lines = head("AUC of", *(STUDIES[name].title for name in guns))
    for key in (*ALIKE, TIME, ENERGY):
        found = (done["alike"][name].get(key) for name in guns)
        lines.append(row(key, *(interval_of(one) if one else MISSING for one in found)))
    return [*lines, ""]


def _table(name: str, done: Done) -> list[str]:
    study = STUDIES[name]
    costs = ("parameters", "epochs (best)", "minutes")
    lines = head("entry", "seeds", "AUC", "spread of seeds", "in the paper", *costs)
    for entry in study.entries:
        rows = [
            done["rows"][key]
            for seed in study.seeds
            if (key := Row(name, entry, seed).key) in done["rows"]
        ]
        reference = REFERENCE.get((name, entry), "–")
        if not rows:
            lines.append(row(entry, "", MISSING, "", reference, "", "", ""))
            continue
        values = [one["auc"]["value"] for one in rows]
        found, timing = done["entries"][Row(name, entry, 1).group]["auc"], rows[0]["timing"]
        lines.append(
            row(
                f"**{entry}**",
                len(rows),
                interval_of(found),
                f"{max(values) - min(values):.4f}" if len(values) > 1 else "one seed",
                reference,
                f"{timing['parameters']:,}",
                f"{timing['epochs']} ({timing['best_epoch']})",
                f"{timing['seconds'] / 60:.1f}",
            )
        )
    return [*lines, ""]


def _verdict(found: Mapping[str, Any]) -> str:
    gap, chance = found["difference"]["value"], found["p_value"]
    if chance > SURE:
        return "not distinguishable"
    return "holds" if gap > 0 else "**the other way round**"


def _judged(name: str, done: Done) -> list[str]:
    lines = head("expected", "difference of AUCs", "p-value", "")
    for first, second, claim in JUDGED[name]:
        found = done["pairs"].get(f"{name}: {first} − {second}")
        if found is None:
            lines.append(row(claim, "", "", MISSING))
            continue
        gap = signed(found["difference"])
        chance = f"{found['p_value']:.2g}"
        lines.append(row(f"{claim} ({first} − {second})", gap, chance, _verdict(found)))
    return [*lines, ""]


def _curves(name: str, done: Done) -> list[str]:
    study = STUDIES[name]
    if not study.sizes:
        return []
    sizes = [*study.sizes, None]
    lines = head("entry", *(f"{size:,} a class" if size else "all" for size in sizes))
    for entry in study.curves:
        found = [done["entries"].get(Row(name, entry, 1, size).group) for size in sizes]
        lines.append(row(entry, *(interval_of(one["auc"]) if one else "–" for one in found)))
    return [*lines, ""]


def page(done: Done) -> list[str]:
    """Everything that is known so far."""
    count = sum(one.key in done["rows"] for one in ROWS)
    lines = [
        "# Electrons, photons and neutral pions from their crystals",
        "",
        "M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, J. Phys. Conf. Ser. 1085 (2018) 042022:",
        "windows of 32 × 32 crystals, energy and time, ResNet-15, AUC 0.788; photon pairs against",
        "electron pairs 0.997. Those numbers are of full simulation; ours are of this detector.",
        "Made by `python validation/electron_photon.py`, which goes on where it stopped:",
        f"{count} of {len(ROWS)} rows are done. Of each training the epoch is kept that is best on",
        "the validation split; test events are looked at once. Intervals are 68 %; p-values are of",
        "DeLong's paired test on the same test events, and a difference is said to be one below",
        f"{SURE:g}.",
        "",
        "## Samples",
        "",
        *_samples(done),
        "## What may not tell the classes apart",
        "",
        "AUC of what was put in, and of what a window or a reconstruction could give away beside",
        "the shower. 0.5 is expected; of twelve rows four lie beyond a 68 % interval by chance.",
        "The transverse energy of the cluster is part of the shower: electrons lose more of it. It",
        "is given so that one sees how much of an AUC it can explain. The hardest crystal's time",
        "is the best measured one of a window.",
        "",
        *_alike(done),
    ]
    for name, study in STUDIES.items():
        if name == PUBLISHED and not any(one.startswith(name) for one in done["rows"]):
            lines += [f"## {study.title}", "", "Made where the file is given: `--files FILE`.", ""]
            continue
        lines += [f"## {study.title}", "", *_table(name, done), *_judged(name, done)]
        lines += [*REASONS[name], ""] if name in REASONS else []
        lines += _curves(name, done)
    return lines
