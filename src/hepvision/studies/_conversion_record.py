"""What a manifest says of a conversion: files, checksums, cut flow, what readers counted."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import hepvision
from hepvision.core.errors import SchemaError
from hepvision.events.selection import CutFlow
from hepvision.readers._account import QUIET, Account
from hepvision.studies._pieces import Input

__all__ = ["merged", "provenance"]

_LOG = logging.getLogger(__name__)
#: Counts that readers keep, by kind.
_COUNTS = tuple(vars(Account()))
_SAID = {
    "missing": "events have no",
    "repaired": "values were put right of",
    "left_out": "were left out:",
}


def provenance(
    inputs: Sequence[Input],
    plan: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    broken: Mapping[int, str],
) -> dict[str, Any]:
    """Of all files and parts; what a user should know is logged."""
    flows = [CutFlow(**entry["record"]["cut_flow"]) for entry in entries]
    flow = sum(flows[1:], flows[0])
    if not flow.passed[-1]:
        raise ValueError(
            f"selection: must pass some events, got 0 of {flow.passed[0]}. Loosen the selection."
        )
    attrs = merged(inputs, entries)
    _say(attrs)
    kept = [one for file, one in enumerate(inputs) if file not in broken]
    skipped = [
        {**one.record, "error": broken[file]} for file, one in enumerate(inputs) if file in broken
    ]
    return {
        **attrs,
        "made_by": f"hepvision {hepvision.__version__} convert",
        "sample": plan["label"],
        "reader": plan["reader"],
        "options": dict(plan["options"]),
        "files": [{**one.record, "events": one.events} for one in kept],
        "skipped": skipped,
        "select": list(plan["select"]),
        "counts": {"read": flow.passed[0], "stored": flow.passed[-1]},
        "cut_flow": flow.as_dict(),
        "not_in_all": _not_in_all(entries),
    }


def merged(inputs: Sequence[Input], entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Attributes of all parts together.

    Counts are added and lists joined. What decides the meaning of numbers (names of labels, the
    shape of images, cells) must be equal; other values are kept where they are.
    """
    made: dict[str, Any] = {}
    counts = {kind: Counter[str]() for kind in _COUNTS}
    origin: dict[str, int] = {}
    differ: set[str] = set()
    for entry in entries:
        file = int(entry["record"]["file"])
        for key, value in entry["record"]["attrs"].items():
            if key in counts:
                counts[key].update(value)
            elif key not in made:
                made[key], origin[key] = value, file
            elif isinstance(value, list) and isinstance(made[key], list):
                made[key] = made[key] + [one for one in value if one not in made[key]]
            elif value != made[key] and isinstance(value, dict):
                raise SchemaError(
                    f"{inputs[file].given}: {key} must be that of {inputs[origin[key]].given}, "
                    f"got {value!r:.80}. Convert them apart."
                )
            elif value != made[key]:
                differ.add(key)
    kept = {key: value for key, value in made.items() if key not in differ}
    return kept | {kind: dict(sorted(each.items())) for kind, each in counts.items() if each}


def _not_in_all(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Fields that some parts have; the store is without them."""
    every = [set(entry["fields"]) for entry in entries]
    lost = sorted(set().union(*every) - every[0].intersection(*every))
    if lost:
        _LOG.warning("%d fields are left out, not all events have them: %s.", len(lost), _few(lost))
    return lost


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "")


def _say(attrs: Mapping[str, Any]) -> None:
    """What readers counted, in one line each for all files together."""
    for kind, words in _SAID.items():
        for name, count in attrs.get(kind, {}).items():
            if count and name != QUIET:
                _LOG.warning("%d %s %s.", count, words, name)
