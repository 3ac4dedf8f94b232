"""Networks that a search found as cards that run as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from hepvision.core.card import parse
from hepvision.core.files import atomic_write
from hepvision.studies._budget import told
from hepvision.studies._search_front import Found
from hepvision.studies._search_space import only, varied
from hepvision.studies.card import Study

__all__ = ["card_of", "write_card", "write_cards"]


def card_of(study: Study, found: Sequence[Found], against: str = "") -> Study:
    """A study with the networks as entries, and the one that they are held against."""
    base = only(study, [against] if against else [study.entries[0].name])
    representations = dict(base["representations"]) if against else {}
    entries = list(base["entries"]) if against else []
    for one in reversed(found):
        block = varied(study, one.choices).model_dump(mode="json")
        entry = {**block["entries"][0], "name": one.name, "title": ""}
        renamed: dict[str, str] = {}
        for key, made in block["representations"].items():
            if representations.setdefault(key, made) != made:
                renamed[key] = f"{key}_{one.number}"
                while renamed[key] in representations:  # the card may call another one so
                    renamed[key] += "_"
                representations[renamed[key]] = made
        entry["uses"] = [renamed.get(key, key) for key in entry["uses"]]
        entries.insert(0, entry)
    names = [entry["name"] for entry in entries]
    plain = {
        **base,
        "entries": entries,
        "representations": representations,
        "published": [row for row in base["published"] if row["entry"] in ("", *names)],
    }
    return parse(Study, plain, "search")


def write_card(path: Path, study: Study, about: str) -> Path:
    """Write a card, with what it is as its first comment."""
    text = yaml.safe_dump(study.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    with atomic_write(path, "w") as file:
        file.write(f"# {about}\n{text}")
    return path


def write_cards(folder: Path, study: Study, found: Sequence[Found], against: str) -> list[Path]:
    """One card a network; cards of an earlier front are taken away."""
    wanted = {f"{one.name}.yaml": one for one in found}
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("trial-*.yaml"):
        if path.name not in wanted:
            path.unlink()
    return [
        write_card(folder / name, card_of(study, [one], against), f"{study.title}: {about(one)}")
        for name, one in wanted.items()
    ]


def about(one: Found) -> str:
    """A network in one line."""
    costs: Mapping[str, Any] = one.costs
    told_costs = ", ".join(f"{cost.replace('_', '-')} {told(cost, costs[cost])}" for cost in costs)
    return f"trial {one.number}, validation score {one.score:.4f}, {told_costs}"
