"""Rows of the top-tagging validation: which entry, with which seed, and what it must reach."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from hepvision.core.card import read_yaml

__all__ = [
    "CARD",
    "LEARNING",
    "LONG",
    "MASS",
    "MUST",
    "ROWS",
    "Row",
    "card_of",
    "core_hours",
    "late",
]

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
LONG = ("particle_transformer", "lorentz_net")
#: Training jets a class of the learning curves, beside all there are.
LEARNING = (1000, 4000)
CURVES = ("trees", "image-cnn", "particle_flow", "particle_net")
#: Minutes of one core for one epoch of all training jets: time of the process in training steps
#: on 400 jets of the train file, of an otherwise busy machine with AMX; a tenth is added for
#: validation and what comes after.
EPOCH_MINUTES = {
    "features-mlp": 0.05,
    "image-cnn": 0.15,
    "image-resnet": 0.78,
    "recurrent": 1.25,
    "energy_flow": 0.18,
    "particle_flow": 0.18,
    "particle_net": 0.67,
    "particle_transformer": 4.2,
    "lorentz_net": 6.9,
}
#: Minutes of one core for what is fitted at once, with the features where they are first made.
AT_ONCE_MINUTES = 5.0
#: Settings of the trainings on all jets; the rest is the card's: AdamW, and the cosine from this
#: rate to nothing, as the papers' schedules all end at a small one. With 24 times fewer jets the
#: batches are smaller than in the papers, so that there are steps enough, and the rates fall about
#: as the root of the batch.
_TRAINING: dict[str, dict[str, Any]] = {
    "features-mlp": {"epochs": 60, "batch": 256, "learning_rate": 0.002},
    "image-cnn": {"epochs": 40, "batch": 128, "learning_rate": 0.002},
    "image-resnet": {"epochs": 30, "batch": 128, "learning_rate": 0.001},
    "recurrent": {"epochs": 20, "batch": 128, "learning_rate": 0.002},
    # the paper: 0.001, batch 500, 50 epochs
    "energy_flow": {"epochs": 40, "batch": 128, "learning_rate": 0.001},
    "particle_flow": {"epochs": 40, "batch": 128, "learning_rate": 0.001},
    # the paper, for the lite network: one cycle up to 0.005, batch 1024, 20 epochs
    "particle_net": {"epochs": 30, "batch": 128, "learning_rate": 0.002},
    # the authors' script: 0.001, batch 512, 20 epochs, weight decay 0.01
    "particle_transformer": {
        "epochs": 20,
        "batch": 128,
        "learning_rate": 0.0005,
        "weight_decay": 0.01,
    },
    # the authors' script: 0.001, batch 4 x 32, 35 epochs, weight decay 0.01
    "lorentz_net": {"epochs": 20, "batch": 64, "learning_rate": 0.0007, "weight_decay": 0.01},
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
    """First seeds of all entries, the short ones first; then the other seeds, then the curves.

    Other seeds of what takes more than twenty minutes with the one thread of a row come last.
    """
    entries = [one["name"] for one in read_yaml(CARD)["entries"]]
    entries.sort(key=lambda entry: core_hours(Row(entry, 1)))
    rows = [Row(entry, 1) for entry in entries]
    more = [Row(entry, seed) for seed in (2, 3) for entry in entries if entry not in LONG]
    curves = [Row(entry, 1, size) for size in LEARNING for entry in CURVES]
    last = [one for one in more if one.entry in late()]
    return rows + [one for one in more if one not in last] + curves + last


def late() -> list[str]:
    """Entries with three seeds of which one takes more than twenty minutes of one core."""
    entries = [one["name"] for one in read_yaml(CARD)["entries"] if one["name"] not in LONG]
    return [entry for entry in entries if core_hours(Row(entry, 1)) > 20 / 60]


def core_hours(row: Row) -> float:
    """Hours of one core that a row should take.

    Fewer jets take as many epochs, and less time in proportion.
    """
    if row.entry not in EPOCH_MINUTES:
        return AT_ONCE_MINUTES / 60
    share = 1.0 if row.examples is None else row.examples / 25_000
    return 1.1 * share * EPOCH_MINUTES[row.entry] * _TRAINING[row.entry]["epochs"] / 60


def card_of(row: Row) -> dict[str, Any]:
    """The study's card with this entry and seed."""
    card = copy.deepcopy(read_yaml(CARD))
    card.pop("sizes")
    # all published jets, whatever part of them the card takes at first
    card["from_files"].pop("training", None)
    for sample, label in (("top", 1), ("qcd", 0)):
        card["from_files"]["samples"][sample]["where"] = f"label == {label}"
    card["entries"] = [one for one in card["entries"] if one["name"] == row.entry]
    (entry,) = card["entries"]
    entry["training"] = {**entry.get("training", {}), **_TRAINING.get(row.entry, {}), "threads": 1}
    if row.examples is not None:  # as many epochs of fewer jets learn too little
        entry["training"] |= {"examples": row.examples, "batch": 64}
    used = set(entry["uses"])
    card["representations"] = {key: card["representations"][key] for key in sorted(used)}
    card["published"] = [one for one in card["published"] if one.get("entry") == row.entry]
    card["seeds"] = [row.seed]
    return card


ROWS = _rows()
