"""What every loss promises: a weighted mean that has a gradient, 0 where it is undefined."""

from __future__ import annotations

import pytest
import torch

from hepvision.core import names
from hepvision.core.card import component

EVERY = names.names("losses")


def example(number: int = 12) -> tuple[torch.Tensor, ...]:
    outputs = torch.randn(number, 3, requires_grad=True)
    return outputs, torch.arange(number) % 3, torch.rand(number) + 0.5, torch.rand(number)


@pytest.mark.parametrize("name", EVERY)
def test_one_finite_number_with_a_gradient(name: str) -> None:
    outputs, target, weight, observable = example()
    value = component("losses", name)(outputs, target, weight, observable)
    assert value.shape == ()
    value.backward()
    assert outputs.grad is not None
    assert torch.isfinite(outputs.grad).all()
    assert outputs.grad.abs().sum() > 0


@pytest.mark.parametrize("name", EVERY)
def test_common_factor_of_weights_cancels(name: str) -> None:
    outputs, target, weight, observable = example()
    loss = component("losses", name)
    one = loss(outputs, target, weight, observable)
    assert loss(outputs, target, 7 * weight, observable).item() == pytest.approx(one.item())


@pytest.mark.parametrize("name", EVERY)
def test_an_undefined_batch_counts_zero_and_says_so(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    outputs, target, weight, observable = example()
    value = component("losses", name)(outputs, target, 0 * weight, observable)
    assert value.item() == 0
    value.backward()
    assert caplog.records
