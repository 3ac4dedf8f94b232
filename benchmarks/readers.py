"""How fast files are read and become a store, against plain loading, and what memory that takes.

1. Every reader on its sample: events a second, and the most memory over that of the imports.
2. NanoAOD and top tagging: reading and conversion against uproot and pandas (and h5py), which only
   load the same columns, in interleaved pairs. The goal is 1.3 times as long as uproot or, where
   it and tables are installed, pandas. NanoAOD is packed by LZMA, as CMS publishes it, and by
   zlib, which is unpacked so fast that everything else counts most.
3. Conversion of 10⁴, 10⁵ and 10⁶ events of a generated file: the most memory, goal ±10 %.

    python benchmarks/readers.py [--data FOLDER] [--rounds 9] [--only NAME …] [--largest 1000000]

Samples are the published files in FOLDER (else in $HEPVISION_SHARED/data), the largest of each
format; formats without one are written by ``tests/readers/written``, and one that nothing writes
is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import awkward as ak
import h5py
import numpy as np
import uproot
from _pairs import interleaved, ratio, spread

from hepvision.core.names import load, names
from hepvision.studies.convert import convert

WRITTEN = Path(__file__).resolve().parent.parent / "tests" / "readers" / "written"
#: Events of a file that is written for want of a published one.
WRITE = 1000
GOAL, FLAT = 1.3, 0.1
BASKET = 10_000
SECONDS = 1.0


class Memory:
    """Own memory of this process in MB, its peak sampled; pages of mapped files do not count."""

    def __init__(self) -> None:
        self.peak = self.now()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @staticmethod
    def now() -> float:
        """What is held now."""
        status = Path("/proc/self/status").read_text()
        return int(status.partition("RssAnon:")[2].split()[0]) / 1e3

    def _watch(self) -> None:
        while not self._done.wait(0.005):
            self.peak = max(self.peak, self.now())

    def stop(self) -> float:
        """The most that was held."""
        self._done.set()
        self._thread.join()
        return self.peak


def child(what: str, name: str, path: Path) -> None:
    """Stream or convert a file in this process; print events, seconds and memory as JSON."""
    reader = load("readers", name)()
    memory = Memory()
    before = memory.now()
    if what == "stream":
        events = sum(len(piece) for piece in reader.stream(path))  # compiles and imports
        times = []
        while sum(times) < SECONDS and len(times) < 20:
            start = time.perf_counter()
            for _ in reader.stream(path):
                pass
            times.append(time.perf_counter() - start)
        seconds = float(np.median(times))
    else:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            events = len(convert(path, Path(folder) / "out", label="x", progress=False))
            seconds = time.perf_counter() - start
    peak = memory.stop()
    print(json.dumps({"events": events, "seconds": seconds, "before": before, "peak": peak}))


def measured(what: str, name: str, path: Path) -> dict[str, float]:
    """The same in a process of its own."""
    words = [sys.executable, __file__, "--child", what, name, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def sample(name: str, data: Path | None, folder: Path) -> tuple[Path, str]:
    """The largest published file of a format, else one that is written."""
    if data is not None:
        reader = load("readers", name)()
        files = [path for path in data.rglob("*") if path.is_file() and reader.recognises(path)]
        if files:
            return max(files, key=lambda path: path.stat().st_size), "published"
    path = WRITTEN / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"written_{name}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"{name}: no published file, and nothing writes one.")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (folder / name).mkdir()
    made = folder / name / getattr(module, "NAME", f"event000000001{module.SUFFIX}")
    module.write(made, events=WRITE)
    return made, "written"


def every_reader(data: Path | None, folder: Path, only: Sequence[str]) -> None:
    """Print a line for each reader."""
    print(f"{'format':>18} {'sample':>10} {'events':>8} {'MB':>7} {'events/s':>12} {'peak':>9}")
    for name in names("readers"):
        if only and name not in only:
            continue
        try:
            path, kind = sample(name, data, folder)
        except FileNotFoundError as error:
            print(f"{name:>18} left out: {str(error).partition(': ')[2]}")
            continue
        one = measured("stream", name, path)
        print(
            f"{name:>18} {kind:>10} {one['events']:>8,} {path.stat().st_size / 1e6:>7.1f} "
            f"{one['events'] / one['seconds']:>12,.0f} {one['peak'] - one['before']:>6.0f} MB",
            flush=True,
        )


def nanoaod(path: Path, events: int, packing: Any) -> None:
    """Write a NanoAOD file of photons, muons and jets, in baskets of ten thousand events."""
    rng = np.random.default_rng(1)
    counts = {name: rng.poisson(mean, BASKET) for name, mean in COUNTS.items()}
    columns: dict[str, Any] = {"run": np.ones(BASKET, "u4")}
    columns |= {name: rng.uniform(0, 3, BASKET).astype("f4") for name in PLAIN}
    for name, count in counts.items():
        total = int(count.sum())
        fields = {key: rng.exponential(1.0, total).astype("f4") for key in MOMENTUM}
        fields["charge"] = rng.choice([-1, 1], total).astype("i4")
        columns[name] = ak.zip({key: ak.unflatten(one, count) for key, one in fields.items()})
    number = np.arange(BASKET, dtype="u8")
    with uproot.recreate(path, compression=packing) as file:
        tree = None
        for start in range(0, events, BASKET):
            rows = slice(0, min(BASKET, events - start))
            block = {"event": number + np.uint64(start + 1)}
            block["luminosityBlock"] = ((start + number) // 1000 + 1).astype("u4")
            block = {name: one[rows] for name, one in {**block, **columns}.items()}
            if tree is None:
                kinds = {
                    name: one.dtype if isinstance(one, np.ndarray) else ak.type(one).content
                    for name, one in block.items()
                }
                tree = file.mktree("Events", kinds)
            tree.extend(block)


COUNTS = {"Photon": 2, "Muon": 1, "Electron": 1, "Jet": 6, "GenPart": 12}
PLAIN = ("MET_pt", "MET_phi", "MET_sumEt", "PV_x", "PV_y", "PV_z", "genWeight")
MOMENTUM = ("pt", "eta", "phi", "mass")


def loaders(name: str, path: Path) -> dict[str, Callable[[], object]]:
    """What only loads the columns; the goal is measured against the last."""
    reader = load("readers", name)()

    def by_uproot() -> None:
        with uproot.open(path) as file:
            tree = file["Events"]
            unused = set(reader.unused(path))
            tree.arrays([key for key in tree.keys() if key not in unused])  # noqa: SIM118

    def by_h5py() -> None:
        import hdf5plugin  # noqa: F401

        with h5py.File(path) as file:
            groups = [one for one in file.values() if isinstance(one, h5py.Group)]
            for values in groups[0].values():
                if isinstance(values, h5py.Dataset):
                    values[:]

    if name == "nanoaod":
        return {"uproot": by_uproot}
    found: dict[str, Callable[[], object]] = {"h5py": by_h5py}
    if importlib.util.find_spec("pandas") and importlib.util.find_spec("tables"):
        import pandas

        found["pandas"] = lambda: pandas.read_hdf(path, key="table")
    return found


def against(name: str, path: Path, rounds: int, folder: Path, packing: str = "") -> None:
    """Print the ratios of one format to plain loading."""
    reader = load("readers", name)()
    plain, number = loaders(name, path), itertools.count()

    def store() -> None:  # what is written stays: to delete it is no part of a conversion
        convert(path, folder / f"{path.stem}{next(number)}", label="x", progress=False)

    parts = {**plain, "reader": lambda: reader.read(path), "conversion": store}
    seconds = interleaved(parts, rounds)
    events, size = reader.count(path), path.stat().st_size / 1e6
    print(f"{name}{packing}: {events:,} events, {size:.0f} MB, {rounds} rounds")
    for key, one in seconds.items():
        print(f"{key:>15}: {spread(events / one, ' events/s')}")
    for key in ("reader", "conversion"):
        for other in plain:
            times = ratio(seconds[key], seconds[other])
            said = f"{spread(times)} times {other}"
            if other == list(plain)[-1]:
                said += f"; goal {GOAL} {'met' if np.median(times) <= GOAL else 'missed'}"
            print(f"{key:>15}: {said}", flush=True)


def flat(folder: Path, largest: int) -> None:
    """Print the most memory of conversions of ever larger files."""
    peaks = []
    for events in (10_000, 100_000, 1_000_000):
        if events > largest:
            break
        path = folder / f"nano{events}.root"
        nanoaod(path, events, uproot.ZLIB(1))
        one = measured("convert", "nanoaod", path)
        peaks.append(one["peak"])
        print(
            f"{events:>10,} events, {path.stat().st_size / 1e6:,.0f} MB: "
            f"{one['peak']:,.0f} MB in all, {one['peak'] - one['before']:,.0f} MB over the "
            f"imports, {events / one['seconds']:,.0f} events/s",
            flush=True,
        )
        path.unlink()
    apart = max(peaks) / min(peaks) - 1
    print(f"memory differs by {apart:.1%}; goal {FLAT:.0%} {'met' if apart <= FLAT else 'missed'}")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--child", nargs=3, metavar=("WHAT", "NAME", "FILE"))
    given = parser.parse_args(words)
    logging.disable(logging.WARNING)
    if given.child:
        child(given.child[0], given.child[1], Path(given.child[2]))
        return
    named = os.environ.get("HEPVISION_SHARED")
    data = given.data or (Path(named) / "data" if named else None)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        every_reader(data, folder, given.only)
        if not given.only or "nanoaod" in given.only:
            for packing in (uproot.LZMA(9), uproot.ZLIB(1)):
                path = folder / f"nano{packing.name}.root"
                nanoaod(path, 100_000, packing)
                against("nanoaod", path, given.rounds, folder, f", {packing.name}")
        if not given.only or "top_tagging" in given.only:
            path, _ = sample("top_tagging", data, folder)
            against("top_tagging", path, given.rounds, folder)
        if not given.only or "nanoaod" in given.only:
            flat(folder, given.largest)


if __name__ == "__main__":
    main()
