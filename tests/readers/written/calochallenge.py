"""Small files by the published layout of the CaloChallenge."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".hdf5"


def write(path: Path, events: int = 7, seed: int = 1, voxels: int = 368) -> dict[str, np.ndarray]:
    """incident_energies and showers, both in MeV."""
    rng = np.random.default_rng(seed)
    energy = 2.0 ** rng.integers(8, 22, (events, 1))
    lit = rng.random((events, voxels)) < min(1.0, 100 / voxels)
    share = rng.exponential(1.0, lit.shape) * lit
    truth = {
        "incident_energies": energy.astype(np.float32),
        "showers": (0.8 * energy * share / share.sum(axis=1, keepdims=True)).astype(np.float32),
    }
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            file.create_dataset(name, data=values, compression="gzip")
    return truth
