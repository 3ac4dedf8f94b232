"""Writes a small file of CMS object JSON."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

SUFFIX = ".json"


def content(events: int = 7, seed: int = 1) -> dict[str, dict[str, Any]]:
    """Events by their numbers, as the files have them; the first has eleven jets."""
    random = np.random.default_rng(seed)

    def momentum() -> dict[str, Any]:
        pt, eta, phi = random.exponential(40) + 3, random.normal(), random.uniform(-3.1, 3.1)
        px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
        found = {"pt": pt, "eta": eta, "phi": phi, "px": px, "py": py, "pz": pz}
        flags = {"tightID": bool(random.integers(2)), "tightIso": bool(random.integers(2))}
        return {key: float(value) for key, value in found.items()} | flags

    def jet() -> dict[str, Any]:
        kept = {key: momentum()[key] for key in ("pt", "eta", "phi", "tightID")}
        return kept | {"CSV": float(random.choice([-100.0, -1.0, random.uniform()]))}

    told = {}
    for k in range(events):
        counts = 11 if k == 0 else int(random.integers(0, 5)), *random.integers(0, 3, 2)
        event: dict[str, Any] = {
            "isMC": 1,
            "run": 1,
            "lumi": 100 + k,
            "met": float(random.exponential(30)),
            "met_phi": float(random.uniform(-3.1, 3.1)),
            "sumet": float(random.uniform(200, 900)),
            "xsec": 77.5,
        }
        event |= {name: int(n) for name, n in zip(("njet", "numel", "nummu"), counts, strict=True)}
        makers = zip(("jet", "electron", "muon"), (jet, momentum, momentum), counts, strict=True)
        for name, make, number in makers:
            if number:
                event[name] = {str(n): make() for n in range(number)}
        told[str(5000 - 3 * k)] = event
    return told


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """Write the file, gzip if its name ends so; returns pt and phi of all objects, and MET."""
    told = content(events, seed)
    text = json.dumps({"Event": told}, indent=3, sort_keys=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    ordered = [told[key] for key in sorted(told)]
    found = {"met": np.array([event["met"] for event in ordered])}
    for name in ("jet", "electron", "muon"):
        lists = [
            [event.get(name, {})[str(k)] for k in range(len(event.get(name, {})))]
            for event in ordered
        ]
        found[f"{name}_count"] = np.array([len(one) for one in lists])
        for key in ("pt", "phi"):
            found[f"{name}_{key}"] = np.array([one[key] for some in lists for one in some])
    return found
