"""Writes small files as JetClass lays them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot

__all__ = ["CLASSES", "SUFFIX", "content", "write", "write_columns"]

SUFFIX = ".root"
BASKET = 100  # jets
CLASSES = ("QCD", "Hbb", "Hcc", "Hgg", "H4q", "Hqql", "Zqq", "Wqq", "Tbqq", "Tbl")


def content(events: int = 7, seed: int = 1) -> dict[str, Any]:
    """Columns by their names; momenta of the jets are the sums of their particles'."""
    random = np.random.default_rng(seed)
    number = random.integers(1, 40, events)
    total = int(number.sum())
    axis = np.repeat(random.uniform(-2, 2, events), number)
    around = np.repeat(random.uniform(-np.pi, np.pi, events), number)
    pt = random.exponential(20, total) + 0.5
    eta, phi = random.normal(axis, 0.2), random.normal(around, 0.2)
    mass = random.choice([0.0, 0.13957, 0.4976], total)
    vector = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)])
    energy = np.sqrt((vector**2).sum(axis=0) + mass**2)
    kind = random.integers(0, 5, total)
    charge = np.where(np.isin(kind, (0, 3, 4)), random.choice([-1, 1], total), 0)
    parts: dict[str, np.ndarray] = {
        "px": vector[0],
        "py": vector[1],
        "pz": vector[2],
        "energy": energy,
        "deta": random.normal(0, 0.2, total),
        "dphi": random.normal(0, 0.2, total),
        "charge": charge.astype("f4"),
    }
    for k, name in enumerate(("ChargedHadron", "NeutralHadron", "Photon", "Electron", "Muon")):
        parts[f"is{name}"] = kind == k
    for name in ("d0val", "d0err", "dzval", "dzerr"):
        parts[name] = np.where(charge != 0, random.normal(0, 1, total), 0)
    columns: dict[str, Any] = {}
    for name, values in parts.items():
        dtype = values.dtype if values.dtype == bool else np.float32
        columns[f"part_{name}"] = ak.unflatten(values.astype(dtype), number)
    start = np.cumsum(number) - number
    sums = [np.add.reduceat(values, start) for values in (*vector, energy)]
    columns["jet_pt"] = np.hypot(sums[0], sums[1])
    columns["jet_eta"] = np.arcsinh(sums[2] / columns["jet_pt"])
    columns["jet_phi"] = np.arctan2(sums[1], sums[0])
    columns["jet_energy"] = sums[3]
    columns["jet_nparticles"] = number
    for name in ("sdmass", "tau1", "tau2", "tau3", "tau4"):
        columns[f"jet_{name}"] = random.uniform(0, 1, events)
    for name in ("genpart_pid", "truth_match"):
        columns[f"aux_{name}"] = random.uniform(0, 1, events)
    columns = {
        name: values if isinstance(values, ak.Array) else values.astype("f4")
        for name, values in columns.items()
    }
    label = np.arange(events) % len(CLASSES)
    return columns | {f"label_{name}": label == k for k, name in enumerate(CLASSES)}


def write_columns(path: Path, columns: dict[str, Any]) -> None:
    """Columns as a tree; lists have no counters of their own name."""
    kinds = {
        name: ak.type(values).content if isinstance(values, ak.Array) else values.dtype
        for name, values in columns.items()
    }
    with uproot.recreate(path) as file:
        tree = file.mktree("tree", kinds)
        for start in range(0, len(next(iter(columns.values()))), BASKET):
            tree.extend({key: one[start : start + BASKET] for key, one in columns.items()})


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """A file; returns flat columns by their names."""
    columns = content(events, seed)
    write_columns(path, columns)
    return {name: np.asarray(ak.flatten(ak.Array(one), None)) for name, one in columns.items()}
