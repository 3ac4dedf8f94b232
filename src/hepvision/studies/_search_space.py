"""What a search draws, and a study with what was drawn put in."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hepvision.core.card import component, parse, sizes_of
from hepvision.core.errors import CardError
from hepvision.core.names import hint, load
from hepvision.studies._search_block import Between, Search, Several
from hepvision.studies.card import Entry, Study
from hepvision.studies.entry import task_of
from hepvision.studies.plan import at_once
from hepvision.training.options import Options

__all__ = ["draw", "fits", "only", "varied"]

#: What draws one value: its name, and the numbers or choices it may be.
Draw = Callable[[str, Any], Any]
Values = dict[str, Any]


def draw(search: Search, ask: Draw) -> Values:
    """A value for every range.

    Parameters
    ----------
    search : Search
        The block of the card.
    ask : callable
        (name, range) → value; the range is a :class:`Between` or a tuple of texts and numbers.

    Returns
    -------
    dict
        Place → value, lists as lists; in the order of the card.
    """
    found: Values = {}
    refers = {
        path: isinstance(one, Several) and isinstance(one.length, str)
        for path, one in search.ranges.items()
    }
    for path in sorted(search.ranges, key=lambda one: refers[one]):
        found[path] = _value(path, search.ranges[path], ask, found)
    return {path: found[path] for path in search.ranges}


def _value(path: str, one: Any, ask: Draw, found: Mapping[str, Any]) -> Any:
    if isinstance(one, Between):
        return ask(path, one)
    if isinstance(one, Several):
        length = one.length
        if isinstance(length, str):
            count = len(found[length])
        else:
            count = ask(f"{path}.length", length) if isinstance(length, Between) else length
        if one.same:
            return [_value(path, one.each, ask, found)] * count
        return [_value(f"{path}[{k}]", one.each, ask, found) for k in range(count)]
    # what is no number or text is drawn by its text
    texts = [json.dumps(choice, sort_keys=True) for choice in one]
    if all(choice is None or isinstance(choice, bool | int | float | str) for choice in one):
        return ask(path, tuple(one))
    return copy.deepcopy(one[texts.index(ask(path, tuple(texts)))])


def varied(study: Study, values: Mapping[str, Any]) -> Study:
    """The study with the searched entry alone, and values put in.

    Parameters
    ----------
    study : Study
        With a ``search`` block.
    values : mapping
        What ``draw`` gave.

    Returns
    -------
    Study
        Without ``search``.

    Raises
    ------
    CardError
        The values make no study.
    """
    if study.search is None:
        raise CardError("search: the card must have a search block, got none. Add one.")
    plain = only(study, [study.search.entry])
    entry = plain["entries"][0]
    if study.search.model is not None:
        entry["model"] = copy.deepcopy(study.search.model)
    for path, value in values.items():
        place, _, rest = path.partition(".")
        if place == "representations":
            key, _, rest = rest.partition(".")
            block = plain["representations"][key] = _block(plain["representations"][key])
        elif place == "model":
            block = entry["model"] = _block(entry["model"])
        else:
            block = entry["training"]
        *parents, last = rest.split(".")
        for parent in parents:
            block = block.setdefault(parent, {})
            if not isinstance(block, dict):
                raise CardError(f"search: {path}: {parent} is no block of the card. Check it.")
        block[last] = copy.deepcopy(value)
    return parse(Study, plain, "search")


def _block(given: Any) -> dict[str, Any]:
    return {"name": given} if isinstance(given, str) else given


def only(study: Study, names: Sequence[str]) -> dict[str, Any]:
    """A card with some of the entries and what they use, without search, as plain data."""
    plain = study.model_dump(mode="json")
    plain.pop("search", None)
    by_name = {one["name"]: one for one in plain["entries"]}
    plain["entries"] = [by_name[name] for name in names]
    used = {key for one in plain["entries"] for key in one["uses"]}
    plain["representations"] = {
        key: one for key, one in plain["representations"].items() if key in used
    }
    plain["published"] = [one for one in plain["published"] if one["entry"] in ("", *names)]
    if study.analysis is not None and study.analysis.standard not in ("", *names):
        plain["analysis"] = None
    return plain


def fits(study: Study, search: Search) -> None:
    """Refuse entries that are not there, and ranges of what the entry does not have.

    Raises
    ------
    CardError, UnknownNameError
        With the nearest name.
    """
    names = [one.name for one in study.entries]
    for key, name in (("entry", search.entry), ("against", search.against)):
        if name not in names and (name or key == "entry"):
            raise CardError(f"search: {key}: no entry {name!r}. {hint(name, names)}")
    classes = ("rest", *task_of(study).class_names)
    if search.background not in classes:
        advice = hint(search.background, classes)
        raise CardError(f"search: no background {search.background!r}. {advice}")
    entry = next(one for one in study.entries if one.name == search.entry)
    if search.model is not None:
        entry = entry.model_copy(update={"model": search.model})
    component("models", entry.model)
    for path in search.ranges:
        _require_field(study, entry, path)
    if at_once(entry):
        raise CardError(f"search: entry {entry.name}: must be a network. Name another.")


def _require_field(study: Study, entry: Entry, path: str) -> None:
    place, _, rest = path.partition(".")
    known: Sequence[str] = tuple(Options.model_fields)
    if place == "model":
        known = _fields("models", entry.model)
    elif place == "representations":
        key, _, rest = rest.partition(".")
        if key not in entry.uses:
            raise CardError(
                f"search: ranges: {path}: entry {entry.name} uses no {key!r}. "
                f"{hint(key, entry.uses)}"
            )
        known = _fields("representations", study.representations[key])
    first = rest.partition(".")[0]
    if first not in known:
        raise CardError(f"search: ranges: {path}: no {first!r} in {place}. {hint(first, known)}")


def _fields(kind: str, block: Any) -> tuple[str, ...]:
    made = load(kind, block if isinstance(block, str) else block["name"])
    fields = tuple(one.name for one in dataclasses.fields(made) if one.init)
    return (*fields, "size") if sizes_of(made) else fields
