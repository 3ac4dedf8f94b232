"""What the tests of devices ask of a process that has one, as JSON: ``python … FOLDER``."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from contracts.test_every_model import CASES, small
from far_device import NAME, add_far_device
from hepvision.deploy._onnx_bundle import load_model
from hepvision.deploy.bench import bench
from hepvision.deploy.bundle import load_bundle
from hepvision.interpretation.draw import draw
from hepvision.models.layers.batches import Buffers, outputs_of
from hepvision.models.layers.device import device_of, moved, on_device
from hepvision.models.layers.network import Network
from hepvision.tasks.classification import Classification
from hepvision.training.fit import Fitted, fit, new_network
from hepvision.training.options import Options
from hepvision.training.ranks import Ranks
from toy_bundle import toy_bundle
from toy_events import toy_events
from toy_inputs import toy_inputs, toy_spec
from training.interrupted import Fragile, Killed
from training.test_fit import RESNET, SPLIT, run, same, sample

#: Their own kernels are asked for, or packages that are not there.
APART = {"recurrent", "backbone"}


def models() -> dict[str, list[float]]:
    """Largest difference of the outputs of each network from those of the processor."""
    found = {}
    for name, kind in (case.values for case in CASES):
        if name in APART:
            continue
        spec, inputs = toy_spec(kind), toy_inputs(kind, 7)
        model = new_network(small(name), spec, 3, seed=1)
        if isinstance(model, Network):
            near = outputs_of(model, inputs, spec, batch=3)
            with on_device(model):
                far = outputs_of(model, inputs, spec, batch=3)
                tensors = Buffers(spec, 7).tensors(inputs, np.arange(7))
                model(moved(tensors, device_of(model))).sum().backward()
            found[f"{name} {kind}"] = [float(np.abs(far - near).max()), float(np.abs(near).max())]
    return found


def trained(accelerator: str, **more: Any) -> Fitted:
    """A training with dropout and an observable that it follows."""
    (inputs, target, weight), spec = sample(), toy_spec("vector")
    network = new_network(small("mlp"), spec, 2, seed=3)
    options = {"epochs": 3, "batch": 8, "threads": 1, "accelerator": accelerator, "clip": 1.0}
    mass = {"mass": np.random.default_rng(1).random(len(weight))}
    ranks, folder = more.pop("ranks", None), more.pop("folder", None)
    settings = Options(**options, stop_on="decorrelated", **more)
    what = (network, Classification(), spec, inputs, target, weight, SPLIT, settings)
    return fit(*what, seed=3, observables=mass, ranks=ranks, folder=folder)


def resumed(folder: Path) -> bool:
    """Whether a training that was cut off in an epoch ends as the whole one."""
    whole = run(task=Fragile())
    Fragile.left = 9
    with contextlib.suppress(Killed):
        run(task=Fragile(), folder=folder, checkpoint_minutes=0)
    Fragile.left = 10**9
    return same(whole, run(task=Fragile(), folder=folder, checkpoint_minutes=0))


class Noting(Classification):
    """Knows where losses are computed."""

    seen: ClassVar[set[str]] = set()

    def loss(self, outputs: Any, batch: Any) -> dict[str, Any]:
        self.seen.update((str(outputs.device), str(batch.weight.device)))
        return super().loss(outputs, batch)


def timed(bundle: Path) -> list[str]:
    """What ``bench`` times."""
    made = bench(bundle, batches=(2,), threads=(1,), seconds=0.01, compiled=False, progress=False)
    return [one.runner for one in made.timings]


def refusal(call: Callable[[], object]) -> str:
    """What an error says."""
    try:
        call()
    except (ValueError, RuntimeError) as error:
        return str(error)
    return ""


def main(folder: Path) -> dict[str, Any]:
    """All of it."""
    add_far_device()
    near = run(RESNET, "image", accelerator="cpu")
    far = run(RESNET, "image", task=Noting())
    bundle, events = toy_bundle(folder / "bundle"), toy_events(20)
    here, there = load_bundle(bundle), load_model(bundle)
    return {
        "name": NAME,
        "models": models(),
        "devices": [near.device, far.device, str(device_of(far.model))],
        "seen": sorted(Noting.seen),
        "same": same(near, far),
        "mixed": refusal(lambda: torch.ones(2) + torch.ones(2, device=NAME)),
        "watched": "correlation" in trained("gpu").history[0],
        "resumed": resumed(folder / "checkpoints"),
        "placed": str(device_of(there.model)),  # type: ignore[union-attr]
        "timed": timed(bundle),
        "drawn": "layers" in draw(there).figures,
        "back": str(device_of(there.model)),
        "scores": bool(np.allclose(here.scores(events), there.scores(events), atol=1e-7)),
        "too many": refusal(lambda: trained("auto", ranks=Ranks(devices=2))),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201 - for the process that asked
