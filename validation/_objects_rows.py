"""Rows of the validation of top_objects: which entry, which seed, three classes or two."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

from hepvision.core.card import read_yaml

__all__ = ["CARD", "ROWS", "Row", "card_of"]

CARD = "top_objects"
#: Entries of which a training takes long: one seed.
LONG = ("circles", "discs")


@dataclasses.dataclass(frozen=True)
class Row:
    """One training."""

    entry: str
    seed: int
    classes: int = 3

    @property
    def group(self) -> str:
        """What its seeds have in common."""
        return f"{self.entry}-{self.classes}"

    @property
    def key(self) -> str:
        """Name of its folder."""
        return f"{self.group}-{self.seed}"


def _rows() -> list[Row]:
    """First seeds of all entries, the short ones first; two classes; the other seeds."""
    entries = sorted((one["name"] for one in read_yaml(CARD)["entries"]), key=LONG.__contains__)
    rows = [Row(entry, 1) for entry in entries]
    rows += [Row(entry, 1, 2) for entry in ("trees", "vectors-ffn", "circles")]
    return rows + [Row(entry, seed) for seed in (2, 3) for entry in entries if entry not in LONG]


ROWS = _rows()


def card_of(row: Row, stores: dict[str, Path], both: Path) -> dict[str, Any]:
    """The study's card with this entry and seed, on stores of the three classes or of two."""
    card = copy.deepcopy(read_yaml(CARD))
    for key in ("sizes", "from_files", "simulate"):
        card.pop(key)
    titles = {key: one.get("title", "") for key, one in card["samples"].items()}
    places = stores if row.classes == 3 else {"top": stores["top"], "background": both}
    card["samples"] = {
        key: {"store": str(place), "title": titles.get(key, "")} for key, place in places.items()
    }
    card["entries"] = [one for one in card["entries"] if one["name"] == row.entry]
    used = card["entries"][0]["uses"]
    card["representations"] = {key: card["representations"][key] for key in used}
    card["published"] = []
    card["seeds"] = [row.seed]
    return card
