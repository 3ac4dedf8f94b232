"""Training the compact CNN on 64 × 64 images, against Keras and a plain PyTorch loop.

The plain loop is float32 with contiguous tensors and a DataLoader that shuffles; Keras is given
the same layers and the same dense images in memory, with the backend that KERAS_BACKEND names.
Ours is ``hepvision.training.fit`` as a study calls it, from sparse inputs. Targets: the medians of
nine interleaved pairs are 1.7 against PyTorch and 3 against Keras, or more. Shares of the matrix
peak count the operations of the plain loop, for all.

    pip install keras jax
    KERAS_BACKEND=jax python benchmarks/compact_cnn.py
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from _epochs import epochs
from _pairs import interleaved, ratio, spread
from _peak import operations, products, share

from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Sparse
from hepvision.models.compact_cnn import CompactCnn
from hepvision.training.options import Options

#: Lit pixels of an event of eight jets.
PIXELS = 500
CLASSES = ("a", "b")
TARGETS = {"PyTorch and DataLoader": 1.7, "Keras": 3.0}


def images(events: int) -> tuple[InputSpec, Inputs]:
    """Random sparse images."""
    rng, shape = np.random.default_rng(1), (1, 64, 64)
    index = rng.integers(0, np.prod(shape), (events, PIXELS)).astype(np.uint32)
    value = rng.exponential(1.0, (events, PIXELS)).astype(np.float32)
    offsets = np.arange(events + 1) * PIXELS
    spec = {"image": PartSpec("image", shape, ("pt",), ("GeV",), (1.0,))}
    return spec, {"image": Sparse(offsets, index.reshape(-1), value.reshape(-1), shape)}


def network_of() -> torch.nn.Sequential:
    """The layers of ``compact_cnn`` as a user of PyTorch would write them."""
    layers: list[torch.nn.Module] = []
    width, pixels = 1, 64 * 64
    for maps in CompactCnn().maps:
        layers += [torch.nn.Conv2d(width, maps, 3, padding=1), torch.nn.ReLU()]
        layers += [torch.nn.MaxPool2d(2), torch.nn.Dropout(0.1)]
        width, pixels = maps, pixels // 4
    layers += [torch.nn.Flatten(), torch.nn.Linear(width * pixels, 64), torch.nn.ReLU()]
    layers += [torch.nn.Dropout(0.1), torch.nn.Linear(64, len(CLASSES))]
    return torch.nn.Sequential(*layers)


def plain(dense: torch.Tensor, target: torch.Tensor, batch: int) -> None:
    """What a user of PyTorch would write: one epoch."""
    network = network_of()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    data = torch.utils.data.TensorDataset(dense, target)
    for values, labels in torch.utils.data.DataLoader(data, batch_size=batch, shuffle=True):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(values), labels).backward()
        optimiser.step()


def keras_epoch(dense: np.ndarray, target: np.ndarray, batch: int) -> Callable[[], None]:
    """The same layers as a user of Keras would write them; compiled once."""
    import keras

    layers: list[Any] = [keras.layers.Input((64, 64, 1))]
    for maps in CompactCnn().maps:
        layers += [
            keras.layers.Conv2D(maps, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Dropout(0.1),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dense(64, activation="relu")]
    layers += [keras.layers.Dropout(0.1), keras.layers.Dense(len(CLASSES))]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    last = np.ascontiguousarray(np.moveaxis(dense, 1, -1))

    def once() -> None:
        model.fit(last, target, batch_size=batch, epochs=1, shuffle=True, verbose=0)

    return once


def measure(events: int, batch: int, rounds: int, threads: int | None) -> None:
    """Print the rates and their ratios."""
    spec, inputs = images(events)
    target = np.arange(events) % len(CLASSES)
    dense = np.zeros((events, 1, 64, 64), np.float32)
    inputs["image"].fill(dense)
    if threads is not None:
        torch.set_num_threads(threads)
    ours, made = epochs(
        CompactCnn(), spec, inputs, target, CLASSES, Options(epochs=1, batch=batch, threads=threads)
    )
    tensors, labels = torch.from_numpy(dense), torch.from_numpy(target)
    functions: dict[str, Callable[[], object]] = {
        "PyTorch and DataLoader": lambda: plain(tensors, labels, batch)
    }
    if importlib.util.find_spec("keras") is not None:
        functions["Keras"] = keras_epoch(dense, target, batch)
    else:
        print("Keras: left out, it is not installed")
    work = operations(lambda: plain(tensors[:batch], labels[:batch], batch)) / batch * events
    peaks = {one: products(one) for one in ("float32", "bfloat16")}
    seconds = interleaved({**functions, "hepvision": ours, **peaks}, rounds)
    taken = np.array([one.seconds for one in made[1:]])
    print(
        f"{events} events an epoch, batches of {batch}, {torch.get_num_threads()} threads, "
        f"{made[0].precision}, {rounds} pairs"
    )
    found = made[0].precision
    print(f"{'hepvision':>24}: {spread(events / taken, ' events/s')}")
    print(f"{'':>24}  {share(work, taken, seconds[found], found)}")
    for name in functions:
        times = ratio(seconds[name], taken)
        said = "met" if np.median(times) >= TARGETS[name] else "missed"
        print(f"{name:>24}: {spread(events / seconds[name], ' events/s')}")
        print(f"{'':>24}  {share(work, seconds[name], seconds['float32'], 'float32')}")
        print(f"times {name}: {spread(times)}, target {TARGETS[name]}: {said}")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--events", type=int, default=4096)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int)
    given = parser.parse_args(words)
    measure(given.events, given.batch, given.rounds, given.threads)


if __name__ == "__main__":
    main()
