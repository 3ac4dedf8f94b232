"""Dense layers, several vectors side by side."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hepvision.models.layers.batches import outputs_of
from hepvision.models.mlp import Mlp
from toy_inputs import toy_inputs, toy_spec


def test_two_vectors_are_read_side_by_side() -> None:
    spec = toy_spec("vector", "a") | toy_spec("vector", "b")
    inputs = toy_inputs("vector", 5, 1, "a") | toy_inputs("vector", 5, 2, "b")
    torch.manual_seed(1)
    network = Mlp(hidden=()).from_spec(spec, 2)
    state = network.state()
    both = np.concatenate([inputs["a"].values, inputs["b"].values], axis=1)  # type: ignore[union-attr]
    wanted = both @ state["body.0.weight"].T + state["body.0.bias"]
    np.testing.assert_allclose(outputs_of(network, inputs, spec), wanted, rtol=1e-4, atol=1e-5)


def test_dropout_only_in_training() -> None:
    network = Mlp(dropout=0.5).from_spec(toy_spec("vector"), 2)
    batch = {"part": torch.ones(4, 6)}
    assert not torch.equal(network(batch), network(batch))
    network.eval()
    assert torch.equal(network(batch), network(batch))


@pytest.mark.parametrize("wrong", [{"hidden": (0,)}, {"dropout": 1.0}])
def test_wrong_sizes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Mlp(**wrong)  # type: ignore[arg-type]
