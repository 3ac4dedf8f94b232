"""Dense batches of 3 × 170 × 360 float32 pixels, from a store of hits and from sparse inputs.

Target: 3,000 events/s from the store on one core. The yardstick is a copy of a batch of the same
size in memory: no loader that makes dense images can beat it by much.

    python benchmarks/loader.py [STORE]

Without a store one is made of random hits, as many as H→γγ events with 20 pile-up interactions
have when everything above the zero suppression is kept.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _pairs import interleaved, spread

from hepvision.core.inputs import concatenate
from hepvision.events.schema import build, from_columns
from hepvision.events.store import Store, open_store, write_store
from hepvision.models.layers.batches import Buffers
from hepvision.representations.detector_image import DetectorImage

#: Measured: H→γγ at 8 TeV, pile-up 20, readout full.
CRYSTALS, TOWERS, TRACKS = 1970, 460, 460
BARREL_TOWERS = 0.3
BATCH = 32
TARGET = 3000


def random_store(path: Path, events: int) -> Store:
    """A store of random hits with realistic occupancy."""
    rng = np.random.default_rng(1)

    def offsets(mean: int) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(rng.poisson(mean, events))])

    crystal, tower, track = (offsets(mean) for mean in (CRYSTALS, TOWERS, TRACKS))
    sign = rng.choice([-1, 1], crystal[-1])
    barrel = {
        "ieta": sign * rng.integers(1, 86, crystal[-1]),
        "iphi": rng.integers(1, 361, crystal[-1]),
        "energy": rng.exponential(0.2, crystal[-1]),
        "time": np.zeros(crystal[-1]),
    }
    central = rng.random(tower[-1]) < BARREL_TOWERS
    ieta = np.where(central, rng.integers(1, 18, tower[-1]), rng.integers(18, 29, tower[-1]))
    ieta *= rng.choice([-1, 1], tower[-1])
    # 10° towers are named by the odd one
    iphi = 2 * rng.integers(0, 36, tower[-1]) + 1
    hcal = {"ieta": ieta, "iphi": iphi, "depth": np.ones(tower[-1], int)}
    hcal["energy"] = rng.exponential(1.0, tower[-1])
    tracks = {name: np.zeros(track[-1]) for name in ("dz", "dxy")}
    tracks |= {"pt": rng.exponential(1.0, track[-1]), "charge": np.ones(track[-1], int)}
    tracks |= {name: rng.uniform(-2.5, 2.5, track[-1]) for name in ("eta", "etaEcal")}
    tracks |= {name: rng.uniform(-np.pi, np.pi, track[-1]) for name in ("phi", "phiEcal")}
    tracks["vertexIdx"] = np.zeros(track[-1], int)
    number = np.arange(events)
    one = np.ones(events)
    scalars = {"event_id": number, "sample": "random", "weight": one, "run": one}
    scalars |= {"luminosityBlock": one, "event": number, "pileup": one}
    collections = {
        "EcalBarrelHit": from_columns(crystal, barrel, "EcalBarrelHit"),
        "HcalHit": from_columns(tower, hcal, "HcalHit"),
        "Track": from_columns(track, tracks, "Track"),
    }
    return write_store(path, build(scalars, collections))


def measure(store: Store, rounds: int) -> None:
    """Print rates and shares."""
    image = DetectorImage()
    spec, events = image.spec, len(store)
    inputs = concatenate([image(piece) for piece in store.stream(image.reads)])
    buffers = Buffers(spec, BATCH)
    batches = [np.arange(start, min(start + BATCH, events)) for start in range(0, events, BATCH)]

    def from_store() -> None:
        for piece in store.stream(image.reads):
            found = image(piece)
            for start in range(0, len(piece), BATCH):
                buffers.tensors(found, np.arange(start, min(start + BATCH, len(piece))))

    def from_inputs() -> None:
        for rows in batches:
            buffers.tensors(inputs, rows)

    source = np.ones((BATCH, 170, 360, 3), np.float32)
    target = np.zeros_like(source)

    def copy() -> None:
        for rows in batches:
            np.copyto(target[: len(rows)], source[: len(rows)])

    seconds = interleaved(
        {"store of hits": from_store, "sparse inputs": from_inputs, "memory copy": copy}, rounds
    )
    bandwidth = events * source[0].nbytes / seconds["memory copy"] / 1e9
    pixels = len(inputs["image"].value) / events  # type: ignore[union-attr]
    print(f"{events} events, {pixels:,.0f} lit pixels each, batches of {BATCH}, {rounds} rounds")
    for name, one in seconds.items():
        print(f"{name:>14}: {spread(events / one, ' events/s')}")
    for name in ("store of hits", "sparse inputs"):
        share = 100 * seconds["memory copy"] / seconds[name]
        print(f"{name:>14}: {spread(share, ' %')} of the rate of a memory copy")
    print(f"   memory copy: {spread(bandwidth, ' GB/s')} written")
    rate = float(np.median(events / seconds["store of hits"]))
    print(f"target {TARGET:,} events/s from the store: {'met' if rate >= TARGET else 'missed'}")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("store", nargs="?", type=Path)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(words)
    if given.store is not None:
        measure(open_store(given.store), given.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(random_store(Path(folder) / "store", given.events), given.rounds)


if __name__ == "__main__":
    main()
