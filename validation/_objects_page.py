"""The rows of the validation of top_objects as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from _objects_rows import ROWS, Row
from _shared import head, interval_of, row, signed

__all__ = ["page"]

Done = Mapping[str, Any]
MISSING = "not made yet"
#: Of the reference: signal against background in an even mix, and ε of tops.
PAPER = {"circles-3": "0.954 (tops 0.94)", "vectors-ffn-3": "0.946", "circles-2": "0.936"}


def _table(done: Done) -> list[str]:
    lines = head("entry", "classes", "seeds", "even mix", "AUC", "tops found", "paper")
    for group in dict.fromkeys(one.group for one in ROWS):
        made = [
            done["rows"][one.key] for one in ROWS if one.group == group and one.key in done["rows"]
        ]
        entry, classes = group.rsplit("-", 1)
        if not made:
            lines.append(row(entry, classes, "", "", "", "", MISSING))
            continue
        mean = sum(one["confusion"]["fraction"][0][0] for one in made) / len(made)
        cells = (
            interval_of(done["groups"][group]["even_mix"]),
            interval_of(made[0]["auc"]),
            f"{mean:.4f}",
        )
        lines.append(row(f"**{entry}**", classes, len(made), *cells, PAPER.get(group, "–")))
    return [*lines, ""]


def _confusion(done: Done) -> list[str]:
    lines: list[str] = []
    for one in ROWS:
        if one.seed != 1 or one.key not in done["rows"]:
            continue
        found = done["rows"][one.key]["confusion"]
        names = found["class_names"]
        lines += [f"**{one.entry}**, {one.classes} classes", ""]
        lines += head("true \\ told", *names)
        lines += [
            row(name, *(f"{share:.4f}" for share in shares))
            for name, shares in zip(names, found["fraction"], strict=True)
        ]
        lines.append("")
    return lines


def _pairs(done: Done) -> list[str]:
    lines = head("pair", "difference of even mix", "p-value", "")
    for name, pair in done["pairs"].items():
        verdict = "not told apart"
        if pair["p_value"] < 0.05:
            verdict = "first better" if pair["difference"]["value"] > 0 else "second better"
        lines.append(row(name, signed(pair["difference"]), f"{pair['p_value']:.2g}", verdict))
    return [*lines, ""]


def page(done: Done) -> list[str]:
    """Everything that is known so far."""
    count = sum(one.key in done["rows"] for one in ROWS)
    return [
        "# Top pairs from reconstructed objects",
        "",
        "Made by `python validation/top_objects.py`, which goes on where it stopped:",
        f"{count} of {len(ROWS)} rows are done, with {done['events']:,} generated and filtered",
        "events that pass the selection in each class. Test events are looked at once.",
        "",
        "The even mix is (ε_s + 1 − ε_b)/2 with both backgrounds alike, from the class that is",
        "told; intervals are 68 %, and paired on the same test events where two are compared.",
        "Published numbers: C. Fernández Madrazo et al., EPJ Web Conf. 214 (2019) 06017,",
        "arXiv:1708.07034, ResNet-50 and 73,468 training events of CMS at 7 TeV.",
        "",
        "## All rows",
        "",
        *_table(done),
        "## Against each other",
        "",
        *_pairs(done),
        "## Confusion matrices",
        "",
        *_confusion(done),
        f"Rows that are missing: {', '.join(_missing(done)) or 'none'}.",
    ]


def _missing(done: Done) -> list[str]:
    return [one.key for one in ROWS if isinstance(one, Row) and one.key not in done["rows"]]
