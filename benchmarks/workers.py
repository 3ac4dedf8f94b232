"""Events a second of two workers against one, each with one thread.

Target: 1.8 on two cores. What is done once (starting the workers, importing, the pile-up that all
share) is left out: each time is the difference between many events and few, and long beside what
starting varies by. Pairs run in turn. Two programs of one worker each, which know nothing of each
other, run as well: what the machine loses with both cores busy is no cost of the workers.

    python benchmarks/workers.py [--events 2000] [--pairs 3] [--process prompt_diphoton]
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _pairs import spread

from hepvision.simulation.simulate import simulate


def seconds(process: str, events: int, workers: int, folder: Path) -> float:
    """Time of one simulation, chunk by chunk."""
    out = folder / f"{process}-{events}-{workers}-{os.getpid()}-{time.monotonic_ns()}"
    start = time.perf_counter()
    simulate(process, events, out, pileup=20, workers=workers, progress=False)
    return time.perf_counter() - start


def rate(process: str, few: int, folder: Path, workers: int) -> float:
    """Events a second, without what is done once."""
    many = 5 * few
    longer, shorter = (seconds(process, one, workers, folder) for one in (many, few))
    return (many - few) / (longer - shorter)


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--process", default="prompt_diphoton")
    given = parser.parse_args(words)
    found: dict[str, list[float]] = {"two workers": [], "two programs": []}
    with tempfile.TemporaryDirectory() as name:
        os.environ["HEPVISION_CACHE"] = f"{name}/cache"
        folder = Path(name)
        seconds(given.process, 50, 1, folder)  # compiles, makes the pile-up
        measure = functools.partial(rate, given.process, given.events, folder)
        with multiprocessing.get_context("spawn").Pool(2) as programs:
            for _ in range(given.pairs):
                alone, both = measure(1), measure(2)
                beside = sum(programs.map(measure, [1, 1], chunksize=1))
                found["two workers"].append(both / alone)
                found["two programs"].append(beside / alone)
                print(
                    f"one worker {alone:.1f} events/s, two {both:.1f}, two programs {beside:.1f}",
                    flush=True,
                )
    for what, ratios in found.items():
        print(f"{what} / one: {spread(np.array(ratios))}")


if __name__ == "__main__":
    main()
