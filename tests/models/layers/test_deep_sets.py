"""Sums over objects: no padding, no order, no objects, small terms in bfloat16, exported."""

from __future__ import annotations

import pytest
import torch

from hepvision.models.layers.deep_sets import DeepSet, summed


def batch(examples: int = 6, most: int = 9) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    counts = torch.randint(1, most + 1, (examples,))
    counts[1] = 0
    mask = torch.arange(most) < counts[:, None]
    return torch.randn(examples, most, 3), mask, torch.rand(examples, most)


@pytest.mark.parametrize("weighted", [True, False])
def test_it_is_the_formula(weighted: bool) -> None:
    """One example at a time, one object at a time."""
    network = DeepSet(3, (8, 5), (7,), 2, 0.0)
    values, mask, share = batch()
    outputs = network(values, mask, share if weighted else None)
    for example in range(len(mask)):
        total = torch.zeros(5)
        for one in range(mask.shape[1]):
            if mask[example, one]:
                z = share[example, one] if weighted else 1.0
                total += z * network.each(values[example, one])
        torch.testing.assert_close(outputs[example], network.all(total), rtol=1e-4, atol=1e-5)


def test_padding_and_order_do_not_matter() -> None:
    network = DeepSet(3, (8, 5), (7,), 2, 0.0)
    values, mask, share = batch()
    wanted = network(values, mask, share)
    other = torch.where(mask[..., None], values, torch.nan)
    torch.testing.assert_close(network(other, mask, share), wanted)
    order = torch.randperm(mask.shape[1])
    turned = network(values[:, order], mask[:, order], share[:, order])
    torch.testing.assert_close(turned, wanted)


@pytest.mark.parametrize("weighted", [True, False])
def test_exported_it_computes_the_same(weighted: bool) -> None:
    """Exported programs must not have shapes that depend on values."""
    network = DeepSet(3, (8, 5), (7,), 2, 0.0).eval()
    values, mask, share = batch()
    given = (values, mask, share) if weighted else (values, mask)
    rows = torch.export.Dim("rows", min=1, max=512)
    program = torch.export.export(network, given, dynamic_shapes=({0: rows},) * len(given))
    torch.testing.assert_close(program.module()(*given), network(*given))
    padded = torch.where(mask[..., None], values, torch.nan)
    torch.testing.assert_close(program.module()(padded, *given[1:]), network(*given))


def test_sums_are_made_in_float32() -> None:
    """A term of 1/512 of the sum would be lost in bfloat16."""
    mask = torch.ones(1, 513, dtype=torch.bool)
    assert summed(torch.ones(513, 1, dtype=torch.bfloat16), mask).item() == 513


def test_gradients_without_objects_are_finite() -> None:
    network = DeepSet(3, (8, 5), (7,), 2, 0.0)
    values, mask, share = batch(3)
    network(values, torch.zeros_like(mask), share).sum().backward()
    for parameter in network.parameters():
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()
