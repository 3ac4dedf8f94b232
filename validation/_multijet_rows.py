"""Rows of the multijet validation: which entry, with which seed and learning rate."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from hepvision.core.card import read_yaml

__all__ = [
    "CARD",
    "EVENTS",
    "LEVEL",
    "PAIRS",
    "RATES",
    "ROWS",
    "SPLIT",
    "UNTUNED",
    "Row",
    "card_of",
    "whole_card",
]

CARD = "rpv_multijet"
#: Simulated events a class that pass the preselection.
EVENTS = 16_000
#: ε_b of the working point.
LEVEL = 0.003
#: More test events than usual: at that ε_b the background that is left must count for thirty.
SPLIT = {"validation": 0.15, "test": 0.4}
#: Long enough that all networks stop early, by themselves.
TRAINING = {"epochs": 30, "patience": 5}
#: Learning rates that the large network is tuned over, so that it is no straw man.
RATES = (0.001, 0.0003, 0.0001)
#: Entries of which a training takes longest: one seed.
LONG = ("resnet", "large")
#: The large network as it would be had nobody tuned it.
UNTUNED = "large, rate 0.001"
#: Which entries are held against each other.
PAIRS = (
    ("compact", "large"),
    ("compact", UNTUNED),
    ("compact", "trees"),
    ("compact", "both"),
    ("compact", "masses"),
    ("compact", "resnet"),
    ("compact-layers", "compact"),
    ("trees", "both"),
)


@dataclasses.dataclass(frozen=True)
class Row:
    """One training."""

    entry: str
    seed: int
    rate: float | None = None  # the card's if None

    @property
    def name(self) -> str:
        """As the page calls it."""
        return self.entry if self.rate is None else f"{self.entry}, rate {self.rate:g}"

    @property
    def key(self) -> str:
        """Name of its folder."""
        rate = f"-{self.rate:g}" if self.rate is not None else ""
        return f"{self.entry}{rate}-{self.seed}"


def _rows() -> list[Row]:
    """First seeds of all entries, the short ones first; then the other seeds."""
    entries = [one["name"] for one in read_yaml(CARD)["entries"]]
    rows = [Row(entry, 1) for entry in entries if entry not in LONG]
    rows += [Row("large", 1, rate) for rate in RATES] + [Row("resnet", 1)]
    return rows + [Row(one.entry, seed) for seed in (2, 3) for one in rows if _again(one)]


def _again(row: Row) -> bool:
    """Whether other seeds give something else, in some minutes."""
    return row.entry in {"trees", "compact", "compact-layers"}


ROWS = _rows()


def whole_card(events: int) -> dict[str, Any]:
    """The study's card with what all rows, and the search, have in common."""
    card = copy.deepcopy(read_yaml(CARD))
    for key in ("sizes", "from_files"):
        del card[key]
    card["simulate"]["events"] = events
    card["split"] = dict(SPLIT)
    card["training"] |= TRAINING
    return card


def card_of(row: Row, events: int) -> dict[str, Any]:
    """The study's card with this entry and seed."""
    card = whole_card(events)
    del card["search"]
    card["entries"] = [one for one in card["entries"] if one["name"] == row.entry]
    (entry,) = card["entries"]
    if row.rate is not None:
        entry["training"] = {**entry.get("training", {}), "learning_rate": row.rate}
    used = set(entry["uses"])
    card["representations"] = {key: card["representations"][key] for key in sorted(used)}
    card["published"] = [one for one in card["published"] if one.get("entry") == row.entry]
    card["seeds"] = [row.seed]
    return card
