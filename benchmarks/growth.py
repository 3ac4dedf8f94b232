"""How cost grows with hits, pile-up, the size of pictures and the number of events.

Each quantity is doubled again and again while all else stays as it is; what is taken in turn is
compared within one process, by the processor's time in one thread. Beside the costs stands the
power of the quantity with which they grow between the last two: 1 means in proportion, 0 not at
all. A cost an event that does not grow with the number of events is what a farm needs.

    python benchmarks/growth.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from _epochs import epochs
from _pairs import interleaved
from event_images import random_hits
from loader import random_store

from hepvision.core.inputs import PartSpec, Sparse
from hepvision.models.compact_cnn import CompactCnn
from hepvision.models.resnet15 import Resnet15
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.event_image import EventImage
from hepvision.training.options import Options
from simulation import pair

#: Lit pixels of a picture whose size grows.
LIT = 500


def row(name: str, quantities: Sequence[float], costs: Sequence[float], unit: str) -> None:
    """Print costs and the power between the last two."""
    cells = "  ".join(f"{one:9.3g}" for one in costs)
    power = np.log(costs[-1] / costs[-2]) / np.log(quantities[-1] / quantities[-2])
    print(f"{name:>38}: {cells}  {unit}, power {power:5.2f}")


def head(what: str, quantities: Sequence[float]) -> None:
    """Print a title and the quantities."""
    print(f"\n{what:>38}: " + "  ".join(f"{one:9,.0f}" for one in quantities))


def costs(
    functions: Mapping[float, Callable[[], object]], rounds: int, events: Mapping[float, int]
) -> list[float]:
    """Median seconds an event of each, taken in turn."""
    named = {str(key): one for key, one in functions.items()}
    seconds = interleaved(named, rounds, time.process_time)
    return [float(np.median(seconds[str(key)])) / events[key] for key in functions]


def hits(rounds: int, events: int) -> None:
    """Pictures of events with more and more hits."""
    factors = (0.5, 1.0, 2.0, 4.0)
    given = {one: random_hits(events, one) for one in factors}
    numbers = [3060 * one for one in factors]
    head("hits an event", numbers)
    same = dict.fromkeys(factors, events)
    for name, image in (
        ("detector_image, 2 x 170 x 360", DetectorImage(layers=("ecal", "hcal"), divide_by=None)),
        ("event_image, 3 x 64 x 64", EventImage()),
    ):
        ways = {one: lambda image=image, one=one: image(given[one]) for one in factors}
        row(name, numbers, [1e6 * one for one in costs(ways, rounds, same)], "µs an event")


def sizes(rounds: int, events: int) -> None:
    """Pictures of more and more pixels: drawn, and trained on."""
    sides = (32, 64, 128, 256)
    head("pixels a side", sides)
    given, same = random_hits(events), dict.fromkeys(sides, events)
    ways: dict[float, Callable[[], object]]
    ways = {one: lambda one=one: EventImage(pixels=(one, one))(given) for one in sides}
    row("event_image", sides, [1e6 * one for one in costs(ways, rounds, same)], "µs an event")
    rng, few = np.random.default_rng(1), 32
    target = np.arange(few) % 2
    options = Options(epochs=1, batch=16, threads=1)
    for network in (Resnet15(), CompactCnn()):
        made = {}
        for one in sides:
            index = rng.integers(0, one * one, few * LIT).astype(np.uint32)
            value = rng.exponential(1.0, few * LIT).astype(np.float32)
            part = Sparse(LIT * np.arange(few + 1), index, value, (1, one, one))
            spec = {"image": PartSpec("image", (1, one, one), ("ecal",), ("GeV",), (1.0,))}
            made[one], _ = epochs(network, spec, {"image": part}, target, ("a", "b"), options)
        took = costs(made, max(rounds // 3, 1), dict.fromkeys(sides, few))
        row(
            f"{type(network).__name__}, an epoch", sides, [1e3 * one for one in took], "ms an event"
        )


def pileup(rounds: int, events: int) -> None:
    """Simulation with more and more pile-up."""
    means = (10.0, 20.0, 40.0, 80.0)
    head("interactions of pile-up", means)
    pair("higgs_to_diphoton", 20, 1000, means[-1])  # compiles
    found: dict[str, list[float]] = {}
    for mean in means:
        rows = [pair("higgs_to_diphoton", events, chunk, mean) for chunk in range(rounds)]
        for stage in rows[0]:
            found.setdefault(stage, []).append(float(np.median([one[stage] for one in rows])))
    for stage, took in found.items():
        row(stage, means, took, "ms an event")


def numbers(rounds: int, events: int) -> None:
    """Pictures from stores of more and more events."""
    counts = [events * one for one in (1, 2, 4, 8)]
    head("events in the store", counts)
    image = DetectorImage(layers=("ecal", "hcal"), divide_by=None)
    with tempfile.TemporaryDirectory() as folder:
        stores = {one: random_store(Path(folder) / str(one), one) for one in counts}

        def read(one: int) -> None:
            for piece in stores[one].stream(image.reads):
                image(piece)

        ways = {one: lambda one=one: read(one) for one in counts}
        took = costs(ways, rounds, {one: one for one in counts})
    row("detector_image from the store", counts, [1e6 * one for one in took], "µs an event")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--events", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(words)
    torch.set_num_threads(1)
    print(f"{given.events} events, {given.rounds} rounds, one thread, processor's time")
    hits(given.rounds, given.events)
    sizes(given.rounds, given.events)
    numbers(given.rounds, given.events)
    pileup(given.rounds, min(given.events, 50))


if __name__ == "__main__":
    main()
