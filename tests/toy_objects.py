"""Events of given jets, leptons and missing momentum."""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepvision.events.schema import from_columns

__all__ = ["events_of"]


def _collection(name: str, rows: list[list[dict[str, float]]], keys: tuple[str, ...]) -> ak.Array:
    offsets = np.cumsum([0, *map(len, rows)])
    flat = [one for event in rows for one in event]
    columns = {key: np.array([one.get(key, 0.0) for one in flat], float) for key in keys}
    if "bTag" in columns:
        columns["bTag"] = columns["bTag"] > 0
    return from_columns(offsets, columns, name)


def events_of(*events: dict[str, list[dict[str, float]]]) -> ak.Array:
    """Events from {collection: [object]}."""
    keys = ("pt", "eta", "phi")
    each = {"Electron": keys, "Muon": keys, "Jet": (*keys, "bTag"), "MET": ("pt", "phi")}
    made = {
        name: _collection(name, [event.get(name, []) for event in events], fields)
        for name, fields in each.items()
    }
    return ak.zip(made, depth_limit=1)
