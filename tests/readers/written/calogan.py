"""Small files by the published layout of CaloGAN."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".hdf5"
SHAPES = {"layer_0": (3, 96), "layer_1": (12, 12), "layer_2": (12, 6)}


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """energy in GeV, layers and overflow in MeV."""
    rng = np.random.default_rng(seed)
    energy = rng.uniform(1, 100, (events, 1))
    truth = {"energy": energy}
    for (name, shape), share in zip(SHAPES.items(), (0.1, 0.7, 0.05), strict=True):
        part = rng.dirichlet(np.full(np.prod(shape), 0.05), events).reshape(events, *shape)
        part = np.where(part > 1e-4, part, 0.0)
        truth[name] = 1000 * share * energy[:, :, None] * part
    truth["overflow"] = rng.exponential(5.0, (events, 3)) * (rng.random((events, 3)) < 0.5)
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            file.create_dataset(name, data=values, compression="gzip")
    return truth
