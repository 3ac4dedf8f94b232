"""Detector, reconstruction and pile-up mixing against the generator, event by event.

The aim is half of Pythia's own time for the same event; making the pile-up pool and starting
Pythia count apart. Times are of the processor, in one process, interleaved pair by pair; the median
and its spread are shown.

    python benchmarks/simulation.py [events a pair] [pairs]
"""

from __future__ import annotations

import sys
import time
from statistics import median, quantiles

from hepvision.core.card import component
from hepvision.core.seeds import generator
from hepvision.events.split import Split
from hepvision.simulation import _chunk as chain
from hepvision.simulation._chunk import Settings
from hepvision.simulation._pool_file import open_pool
from hepvision.simulation.detector import respond
from hepvision.simulation.generation import generate
from hepvision.simulation.pileup import draw_uses

POOL = 500
PROCESSES = ("higgs_to_diphoton", "prompt_diphoton", "photon_jet")


def pair(name: str, events: int, chunk: int, pileup: float = 20.0) -> dict[str, float]:
    """Milliseconds an event of each stage of one chunk."""
    times: dict[str, float] = {}
    last = time.process_time()

    def lap(stage: str) -> None:
        nonlocal last
        now = time.process_time()
        times[stage] = 1e3 * (now - last) / events
        last = now

    settings = Settings(name, {}, pileup, POOL, 8000.0, 1, "full", "all", (), Split(), events)
    pool = open_pool(8000.0, POOL)
    process = component("processes", name)
    last = time.process_time()
    generate(process, 1, seed=1, sample=name, chunk=chunk + 5000)
    lap("start")
    made = generate(process, events, seed=1, sample=name, chunk=chunk)
    lap("generator")
    times["generator"] -= times["start"]
    response = respond(made.offsets, made.particles, generator(1, "detector", name, chunk))
    lap("detector")
    split = chain.split_of(chain.np.arange(events, dtype="u8"), settings.split)
    uses = draw_uses(generator(1, "pileup", name, chunk), pileup, split, pool)
    hits = chain._hits(settings, chunk, response, pool, uses, "all")
    tracks, vertices, _ = chain._tracks(settings, chunk, made, response, pool, uses)
    lap("mixing and readout")
    layout = {**hits, "Track": tracks, "Vertex": vertices}
    layout["GenPart"] = chain._gen_part(made, response)
    chain.photons(chain.ak.zip(layout, depth_limit=1))
    lap("reconstruction")
    del times["start"]
    return times


def main(events: int = 100, pairs: int = 9) -> None:
    """Print one line a process."""
    print(f"{events} events a pair, {pairs} pairs, pile-up 20, processor milliseconds an event")
    for name in PROCESSES:
        pair(name, 20, 1000)  # compiles
        rows = [pair(name, events, chunk) for chunk in range(pairs)]
        ratios = [(sum(row.values()) - row["generator"]) / row["generator"] for row in rows]
        low, _, high = quantiles(ratios, n=4)
        stages = ", ".join(f"{stage} {median(r[stage] for r in rows):.2f}" for stage in rows[0])
        print(f"{name}: {stages}")
        print(f"  all but the generator / generator: {median(ratios):.2f} ({low:.2f}-{high:.2f})")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
