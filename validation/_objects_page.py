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
#: What the paper claims: the first is better than the second, by so much.
CLAIMED = (("circles-3", "vectors-ffn-3", "+0.008"), ("circles-3", "circles-2", "+0.018"))


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


def _row_of(name: str, *said: str, pair: Any) -> str:
    verdict = "not told apart"
    if pair["p_value"] < 0.05:
        verdict = "first better" if pair["difference"]["value"] > 0 else "second better"
    return row(name, *said, signed(pair["difference"]), f"{pair['p_value']:.2g}", verdict)


def _pairs(done: Done) -> list[str]:
    lines = head("pair", "difference of even mix", "p-value", "")
    return [*lines, *(_row_of(name, pair=pair) for name, pair in done["pairs"].items()), ""]


def _claims(done: Done) -> list[str]:
    """The orderings of the paper, held against ours."""
    lines = head("pair", "in the paper", "difference of even mix", "p-value", "")
    for first, second, claimed in CLAIMED:
        name = f"{first} − {second}"
        pair = done["pairs"].get(name) or _turned(done["pairs"].get(f"{second} − {first}"))
        said = _row_of(name, claimed, pair=pair) if pair else row(name, claimed, "", "", MISSING)
        lines.append(said)
    return [*lines, ""]


def _turned(pair: Any) -> Any:
    """The same pair, the second one first."""
    if pair is None:
        return None
    one = pair["difference"]
    turned = {"value": -one["value"], "low": -one["high"], "high": -one["low"]}
    return {**pair, "difference": {**one, **turned}}


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
        "## The paper's orderings",
        "",
        *_claims(done),
        "What may be behind differences from the paper, none of it tested: W+jets and Drell-Yan",
        "have only the jets of showers here, so that the number of jets and b tags tells more and",
        "less is left to be better at; all that a picture shows stands in a vector; and three",
        "fifths of the events above are trained on, at 112 × 112 pixels with ResNet-15.",
        "",
        "## Against each other",
        "",
        "Each with each, which nobody asked for beforehand: one in twenty is told apart at",
        "p = 0.05 by chance.",
        "",
        *_pairs(done),
        "## Confusion matrices",
        "",
        *_confusion(done),
        f"Rows that are missing: {', '.join(_missing(done)) or 'none'}.",
    ]


def _missing(done: Done) -> list[str]:
    return [one.key for one in ROWS if isinstance(one, Row) and one.key not in done["rows"]]
