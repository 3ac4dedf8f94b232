"""Small files by the published layouts of the CMS end-to-end images."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = [
    "SUFFIX",
    "pictures",
    "write",
    "write_2025",
    "write_electrons",
    "write_parquet",
    "write_quark_gluon",
]

SUFFIX = ".h5"


def pictures(shape: tuple[int, ...], seed: int, lit: float = 0.004) -> np.ndarray:
    """Mostly dark pictures; some pixels are negative."""
    rng = np.random.default_rng(seed)
    made = np.zeros(shape, np.float32)
    where = rng.integers(0, made.size, int(lit * made.size))
    made.reshape(-1)[where] = rng.exponential(1.0, len(where)) - 0.05
    return made


def _jets(events: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed + 100)
    return {
        "m0": rng.uniform(5, 60, events),
        "pt": rng.uniform(80, 300, events),
        "y": (np.arange(events) % 2).astype(np.float64),
    }


def write_electrons(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """X (N, 32, 32, 2) and y."""
    truth = {"X": pictures((events, 32, 32, 2), seed, 0.2), "y": _jets(events, seed)["y"]}
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            file.create_dataset(name, data=values.astype(np.float32), compression="gzip")
    return truth


def write_quark_gluon(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """X_jets (N, 125, 125, 3), m0, pt, y."""
    truth = {"X_jets": pictures((events, 125, 125, 3), seed), **_jets(events, seed)}
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            chunks = (1, *values.shape[1:]) if name == "X_jets" else None
            file.create_dataset(name, data=values, chunks=chunks)
    return truth


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """The layout that has all: the quark and gluon jets in HDF5."""
    return write_quark_gluon(path, events, seed)


def write_2025(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """jet (N, 125, 125, 8), Y, m, pT."""
    jets = _jets(events, seed)
    truth = {"jet": pictures((events, 125, 125, 8), seed, 0.002)}
    truth |= {"Y": jets["y"], "m": jets["m0"], "pT": jets["pt"]}
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            shaped = values if name == "jet" else values[:, None]
            file.create_dataset(name, data=shaped.astype(np.float32))
    return truth


def write_parquet(
    path: Path, events: int = 7, seed: int = 1, channels: int = 3, name: str = "X_jets"
) -> dict[str, np.ndarray]:
    """One jet a row group; boosted tops have ieta and iphi, and numbers wrapped in lists."""
    truth = {name: pictures((events, channels, 125, 125), seed), **_jets(events, seed)}
    if name == "X_jet":
        truth["m"] = truth.pop("m0")
        truth |= {"ieta": np.full(events, 60.0), "iphi": np.full(events, 180.0)}
    writer = None
    for k in range(events):
        row = {key: pa.array([values[k].tolist()]) for key, values in truth.items()}
        if name == "X_jet":
            row["pt"] = pa.array([[float(truth["pt"][k])]])
        table = pa.table(row)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return truth
