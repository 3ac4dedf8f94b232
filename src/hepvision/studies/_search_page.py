"""The page of a search: what was found, what it is worth, which choices matter."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.files import atomic_write, read_json
from hepvision.deploy.bundle import load_bundle
from hepvision.figures.frame import page
from hepvision.figures.tables import number
from hepvision.figures.trials import choices, costs, importance, progress
from hepvision.interpretation.draw import picture_of
from hepvision.physics.intervals import Interval
from hepvision.studies._budget import COSTS, parse_budget, told
from hepvision.studies._pages import environment
from hepvision.studies._report_parts import Picture, drawn
from hepvision.studies._search_block import Search
from hepvision.studies._search_front import Found, chosen, front, of_front
from hepvision.studies._search_judge import FEWEST
from hepvision.studies.card import Study

__all__ = ["ratio", "write_page"]

_WORDS = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds of one example",
    "latency": "latency of one example [ms]",
}
_OUTCOMES = {
    "trained": "trained to the end",
    "stopped": "stopped early",
    "failed": "failed",
    "refused": "over the budget, not trained",
    "invalid": "no network, not trained",
    "repeated": "drawn before, not trained again",
}


def write_page(
    folder: Path,
    study: Study,
    search: Search,
    everything: Sequence[Any],
    found: Sequence[Found],
    numbers: Mapping[str, Any],
) -> Path:
    """Write ``search.html``: one file, which needs no network."""
    best = chosen(found, search)
    left = min((one["left"] for one in numbers["judged"]), default=float(FEWEST))
    values = {
        "title": study.title,
        "search": search,
        "score": score_name(search),
        "fewest": FEWEST,
        "left": number(left, 2) if left < FEWEST else "",
        "outcomes": [(_OUTCOMES.get(k, k), n) for k, n in numbers["outcomes"].items()],
        "judged": [_judged(one) for one in numbers["judged"]],
        "front": [_row(one, one in best) for one in of_front(found, search)],
        "trials": [_trial(one) for one in everything],
        "importance": numbers["importance"],
        "pictures": {key: list(_pictures(key, search, found, numbers)) for key in _SECTIONS},
        "networks": list(_networks(folder, study, best)),
        "card": yaml.safe_dump(
            search.model_dump(mode="json", exclude_defaults=True), sort_keys=False
        ),
        "environment": read_json(folder / "environment.json"),
        "costs": [key.replace("_", "-") for key in COSTS],
    }
    body = environment().get_template("search.html.j2").render(values)
    path = folder / "search.html"
    with atomic_write(path, "w") as file:
        file.write(page(f"Search: {study.title}", body))
    return path


def score_name(search: Search) -> str:
    """What a trial is worth, in words."""
    if search.score == "auc":
        return "AUC (validation)"
    return f"$\\epsilon_s$ at $\\epsilon_b$ = {search.background_efficiency:g} (validation)"


_SECTIONS = ("front", "progress", "importance")


def _pictures(
    key: str, search: Search, found: Sequence[Found], numbers: Mapping[str, Any]
) -> Iterator[Picture]:
    if not found:
        return
    upward, scores = score_name(search), [one.score for one in found]
    if key == "front":
        names = {k: str(one.number) for k, one in enumerate(found) if one in chosen(found, search)}
        limits = {one.cost: one.most for one in parse_budget(search.budget).limits}
        for cost in dict.fromkeys((*search.minimise, *COSTS)):
            factor = 1e3 if cost == "latency" else 1.0
            values = [factor * one.costs.get(cost, 0.0) for one in found]
            if min(values) <= 0:
                continue
            stays = front([[-score, one] for score, one in zip(scores, values, strict=True)])
            limit = factor * limits[cost] if cost in limits else None
            rows = [k for k, one in enumerate(stays) if one]
            figure = costs(values, scores, rows, _WORDS[cost], upward, names=names, limit=limit)
            yield drawn(figure, f"Score of each network against its {cost}")
    elif key == "progress":
        order = [one.number for one in found]
        yield drawn(progress(order, scores, upward), "Score of each trial in order")
    else:
        if numbers["importance"]:
            yield drawn(importance(numbers["importance"]), "Importance of each choice")
        yield drawn(choices(_flat(found), scores, upward), "Score against each choice", wide=True)


def _flat(found: Sequence[Found]) -> dict[str, list[Any]]:
    """Each choice by trial; of lists the length and the mean stand for all values."""
    made: dict[str, list[Any]] = {}
    for path in found[0].choices:
        values = [one.choices[path] for one in found]
        if not all(isinstance(one, list) for one in values):
            made[path] = [json.dumps(one) if isinstance(one, dict) else one for one in values]
            continue
        if len({len(one) for one in values}) > 1:
            made[f"{path}: length"] = [len(one) for one in values]
        if all(isinstance(item, int | float) for one in values for item in one):
            made[f"{path}: mean"] = [sum(one) / len(one) if one else None for one in values]
        else:
            made[path] = [json.dumps(one) for one in values]
    return made


def _interval(one: Mapping[str, Any]) -> str:
    return str(Interval(one["value"], one["low"], one["high"])).replace("-", "−")


def _ends(low: float, high: float) -> str:
    """From where to where, with two digits of the width."""
    digits = max(0, 1 - math.floor(math.log10(high - low))) if high > low else 4
    return f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "−")


def _judged(one: Mapping[str, Any]) -> dict[str, Any]:
    measures = []
    for key in ("auc", "efficiency"):
        found = one[key]
        sure = found["sure"]
        measures.append(
            {
                "first": _interval(found["first"]),
                "second": _interval(found["second"]),
                "difference": _interval(found["difference"]),
                "sure": _ends(sure["low"], sure["high"]),
                "p": number(found["p_value"], 2),
                "verdict": found["verdict"],
            }
        )
    return {
        **one,
        "measures": measures,
        "mark": _mark(one),
        "sizes": [told("parameters", size) for size in one["parameters"]],
        "ratio": ratio(one["fewer"]),
    }


def _mark(one: Mapping[str, Any]) -> tuple[str, str]:
    """Look and sign: no tick where so few events are left that nothing could be told apart."""
    if not one["not_worse"]:
        return "no", "✗"
    return ("", "?") if one["left"] < FEWEST else ("yes", "✓")


def ratio(fewer: float) -> str:
    """How many parameters beside those of another network, up to its name."""
    if fewer == 1.0:
        return "as many as"
    times, which = (fewer, "fewer") if fewer > 1.0 else (1.0 / fewer, "more")
    return f"{f'{times:,.0f}' if times >= 1000 else number(times)} times {which} than"


def _row(one: Found, judged: bool) -> dict[str, Any]:
    return {
        "name": one.name,
        "score": f"{one.score:.4f}",
        "error": f"±{one.error:.4f}",
        "costs": [told(cost, one.costs.get(cost)) for cost in COSTS],
        "choices": _choices(one.choices),
        "judged": judged,
    }


def _trial(one: Any) -> dict[str, Any]:
    about = one.user_attrs
    known = about.get("costs", {})
    return {
        "number": one.number,
        "outcome": about.get("outcome", "not ended"),
        "score": f"{about['score']:.4f}" if "score" in about else "–",
        "costs": [told(cost, known.get(cost)) for cost in COSTS],
        "epochs": len(about.get("losses", ())) or "–",
        "seconds": f"{about['seconds']:.0f}" if "seconds" in about else "–",
        "choices": _choices(about.get("choices", {})),
        "reason": about.get("reason", ""),
    }


def _choices(choices_of: Mapping[str, Any]) -> str:
    return ", ".join(f"{path.partition('.')[2]} {_short(one)}" for path, one in choices_of.items())


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_short(one) for one in value) + "]"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _networks(folder: Path, study: Study, best: Sequence[Found]) -> Iterator[dict[str, Any]]:
    """Drawings of what was judged, and the commands that train it again."""
    for one in best:
        bundle = folder / "best" / one.name / str(study.seeds[0]) / "bundle"
        picture = None
        try:
            picture = drawn(picture_of(load_bundle(bundle)), f"Layers of {one.name}", wide=True)
        except (CorruptFileError, SchemaError):
            picture = None
        card = folder / "cards" / f"{one.name}.yaml"
        yield {
            "name": one.name,
            "picture": [] if picture is None else [picture],
            "command": f"hepvision run {card} -o FOLDER",
            "card": card.read_text(encoding="utf-8") if card.is_file() else "",
        }
