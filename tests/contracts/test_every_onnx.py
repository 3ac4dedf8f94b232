"""Every network gives the same scores as an ONNX file."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from contracts.test_every_model import APART, EVERY
from hepvision.core import names
from hepvision.core.card import component
from hepvision.core.inputs import Inputs
from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy.onnx import graph_of
from hepvision.models.layers.batches import outputs_of
from hepvision.models.layers.network import Network
from hepvision.tasks.classification import Classification
from toy_inputs import toy_inputs, toy_spec

TASK = Classification(("a", "b", "c"))
#: Sizes that are traced fast, with every kind of layer.
SMALL: dict[str, dict[str, Any]] = {
    "lorentz_net": {"blocks": 2, "width": 6, "beams": True},
    "particle_net": {"widths": (4, 6), "depth": 2, "hidden": (4,)},
    "particle_transformer": {"blocks": 1, "width": 8, "heads": 2, "embedding": (4,)},
    "recurrent": {"layers": 2, "state": 4},
    "resnet15": {"blocks": 1, "circular": True},
}


def cases() -> list[tuple[str, str]]:
    """A model and the kind of its inputs; of a set a network reads no more than of a sequence."""
    made = []
    for name in sorted(set(EVERY) - APART):
        kinds = names.load("models", name).reads_kinds
        model = component("models", name)
        if not isinstance(model.from_spec(toy_spec(min(kinds)), 3), Network):
            continue
        made += [(name, kind) for kind in sorted(kinds) if not (kind == "set" and len(kinds) > 1)]
    return made


CASES = cases()


def wanted(network: Network, inputs: Inputs, kind: str) -> NDArray[np.float64]:
    return TASK.scores(outputs_of(network, inputs, toy_spec(kind)))


def network_of(name: str, kind: str) -> Network:
    """Fresh weights; statistics of normalisations that no padding may stand in for."""
    torch.manual_seed(3)
    made: Network = component("models", {"name": name, **SMALL.get(name, {})}).from_spec(
        toy_spec(kind), 3
    )
    for key, one in made.named_buffers():
        if "running" in key:
            one.uniform_(0.5, 1.5)
    return made


def test_networks_are_found() -> None:
    assert {name for name, _ in CASES} >= {"resnet15", "mlp", "particle_net", "recurrent"}
    assert not {name for name, _ in CASES} & {"boosted_trees", "classical", "cuts"}


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_same_scores(name: str, kind: str) -> None:
    network, spec = network_of(name, kind), toy_spec(kind)
    model = graph_of(network, spec, TASK)
    assert model.ir_version == 8
    assert {one.domain: one.version for one in model.opset_import}[""] <= 18
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    # of objects, the second example has one and the third none
    for number, seed in ((7, 0), (1, 1), (0, 2), (3, 3)):
        inputs = toy_inputs(kind, number, seed)
        found = session.run(None, feeds(inputs, spec))[0]
        assert found.shape == (number, 3)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted(network, inputs, kind), rtol=0, atol=1e-5)
        if kind == "sequence":
            short = feeds(inputs, spec, longest=True)
            np.testing.assert_allclose(session.run(None, short)[0], found, rtol=0, atol=1e-6)
    if kind == "sequence":
        # no place for an object at all
        none = toy_inputs(kind, 3)["part"].take(np.array([2, 2]))
        found = session.run(None, feeds({"part": none}, spec, longest=True))[0]
        np.testing.assert_allclose(found, wanted(network, {"part": none}, kind), rtol=0, atol=1e-5)
