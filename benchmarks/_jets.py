"""Random jets with as many constituents as those of the top-tagging reference set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hepvision.events.schema import build, from_columns
from hepvision.events.store import write_store

__all__ = ["jets"]


def jets(path: Path, events: int) -> None:
    """A store of one jet an event with some fifty constituents."""
    rng = np.random.default_rng(1)
    lines = np.arange(events + 1)
    axis = {name: np.zeros(events) for name in ("eta", "phi", "mass")} | {
        "pt": np.full(events, 600)
    }
    offsets = np.concatenate([[0], np.cumsum(rng.integers(30, 70, events))])
    number = int(offsets[-1])
    parts = {"pt": rng.exponential(10, number) + 0.5}
    parts |= {name: rng.normal(0, 0.2, number) for name in ("eta", "phi")}
    parts |= {name: np.zeros(number) for name in ("mass", "charge", "pdgId", "jetIdx")}
    one = np.ones(events)
    scalars = {"event_id": lines[:-1], "sample": "random", "weight": one, "run": one}
    scalars |= {"luminosityBlock": one, "event": lines[:-1], "pileup": one}
    collections = {
        "FatJet": from_columns(lines, axis, "FatJet"),
        "Particle": from_columns(offsets, parts, "Particle"),
    }
    write_store(path, build(scalars, collections))
