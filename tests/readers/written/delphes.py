"""Writes a small tree as Delphes lays it out, with uproot."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import uproot

SUFFIX = ".root"
PROTON, TOP = 2212, 6


def collections(events: int = 7, seed: int = 1) -> dict[str, ak.Array]:
    """Branches with their leaves; the first event has none of most objects."""
    random = np.random.default_rng(seed)

    def leaves(counts: np.ndarray, **columns: np.ndarray) -> ak.Array:
        return ak.unflatten(ak.zip(columns), counts)

    def momentum(number: int, pt: str = "PT", scale: float = 30.0) -> dict[str, np.ndarray]:
        found = {
            pt: random.exponential(scale, number) + 1,
            "Eta": random.normal(0, 1.5, number),
            "Phi": random.uniform(-np.pi, np.pi, number),
        }
        return {key: values.astype(np.float32) for key, values in found.items()}

    def some(most: int) -> tuple[np.ndarray, int]:
        counts = random.integers(0, most, events)
        counts[:1] = 0
        return counts, int(counts.sum())

    def charge(number: int) -> np.ndarray:
        return random.choice([-1, 1], number).astype(np.int32)

    one = np.ones(events, int)
    made = {
        "Event": leaves(
            one,
            Number=np.arange(events, dtype=np.int64) + 10,
            Weight=random.normal(1, 0.5, events).astype(np.float32),
        )
    }
    counts, number = some(9)
    towers = momentum(number, "ET")
    towers["E"] = towers["ET"] * np.cosh(towers["Eta"])
    made["Tower"] = leaves(counts, **towers, Eem=towers["E"] * 0.75, Ehad=towers["E"] * 0.25)
    for name in ("Track", "EFlowTrack"):
        counts, number = some(9)
        impact = {key: random.normal(0, 1, number).astype(np.float32) for key in ("D0", "DZ")}
        pid = random.choice([11, 13, 211, 321, 2212], number).astype(np.int32)
        sign = charge(number)
        pid *= np.where(np.isin(pid, (11, 13)), -sign, sign)
        made[name] = leaves(counts, **momentum(number), **impact, Charge=sign, PID=pid)
    for name in ("EFlowPhoton", "EFlowNeutralHadron"):
        counts, number = some(6)
        made[name] = leaves(counts, **momentum(number, "ET", 5.0))
    for name in ("Jet", "GenJet", "FatJet", "JetPUPPI"):
        counts, number = some(5)
        mass = random.exponential(9, number).astype(np.float32)
        flags = {
            "Flavor": random.choice([0, 4, 5, 21], number).astype(np.uint32),
            "BTag": random.integers(0, 8, number).astype(np.uint32),
        }
        made[name] = leaves(counts, **momentum(number), Mass=mass, **flags)
    for name in ("Electron", "Muon"):
        counts, number = some(3)
        made[name] = leaves(counts, **momentum(number), Charge=charge(number))
    counts, number = some(3)
    hoe = {"EhadOverEem": random.uniform(0, 1, number).astype(np.float32)}
    made["Photon"] = leaves(counts, **momentum(number), **hoe)
    made["MissingET"] = leaves(one, **momentum(events, "MET"))
    made["Particle"] = truth(events)
    return made


def truth(events: int) -> ak.Array:
    """Two protons along the beam and a top quark at rest, in each event."""
    mass = np.array([0.938, 0.938, 172.5])
    columns = {
        "PID": np.array([PROTON, PROTON, TOP]),
        "Status": np.array([4, 4, 62]),
        "M1": np.array([-1, -1, 0]),
        "Charge": np.array([1, 1, 0]),
        "PT": np.zeros(3),
        "Eta": np.array([999.9, -999.9, 0.0]),
        "Phi": np.zeros(3),
        "Pz": np.array([6500.0, -6500.0, 0.0]),
        "Mass": mass,
        "X": np.array([0.0, 0.0, 0.1]),
        "Y": np.array([0.0, 0.0, 0.2]),
        "Z": np.array([0.0, 0.0, -30.0]),
    }
    whole = {"PID", "Status", "M1", "Charge"}
    kinds = {name: np.int32 if name in whole else np.float32 for name in columns}
    tiled = {name: np.tile(values, events).astype(kinds[name]) for name, values in columns.items()}
    return ak.unflatten(ak.zip(tiled), np.full(events, 3))


def save(path: Path, made: dict[str, ak.Array], name: str = "Delphes") -> None:
    """Write branches as ``Jet.PT``, with their numbers as ``Jet_size``."""
    with uproot.recreate(path) as file:
        kinds = {branch: array.type.content for branch, array in made.items()}
        tree = file.mktree(
            name,
            kinds,
            counter_name=lambda counted: f"{counted}_size",
            field_name=lambda outer, inner: f"{outer}.{inner}" if outer else inner,
        )
        if len(next(iter(made.values()))):
            tree.extend(made)


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """Write the file; returns the leaves of all branches, flat."""
    made = collections(events, seed)
    save(path, made)
    flat = {}
    for name, array in made.items():
        flat[f"{name}_count"] = ak.num(array).to_numpy()
        for leaf in array.fields:
            flat[f"{name}.{leaf}"] = ak.flatten(array[leaf]).to_numpy()
    return flat
