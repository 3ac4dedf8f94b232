"""Small DUNE CVN events: a zlib stream of bytes, and its truth beside it."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".gz"


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """One event with ``events`` tracks in each of three views of 500 by 500."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((3, 500, 500), np.uint8)
    for view in picture:
        for _ in range(events):
            start, step = rng.integers(0, 400, 2), rng.uniform(0.1, 0.9, 2)
            way = (start[:, None] + step[:, None] * np.arange(100)).astype(int)
            view[tuple(way)] = rng.integers(1, 256, 100)
    path.write_bytes(zlib.compress(picture.tobytes()))
    energy = rng.uniform(1, 10)
    lines = [5, f"{energy:.6g}", f"{energy / 2:.6g}", 0, 0, 0, 0.25, -12, 2, 1, 0, 3, 0, 0]
    lines.append(int(np.count_nonzero(picture)))
    path.with_suffix(".info").write_text("\n".join(map(str, lines)) + "\n", encoding="ascii")
    return {"picture": picture, "energy": np.array([float(f"{energy:.6g}")])}
