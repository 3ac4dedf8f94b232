"""Pictures of 33 × 33 pixels of jets, against EnergyFlow, JetNet and one numpy.bincount.

Target: at least ten times as many jets/s as EnergyFlow's ``pixelate`` and JetNet's ``to_image``,
and more than one ``numpy.bincount`` over the whole batch. All draw the same centred jets, and the
pictures must be equal.

    python benchmarks/jet_images.py [FILE] [--peers PYTHON]

FILE is one of the top-tagging reference set; without it random jets are drawn. EnergyFlow needs
an older numpy, and so an older pyarrow: the peers run in an environment of their own, one call each
in turn with ours.

    python -m venv peers && peers/bin/pip install energyflow jetnet "pyarrow<22"
    python benchmarks/jet_images.py --peers peers/bin/python

Without --peers it is the Python that HEPVISION_PEERS names, as `make bench` sets it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import awkward as ak
import numpy as np
from _pairs import interleaved, ratio, spread

from hepvision.core.inputs import Sparse
from hepvision.events.schema import build, flat, from_columns
from hepvision.readers.top_tagging import TopTagging
from hepvision.representations.jet_image import JetImage

PIXELS, WIDTH = 33, 1.6
MEAN = 50
PEERS = Path(__file__).with_name("_jet_image_peers.py")
TARGET = {"EnergyFlow": 10, "JetNet": 10, "numpy.bincount": 1}


def random_jets(number: int) -> ak.Array:
    """Jets of constituents around two axes."""
    rng = np.random.default_rng(1)
    counts = 1 + rng.negative_binomial(6, 6 / (6 + MEAN), number)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    prong = rng.choice([-0.15, 0.15], offsets[-1])
    columns = {
        "pt": rng.exponential(12, offsets[-1]) + 0.5,
        "eta": prong + rng.normal(0, 0.15, offsets[-1]),
        "phi": rng.normal(0, 0.15, offsets[-1]),
    }
    return centred(offsets, columns)


def centred(offsets: np.ndarray, columns: dict[str, np.ndarray]) -> ak.Array:
    """Events of one jet each, whose centroid is at η = φ = 0, where EnergyFlow would move it."""
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    pt = columns["pt"].astype(np.float64)
    total = np.bincount(owner, pt)
    made = {"pt": pt, "mass": np.zeros(len(pt)), "jetIdx": np.zeros(len(pt), np.int16)}
    for key in ("eta", "phi"):
        value = columns[key].astype(np.float64)
        made[key] = value - (np.bincount(owner, pt * value) / total)[owner]
    number = np.arange(len(offsets) - 1)
    names = ("event_id", "weight", "run", "luminosityBlock", "event", "pileup")
    lines, nothing = np.arange(len(offsets)), np.zeros(len(number))
    axes = {"pt": total, "eta": nothing, "phi": nothing, "mass": nothing}
    collections = {
        "FatJet": from_columns(lines, axes, "FatJet"),
        "Particle": from_columns(offsets, made, "Particle"),
    }
    return build({**dict.fromkeys(names, number), "sample": "jets"}, collections)


def published_jets(path: Path, number: int) -> ak.Array:
    """Jets of a file, laid around (0, 0)."""
    events = TopTagging().read(path, range(number))
    events = events[ak.num(events["FatJet"], axis=1) == 1]
    offsets, found = flat(events["Particle"][["pt", "eta", "phi"]])
    _, axis = flat(events["FatJet"][["phi"]])
    turned = found["phi"] - np.repeat(axis["phi"], np.diff(offsets))
    found["phi"] = (turned + np.pi) % (2 * np.pi) - np.pi
    return centred(offsets, found)


@contextlib.contextmanager
def peers(python: str | None, folder: Path) -> Iterator[dict[str, Callable[[], object]]]:
    """Functions that let the other environment draw all jets once."""
    if python is None:
        print("EnergyFlow and JetNet: left out, --peers names no Python that has them")
        yield {}
        return
    command = [python, str(PEERS), str(folder), str(PIXELS), str(WIDTH)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("peers: need pipes, got none.")
        source, sink = process.stdin, process.stdout

        def ask(name: str) -> None:
            source.write(name + "\n")
            source.flush()
            if sink.readline().strip() != name:
                raise RuntimeError(f"peers: {name} did not answer. Are the packages installed?")

        ask("ready")
        yield {name: lambda name=name: ask(name) for name in ("EnergyFlow", "JetNet")}  # type: ignore[misc]
        source.write("end\n")
        source.flush()
        process.wait()


def compare(events: ak.Array, python: str | None, rounds: int) -> None:
    """Print rates and ratios, after a look at whether all pictures are equal."""
    image = JetImage(pixels=(PIXELS, PIXELS), width=(WIDTH, WIDTH), centre="jet")
    offsets, found = flat(events["Particle"])
    eta, phi, pt = (found[key].astype(np.float64) for key in ("eta", "phi", "pt"))
    jets, size = len(events), PIXELS**2
    made: dict[str, np.ndarray] = {"hepvision": np.empty((jets, 1, PIXELS, PIXELS), np.float32)}

    def sparse() -> Sparse:
        part = image(events)["image"]
        if not isinstance(part, Sparse):
            raise TypeError("jet_image: must be sparse.")
        return part

    def dense() -> None:
        sparse().fill(made["hepvision"])

    def bincount() -> None:
        owner = np.repeat(np.arange(jets), np.diff(offsets))
        row = np.floor((eta / WIDTH + 0.5) * PIXELS).astype(np.int64)
        column = np.floor((phi / WIDTH + 0.5) * PIXELS).astype(np.int64)
        inside = (row >= 0) & (row < PIXELS) & (column >= 0) & (column < PIXELS)
        at = (owner * size + row * PIXELS + column)[inside]
        made["numpy.bincount"] = np.bincount(at, pt[inside], jets * size)

    functions: dict[str, Callable[[], object]] = {
        "hepvision, sparse": sparse,
        "hepvision": dense,
        "numpy.bincount": bincount,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "jets.npz", offsets=offsets, eta=eta, phi=phi, pt=pt)
        with peers(python, folder) as others:
            functions |= others
            seconds = interleaved(functions, rounds)
        made |= {one: np.load(folder / f"{one}.npy") for one in others}
    ours = made.pop("hepvision").reshape(-1)
    for one, theirs in made.items():
        np.testing.assert_allclose(ours, theirs.reshape(-1), rtol=1e-5, atol=1e-5, err_msg=one)
    print(f"{jets} jets, {len(pt) / jets:.0f} constituents each, {rounds} rounds; equal pictures")
    for one, taken in seconds.items():
        print(f"{one:>18}: {spread(jets / taken, ' jets/s')}")
    for one, target in TARGET.items():
        if one not in seconds:
            continue
        times = ratio(seconds[one], seconds["hepvision"])
        verdict = "met" if np.median(times) >= target else "missed"
        print(f"times {one}: {spread(times)} times, target {target}: {verdict}")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument(
        "--peers",
        default=os.environ.get("HEPVISION_PEERS"),
        help="a Python that has energyflow and jetnet",
    )
    parser.add_argument("--jets", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(words)
    jets = random_jets(given.jets) if given.file is None else published_jets(given.file, given.jets)
    compare(jets, given.peers, given.rounds)


if __name__ == "__main__":
    main()
