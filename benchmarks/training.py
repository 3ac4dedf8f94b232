"""Training ResNet-15 on 3 × 170 × 360 images, against a plain PyTorch loop over the same model.

The plain loop is float32 with contiguous tensors, and its images lie ready and dense in memory.
Ours is ``hepvision.training.fit`` as a study calls it: sparse inputs, Lightning, and what
``precision: auto`` chooses. Target: the median of nine interleaved pairs is 2.4 or more. Beside
the rates stands their share of the matrix peak, which was measured in turn with them.

    python benchmarks/training.py
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from _epochs import epochs
from _pairs import interleaved, ratio, spread
from _peak import operations, products, share

from hepvision.core.inputs import Inputs, InputSpec, Sparse
from hepvision.models.resnet15 import Resnet15
from hepvision.representations.detector_image import DetectorImage
from hepvision.training.fit import new_network
from hepvision.training.options import Options

#: Lit pixels of an event, see loader.py.
PIXELS = 5700
CLASSES = ("a", "b", "c")
TARGET = 2.4


def images(events: int) -> Inputs:
    """Random sparse images."""
    rng, shape = np.random.default_rng(1), (3, 170, 360)
    index = rng.integers(0, np.prod(shape), (events, PIXELS)).astype(np.uint32)
    value = rng.exponential(1.0, (events, PIXELS)).astype(np.float32)
    offsets = np.arange(events + 1) * PIXELS
    return {"image": Sparse(offsets, index.reshape(-1), value.reshape(-1), shape)}


def plain(spec: InputSpec, dense: torch.Tensor, target: torch.Tensor, batch: int) -> None:
    """What a user would write: one epoch."""
    network = new_network(Resnet15(), spec, len(CLASSES), 1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    for start in range(0, len(dense), batch):
        optimiser.zero_grad()
        outputs = network({"image": dense[start : start + batch]})
        torch.nn.functional.cross_entropy(outputs, target[start : start + batch]).backward()
        optimiser.step()


def measure(events: int, batch: int, rounds: int, threads: int | None, precision: str) -> None:
    """Print both rates and their ratio."""
    spec, inputs = DetectorImage().spec, images(events)
    target = np.arange(events) % len(CLASSES)
    dense = torch.empty(events, 3, 170, 360)
    inputs["image"].fill(dense.numpy())
    if threads is not None:
        torch.set_num_threads(threads)
    options = Options(epochs=1, batch=batch, threads=threads, precision=precision)  # type: ignore[arg-type]
    ours, made = epochs(Resnet15(), spec, inputs, target, CLASSES, options)
    labels = torch.from_numpy(target)
    work = operations(lambda: plain(spec, dense[:batch], labels[:batch], batch)) / batch * events
    seconds = interleaved(
        {
            "plain": lambda: plain(spec, dense, labels, batch),
            "hepvision": ours,
            "float32": products("float32"),
            "bfloat16": products("bfloat16"),
        },
        rounds,
    )
    # the first round is not counted; an epoch is timed without the set-up of Lightning
    taken = np.array([one.seconds for one in made[1:]])
    print(
        f"{events} events an epoch, batches of {batch}, {torch.get_num_threads()} threads, "
        f"{made[0].precision}, {rounds} pairs"
    )
    print(f"    plain loop: {spread(events / seconds['plain'], ' events/s')}")
    print(f"     hepvision: {spread(events / taken, ' events/s')}")
    print(f"with its setup: {spread(events / seconds['hepvision'], ' events/s')}")
    found = made[0].precision
    print(f"    plain loop: {share(work, seconds['plain'], seconds['float32'], 'float32')}")
    print(f"     hepvision: {share(work, taken, seconds[found], found)}")
    times = ratio(seconds["plain"], taken)
    print(f"         ratio: {spread(times)}")
    done = "met" if np.median(times) >= TARGET else "missed"
    print(f"target {TARGET} times as fast: {done}")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--events", type=int, default=320)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    given = parser.parse_args(words)
    measure(given.events, given.batch, given.rounds, given.threads, given.precision)


if __name__ == "__main__":
    main()
