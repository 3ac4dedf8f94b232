"""Weights as arrays: whole, finite, of the right shape."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from hepvision.core.errors import CorruptFileError
from hepvision.models.layers.network import Network


def test_state_is_a_copy() -> None:
    network = Network("x", nn.Linear(2, 1))
    state = network.state()
    before = state["body.weight"].copy()
    with torch.no_grad():
        network.body.weight += 1  # type: ignore[operator]
    np.testing.assert_array_equal(state["body.weight"], before)


@pytest.mark.parametrize("damage", ["shape", "name", "number"])
def test_damaged_weights_are_refused(damage: str) -> None:
    network = Network("x", nn.Linear(2, 1))
    state = network.state()
    if damage == "shape":
        state["body.weight"] = np.zeros((1, 3), np.float32)
    elif damage == "name":
        state["body.other"] = np.zeros(1, np.float32)
    else:
        state["body.bias"] = np.array([np.nan], np.float32)
    with pytest.raises(CorruptFileError, match="weights: body"):
        network.load(state)


def test_a_masked_part_gives_its_values() -> None:
    network = Network("x", nn.Linear(2, 1))
    values = torch.ones(3, 2)
    torch.testing.assert_close(
        network({"x": (values, torch.ones(3, dtype=torch.bool))}), network({"x": values})
    )


def test_only_a_last_dense_layer_comes_off() -> None:
    with pytest.raises(ValueError, match="must end in a dense layer, got ReLU"):
        Network("x", nn.Sequential(nn.Linear(2, 1), nn.ReLU())).without_last()
    with pytest.raises(ValueError, match="got NoneType"):
        Network("x", nn.Linear(2, 1)).without_last()


def test_most_networks_start_from_nothing() -> None:
    network = Network("x", nn.Linear(2, 1))
    before = network.state()
    network.start()
    for key, value in network.state().items():
        np.testing.assert_array_equal(value, before[key])
