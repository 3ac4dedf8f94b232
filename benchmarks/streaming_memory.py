"""Memory of a training from a store of events, from hits to the last batch of an epoch.

A store of N random events is made in chunks; its inputs are computed, cached and trained on with a
small network for one epoch, within a limit on the memory that inputs may take. The peak of the
process is taken in each stage, for N/8 and for N events: flat means that both are the same but
for the columns that are kept of each event (identity, class, weight: about 100 bytes).

    python benchmarks/streaming_memory.py [--events 1000000] [--memory "100 MB"]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hepvision.events.schema import build, from_columns
from hepvision.events.store import Store, StoreWriter

CHUNK, OBJECTS, MOST = 20_000, 40, 80
SET = {"name": "object_set", "kinds": ["jet"], "most": MOST, "kind": "sequence"}
MODEL = {"name": "recurrent", "state": 8, "layers": 1}


def random_store(path: Path, events: int, seed: int) -> Store:
    """Some dozen jets an event."""
    writer, entries = StoreWriter(path, {"seed": seed, "events": events}), []
    for number, start in enumerate(range(0, events, CHUNK)):
        rng, size = np.random.default_rng([seed, number]), min(CHUNK, events - start)
        offsets = np.concatenate([[0], np.cumsum(rng.poisson(OBJECTS, size) + 1)])
        total, one = int(offsets[-1]), np.ones(size)
        columns = {
            "pt": rng.exponential(10, total),
            "eta": rng.normal(0, 0.3 + 0.1 * seed, total),
            "phi": rng.normal(0, 0.3, total),
            "mass": np.zeros(total),
        }
        scalars = {"event_id": start + np.arange(size), "sample": "random", "weight": one}
        scalars |= {"run": one, "luminosityBlock": one, "event": one, "pileup": one}
        columns["bTag"] = rng.random(total)
        jets = {"Jet": from_columns(offsets, columns, "Jet")}
        entries.append(writer.add(number, build(scalars, jets)))
    return writer.finish(entries, {})


def resident() -> int:
    """Bytes of this process that lie in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Peaks:
    """The most memory and the time of each stage."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, float]] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Look a hundred times a second."""
        seen, ended, started = [resident()], threading.Event(), time.perf_counter()

        def look() -> None:
            while not ended.wait(0.01):
                seen.append(resident())

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.found[name] = (max(seen), time.perf_counter() - started)


def measured(events: int, memory: str, out: str) -> dict[str, Any]:
    """Every stage, in a process of its own; peaks and seconds go to a file."""
    from hepvision.core.card import component
    from hepvision.core.stored_inputs import bytes_of
    from hepvision.studies.card import resolve
    from hepvision.studies.entry import fitted_entry, options_of, task_of
    from hepvision.studies.inputs import inputs_of, table_of
    from hepvision.studies.samples import ExampleStream, prepare

    peaks, folder = Peaks(), Path(out).parent
    os.environ["HEPVISION_CACHE"] = str(folder / "cache")
    with peaks.stage("store"):
        for seed, key in enumerate("ab"):
            random_store(folder / key, events // 2, seed)
    training = {"epochs": 1, "batch": 256, "precision": "float32", "memory": memory, "threads": 1}
    study = resolve(
        {
            "title": "streaming",
            "samples": {key: {"store": str(folder / key)} for key in "ab"},
            "representations": {"jets": SET},
            "entries": [{"name": "net", "uses": ["jets"], "model": MODEL}],
            "training": training,
        }
    )
    stream = ExampleStream(study, prepare(study), ())
    with peaks.stage("table"):
        table = table_of(stream)
    with peaks.stage("inputs"):
        plain = {
            key: component("representations", one) for key, one in study.representations.items()
        }
        entry = study.entries[0]
        inputs, known = inputs_of(stream, plain, int(options_of(study, entry).memory))
    with peaks.stage("training"):
        fitted_entry(study, entry, 1, folder / "net", task_of(study), table, inputs, known, False)
    said = {"inputs": bytes_of(inputs), "peaks": peaks.found}
    Path(out).write_text(json.dumps(said), encoding="utf-8")
    return said


def tell(events: int, memory: str, found: dict[str, Any]) -> None:
    """Print a line a stage."""
    print(f"{events:,} events, inputs of {found['inputs'] / 1e6:,.0f} MB, at most {memory}")
    for stage, (peak, seconds) in found["peaks"].items():
        rate = events / max(seconds, 1e-9)
        print(f"{stage:>10}: peak {peak / 1e6:6,.0f} MB, {seconds:6.1f} s, {rate:9,.0f} events/s")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--memory", default="100 MB")
    given = parser.parse_args(words)
    for events in (given.events // 8, given.events):
        with tempfile.TemporaryDirectory() as folder:
            out = str(Path(folder) / "found.json")
            job = multiprocessing.get_context("spawn").Process(
                target=measured, args=(events, given.memory, out)
            )
            job.start()
            job.join()
            if job.exitcode:
                raise SystemExit(job.exitcode)
            found = json.loads(Path(out).read_text(encoding="utf-8"))
        tell(events, given.memory, found)


if __name__ == "__main__":
    main()
