"""Events of given jets, leptons and missing momentum."""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepvision.events.schema import build, from_columns

__all__ = ["events_of", "objects_events"]


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


def objects_events(number: int, seed: int, jets: float, tags: float, first_id: int = 0) -> ak.Array:
    """Whole events of one lepton or two, jets and missing momentum.

    Parameters
    ----------
    number, seed : int
        How many, and from which random stream.
    jets, tags : float
        Mean number of jets, and the share of them that is tagged.
    first_id : int
        Number of the first event.
    """
    rng = np.random.default_rng([seed, 16])
    kinds = {"Electron": rng.integers(0, 2, number), "Jet": rng.poisson(jets, number)}
    kinds["Muon"] = np.maximum(1 - kinds["Electron"], rng.integers(0, 2, number))
    kinds["MET"] = np.ones(number, int)
    made = {}
    for name, counts in kinds.items():
        size = int(counts.sum())
        columns = {"pt": 32.0 + rng.exponential(30.0, size)}
        columns["phi"] = rng.uniform(-np.pi, np.pi, size)
        if name != "MET":
            columns |= {"eta": rng.uniform(-2.3, 2.3, size), "mass": np.zeros(size)}
        if name in {"Electron", "Muon"}:
            columns |= {"tightId": np.ones(size, bool), "tightIso": np.ones(size, bool)}
        if name == "Jet":
            columns["bTag"] = rng.random(size) < tags
        made[name] = from_columns(np.concatenate([[0], np.cumsum(counts)]), columns, name)
    ids = first_id + np.arange(number)
    scalars = {"event_id": ids, "sample": "toy", "weight": np.ones(number), "event": ids}
    scalars |= {"run": np.ones(number), "luminosityBlock": np.ones(number)}
    return build({**scalars, "pileup": np.zeros(number)}, made)
