"""Attention against a sum over particles, and never to padding."""

from __future__ import annotations

import pytest
import torch

from hepvision.models.layers.attention import NEVER, ClassBlock, ParticleBlock, attended, pair_bias
from hepvision.models.layers.rows import Group, grouped, packed_rows, pairs

MASK = torch.tensor([[True, True, True], [True, False, False], [False, False, False]])


def test_against_a_sum() -> None:
    torch.manual_seed(1)
    query, key, value = torch.randn(3, 2, 3, 8)
    bias = torch.randn(2, 2, 3, 3)
    made = attended(query, key, value, bias, heads=2)
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        scores = query[..., part] @ key[..., part].mT / 2 + bias[:, head]
        wanted = scores.exp() / scores.exp().sum(-1, keepdim=True) @ value[..., part]
        torch.testing.assert_close(made[..., part], wanted)


def test_bias_of_pairs_is_symmetric_and_in_its_place() -> None:
    first, second = pairs(MASK, ordered=False)
    embedded = torch.arange(1.0, 7.0).reshape(3, 2)
    made = pair_bias(embedded, first, second, Group(MASK, packed_rows(MASK)))
    assert made.shape == (3, 2, 3, 3)
    assert made[0, 0].tolist() == [[0, 1, 3], [1, 0, 5], [3, 5, 0]]
    assert made[0, 1].tolist() == [[0, 2, 4], [2, 0, 6], [4, 6, 0]]
    assert (made[1, :, :, 1:] == NEVER).all()
    assert (made[1, :, :, 0] == 0).all()


def hidden(group: Group) -> torch.Tensor:
    """A bias that only hides padding."""
    return torch.zeros(group.mask.shape).masked_fill(~group.mask, NEVER)[:, None, None]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_particles_see_their_own_jet_only(size: int) -> None:
    torch.manual_seed(2)
    block, groups = ParticleBlock(8, 2).eval(), grouped(MASK, size)
    biases = [hidden(group) for group in groups]
    values = torch.randn(4, 8)
    together = block(values, biases, groups)
    (alone,) = grouped(MASK[1:2], 1)
    torch.testing.assert_close(together[3:], block(values[3:], [hidden(alone)], [alone]))
    changed = torch.cat([values[:2], torch.randn(1, 8), values[3:]])
    moved = block(changed, biases, groups)
    assert not torch.allclose(moved[0], together[0])
    torch.testing.assert_close(moved[3], together[3])


def test_a_token_of_an_empty_jet_sees_itself() -> None:
    torch.manual_seed(3)
    block, token = ClassBlock(8, 2), torch.randn(3, 8)
    values = torch.randn(3, 3, 8)
    made = block(token, values, MASK)
    assert made.isfinite().all()
    torch.testing.assert_close(made[2:], block(token[2:], values[2:, :0], MASK[2:, :0]))
    torch.testing.assert_close(made[1:2], block(token[1:2], values[1:2, :1], MASK[1:2, :1]))
