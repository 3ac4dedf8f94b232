"""Rows of the electron–photon validation: which study, entry, seed and number of examples."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hepvision.core.card import read_yaml
from hepvision.studies._given_files import with_files

__all__ = [
    "ALIKE",
    "ENERGY",
    "JUDGED",
    "PUBLISHED",
    "ROWS",
    "STUDIES",
    "TIME",
    "Row",
    "Study",
    "card_of",
]

#: Rows of the published images, made only where their file is given.
PUBLISHED = "published"


@dataclasses.dataclass(frozen=True)
class Study:
    """One card and what is asked of it here."""

    title: str
    card: str
    events: int  # a class
    entries: tuple[str, ...]
    seeds: tuple[int, ...]
    sizes: tuple[int, ...]  # training examples a class of the learning curves, beside all
    curves: tuple[str, ...]


STUDIES = {
    "electron": Study(
        "Electrons against photons, 50 GeV",
        "electron_photon",
        40_000,
        ("shapes", "crop", "shapes-match", "crop-tracks", "crop-ecal", "crop-normalised"),
        (1, 2, 3),
        (1000, 4000, 12_000),
        ("shapes", "crop", "crop-ecal"),
    ),
    "pion": Study(
        "Photons against neutral pions, 20 to 60 GeV",
        "photon_pion",
        40_000,
        ("shapes", "crop", "shapes-match"),
        (1,),
        (4000,),
        ("shapes", "crop"),
    ),
    "pairs": Study(
        "Photon pairs against electron pairs",
        "diphoton_dielectron",
        8000,
        ("momenta", "shapes", "crops", "shapes-match", "barrel", "crops-ecal"),
        (1,),
        (),
        (),
    ),
    PUBLISHED: Study(
        "Electrons against photons, the published images",
        "electron_photon",
        0,
        ("shapes", "crop"),
        (1,),
        (4000, 40_000),
        ("shapes", "crop"),
    ),
}
#: Entries beside those of the cards: the one they are like, a title, and which part of its windows
#: the network is given.
_BESIDE: dict[tuple[str, str], tuple[str, str, dict[str, Any]]] = {
    ("electron", "crop-ecal"): ("crop", "crystals without times, ResNet-15", {"layers": ["ecal"]}),
    ("electron", "crop-normalised"): (
        "crop",
        "crystals over their sum, ResNet-15",
        {"layers": ["ecal"], "normalise": "sum"},
    ),
    ("pairs", "crops-ecal"): (
        "crops",
        "crystals of both without times, ResNet-15",
        {"layers": ["ecal"]},
    ),
}
#: Orderings that the papers claim or lead to expect: the first above the second.
JUDGED = {
    "electron": (
        ("crop", "shapes", "the window beats the shower shapes"),
        ("shapes-match", "shapes", "a matching track tells more than the shapes"),
        ("crop-tracks", "crop", "tracks beside the crystals help"),
        ("crop", "crop-ecal", "times help"),
        ("crop-ecal", "crop-normalised", "the energy itself helps"),
    ),
    "pion": (("crop", "shapes", "the window beats the shower shapes"),),
    "pairs": (
        ("crops", "shapes", "windows of both beat the shower shapes"),
        ("crops-ecal", "shapes", "so do windows without times"),
        ("shapes-match", "crops", "tracks tell more than crystals"),
        ("crops", "momenta", "windows tell more than momenta"),
    ),
    PUBLISHED: (("crop", "shapes", "the window beats the shower shapes"),),
}
#: Expressions whose AUC between the classes of a gun must be 0.5.
ALIKE = {
    "generated pT": "GenPart[:, 0].pt",
    "generated η": "GenPart[:, 0].eta",
    "generated abs(η)": "abs(GenPart[:, 0].eta)",
    "generated φ": "GenPart[:, 0].phi",
    "η of the cluster": "Photon[:, 0].superclusterEta",
    "abs(η) of the cluster": "abs(Photon[:, 0].superclusterEta)",
    "φ of the cluster": "Photon[:, 0].superclusterPhi",
    "clusters": "num(Photon)",
    "vertices": "num(Vertex)",
    "towers that are read": "num(HcalHit)",
    "endcap crystals that are read": "num(EcalEndcapHit)",
    "pile-up": "pileup",
}
#: What the hardest crystal's time tells, the best measured one of a window.
TIME = "time of the hardest crystal"
#: What may: it is part of the shower.
ENERGY = "transverse energy of the cluster"


@dataclasses.dataclass(frozen=True)
class Row:
    """One training."""

    study: str
    entry: str
    seed: int
    examples: int | None = None  # of each class; None for all

    @property
    def group(self) -> str:
        """What its seeds have in common."""
        return f"{self.study}-{self.entry}-{self.examples or 'all'}"

    @property
    def key(self) -> str:
        """Name of its folder."""
        return f"{self.group}-{self.seed}"


def _rows() -> list[Row]:
    """First seeds of all entries, then the learning curves, then the other seeds."""
    every = STUDIES.items()
    rows = [Row(name, entry, study.seeds[0]) for name, study in every for entry in study.entries]
    rows += [
        Row(name, entry, study.seeds[0], size)
        for name, study in every
        for size in study.sizes
        for entry in study.curves
    ]
    return rows + [
        Row(name, entry, seed)
        for name, study in every
        for seed in study.seeds[1:]
        for entry in study.entries
    ]


ROWS = _rows()


def card_of(row: Row, stores: Mapping[str, Path], files: Path | None = None) -> dict[str, Any]:
    """The study's card with this entry and seed, on events that are there."""
    card = copy.deepcopy(read_yaml(STUDIES[row.study].card))
    card.pop("sizes")
    if row.study == PUBLISHED:
        card = with_files({**card, "files": str(files)}, row.key)
        card["training"].pop("examples")  # those of the size quick
    else:
        card.pop("from_files", None)
        card["samples"] = {
            key: {"store": str(stores[key]), "title": one.get("title", "")}
            for key, one in card["samples"].items()
        }
    card.pop("simulate")
    if (row.study, row.entry) in _BESIDE:
        like, title, options = _BESIDE[row.study, row.entry]
        (entry,) = (one for one in card["entries"] if one["name"] == like)
        card["entries"].append({**entry, "name": row.entry, "title": title})
        for key in entry["uses"]:
            card["representations"][key] |= options
    card["entries"] = [one for one in card["entries"] if one["name"] == row.entry]
    (entry,) = card["entries"]
    if row.examples is not None:
        entry["training"] = {**entry.get("training", {}), "examples": row.examples}
    card["representations"] = {key: card["representations"][key] for key in entry["uses"]}
    card["published"] = [one for one in card.get("published", []) if one.get("entry") == row.entry]
    card["seeds"] = [row.seed]
    return card
