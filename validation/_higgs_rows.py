"""Rows of the H→γγ validation: which entry, on how many events, from which card."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from hepvision.core.card import read_yaml
from hepvision.events.store import Store

__all__ = ["CATEGORIES", "CONTROLS", "CONTROL_SIZE", "PAIRS", "ROWS", "Category", "Row", "card_of"]


@dataclasses.dataclass(frozen=True)
class Category:
    """One of the paper's selections."""

    title: str
    card: str
    changes: tuple[str, ...]
    entries: tuple[str, ...]
    sizes: tuple[int | None, ...]  # training events a class; None for all
    image_sizes: tuple[int | None, ...]  # the same of entries that take hours


#: Variants of the ECAL image, on as many training events as a row of its learning curve.
CONTROLS = ("EB-photons", "EB-undivided")
CONTROL_SIZE = 4000
#: On all events a row of images takes a day of one core.
MOST_IMAGES = 8000
#: Entries that train in minutes.
CHEAP = ("trees", "4-momentum")
#: Epochs of images by training events a class, so that more events mean more steps, but not in
#: proportion; the best decorrelated epoch is kept.
EPOCHS = {1000: 30, CONTROL_SIZE: 16, MOST_IMAGES: 10, None: 12}
#: Three quarters of the events train, as the paper's test sample is small too.
_SPLIT = "split={validation: 0.1, test: 0.15}"
CATEGORIES = {
    "central": Category(
        "central, abs(η) < 1.44",
        "higgs_diphoton",
        ("simulate.events=20000", _SPLIT),
        ("trees", "4-momentum", "EB", "CMS-B", *CONTROLS),
        (1000, 2000, 4000, 8000, None),
        (1000, CONTROL_SIZE, MOST_IMAGES),
    ),
    "forward": Category(
        "central and forward, abs(η) < 2.3",
        "higgs_diphoton_forward",
        ("simulate.events=8000", _SPLIT),
        ("trees", "4-momentum", "ECAL", "CMS-I", "CMS-II"),
        (1000, 2000, 4000, None),
        (1000, None),
    ),
}
#: Entries beside those of the cards: the ECAL image without division by the mass, and the photons
#: alone, above the thresholds that give the mass away.
_BESIDE = {
    "EB-photons": {
        "name": "EB-photons",
        "title": "EB, 15 × 15 crystals around both photons above 0.004 m",
        "uses": ["photons"],
        "model": {"name": "resnet15"},
        "training": {"turn": True},
    },
    "EB-undivided": {
        "name": "EB-undivided",
        "title": "EB, not divided by the mass",
        "uses": ["undivided"],
        "model": {"name": "resnet15"},
        "training": {"turn": True},
    },
}
_IMAGES: dict[str, dict[str, Any]] = {
    "undivided": {"name": "detector_image", "layers": ["ecal"]},
    "photons": {
        "name": "detector_image",
        "layers": ["ecal"],
        "divide_by": "diphoton_mass",
        "only_photons": 7,
        "least": 0.004,
    },
}


@dataclasses.dataclass(frozen=True)
class Row:
    """One training."""

    category: str
    entry: str
    examples: int | None
    seed: int = 1

    @property
    def key(self) -> str:
        """Name of its folder."""
        return f"{self.category}-{self.entry}-{self.examples or 'all'}-{self.seed}"


def _rows() -> list[Row]:
    """Cheap entries first, then images from few events to all: each adds to a learning curve."""
    rows = []
    for name, category in CATEGORIES.items():
        for entry in category.entries:
            sizes = category.sizes if entry in CHEAP else category.image_sizes
            sizes = (CONTROL_SIZE,) if entry in CONTROLS else sizes
            rows += [Row(name, entry, size) for size in sizes]
    return sorted(rows, key=lambda row: (row.entry not in CHEAP, row.examples or math.inf))


ROWS = _rows()
#: Rows that are held against each other on the same test events: what tracks and HCAL add to the
#: ECAL, and the two projections of the endcaps, between which the paper sees no difference.
PAIRS = (
    (Row("central", "CMS-B", MOST_IMAGES), Row("central", "EB", MOST_IMAGES)),
    (Row("forward", "CMS-I", None), Row("forward", "ECAL", None)),
    (Row("forward", "CMS-II", None), Row("forward", "CMS-I", None)),
)


def card_of(row: Row, stores: Mapping[str, Store]) -> dict[str, Any]:
    """The study's card with this entry and the standard analysis, on these stores."""
    category = CATEGORIES[row.category]
    card = copy.deepcopy(read_yaml(category.card))
    paper = card.pop("sizes")["paper"]
    card["training"] |= paper["training"]
    card["representations"] |= _IMAGES
    entries = {one["name"]: one for one in card["entries"]} | _BESIDE
    card["entries"] = [entries[name] for name in dict.fromkeys(("trees", row.entry))]
    for entry in card["entries"]:
        entry["training"] = dict(entry.get("training") or {})
        if entry["name"] not in CHEAP:
            entry["training"]["epochs"] = EPOCHS[row.examples]
        if row.examples is not None:
            entry["training"]["examples"] = row.examples
    used = {key for entry in card["entries"] for key in entry["uses"]}
    card["representations"] = {key: card["representations"][key] for key in sorted(used)}
    card["seeds"] = [row.seed]
    card["split"] = {"validation": 0.1, "test": 0.15}
    card.pop("simulate")
    for key, sample in card["samples"].items():
        sample.pop("simulate")
        sample["store"] = str(stores[key].path)
    return card
