"""Pictures of whole events: circles against matplotlib and Pillow, grids against copying memory.

Targets: ``object_circles`` draws at least 50 times as many images/s as a matplotlib figure an
event, and 3 times as many as Pillow's ``ImageDraw``; its pixels are those of a slow reference, the
distance of every pixel's centre to every circle. ``event_image`` takes at most twice as long as
copying the finished pictures from one place in memory to another. That is not in reach: a copy
moves tens of bytes a nanosecond, while 3,060 hits are 5,400 additions at scattered places of a
picture of 64 × 64 and 16,400 of 224 × 224, where even writing the finished sparse pixels into a
buffer takes twice as long as copying it.

    python benchmarks/event_images.py [FILE]

FILE is of the CMS object JSON or any other format with jets, leptons and missing energy; without
it random objects are drawn. Hits are always random. Ours are sparse pixels, in which pictures are
kept, or these written as networks read them, 600 kB an image; Pillow's are bytes, 150 kB an image,
or these as networks read them. The others get their circles as plain numbers, worked out before.
Buffers of 50 images are used again and again, as in training. Time is the processor's, as all of it
runs in one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from _pairs import interleaved, ratio, spread
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from PIL import Image, ImageDraw

from hepvision.core.card import component
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import flat, from_columns
from hepvision.readers._which import which
from hepvision.representations.object_circles import PAPER, ObjectCircles

SIZE, SCALE = 224, 10.5
KINDS = {"jet": "Jet", "b_jet": "Jet", "electron": "Electron", "muon": "Muon", "met": "MET"}
#: What is compared with what, and the target, if there is one.
TARGETS = (
    ("object_circles, sparse", "matplotlib", 50.0),
    ("object_circles, sparse", "Pillow", 3.0),
    ("object_circles", "matplotlib", 0.0),
    ("object_circles", "Pillow, as floats", 0.0),
)
#: Images that a buffer holds.
BUFFER = 50
#: Random objects an event, on average.
MEAN = {"Jet": 5.0, "Electron": 0.7, "Muon": 0.7}
#: Random hits an event, as many as a full readout has with noise.
HITS = {"EcalBarrelHit": 1800, "EcalEndcapHit": 900, "HcalHit": 300, "Track": 60}

Round = tuple[str, float, float, float]


def random_objects(number: int) -> ak.Array:
    """Events of jets, leptons and missing energy."""
    rng, made = np.random.default_rng(1), {}
    for name, mean in MEAN.items():
        counts = rng.poisson(mean, number)
        size = int(counts.sum())
        columns = {
            "pt": 20 + rng.exponential(40, size),
            "eta": rng.uniform(-2.4, 2.4, size),
            "phi": rng.uniform(-np.pi, np.pi, size),
        }
        if name == "Jet":
            columns["bTag"] = rng.random(size) < 0.3
        made[name] = from_columns(np.concatenate([[0], np.cumsum(counts)]), columns, name)
    missing = {"pt": rng.exponential(40, number), "phi": rng.uniform(-np.pi, np.pi, number)}
    made["MET"] = from_columns(np.arange(number + 1), missing, "MET")
    return ak.zip(made, depth_limit=1)


def read_objects(path: Path, number: int) -> ak.Array:
    """The first events of a file."""
    events: ak.Array = which(path).read(path, range(number))
    return events


def random_hits(number: int, times: float = 1.0) -> ak.Array:
    """Events of crystals, towers and tracks, so many times as many."""
    rng, made = np.random.default_rng(2), {}
    endcap = EcalEndcap()
    there = {
        "EcalBarrelHit": np.arange(EcalBarrel().channels),
        "EcalEndcapHit": np.flatnonzero(np.concatenate([endcap.exists(), endcap.exists()])),
    }
    for name, mean in HITS.items():
        counts = rng.poisson(times * mean, number)
        size = int(counts.sum())
        columns: dict[str, Any] = {"energy": rng.exponential(0.3, size).astype(np.float32)}
        if name in there:
            geometry = EcalBarrel() if name == "EcalBarrelHit" else endcap
            # in the order of their numbers, as a readout gives them
            event = np.repeat(np.arange(number), counts)
            chosen = rng.choice(there[name], size)
            cells = geometry.numbers(chosen[np.lexsort((chosen, event))])
            columns |= dict(zip(geometry.fields, cells, strict=True))
        elif name == "HcalHit":
            tower = rng.integers(0, Hcal().shape[0], size)
            ieta = np.setdiff1d(np.arange(-28, 29), 0)[tower]
            iphi = rng.integers(0, 36, size) * 2 + 1
            columns |= {"ieta": ieta, "iphi": iphi}
        else:
            columns = {
                "pt": rng.exponential(2, size),
                "eta": rng.uniform(-2.5, 2.5, size),
                "phi": rng.uniform(-np.pi, np.pi, size),
            }
        made[name] = from_columns(np.concatenate([[0], np.cumsum(counts)]), columns, name)
    return ak.zip(made, depth_limit=1)


def rounds_of(events: ak.Array, one: ObjectCircles) -> list[list[Round]]:
    """Colour, x, y and radius in pixels of all circles of each event, as plain numbers."""
    made: list[list[Round]] = [[] for _ in range(len(events))]
    for kind in one.kinds:
        keys = ["pt", "phi", *([] if kind == "met" else ["eta"])]
        tagged = KINDS[kind] == "Jet"
        offsets, found = flat(events[KINDS[kind]][[*keys, *([one.b_tag] if tagged else [])]])
        eta = found.get("eta", np.zeros(len(found["pt"]), np.float32)).astype(np.float64)
        radius = SCALE * np.log(found["pt"].astype(np.float64) * np.cosh(eta))
        keep = radius > 0
        if tagged:
            cut = {"bTag": 0.5, "btagCSV": 0.679}[one.b_tag]
            keep &= (found[one.b_tag] > cut) == (kind == "b_jet")
        x = (eta + 3) / 6 * SIZE
        y = (found["phi"].astype(np.float64) / (2 * np.pi) + 0.5) % 1 * SIZE
        owner = np.repeat(np.arange(len(events)), np.diff(offsets))
        for b, *numbers in zip(
            owner[keep], x[keep].tolist(), y[keep].tolist(), radius[keep].tolist(), strict=True
        ):
            made[b].append((PAPER[kind], *numbers))  # type: ignore[arg-type]
    return made


def around(y: float, radius: float) -> Iterable[float]:
    """The circle itself, and where it goes on at the other side."""
    yield y
    if y - radius < 0:
        yield y + SIZE
    if y + radius > SIZE:
        yield y - SIZE


def of_matplotlib(circles: list[Round]) -> np.ndarray:
    """A figure of one event, rows rising with φ."""
    figure = Figure((SIZE / 100, SIZE / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, SIZE)
    axes.set_ylim(0, SIZE)
    axes.set_axis_off()
    for colour, x, y, radius in circles:
        for place in around(y, radius):
            axes.add_patch(Circle((x, place), radius, fill=False, color=colour, lw=0.72))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[::-1, :, :3]


def of_pillow(circles: list[Round]) -> np.ndarray:
    """The same, by ``ImageDraw``."""
    image = Image.new("RGB", (SIZE, SIZE), "white")
    pen = ImageDraw.Draw(image)
    for colour, x, y, radius in circles:
        for place in around(y, radius):
            pen.ellipse((x - radius, place - radius, x + radius, place + radius), outline=colour)
    return np.asarray(image)


def slow_reference(circles: list[Round]) -> np.ndarray:
    """Ink by the distance of every pixel to every circle, shape (3, H, W)."""
    out, centre = np.zeros((3, SIZE, SIZE)), np.arange(SIZE) + 0.5
    for colour, x, y, radius in circles:
        ink = 1 - np.array(list(bytes.fromhex(colour[1:]))) / 255
        for turn in (-SIZE, 0, SIZE):
            away = np.hypot(centre[:, None] - y - turn, centre - x)
            out[:, abs(away - radius) < 0.5] = ink[:, None]
    return out


def dense(part: Any, out: np.ndarray) -> None:
    """Write pixels into a buffer, channels last in memory, as many at a time as it holds."""
    for start in range(0, len(part), len(out)):
        rows = np.arange(start, min(start + len(out), len(part)))
        part.fill(np.moveaxis(out[: len(rows)], -1, 1), rows=rows)


def floats(pictures: Iterable[np.ndarray], out: np.ndarray) -> None:
    """Write what bytes lack of white into a buffer."""
    for n, picture in enumerate(pictures):
        one = out[n % len(out)]
        np.multiply(picture, np.float32(-1 / 255), out=one)
        one += 1


def close(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Share of our lit pixels that another picture has within one pixel."""
    lit = (theirs < 250).any(axis=2)
    near = np.zeros_like(lit)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            near |= np.roll(lit, (down, right), (0, 1))
    return float(near[ours.any(axis=0)].mean())


def verdict(name: str, times: np.ndarray, target: float) -> None:
    """Print a ratio, beside its target if it has one."""
    said = "met" if np.median(times) >= target else "missed"
    print(f"{name}: {spread(times)} times{f', target {target:g}: {said}' if target else ''}")


def compare_circles(events: ak.Array, b_tag: str, rounds: int) -> None:
    """Check pixels, then measure."""
    one = ObjectCircles(b_tag=b_tag)
    every = rounds_of(events, one)
    few, some = min(5, len(events)), min(100, len(events))
    out = np.empty((max(BUFFER, some), SIZE, SIZE, 3), np.float32)
    dense(one(events[:some])["image"], out)
    made = np.moveaxis(out, -1, 1)
    for b in range(some):
        wanted = slow_reference(every[b])
        np.testing.assert_array_equal(made[b] != 0, wanted != 0, err_msg=f"event {b}")
        np.testing.assert_allclose(made[b], wanted, atol=1e-6, err_msg=f"event {b}")
    shares = {
        name: np.mean([close(made[b], draw(every[b])) for b in range(few) if every[b]])
        for name, draw in (("matplotlib", of_matplotlib), ("Pillow", of_pillow))
    }
    drawn = sum(len(circles) for circles in every) / len(events)
    out = out[:BUFFER]
    print(f"{len(events)} events, {drawn:.1f} circles each; {some} equal the slow reference")
    functions: dict[str, tuple[int, Callable[[], object]]] = {
        "object_circles, sparse": (len(events), lambda: one(events)),
        "object_circles": (len(events), lambda: dense(one(events)["image"], out)),
        "Pillow": (some, lambda: [of_pillow(circles) for circles in every[:some]]),
        "Pillow, as floats": (some, lambda: floats(map(of_pillow, every[:some]), out)),
        "matplotlib": (few, lambda: [of_matplotlib(circles) for circles in every[:few]]),
    }
    calls = {name: call for name, (_, call) in functions.items()}
    taken = interleaved(calls, rounds, time.process_time)
    each = {name: seconds / functions[name][0] for name, seconds in taken.items()}
    for name, seconds in each.items():
        said = f"; {shares[name]:.1%} of our pixels within one of its" if name in shares else ""
        print(f"{name:>24}: {spread(1 / seconds, ' images/s')}{said}")
    for ours, name, target in TARGETS:
        verdict(f"{ours} / {name}", ratio(each[name], each[ours]), target)


def compare_grids(number: int, rounds: int) -> None:
    """Time of drawing over that of copying what was drawn."""
    events = random_hits(number)
    hits = sum(int(ak.sum(ak.num(events[name]))) for name in HITS)
    for side in (64, SIZE):
        one = component("representations", {"name": "event_image", "pixels": (side, side)})
        out = np.zeros((BUFFER, side, side, 3), np.float32)
        copy = np.zeros_like(out)

        # more than a cache holds, as finished pictures would be
        made = np.zeros((min(number, 4 * BUFFER), side, side, 3), np.float32)
        dense(one(events[: len(made)])["image"], made)

        def copied(made: np.ndarray = made, copy: np.ndarray = copy) -> None:
            for start in range(0, number, BUFFER):
                rows, first = min(BUFFER, number - start), start % len(made)
                np.copyto(copy[:rows], made[first : first + rows])

        functions: dict[str, Callable[[], object]] = {
            "event_image, sparse": lambda one=one: one(events),
            "event_image": lambda one=one, out=out: dense(one(events)["image"], out),
            "copy": copied,
        }
        taken = interleaved(functions, rounds, time.process_time)
        print(f"{side} x {side} x 3, {number} events of {hits / number:.0f} hits")
        for name, seconds in taken.items():
            print(f"{name:>24}: {spread(number / seconds, ' images/s')}")
        for name in ("event_image, sparse", "event_image"):
            verdict(f"copy / {name}", ratio(taken["copy"], taken[name]), 0.5)


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--b-tag", default="bTag", help="field of Jet: bTag or btagCSV")
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(words)
    if given.file is None:
        events = random_objects(given.events)
    else:
        events = read_objects(given.file, given.events)
    compare_circles(events, given.b_tag, given.rounds)
    compare_grids(given.events, given.rounds)


if __name__ == "__main__":
    main()
