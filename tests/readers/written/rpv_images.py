"""Small files by the two published layouts of the RPV-SUSY images."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

__all__ = ["SUFFIX", "write", "write_one_channel", "write_three_channels"]

SUFFIX = ".h5"


def _pictures(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    made = np.zeros(shape, np.float32)
    where = rng.integers(0, made.size, made.size // 50)
    made.reshape(-1)[where] = rng.exponential(20.0, len(where))
    return made


def write_one_channel(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """Group all_events: hist, y, weight."""
    rng = np.random.default_rng(seed)
    truth = {
        "hist": _pictures(rng, (events, 64, 64)),
        "y": (np.arange(events) % 2).astype(np.float64),
        "weight": rng.uniform(0.01, 5.0, events),
    }
    with h5py.File(path, "w") as file:
        group = file.create_group("all_events")
        for name, values in truth.items():
            group.create_dataset(name, data=values)
    return truth


def write_three_channels(
    path: Path, events: int = 7, seed: int = 1, side: int = 64
) -> dict[str, np.ndarray]:
    """data, label, normweight, weight, psr."""
    rng = np.random.default_rng(seed)
    truth = {
        "data": _pictures(rng, (events, 3, side, side)),
        "label": (np.arange(events) % 2).astype(np.float32),
        "normweight": rng.uniform(0.5, 1.5, events).astype(np.float32),
        "weight": rng.uniform(1e-5, 5.0, events).astype(np.float32),
        "psr": (rng.random(events) < 0.5).astype(np.float32),
    }
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            file.create_dataset(name, data=values)
    return truth


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """The layout that has all."""
    return write_three_channels(path, events, seed)
