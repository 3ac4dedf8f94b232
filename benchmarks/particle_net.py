"""Training ParticleNet, against the one of weaver-core with the same configuration and jets.

Both are given the same padded arrays, ready in memory, in float32, and are trained by the same
plain PyTorch loop with AdamW; they have as many parameters. Jets have as many particles as in the
top-tagging reference data: 49 on average, of at most 128. weaver-core cuts its batches in
training to a random length, near the longest jets, as it does by default. With ``--full`` all
jets have 128 particles. Target: the median of nine interleaved pairs is 1.5 or more. Shares of the
matrix peak count what each of both calculates; neighbours are sought and gathered beside it.

    pip install weaver-core
    python benchmarks/particle_net.py --size small
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import numpy as np
import torch
from _pairs import interleaved, ratio, spread
from _peak import operations, products, share

from hepvision.core.card import component
from hepvision.core.inputs import PartSpec
from hepvision.models.particle_net import ParticleNet

#: The features of the paper.
NAMES = (
    "delta_eta",
    "delta_phi",
    "log_pt",
    "log_energy",
    "log_pt_share",
    "log_energy_share",
    "delta_r",
)
MOST, MEAN, DEVIATION = 128, 49.0, 17.0
TARGET = 1.5


def jets(number: int, full: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features (B, N, F), mask (B, N) and classes (B,) of random jets, the hardest first."""
    rng = np.random.default_rng(1)
    counts = np.clip(np.rint(rng.normal(MEAN, DEVIATION, number)), 5, MOST)
    mask = np.arange(MOST) < (np.full(number, MOST) if full else counts)[:, None]
    values = rng.normal(size=(number, MOST, len(NAMES))) * mask[..., None]
    classes = torch.from_numpy(rng.integers(0, 2, number))
    return torch.from_numpy(values.astype(np.float32)), torch.from_numpy(mask), classes


def theirs(size: ParticleNet) -> torch.nn.Module:
    """weaver-core's network; without the layers that the paper does not have."""
    from weaver.nn.model.ParticleNet import ParticleNet as Weaver

    made: torch.nn.Module = Weaver(
        len(NAMES),
        2,
        conv_params=[(size.neighbours, (width,) * size.depth) for width in size.widths],
        fc_params=[(width, size.dropout) for width in size.hidden],
        use_fusion=False,
    )
    return made


def epoch(
    network: torch.nn.Module,
    outputs: Callable[[slice], torch.Tensor],
    classes: torch.Tensor,
    batch: int,
) -> Callable[[], None]:
    """A function that trains the network once on all jets."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)

    def once() -> None:
        for start in range(0, len(classes), batch):
            rows = slice(start, start + batch)
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(outputs(rows), classes[rows]).backward()
            optimiser.step()

    return once


def measure(size: str, full: bool, number: int, batch: int, rounds: int, threads: int) -> None:
    """Print both rates and their ratio."""
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    values, mask, classes = jets(number, full)
    sizes = component("models", {"name": "particle_net", "size": size})
    width = len(NAMES)
    spec = {"jet": PartSpec("set", (MOST, width), NAMES, ("",) * width, (1.0,) * width)}
    network, weaver = sizes.from_spec(spec, 2), theirs(sizes)
    parameters = [sum(one.numel() for one in net.parameters()) for net in (network, weaver)]
    if parameters[0] != parameters[1]:
        sys.exit(f"parameters: must be as many, got {parameters}. Compare another version.")
    features, there = values.mT.contiguous(), mask[:, None]
    trained = {
        "weaver-core": epoch(
            weaver,
            lambda rows: weaver(features[rows, :2], features[rows], there[rows]),
            classes,
            batch,
        ),
        "hepvision": epoch(
            network, lambda rows: network({"jet": (values[rows], mask[rows])}), classes, batch
        ),
    }
    work = {name: operations(one) for name, one in trained.items()}
    seconds = interleaved({**trained, "float32": products("float32")}, rounds)
    mean = mask.sum() / len(mask)
    print(
        f"particle_net {size}, {parameters[0]} parameters, {mean:.0f} of {MOST} particles, "
        f"batches of {batch}, {threads} threads, float32, {rounds} pairs"
    )
    for name in trained:
        print(f"{name:>12}: {spread(number / seconds[name], ' jets/s')}")
        print(f"{'':>12}  {share(work[name], seconds[name], seconds['float32'], 'float32')}")
    times = ratio(seconds["weaver-core"], seconds["hepvision"])
    print(f"       ratio: {spread(times)}")
    print(f"target {TARGET} times as fast: {'met' if np.median(times) >= TARGET else 'missed'}")


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--size", default="small", choices=list(ParticleNet.sizes))
    parser.add_argument("--full", action="store_true", help="no padding at all")
    parser.add_argument("--jets", type=int, default=512)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(words)
    try:
        import weaver  # noqa: F401
    except ModuleNotFoundError:
        print("weaver-core is not installed: nothing to compare with. pip install weaver-core")
        return
    measure(given.size, given.full, given.jets, given.batch, given.rounds, given.threads)


if __name__ == "__main__":
    main()
