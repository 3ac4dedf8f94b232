"""Scalars stay, four-vectors turn: f(Λx) = Λf(x)."""

from __future__ import annotations

import math

import pytest
import torch

from hepvision.models.layers.lorentz import LorentzBlock, flattened, minkowski
from hepvision.models.layers.rows import pairs
from models.lorentz_transformations import boost, rotation


@pytest.mark.parametrize("gamma", [1.5, 10.0])
def test_vectors_turn_and_scalars_stay(gamma: float) -> None:
    torch.manual_seed(1)
    block = LorentzBlock(6, 1, 0.1).double()
    with torch.no_grad():  # as after a training: vectors move
        block.move_last.weight.fill_(0.3)  # type: ignore[union-attr]
    vectors = torch.randn(5, 4, dtype=torch.float64)
    vectors[:, 0] = (vectors[:, 1:].square().sum(1) + 0.02).sqrt()
    h, s = torch.randn(5, 6, dtype=torch.float64), torch.randn(5, 1, dtype=torch.float64)
    ends = pairs(torch.ones(1, 5, dtype=torch.bool), ordered=True)
    turn = boost(gamma, (0.6, 0.0, 0.8)) @ rotation(0.7, (1.0, 2.0, 2.0))
    scalars, moved = block(h, vectors, s, *ends)
    turned_scalars, turned = block(h, vectors @ turn.T, s, *ends)
    torch.testing.assert_close(turned_scalars, scalars, rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(turned, moved @ turn.T, rtol=1e-8, atol=1e-8)
    assert (moved - vectors).abs().max() > 1e-3


def test_against_each_pair_by_itself() -> None:
    torch.manual_seed(2)
    block = LorentzBlock(4, 1, 0.1).eval()
    h, x, s = torch.randn(3, 4), torch.randn(3, 4), torch.randn(3, 1)
    scalars, vectors = block(h, x, s, *pairs(torch.ones(1, 3, dtype=torch.bool), ordered=True))
    for i in range(3):
        heard, pushed = torch.zeros(4), torch.zeros(4)
        for j in set(range(3)) - {i}:
            d = x[i] - x[j]
            products = flattened(torch.stack([minkowski(d, d), minkowski(x[i], x[j])]))
            made = block.message(torch.cat([h[i], h[j], products]))[None]
            m = block.message_last(block.message_normalisation(made).relu())[0].relu()
            heard = heard + m * block.gate(m).sigmoid()
            pushed = pushed + d * block.move_last(block.move(m).relu())  # type: ignore[misc]
        found = block.scalar(torch.cat([h[i], heard, s[i]]))[None]
        wanted = h[i] + block.scalar_last(block.scalar_normalisation(found).relu())[0]
        torch.testing.assert_close(scalars[i], wanted)
        torch.testing.assert_close(vectors[i], x[i] + 0.1 * pushed / 2)


def test_products_are_those_of_the_metric() -> None:
    a, b = torch.tensor([3.0, 1.0, 2.0, 0.5]), torch.tensor([2.0, -1.0, 0.0, 4.0])
    assert minkowski(a, b).item() == 6.0 + 1.0 - 0.0 - 2.0
    assert flattened(torch.tensor(-5.0)).item() == pytest.approx(-math.log(6))


def test_masses_that_float32_cannot_know_are_zero() -> None:
    torch.manual_seed(3)
    momenta = torch.randn(1000, 3, dtype=torch.float64) * 300
    massless = torch.cat([momenta.norm(dim=1, keepdim=True), momenta], dim=1)
    p = massless.float()
    lost = p[:, 0] ** 2 - p[:, 1:].square().sum(1)
    assert lost.abs().max() > 0.01
    assert minkowski(p, p).abs().max() < 0.1 * lost.abs().max()
    heavy = massless.clone()
    heavy[:, 0] = (massless[:, 0] ** 2 + 80.4**2).sqrt()
    heavy = heavy.float()
    torch.testing.assert_close(
        minkowski(heavy, heavy), torch.full((1000,), 80.4**2), rtol=1e-3, atol=0
    )


def test_products_have_finite_slopes_at_zero() -> None:
    p = torch.zeros(3, 4, requires_grad=True)
    minkowski(p, p).sum().backward()
    assert p.grad is not None
    assert p.grad.isfinite().all()
