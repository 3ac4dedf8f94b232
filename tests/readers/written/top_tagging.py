"""Writes a small file of the top-tagging set as pandas and PyTables lay it out, with h5py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

SUFFIX = ".h5"
PARTICLES = 12
NAMES = [f"{part}_{k}" for k in range(PARTICLES) for part in ("E", "PX", "PY", "PZ")]
TRUTH = ["truthE", "truthPX", "truthPY", "truthPZ"]


def pickled(texts: Sequence[str]) -> np.bytes_:
    """A list of texts as protocol 0 writes it."""
    items = "".join(f"V{text}\np{k}\na" for k, text in enumerate(texts, 1))
    return np.bytes_(f"(lp0\n{items}.".encode())


def truth(events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """Columns of jets; the first jet is full, the last has one constituent."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, events)
    number = np.linspace(PARTICLES, 1, max(events, 1)).astype(int)[:events]
    there = np.arange(PARTICLES) < number[:, None]
    pt = np.sort(random.exponential(40.0, (events, PARTICLES)) + 1.0, axis=1)[:, ::-1]
    eta = random.normal(0.5, 0.3, (events, PARTICLES))
    phi = random.uniform(-0.5, 0.5, (events, PARTICLES)) + random.uniform(-3, 3, (events, 1))
    parts = [pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]
    momenta = np.where(there[..., None], np.stack(parts, axis=-1), 0.0).astype(np.float32)
    quark = random.normal(0, 200, (events, 3))
    energy = np.sqrt((quark**2).sum(axis=1) + 172.5**2)
    quarks = np.column_stack([energy, quark]) * (label == 1)[:, None]
    return {
        "momenta": momenta,  # (events, PARTICLES, 4): E, px, py, pz
        "quarks": quarks.astype(np.float32),
        "label": label,
        "ttv": random.integers(0, 3, events),
        "number": number,
    }


def write(
    path: Path, events: int = 7, seed: int = 1, layout: str = "table", **filters: Any
) -> dict[str, np.ndarray]:
    """Write the file; ``layout`` is ``table`` or ``fixed``, ``filters`` go to h5py."""
    told = truth(events, seed)
    floats = np.concatenate(
        [told["momenta"].reshape(events, 4 * PARTICLES), told["quarks"]], axis=1
    )
    whole = np.column_stack([told["ttv"], told["label"]])
    blocks = {0: (floats, NAMES + TRUTH), 1: (whole, ["ttv", "is_signal_new"])}
    with h5py.File(path, "w") as file:
        group = file.create_group("table")
        if layout == "fixed":
            group["axis0"] = np.array([n for _, names in blocks.values() for n in names], "S")
            group["axis1"] = np.arange(events)
            for number, (values, names) in blocks.items():
                group[f"block{number}_items"] = np.array(names, "S")
                group.create_dataset(f"block{number}_values", data=values, **filters)
            return told
        fields = [("index", "<i8"), ("values_block_0", "<f4", (floats.shape[1],))]
        rows = np.zeros(events, [*fields, ("values_block_1", "<i8", (2,))])
        rows["index"] = np.arange(events)
        for number, (values, _) in blocks.items():
            rows[f"values_block_{number}"] = values
        data = group.create_dataset("table", data=rows, chunks=(4,), maxshape=(None,), **filters)
        data.attrs["NROWS"] = events
        for number, (_, names) in blocks.items():
            data.attrs[f"values_block_{number}_kind"] = pickled(names)
    return told
