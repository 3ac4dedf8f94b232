"""Dropout keeps the mean and the share, wherever values lie in memory, and goes on the same."""

import pytest
import torch
from torch import nn

from hepvision.models.layers.dropout import Dropout


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float64])
def test_share_and_mean_are_kept(share, kind):
    torch.manual_seed(1)
    values = torch.ones(200_001, dtype=kind)
    found = Dropout(share)(values).double()
    width = (share * (1 - share) / len(values)) ** 0.5
    assert abs((found == 0).double().mean() - share) < 5 * width
    assert abs(found.mean() - 1) < 5 * width / (1 - share) + 1e-3  # and rounding of bfloat16
    assert found.dtype == torch.float64 and len(found.unique()) == 2


def test_neighbours_are_left_out_independently():
    """Four decisions come from one random number; each pair of them, and of the next number."""
    torch.manual_seed(2)
    left = (Dropout(0.5)(torch.ones(400_000)) == 0).double() - 0.5
    for apart in range(1, 9):
        assert abs((left[apart:] * left[:-apart]).mean()) < 5 * 0.25 / len(left) ** 0.5
    for place in range(4):
        assert abs(left[place::4].mean()) < 5 * 0.5 / len(left[place::4]) ** 0.5


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_layouts_and_gradients(memory):
    torch.manual_seed(3)
    values = torch.rand(3, 4, 5, 7).contiguous(memory_format=memory).requires_grad_()
    found = Dropout(0.3)(values)
    assert found.is_contiguous(memory_format=memory)
    found.sum().backward()
    torch.testing.assert_close(values.grad * values, found)
    assert values.grad.unique().tolist() == pytest.approx([0.0, 1 / 0.7], rel=1e-4)


@pytest.mark.parametrize(
    "values", [torch.rand(6, 5).T, torch.rand(4, 6, 5)[:, ::2], torch.rand(())]
)
def test_any_strides(values):
    assert Dropout(0.5)(values).shape == values.shape
    assert Dropout(0.0)(values) is values


def test_it_goes_on_where_random_numbers_do():
    layer, values = Dropout(0.4), torch.rand(1001)
    torch.manual_seed(4)
    state = torch.get_rng_state()
    first = layer(values)
    torch.set_rng_state(state)
    assert torch.equal(first, layer(values))
    assert not torch.equal(first, layer(values))


def test_nothing_is_left_out_of_what_is_scored():
    values = torch.rand(50)
    assert Dropout(0.5).eval()(values) is values
    assert isinstance(Dropout(0.5), nn.Dropout)  # so that whoever looks for dropout finds it
    assert Dropout(1 - 1e-9)(torch.ones(40)).isfinite().all()
