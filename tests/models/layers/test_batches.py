"""Buffers hold the right rows, whatever they held before."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hepvision.core.inputs import Dense
from hepvision.models.layers.batches import Buffers, limited_threads, outputs_of
from hepvision.models.mlp import Mlp
from toy_inputs import KINDS, toy_inputs, toy_spec


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_the_rows(kind: str) -> None:
    inputs, spec = toy_inputs(kind, 9), toy_spec(kind)
    buffers = Buffers(spec, 4)
    for rows in (np.array([8, 0, 3, 3]), np.array([5]), np.array([], np.int64)):
        wanted = np.empty((len(rows), *spec["part"].shape), np.float32)
        inputs["part"].take(rows).fill(wanted)
        tensor = buffers.tensors(inputs, rows)["part"]
        values = tensor if isinstance(tensor, torch.Tensor) else tensor[0]
        np.testing.assert_array_equal(values.numpy(), wanted)


def test_a_mask_says_where_objects_are() -> None:
    inputs, spec = toy_inputs("set", 9), toy_spec("set")
    made = Buffers(spec, 9).tensors(inputs, np.arange(9))["part"]
    assert not isinstance(made, torch.Tensor)
    counts = np.diff(inputs["part"].offsets)  # type: ignore[union-attr]
    np.testing.assert_array_equal(made[1].sum(dim=1).numpy(), counts)


def test_images_may_be_dense() -> None:
    spec, rng = toy_spec("image"), np.random.default_rng(1)
    images = rng.random((3, *spec["part"].shape), np.float32)
    made = Buffers(spec, 3).tensors({"part": Dense(images)}, np.array([2, 0]))["part"]
    assert isinstance(made, torch.Tensor)
    np.testing.assert_array_equal(made.numpy(), images[[2, 0]])


def test_batch_size_changes_nothing_and_training_mode_comes_back() -> None:
    spec, inputs = toy_spec("vector"), toy_inputs("vector", 11)
    network = Mlp(dropout=0.5).from_spec(spec, 2).train()
    wanted = outputs_of(network, inputs, spec, batch=11)
    np.testing.assert_allclose(outputs_of(network, inputs, spec, batch=4), wanted, rtol=1e-5)
    assert network.training


def test_threads_come_back() -> None:
    before = torch.get_num_threads()
    with limited_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
