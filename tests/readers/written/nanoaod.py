"""Writes small NanoAOD files: trees and RNTuples, old and new names, simulation and data."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import awkward as ak
import numpy as np
import uproot

__all__ = ["SUFFIX", "content", "write", "write_columns"]

SUFFIX = ".root"
BASKET = 100  # events
COUNTS = {"Photon": 3, "Electron": 2, "Muon": 2, "Tau": 2, "Jet": 6, "FatJet": 3}
TRUTH = ("GenPart", "GenJet")
EXTRA: dict[str, dict[str, str]] = {
    "Photon": {"r9": "f4", "isScEtaEB": "?", "genPartIdx": "i2", "genPartFlav": "u1"},
    "Electron": {"charge": "i4", "dxy": "f4", "dz": "f4", "cutBased": "u1"},
    "Muon": {"charge": "i4", "dxy": "f4", "dz": "f4", "pfIsoId": "u1", "tightId": "?"},
    "Tau": {"charge": "i4", "decayMode": "i4"},
    "Jet": {"btagDeepFlavB": "f4", "nConstituents": "u1", "hadronFlavour": "i4"},
    "FatJet": {"msoftdrop": "f4", "tau1": "f4", "genJetAK8Idx": "i2"},
    "GenPart": {"pdgId": "i4", "status": "i4", "genPartIdxMother": "i2"},
    "GenJet": {"partonFlavour": "i4"},
    "Candidates": {"pdgId": "i4", "d0": "f4", "dz": "f4", "d0Err": "f4", "dzErr": "f4"},
}


def _objects(random: np.random.Generator, name: str, number: np.ndarray) -> dict[str, Any]:
    total = int(number.sum())
    found: dict[str, Any] = {
        "pt": random.exponential(40, total),
        "eta": random.normal(0, 1.5, total),
        "phi": random.uniform(-np.pi, np.pi, total),
        "mass": random.uniform(0, 10, total),
    }
    found = {key: values.astype("f4") for key, values in found.items()}
    for key, dtype in EXTRA[name].items():
        values = random.normal(0, 1, total) if dtype == "f4" else random.integers(0, 5, total)
        if key == "charge":
            values = random.choice([-1, 1], total)
        found[key] = values.astype(dtype)
    return {key: ak.unflatten(values, number) for key, values in found.items()}


def content(
    events: int = 7,
    seed: int = 1,
    version: Literal["pfnano", "v15"] = "pfnano",
    data: bool = False,
) -> dict[str, Any]:
    """Columns by the names of branches, lists as awkward arrays."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {
        "run": np.full(events, 362_104 if data else 1, "u4"),
        "luminosityBlock": np.arange(events, dtype="u4") // 3 + 1,
        "event": (np.arange(events) * 7 + 1).astype("u8"),
        "HLT_IsoMu24": random.integers(0, 2, events).astype("?"),
    }
    for key in ("PV_x", "PV_y", "PV_z", "PV_score", "PuppiMET_pt", "PuppiMET_phi"):
        columns[key] = random.uniform(0, 3, events).astype("f4")
    if version != "v15":
        for key in ("MET_pt", "MET_phi", "MET_sumEt"):
            columns[key] = random.uniform(0, 3, events).astype("f4")
    if not data:
        columns["genWeight"] = random.choice([-1.5, 2.5], events).astype("f4")
        columns["Pileup_nPU"] = random.integers(10, 60, events).astype("i4")
    number = {name: random.integers(0, most + 1, events) for name, most in COUNTS.items()}
    if not data:
        number |= {"GenPart": random.integers(5, 20, events), "GenJet": number["Jet"]}
    for name, count in number.items():
        for key, values in _objects(random, name, count).items():
            columns[f"{name}_{key}"] = values
    jets, table, link, index = ("Jet", "PFCands", "JetPFCands", "pFCandsIdx")
    if version == "v15":
        jets, table, link, index = ("FatJet", "PFCand", "FatJetPFCand", "pfCandIdx")
    candidates = random.integers(4, 30, events)
    for key, values in _objects(random, "Candidates", candidates).items():
        columns[f"{table}_{key}"] = values
    links = np.where(number[jets] > 0, candidates // 2, 0)
    order = [random.permutation(most)[:some] for most, some in zip(candidates, links, strict=True)]
    columns[f"{link}_{index}"] = ak.unflatten(np.concatenate(order).astype("i4"), links)
    owner = np.repeat(number[jets], links)
    found = random.integers(0, np.maximum(owner, 1)) if len(owner) else np.zeros(0)
    columns[f"{link}_jetIdx"] = ak.unflatten(found.astype("i4"), links)
    return columns


def write_columns(path: Path, columns: dict[str, Any], ntuple: bool = False) -> None:
    """Columns as a tree with counters, or as an RNTuple of collections of records."""
    events = len(columns["run"])
    groups: dict[str, dict[str, Any]] = {}
    for name, values in columns.items():
        if isinstance(values, ak.Array):
            group, _, key = name.partition("_")
            groups.setdefault(group, {})[key] = values
    flat: dict[str, Any] = {
        name: values for name, values in columns.items() if not isinstance(values, ak.Array)
    }
    flat |= {name: ak.zip(fields) for name, fields in groups.items()}
    with uproot.recreate(path) as file:
        if ntuple:
            tree = file.mkrntuple("Events", {key: one[:BASKET] for key, one in flat.items()})
            for start in range(BASKET, events, BASKET):
                tree.extend({key: values[start : start + BASKET] for key, values in flat.items()})
            return
        kinds = {
            name: values.dtype if isinstance(values, np.ndarray) else ak.type(values).content
            for name, values in flat.items()
        }
        tree = file.mktree("Events", kinds)
        for start in range(0, events, BASKET):
            tree.extend({key: values[start : start + BASKET] for key, values in flat.items()})


def write(
    path: Path,
    events: int = 7,
    seed: int = 1,
    *,
    version: Literal["pfnano", "v15"] = "pfnano",
    data: bool = False,
    ntuple: bool = False,
) -> dict[str, np.ndarray]:
    """A file; returns flat columns by the names of branches."""
    columns = content(events, seed, version, data)
    write_columns(path, columns, ntuple)
    return {name: np.asarray(ak.flatten(ak.Array(one), None)) for name, one in columns.items()}
