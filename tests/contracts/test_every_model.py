"""What every model promises, over all kinds of input that it reads."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
import torch

from hepvision.core import names
from hepvision.core.card import component, sizes_of
from hepvision.core.errors import CorruptFileError
from hepvision.models.layers.batches import Buffers, outputs_of
from hepvision.models.layers.learner import Learner
from hepvision.models.layers.network import Network
from hepvision.studies._costs import flops
from toy_inputs import KINDS, toy_inputs, toy_spec

EVERY = names.names("models")
#: Parameters for these tests, where the defaults are large.
SMALL = {"backbone": {"network": "test_efficientnet"}}
#: Those that need an environment of their own: `make backbones`.
APART = {name for name in EVERY if names.extra_of("models", name) == "backbones"}


def marks(name: str) -> list[pytest.MarkDecorator]:
    """What pytest should know of a model."""
    lost = names.missing("backbones") if name in APART else ()
    skip = pytest.mark.skipif(bool(lost), reason=f"{name}: {' and '.join(lost)} are not installed")
    return [pytest.mark.backbones, skip] if name in APART else []


CASES = [
    pytest.param(name, kind, marks=marks(name))
    for name in EVERY
    for kind in KINDS
    if kind in names.load("models", name).reads_kinds
]
OUTPUTS = 3


def small(name: str) -> Any:
    """The component itself."""
    return component("models", {"name": name, **SMALL.get(name, {})})


def ready(name: str, kind: str, seed: int = 0) -> Any:
    """A network with fresh weights, or a learner that has learned something."""
    torch.manual_seed(seed)
    model = small(name).from_spec(toy_spec(kind), OUTPUTS)
    if isinstance(model, Learner):
        rng = np.random.default_rng(seed)
        target = rng.integers(0, OUTPUTS, 60)
        model.fit(toy_inputs(kind, 60, seed), target, np.ones(60))
    return model


def test_some_are_found() -> None:
    assert {"resnet15", "mlp", "boosted_trees"} <= set(EVERY)
    assert {case.values[0] for case in CASES} == set(EVERY)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_shape_and_numbers_of_outputs(name: str, kind: str) -> None:
    model, spec = ready(name, kind), toy_spec(kind)
    assert isinstance(model, Network | Learner)
    assert names.load("models", name).output_level == "example"
    outputs = outputs_of(model, toy_inputs(kind, 7), spec, batch=3)
    assert outputs.shape == (7, OUTPUTS)
    assert outputs.dtype == np.float32
    assert np.isfinite(outputs).all()
    assert model.parameters_total > 0
    assert outputs_of(model, toy_inputs(kind, 0), spec).shape == (0, OUTPUTS)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_same_alone_or_in_a_batch(name: str, kind: str) -> None:
    model, spec, inputs = ready(name, kind), toy_spec(kind), toy_inputs(kind, 6)
    together = outputs_of(model, inputs, spec, batch=6)
    alone = outputs_of(model, inputs, spec, batch=1)
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_state_goes_there_and_back(name: str, kind: str) -> None:
    model, other = ready(name, kind, 0), ready(name, kind, 1)
    inputs, spec = toy_inputs(kind, 6), toy_spec(kind)
    wanted = outputs_of(model, inputs, spec)
    assert not np.array_equal(outputs_of(other, inputs, spec), wanted)
    state = model.state()
    assert all(isinstance(value, np.ndarray) for value in state.values())
    other.load(state)
    np.testing.assert_array_equal(outputs_of(other, inputs, spec), wanted)
    fresh = small(name).from_spec(spec, OUTPUTS)
    fresh.load(state)
    np.testing.assert_array_equal(outputs_of(fresh, inputs, spec), wanted)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_damaged_state_is_one_line(name: str, kind: str) -> None:
    model = ready(name, kind)
    with pytest.raises(CorruptFileError) as caught:
        model.load({})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_gradient_reaches_all_parameters(name: str, kind: str) -> None:
    model = ready(name, kind)
    if not isinstance(model, Network):
        return
    buffers = Buffers(toy_spec(kind), 16)
    outputs = model(buffers.tensors(toy_inputs(kind, 16), np.arange(16)))
    (outputs * torch.randn_like(outputs)).sum().backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.abs().sum() > 0, key


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_operations_can_be_counted_and_it_still_learns(name: str, kind: str) -> None:
    model = ready(name, kind)
    found = flops(model, toy_inputs(kind, 3), toy_spec(kind))
    if isinstance(model, Network):
        assert found
        assert all(one.requires_grad for one in model.parameters())
    else:
        assert found is None


@pytest.mark.parametrize("name", EVERY)
def test_unfit_kinds_are_refused(name: str) -> None:
    model = component("models", name)
    for kind in set(KINDS) - model.reads_kinds:
        with pytest.raises(ValueError, match=rf"{name}: reads parts of kind") as caught:
            model.from_spec(toy_spec(kind), OUTPUTS)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", EVERY)
def test_sizes_describe_it_whole(name: str) -> None:
    model = component("models", name)
    sizes = json.loads(json.dumps(dataclasses.asdict(model)))
    assert component("models", {"name": name, **sizes}) == model


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=marks(one)) for one in EVERY if sizes_of(names.load("models", one))],
)
def test_sizes_can_be_built(name: str) -> None:
    """``small`` is what the fields are without more; every size is one that a card may name."""
    sizes = sizes_of(names.load("models", name))
    assert sizes["small"] == {}
    assert "paper" in sizes
    kind = min(names.load("models", name).reads_kinds)
    for size in sizes:
        sized = component("models", {"name": name, "size": size})
        assert sized.from_spec(toy_spec(kind), OUTPUTS) is not None
