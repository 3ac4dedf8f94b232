"""Events a second of two workers against one, each with one thread.

Target: 1.8 on two cores. What is done once (starting the workers, importing, the pile-up that all
share) is left out: each time is the difference between many events and few, and long beside what
starting varies by. Pairs run in turn.

    python benchmarks/workers.py [--events 2000] [--pairs 3] [--process prompt_diphoton]
"""

from __future__ import annotations

import argparse
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
    out = folder / f"{process}-{events}-{workers}-{time.monotonic_ns()}"
    start = time.perf_counter()
    simulate(process, events, out, pileup=20, workers=workers, progress=False)
    return time.perf_counter() - start


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--process", default="prompt_diphoton")
    given = parser.parse_args(words)
    few, many = given.events, 5 * given.events
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        os.environ["HEPVISION_CACHE"] = f"{name}/cache"
        folder = Path(name)
        seconds(given.process, 50, 1, folder)  # compiles, makes the pile-up
        for _ in range(given.pairs):
            rates = [
                (many - few)
                / (
                    seconds(given.process, many, workers, folder)
                    - seconds(given.process, few, workers, folder)
                )
                for workers in (1, 2)
            ]
            ratios.append(rates[1] / rates[0])
            print(f"one worker {rates[0]:.1f} events/s, two {rates[1]:.1f}", flush=True)
    print(f"two workers / one: {spread(np.array(ratios))}")


if __name__ == "__main__":
    main()
