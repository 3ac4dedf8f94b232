"""Scoring: ONNX Runtime against PyTorch, and ``predict`` against the bare network.

ResNet-15 on 3 × 170 × 360 images, ParticleNet on 128 particles and the compact CNN on 64 × 64
pixels, one example a call, two threads. Then a store of jets through ``hepvision predict``, with
the memory of its process and its time over that of the network on the same inputs in memory.
Targets: ONNX Runtime 2 times PyTorch at batch 1; predict below 1.5 GB and 1.2 times. The share of
the matrix peak at batch 1 says how much faster anything could be.

    python benchmarks/inference.py
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _jets import jets
from _pairs import interleaved, ratio, spread
from _peak import operations, products, share

from hepvision.core.card import component
from hepvision.core.inputs import concatenate, taken
from hepvision.deploy._bench_runners import random_inputs
from hepvision.deploy._engine import engine_of
from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy.bundle import Bundle, load_bundle, save_bundle
from hepvision.deploy.onnx import export
from hepvision.deploy.predict import predict
from hepvision.events.store import open_store
from hepvision.representations._together import spec_of
from hepvision.tasks.classification import Classification

NETWORKS = {
    "resnet15": {"image": {"name": "detector_image"}},
    "particle_net": {"jet": {"name": "particles"}},
    "compact_cnn": {"image": {"name": "jet_image", "pixels": [64, 64]}},
}
TASK = Classification(("a", "b"))
TARGET, MEMORY, OVERHEAD = 2.0, 1500.0, 1.2


def bundle_of(name: str) -> Bundle:
    """An untrained network on its representation."""
    used = {key: component("representations", one) for key, one in NETWORKS[name].items()}
    architecture = component("models", {"name": name})
    return Bundle(architecture.from_spec(spec_of(used), 2), architecture, used, TASK)


def one_at_a_time(name: str, calls: int, rounds: int, threads: int, folder: Path) -> None:
    """Print latencies at batch 1 and their ratio."""
    bundle = bundle_of(name)
    inputs = random_inputs(bundle.spec, 1)
    file = folder / f"{name}.onnx"
    export(bundle, file)
    engine, given = engine_of(file, threads), feeds(inputs, bundle.spec)

    def eager() -> None:
        for _ in range(calls):
            bundle.scores_of(inputs, batch=1, threads=threads)

    def runtime() -> None:
        for _ in range(calls):
            engine.apply(given)

    work = operations(lambda: bundle.scores_of(inputs, batch=1, threads=threads))
    both = {"PyTorch": eager, "ONNX Runtime": runtime}
    seconds = interleaved({**both, "float32": products("float32", threads)}, rounds)
    for key in both:
        print(f"{name:>14}, {key:>12}: {spread(1e3 * seconds[key] / calls, ' ms')}")
        found = share(work, seconds[key] / calls, seconds["float32"], "float32")
        print(f"{'':>14}  {'':>12}  {found}")
    times = ratio(seconds["PyTorch"], seconds["ONNX Runtime"])
    said = "met" if np.median(times) >= TARGET else "missed"
    print(f"{name:>14}: ONNX Runtime {spread(times)} times, target {TARGET}: {said}")


def child(folder: Path, events: int) -> None:
    """Score the store and then its inputs, in a process of its own; print seconds and memory."""
    import resource

    start = time.perf_counter()
    predict(folder / "bundle", folder / "store", folder / "scores.parquet", progress=False)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    (folder / "scores.parquet").unlink()
    bundle, store, spent = load_bundle(folder / "bundle"), open_store(folder / "store"), 0.0
    for first in range(0, events, 2000):
        rows = store.stream(bundle.reads, first, min(first + 2000, events))
        inputs = concatenate([bundle.inputs(one) for one in rows])
        inputs = taken(inputs, np.arange(len(next(iter(inputs.values())))))
        begun = time.perf_counter()
        bundle.scores_of(inputs)
        spent += time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "alone": spent, "peak": peak}))


def streamed(events: int, rounds: int, folder: Path) -> None:
    """Print memory and time of ``predict``, and what the bare network takes."""
    save_bundle(folder / "bundle", bundle_of("particle_net"))
    jets(folder / "store", events)
    words = [sys.executable, __file__, "--child", str(folder), "--events", str(events)]
    found = []
    for _ in range(rounds):
        told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        found.append(json.loads(told.splitlines()[-1]))
    seconds, alone, peak = (
        np.array([one[key] for one in found]) for key in ("seconds", "alone", "peak")
    )
    over = ratio(seconds, alone)
    print(f"predict, {events:,} events: {spread(seconds, ' s')}, network alone {spread(alone)}")
    said = _said(bool(np.median(over) <= OVERHEAD))
    print(f"  time over the network's: {spread(over)}, target {OVERHEAD}: {said}")
    print(f"  memory: {peak.max():,.0f} MB, target {MEMORY:,.0f}: {_said(peak.max() < MEMORY)}")


def _said(met: bool) -> str:
    return "met" if met else "missed"


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--programs", type=int, default=3, help="that run predict, one by one")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.child is not None:
        child(given.child, given.events)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            one_at_a_time(name, given.calls, given.rounds, given.threads, Path(folder))
        streamed(given.events, given.programs, Path(folder))


if __name__ == "__main__":
    main()
