"""Rows of the top-tagging validation: which entry, with which seed, and what it must reach."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from hepvision.core.card import read_yaml

__all__ = ["CARD", "LEARNING", "MASS", "MUST", "ROWS", "Row", "card_of"]

CARD = "top_tagging"
#: AUC of the jet mass alone that the published jets give, and how far it may be off.
MASS = {"cut": (0.90, 0.005), "likelihood ratio": (0.935, 0.005)}
#: AUC that an entry must reach on all training jets; without one it is reported only.
MUST = {
    "trees": 0.975,
    "image-cnn": 0.960,
    "image-resnet": 0.968,
    "particle_flow": 0.972,
    "particle_net": 0.975,
    "lorentz_net": 0.975,
    "particle_transformer": 0.972,
}
#: One that may fall short of its number, if it does not beat the trees at this number of jets.
MAY_FALL_SHORT = "particle_transformer"
#: Entries of which a training takes more than twenty minutes of two cores: one seed.
LONG = ("image-resnet", "recurrent", "particle_net", "particle_transformer", "lorentz_net")
#: Training jets a class of the learning curves, beside all there are.
LEARNING = (1000, 4000)
CURVES = ("trees", "image-cnn", "particle_flow", "particle_net")
#: Settings of the trainings on all jets; the rest is the card's.
_TRAINING: dict[str, dict[str, Any]] = {
    "features-mlp": {"epochs": 40, "batch": 256, "learning_rate": 0.002},
    "image-cnn": {"epochs": 30, "batch": 128, "learning_rate": 0.002},
    "image-resnet": {"epochs": 12, "batch": 128, "learning_rate": 0.001},
    "recurrent": {"epochs": 12, "batch": 256, "learning_rate": 0.002},
    "energy_flow": {"epochs": 40, "batch": 256, "learning_rate": 0.001},
    "particle_flow": {"epochs": 40, "batch": 256, "learning_rate": 0.001},
    "particle_net": {"epochs": 20, "batch": 128, "learning_rate": 0.002},
    "particle_transformer": {"epochs": 15, "batch": 128, "learning_rate": 0.001},
    "lorentz_net": {"epochs": 20, "batch": 128, "learning_rate": 0.001},
}


@dataclasses.dataclass(frozen=True)
class Row:
    """One training."""

    entry: str
    seed: int
    examples: int | None = None  # of each class; None for all

    @property
    def group(self) -> str:
        """What its seeds have in common."""
        return f"{self.entry}-{self.examples or 'all'}"

    @property
    def key(self) -> str:
        """Name of its folder."""
        return f"{self.group}-{self.seed}"


def _rows() -> list[Row]:
    """First seeds of all entries, the short ones first; then the other seeds, then the curves."""
    entries = [one["name"] for one in read_yaml(CARD)["entries"]]
    entries.sort(key=LONG.__contains__)
    rows = [Row(entry, 1) for entry in entries]
    rows += [Row(entry, seed) for seed in (2, 3) for entry in entries if entry not in LONG]
    return rows + [Row(entry, 1, size) for size in LEARNING for entry in CURVES]


ROWS = _rows()


def card_of(row: Row) -> dict[str, Any]:
    """The study's card with this entry and seed."""
    card = copy.deepcopy(read_yaml(CARD))
    card.pop("sizes")
    card["entries"] = [one for one in card["entries"] if one["name"] == row.entry]
    (entry,) = card["entries"]
    entry["training"] = {**entry.get("training", {}), **_TRAINING.get(row.entry, {})}
    if row.examples is not None:  # as many epochs of fewer jets learn too little
        entry["training"] |= {"examples": row.examples, "batch": 64}
    used = set(entry["uses"])
    card["representations"] = {key: card["representations"][key] for key in sorted(used)}
    card["published"] = [one for one in card["published"] if one.get("entry") == row.entry]
    card["seeds"] = [row.seed]
    return card
