"""Small files by the published layout of JetNet."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".hdf5"


def write(path: Path, events: int = 7, seed: int = 1, particles: int = 30) -> dict[str, np.ndarray]:
    """particle_features and jet_features; the last jet is full, the first has one constituent."""
    rng = np.random.default_rng(seed)
    number = rng.integers(1, particles + 1, events)
    number[0], number[-1] = 1, particles
    mask = np.arange(particles) < number[:, None]
    rel_pt = rng.dirichlet(np.full(particles, 0.5), events) * mask
    features = np.stack(
        [rng.normal(0, 0.1, mask.shape), rng.normal(0, 0.1, mask.shape), rel_pt, mask], axis=-1
    )
    features *= mask[..., None]
    truth = {
        "particle_features": features.astype(np.float32),
        "jet_features": np.stack(
            [
                rng.normal(1000, 60, events),
                rng.normal(0, 0.8, events),
                rng.uniform(20, 190, events),
                number,
            ],
            axis=-1,
        ).astype(np.float32),
    }
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            file.create_dataset(name, data=values)
    return truth
