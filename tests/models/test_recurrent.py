"""The recurrent network reads sequences of any length, hardest first."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from hepvision.core.inputs import InputSpec, PartSpec, Ragged
from hepvision.models.layers.batches import outputs_of
from hepvision.models.recurrent import Recurrent
from toy_inputs import toy_inputs, toy_spec


def spec(most: int = 6, features: int = 3) -> InputSpec:
    names = tuple(f"f{k}" for k in range(features))
    one = PartSpec("sequence", (most, features), names, ("",) * features, (1.0,) * features)
    return {"jet": one}


def test_parameters_of_the_paper() -> None:
    """One LSTM layer: 4 gates of 128 × (inputs + 128 + 2 constants), then 64, then the outputs."""
    network = Recurrent(**Recurrent.sizes["paper"]).from_spec(spec(), 2)
    wanted = 4 * 128 * (3 + 128 + 2) + 64 * (128 + 1) + 2 * (64 + 1)
    assert network.parameters_total == wanted


def test_a_gru_has_three_quarters_of_the_weights() -> None:
    lstm, gru = (
        Recurrent(cell=cell, hidden=()).from_spec(spec(), 2).parameters_total - 2 * (2 * 64 + 1)
        for cell in ("lstm", "gru")
    )
    assert gru == 3 * lstm // 4


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_padding_and_bfloat16(cell: str, bidirectional: bool) -> None:
    torch.manual_seed(1)
    network = Recurrent(cell=cell, bidirectional=bidirectional).from_spec(toy_spec("sequence"), 3)
    given = toy_inputs("sequence", 10)
    wanted = outputs_of(network, given, toy_spec("sequence"))
    part = toy_spec("sequence")["part"]
    longer = {"part": dataclasses.replace(part, shape=(30, part.width))}
    np.testing.assert_allclose(outputs_of(network, given, longer), wanted, rtol=1e-5, atol=1e-6)
    coarse = outputs_of(network, given, toy_spec("sequence"), bfloat16=True)
    np.testing.assert_allclose(coarse, wanted, atol=0.02)


def test_order_matters() -> None:
    torch.manual_seed(1)
    network = Recurrent().from_spec(spec(), 3)
    rows = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    two = {"jet": Ragged(np.array([0, 5, 10]), np.concatenate([rows, rows[::-1]]))}
    first, second = outputs_of(network, two, spec())
    assert not np.allclose(first, second)


def test_sets_are_refused() -> None:
    with pytest.raises(ValueError, match="recurrent: reads parts of kind sequence") as caught:
        Recurrent().from_spec(toy_spec("set"), 2)
    assert "\n" not in str(caught.value)
    for wrong in ({"cell": "rnn"}, {"state": 0}, {"layers": 0}, {"hidden": (0,)}, {"dropout": 2}):
        with pytest.raises(ValueError, match="must"):
            Recurrent(**wrong)
