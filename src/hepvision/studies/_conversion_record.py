"""What a manifest says of a conversion: files, checksums, cut flow, what readers counted."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import hepvision
from hepvision.events.selection import CutFlow
from hepvision.readers._account import QUIET
from hepvision.studies._pieces import Input, merged

__all__ = ["few", "provenance"]

_LOG = logging.getLogger(__name__)
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
        last = flow.passed.index(0) - 1
        left = f": {flow.cuts[last]!r} leaves none of {flow.passed[last]}" if last else ""
        raise ValueError(
            f"selection: must pass some events, got 0 of {flow.passed[0]}{left}. "
            "Loosen the selection."
        )
    attrs = merged(_attrs(inputs, entry["record"]) for entry in entries)
    _say(attrs)
    apart = _apart(entries, attrs)
    skipped = [
        {**one.record, "error": broken[file]} for file, one in enumerate(inputs) if file in broken
    ]
    return {
        **attrs,
        "made_by": f"hepvision {hepvision.__version__} convert",
        "sample": plan["label"],
        "reader": plan["reader"],
        "options": dict(plan["options"]),
        "files": [
            {**one.record, "events": one.events, **apart.get(file, {})}
            for file, one in enumerate(inputs)
            if file not in broken
        ],
        "skipped": skipped,
        "select": list(plan["select"]),
        "counts": {"read": flow.passed[0], "stored": flow.passed[-1]},
        "cut_flow": flow.as_dict(),
        "not_in_all": _not_in_all(entries),
    }


def _attrs(inputs: Sequence[Input], record: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return inputs[record["rows"][0][0]].given, record["attrs"]


def _apart(
    entries: Sequence[Mapping[str, Any]], attrs: Mapping[str, Any]
) -> dict[int, dict[str, Any]]:
    """What is not the same in all files, as the last part of each has it."""
    found: dict[int, dict[str, Any]] = {}
    for entry in entries:
        own = {key: one for key, one in entry["record"]["attrs"].items() if key not in attrs}
        if own:
            for file, _, _ in entry["record"]["rows"]:
                found[file] = {"attrs": own}
    return found


def _not_in_all(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Fields that some parts have; the store is without them."""
    every = [set(entry["fields"]) for entry in entries]
    told = {name for entry in entries for name in entry["record"].get("not_in_all", ())}
    lost = sorted(told.union(*every) - every[0].intersection(*every))
    if lost:
        kept = {name.partition(".")[0] for name in every[0].intersection(*every)}
        gone = sorted({name.partition(".")[0] for name in lost} - kept)
        some = [name for name in lost if name.partition(".")[0] in kept]
        told_of = ([f"the whole of {few(gone, 12)}"] if gone else []) + (
            [f"{len(some)} fields ({few(some, 6)})"] if some else []
        )
        _LOG.warning("Left out, as not all files have it: %s.", " and ".join(told_of))
    return lost


def few(names: Sequence[object], most: int) -> str:
    """The first of many names."""
    return ", ".join(map(str, names[:most])) + (", …" if len(names) > most else "")


def _say(attrs: Mapping[str, Any]) -> None:
    """What readers counted, in one line each for all files together."""
    for kind, words in _SAID.items():
        for name, count in attrs.get(kind, {}).items():
            if count and name != QUIET:
                _LOG.warning("%d %s %s.", count, words, name)
