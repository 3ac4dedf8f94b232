"""Packed objects are the real ones, and come back to their places."""

from __future__ import annotations

import pytest
import torch

from hepvision.models.layers.rows import (
    RowNormalisation,
    grouped,
    longest,
    packed_rows,
    padded,
    pairs,
    pooled_mean,
)

MASK = torch.tensor([[True, True, False, False], [False, False, False, False], [False, True] * 2])


def test_there_and_back() -> None:
    values = torch.rand(3, 4, 2) * MASK[..., None]
    rows = packed_rows(MASK)
    assert len(rows) == MASK.sum()
    assert torch.equal(padded(values.reshape(-1, 2)[rows], rows, (3, 4)), values)


def test_means_are_over_real_objects() -> None:
    values = torch.rand(3, 4, 2)
    rows = packed_rows(MASK)
    made = pooled_mean(values.reshape(-1, 2)[rows], rows, MASK)
    torch.testing.assert_close(made[0], values[0, :2].mean(0))
    torch.testing.assert_close(made[2], values[2, [1, 3]].mean(0))
    assert made[1].tolist() == [0, 0]


def test_the_longest_example() -> None:
    assert longest(MASK[:2]) == 2
    assert longest(MASK) == 4
    assert longest(MASK[1:2]) == longest(MASK[:0]) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_groups_hold_all_objects_in_order(size: int) -> None:
    values = torch.rand(3, 4, 2) * MASK[..., None]
    packed = values.reshape(-1, 2)[packed_rows(MASK)]
    groups = grouped(MASK, size)
    shares = packed.split([len(one.rows) for one in groups])
    for part, share, group in zip(values.split(size), shares, groups, strict=True):
        most = group.mask.shape[1]
        assert most == longest(group.mask)
        shape = (group.mask.shape[0], most)
        assert torch.equal(padded(share, group.rows, shape), part[:, :most])
    assert len(grouped(MASK[:0], size)) == 1


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_take_the_running_statistics(rows: int) -> None:
    normalisation = RowNormalisation(3).train()
    normalisation.running_mean.fill_(2.0)
    state = normalisation.running_mean.clone()
    made = normalisation(torch.full((rows, 3), 2.0))
    assert made.shape == (rows, 3)
    assert (made == 0).all()
    assert torch.equal(normalisation.running_mean, state)


def test_more_rows_are_normalised_and_remembered() -> None:
    normalisation, values = RowNormalisation(3), torch.rand(50, 3)
    made = normalisation(values)
    torch.testing.assert_close(made.mean(0), torch.zeros(3), atol=1e-6, rtol=0)
    torch.testing.assert_close(normalisation.running_mean, 0.1 * values.mean(0))


def test_pairs_are_of_the_same_example() -> None:
    mask = torch.tensor([[True, True, False, True], [False] * 4, [False, True, True, False]])
    first, second = pairs(mask, ordered=True)
    found = list(zip(first.tolist(), second.tolist(), strict=True))
    assert found == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (3, 4), (4, 3)]
    first, second = pairs(mask, ordered=False)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [
        (a, b) for a, b in found if a < b
    ]
    assert len(pairs(MASK[1:2], ordered=True)[0]) == 0
