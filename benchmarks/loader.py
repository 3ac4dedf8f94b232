"""Batches as networks read them: 3 × 170 × 360 pixels, and jets of 128 particles.

From inputs in memory, sparse or ragged, as an epoch reads them, and from a store: decoded, drawn
and filled in. Targets, from memory, on one core: 4,000 pictures and 100,000 jets a second. The
yardstick is a copy of a batch of the same size in memory: no loader that makes dense batches can
beat it by much. A batch of jets fits the processor's cache, so its copy is faster than memory.

    python benchmarks/loader.py [STORE]

STORE has events for the pictures; without it random hits are made, as many as H→γγ events with 20
pile-up interactions have when everything above the zero suppression is kept. Jets are random.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _jets import jets
from _pairs import interleaved, spread

from hepvision.core.inputs import concatenate
from hepvision.events.schema import build, from_columns
from hepvision.events.store import Store, open_store, write_store
from hepvision.models.layers.batches import Buffers
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.particles import Particles

#: Measured: H→γγ at 8 TeV, pile-up 20, readout full.
CRYSTALS, TOWERS, TRACKS = 1970, 460, 460
BARREL_TOWERS = 0.3
#: Examples a batch, and the target.
IMAGES, JETS = (32, 4000), (128, 100_000)


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


def measure(store: Store, representation: Any, batch: int, target: int, rounds: int) -> None:
    """Print rates and shares."""
    spec, events = representation.spec, len(store)
    inputs = concatenate([representation(piece) for piece in store.stream(representation.reads)])
    buffers = Buffers(spec, batch)
    batches = [np.arange(start, min(start + batch, events)) for start in range(0, events, batch)]

    def from_store() -> None:
        for piece in store.stream(representation.reads):
            found = representation(piece)
            for start in range(0, len(piece), batch):
                buffers.tensors(found, np.arange(start, min(start + batch, len(piece))))

    def from_inputs() -> None:
        for rows in batches:
            buffers.tensors(inputs, rows)

    ((name, part),) = spec.items()
    source = np.ones((batch, *part.shape), np.float32)
    copied = np.zeros_like(source)

    def copy() -> None:
        for rows in batches:
            np.copyto(copied[: len(rows)], source[: len(rows)])

    seconds = interleaved(
        {"store": from_store, "inputs in memory": from_inputs, "memory copy": copy}, rounds
    )
    bandwidth = events * source[0].nbytes / seconds["memory copy"] / 1e9
    shape = " × ".join(map(str, part.shape))
    filled = inputs[name].offsets[-1] / events  # type: ignore[union-attr]
    what = "lit pixels" if part.kind == "image" else "particles"
    print(f"{shape}, {filled:,.0f} {what}: {events} examples, batches of {batch}, {rounds} rounds")
    for key, one in seconds.items():
        print(f"{key:>18}: {spread(events / one, ' a second')}")
    for key in ("store", "inputs in memory"):
        share = 100 * seconds["memory copy"] / seconds[key]
        print(f"{key:>18}: {spread(share, ' %')} of the rate of a memory copy")
    print(f"       memory copy: {spread(bandwidth, ' GB/s')} written")
    rate = float(np.median(events / seconds["inputs in memory"]))
    said = "met" if rate >= target else "missed"
    print(f"target {target:,} a second from inputs in memory: {said}")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("store", nargs="?", type=Path)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--jets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(words)
    image, particles = DetectorImage(), Particles(most=128, parts=("features",))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        store = (
            open_store(given.store) if given.store else random_store(place / "hits", given.events)
        )
        measure(store, image, *IMAGES, given.rounds)
        jets(place / "jets", given.jets)
        measure(open_store(place / "jets"), particles, *JETS, given.rounds)


if __name__ == "__main__":
    main()
