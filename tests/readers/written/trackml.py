"""Small TrackML events: four CSV tables, the hits' path is the event."""

from __future__ import annotations

from pathlib import Path

import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = "-hits.csv"


def _table(path: Path, columns: dict[str, np.ndarray]) -> None:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """One event with 20 hits for each of ``events`` particles, and as many of noise."""
    rng = np.random.default_rng(seed)
    number = 20 * (events + 1)
    hit_id = rng.permutation(10 * number)[:number]
    ids = 4505867370102784 * np.arange(1, events + 1)
    maker = np.repeat(np.append(ids, 0), 20)
    truth = {
        "hit_id": hit_id,
        **{key: rng.normal(0, 300, number) for key in "xyz"},
        "volume_id": rng.integers(7, 19, number),
        "layer_id": 2 * rng.integers(1, 8, number),
        "module_id": rng.integers(1, 2000, number),
    }
    _table(path, truth)
    stem = path.name.replace("-hits.csv", "")
    of_cell = np.repeat(hit_id, rng.integers(1, 4, number))
    cells = {
        "hit_id": of_cell,
        "ch0": rng.integers(0, 300, len(of_cell)),
        "ch1": rng.integers(0, 1200, len(of_cell)),
        "value": rng.random(len(of_cell)),
    }
    _table(path.with_name(f"{stem}-cells.csv"), cells)
    particles = {
        "particle_id": ids,
        **{key: rng.normal(0, 1, events) for key in ("vx", "vy", "vz", "px", "py", "pz")},
        "q": rng.choice([-1, 1], events),
        "nhits": np.full(events, 20),
    }
    _table(path.with_name(f"{stem}-particles.csv"), particles)
    backward = rng.permutation(number)
    weight = rng.random(number) * (maker != 0)
    rows = {"hit_id": hit_id, "particle_id": maker}
    rows |= {key: rng.normal(0, 1, number) for key in ("tx", "ty", "tz", "tpx", "tpy", "tpz")}
    rows["weight"] = weight
    _table(
        path.with_name(f"{stem}-truth.csv"), {key: column[backward] for key, column in rows.items()}
    )
    return {
        **truth,
        "maker": maker,
        "weight": weight,
        "cells": of_cell,
        "value": cells["value"],
        **{key: particles[key] for key in ("particle_id", "px", "py", "pz", "q")},
    }
