"""Small files by the published layout of the CLIC calorimeter showers."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".h5"


def write(
    path: Path, events: int = 7, seed: int = 1, side: int = 51, directions: bool = True
) -> dict[str, np.ndarray]:
    """ECAL, HCAL and the particle."""
    rng = np.random.default_rng(seed)

    def cells(*shape: int) -> np.ndarray:
        made = np.zeros((events, *shape))
        where = rng.integers(0, made.size, made.size // 200)
        made.reshape(-1)[where] = rng.exponential(0.1, len(where))
        return made

    truth = {
        "ECAL": cells(side, side, 25),
        "HCAL": cells(11, 11, 60),
        "pdgID": rng.choice([22, 11, -11, 111, 211, -211, 13], events),
        "energy": rng.uniform(2, 500, events),
    }
    if directions:
        truth |= {"eta": rng.uniform(-0.4, 0.4, events), "phi": rng.uniform(0, 6.28, events)}
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            shaped = values[:, None] if name == "energy" else values
            file.create_dataset(name, data=shaped, compression="lzf" if values.ndim > 1 else None)
        file["ECAL_E"] = truth["ECAL"].sum(axis=(1, 2, 3))
    return truth
