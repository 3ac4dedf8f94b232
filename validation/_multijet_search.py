"""The search of the multijet validation: for a small network that is as good as the large one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from _multijet_rows import CARD, LEVEL, Row, whole_card
from _record import Record
from _shared import head, row, signed

import hepvision
from hepvision.core.card import read_yaml
from hepvision.core.names import require

__all__ = ["card_of_search", "search_lines", "searched"]


def card_of_search(events: int) -> dict[str, Any]:
    """The study's card with its search, the entry that is varied and the one it is held against."""
    card = whole_card(events)
    del card["published"]
    named = (card["search"]["entry"], card["search"]["against"])
    card["entries"] = [one for one in card["entries"] if one["name"] in named]
    card["representations"] = {"image": card["representations"]["image"]}
    return card


def searched(done: Record, workers: int, minutes: float) -> None:
    """Carry the search out, or on, and note what came of it; no trial is begun after that."""
    events, tuned = done.decides["events"], done.read().get("tuned")
    if tuned is None:
        raise SystemExit("search: the large network must be tuned first. Run without --search.")
    reference = done.home / "rows" / Row("large", 1, tuned["rate"]).key
    folder = done.home / "search"
    made = hepvision.search(
        card_of_search(events), folder, reference=reference, workers=workers, minutes=minutes
    ).numbers
    noted = {key: made[key] for key in ("outcomes", "judged", "importance", "budget")}
    noted |= {"minutes": _minutes(folder), "workers": workers}
    noted["choices"] = {f"trial-{one['number']}": one.get("choices", {}) for one in made["trials"]}
    done.update(lambda found: found.update({"search": noted}))


def _minutes(folder: Path) -> float:
    """From the first draw to the judgement."""
    optuna = require("optuna", "search")
    storage = f"sqlite:///{folder / 'trials.db'}"
    (name,) = optuna.get_all_study_names(storage)
    every = optuna.load_study(study_name=name, storage=storage).get_trials()
    begun = min(one.datetime_start for one in every)
    judged = (folder / "best" / "metrics.json").stat().st_mtime
    return float((datetime.datetime.fromtimestamp(judged) - begun).total_seconds() / 60.0)


def search_lines(done: Mapping[str, Any]) -> list[str]:
    """A section of the page."""
    found = done.get("search")
    if found is None:
        return ["Made with `python validation/rpv_multijet.py --search`, after the rows.", ""]
    outcomes = ", ".join(f"{count} {name}" for name, count in found["outcomes"].items())
    accepted = sum(found["outcomes"].get(name, 0) for name in ("trained", "stopped"))
    asked = read_yaml(CARD)["search"]["trials"]
    ended = f" (`--minutes` ended it before {asked})" if accepted < asked else ""
    lines = [
        "`python validation/rpv_multijet.py --search`, the card's `search:` block with "
        f"{found['workers']} workers:",
        f"{outcomes}{ended}; {found['minutes']:.0f} minutes from the first",
        "draw to the judgement, pauses included. Trials see training and validation events only.",
        "The best by validation and cheaper ones within its error are trained anew and held",
        "against the large network on the test events. That one of several is not told apart is",
        "weaker than if it had been the only one. Intervals are those of the test events: a second",
        "training of the same network, with two threads in place of one, came out elsewhere",
        "(trial-6: AUC 0.9449; trial-20: 0.9496).",
        "",
    ]
    columns = ("AUC", "difference (95 %)", "is", f"ε_s at ε_b {LEVEL}", "difference (95 %)", "is")
    lines += head("network", "parameters", "fewer by", *columns)
    for one in found["judged"]:
        cells: list[object] = [one["name"], f"{one['parameters'][0]:,.0f}", f"{one['fewer']:,.0f}"]
        for measure in ("auc", "efficiency"):
            pair = one[measure]
            cells += [signed(pair["first"]), signed(pair["sure"]), pair["verdict"]]
        lines.append(row(*cells))
    lines.append("")
    for one in found["judged"]:
        choices = found["choices"].get(one["name"], {})
        said = ", ".join(
            f"{key} {value:.3g}" if isinstance(value, float) else f"{key} {value}"
            for key, value in choices.items()
        )
        lines += [f"- {one['name']}: {said}"]
    return [*lines, ""]
