"""Small files by the published layout of EnergyFlow's quark and gluon jets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".npz"
IDS = np.array([22, 211, -211, 321, -321, 130, 2212, -2212, 2112, 11, -11, 13, -13])


def write(
    path: Path, events: int = 7, seed: int = 1, particles: int = 40, packed: bool = True
) -> dict[str, np.ndarray]:
    """X (N, M, 4) with at least one constituent a jet, and y."""
    rng = np.random.default_rng(seed)
    there = np.arange(particles) < rng.integers(1, particles + 1, events)[:, None]
    axis = rng.uniform(-1.5, 1.5, events)[:, None], rng.uniform(0, 2 * np.pi, events)[:, None]
    columns = [
        rng.exponential(20.0, there.shape),
        axis[0] + rng.normal(0, 0.15, there.shape),
        (axis[1] + rng.normal(0, 0.15, there.shape)) % (2 * np.pi),
        rng.choice(IDS, there.shape),
    ]
    truth = {
        "X": np.stack(columns, axis=-1) * there[..., None],
        "y": (np.arange(events) % 2).astype(np.float64),
    }
    with path.open("wb") as file:
        (np.savez_compressed if packed else np.savez)(file, **truth)
    return truth
