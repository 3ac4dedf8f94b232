"""Small batches of the IceCube competition, with sensors and directions beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["NAME", "SUFFIX", "write"]

SUFFIX = ".parquet"
NAME = "batch_3.parquet"


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """Events with 5 to 40 pulses each; the meta file holds two other batches too."""
    rng = np.random.default_rng(seed)
    sensors = np.arange(5160)
    x, y = rng.uniform(-500, 500, (2, 86)).repeat(60, axis=1)
    z = np.tile(np.linspace(500, -500, 60), 86)
    rows = [f"{k},{x[k]:.2f},{y[k]:.2f},{z[k]:.2f}" for k in sensors]
    path.with_name("sensor_geometry.csv").write_text("\n".join(["sensor_id,x,y,z", *rows, ""]))
    counts = rng.integers(5, 41, events)
    ids = 1000 + 3 * np.arange(events)
    first = np.cumsum([0, *counts])
    number = int(first[-1])
    sensor = rng.integers(0, 5160, number)
    pulses = {
        "sensor_id": pa.array(sensor.astype(np.int16)),
        "time": pa.array(rng.integers(5000, 20000, number)),
        "charge": pa.array(rng.exponential(1.0, number).astype(np.float32)),
        "auxiliary": pa.array(rng.random(number) < 0.7),
        "event_id": pa.array(ids.repeat(counts)),
    }
    pq.write_table(pa.table(pulses), path, row_group_size=64)
    zenith, azimuth = rng.uniform(0, np.pi, events), rng.uniform(0, 2 * np.pi, events)
    some = np.arange(3)
    meta = {
        "batch_id": np.concatenate([some * 0 + 2, np.full(events, 3), some * 0 + 4]),
        "event_id": np.concatenate([some, ids, 10**6 + some]),
        "first_pulse_index": np.concatenate([some * 9, first[:-1], some * 9]),
        "last_pulse_index": np.concatenate([some * 9 + 8, first[1:] - 1, some * 9 + 8]),
        "azimuth": np.concatenate([some, azimuth, some]),
        "zenith": np.concatenate([some, zenith, some]),
    }
    pq.write_table(pa.table(meta), path.with_name("train_meta.parquet"), row_group_size=4)
    rounded = np.array([[float(value) for value in row.split(",")[1:]] for row in rows])
    return {
        "counts": counts,
        "ids": ids,
        "place": rounded[sensor],
        "sensor": sensor,
        "zenith": zenith,
        "azimuth": azimuth,
        **{key: np.asarray(pulses[key]) for key in ("time", "charge", "auxiliary")},
    }
