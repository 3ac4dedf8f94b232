"""What each stage of `higgs_diphoton` costs an event, and what that makes for millions and more.

Simulation (pile-up 20, all channels read out), images of the whole barrel from the store, one epoch
of ResNet-15 on one thread, scores from the store. Each is done for a few and for more events, and
the difference counts, so that what is done once is left out. One process, one thread; bytes are
those on disk. Hours are of cores like this one: divide by how many there are. The network carries
what a stage reads and writes, once.

    python benchmarks/stages.py [--events 400]
"""

from __future__ import annotations

import argparse
import functools
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

EPOCHS = 20
NUMBERS = (10**6, 10**8, 10**10)
CARD = {
    "title": "stages",
    "representations": {"barrel": {"name": "detector_image", "layers": ["tracks", "ecal", "hcal"]}},
    "training": {"epochs": 1, "batch": 32, "threads": 1, "patience": 0},
    "entries": [{"name": "net", "uses": ["barrel"], "model": "resnet15"}],
}


def seconds(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it returned, and how long it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def size(*paths: Path) -> int:
    """Bytes of files and folders."""
    files = [one for path in paths for one in ([path] if path.is_file() else path.rglob("*"))]
    return sum(one.stat().st_size for one in files if one.is_file())


def measured(folder: Path, events: int) -> dict[str, tuple[float, float]]:
    """Seconds and bytes of each stage, both classes together."""
    import hepvision
    from hepvision.core.cache import cache_folder
    from hepvision.core.files import read_json
    from hepvision.studies._study_examples import examples_of
    from hepvision.studies.card import resolve
    from hepvision.studies.inputs import inputs_of
    from hepvision.studies.samples import prepare

    found: dict[str, tuple[float, float]] = {}
    names = {"higgs": "higgs_to_diphoton", "diphoton": "prompt_diphoton"}
    stores = {key: folder / f"{key}-{events}" for key in names}

    def simulate() -> None:
        for key, process in names.items():
            hepvision.simulate(process, events // 2, stores[key], pileup=20, progress=False)

    _, took = seconds(simulate)
    found["simulate"] = took, size(*stores.values())
    card = {**CARD, "samples": {key: {"store": str(one)} for key, one in stores.items()}}
    study = resolve(card)
    stream, _, plain = examples_of(study, prepare(study))
    before = size(cache_folder("inputs"))
    _, took = seconds(lambda: inputs_of(stream, plain))
    found["represent"] = took, size(cache_folder("inputs")) - before
    run = folder / f"run-{events}"
    made = hepvision.run(card, run, progress=False)
    about = made.folder / "net" / "1"
    timing = read_json(about / "timing.json")
    trained = timing["seconds_an_epoch"] * events / timing["training_events"]
    found[f"train {EPOCHS} epochs"] = EPOCHS * trained, 0.0
    out = folder / f"scores-{events}.parquet"
    for key, store in stores.items():
        path = out.with_stem(f"{out.stem}-{key}")
        _, took = seconds(
            functools.partial(
                hepvision.predict, about / "bundle", store, path, threads=1, progress=False
            )
        )
        past = found.get("predict", (0.0, 0.0))
        found["predict"] = past[0] + took, past[1] + size(path)
    return found


def main(words: Sequence[str] | None = None) -> None:
    """Measure twice and print a table."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--events", type=int, default=400)
    few = parser.parse_args(words).events
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEPVISION_CACHE"] = f"{folder}/cache"
        measured(Path(folder), 100)  # compiles, starts Pythia, makes the pile-up
        less, more = (measured(Path(folder), one) for one in (few, 3 * few))
    print(f"{2 * few} events more than {few}, one core")
    print("| stage | events/s | bytes an event | " + " | ".join(map(count, NUMBERS)) + " |")
    print("|---|---|---|" + "---|" * len(NUMBERS))
    for stage, (took, stored) in more.items():
        each = max(took - less[stage][0], 1e-9) / (2 * few)
        weight = (stored - less[stage][1]) / (2 * few)
        cells = [f"{hours(each * one)}, {amount(weight * one)}" for one in NUMBERS]
        kept = f"{weight:,.0f}" if weight else "–"
        print(f"| {stage} | {number(1 / each)} | {kept} | " + " | ".join(cells) + " |")


def number(value: float) -> str:
    """Two digits, or all before the point."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def count(number: int) -> str:
    """A power of ten."""
    return f"10^{len(str(number)) - 1} events"


def hours(seconds: float) -> str:
    """Hours of a core, two digits."""
    return f"{float(f'{seconds / 3600:.2g}'):,g} h"


def amount(number: float) -> str:
    """Bytes with their unit."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if number < 1000:
            return f"{float(f'{number:.3g}'):g} {unit}" if number else "nothing kept"
        number /= 1000
    return f"{number:,.3g} PB"


if __name__ == "__main__":
    main()
