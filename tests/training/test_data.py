"""Balance, order and batches."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hepvision.models.layers.batches import Buffers
from hepvision.training.data import Dealer, balanced_weights, epoch_rows
from hepvision.training.turns import Turns
from toy_inputs import toy_inputs, toy_spec


def test_classes_get_equal_sums() -> None:
    rng = np.random.default_rng(1)
    group, weight = rng.choice(3, 200, p=[0.7, 0.2, 0.1]), rng.random(200)
    made = balanced_weights(weight, group)
    sums = np.bincount(group, made)
    np.testing.assert_allclose(sums, sums[0])
    assert made.mean() == pytest.approx(1.0)
    inside = group == 1
    np.testing.assert_allclose(made[inside] / weight[inside], (made / weight)[inside][0])


def test_a_class_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="class 1 must sum to more than 0, got -1"):
        balanced_weights(np.array([1.0, 1.0, -2.0]), np.array([0, 1, 1]))


def test_an_epoch_has_each_row_once_in_its_own_order() -> None:
    rows = np.arange(10, 60)
    first, second = (epoch_rows(rows, None, 3, epoch) for epoch in (0, 1))
    assert sorted(first) == rows.tolist() == sorted(second)
    assert first.tolist() != second.tolist()
    np.testing.assert_array_equal(epoch_rows(rows, None, 3, 1), second)
    assert epoch_rows(rows, None, 4, 1).tolist() != second.tolist()


def test_equal_counts_take_others_each_epoch() -> None:
    rows, group = np.arange(100), np.repeat([0, 1], [90, 10])
    seen = set()
    for epoch in range(30):
        taken = epoch_rows(rows, group, 1, epoch, counts=True)
        assert np.bincount(group[taken]).tolist() == [10, 10]
        assert len(set(taken)) == 20
        seen |= set(taken)
    assert len(seen) > 80


def test_batches_hold_their_rows() -> None:
    inputs, spec = toy_inputs("vector", 11), toy_spec("vector")
    target, rows = {"class": np.arange(11)}, np.array([9, 1, 4, 7, 0])
    dealer = Dealer(Buffers(spec, 2), inputs, target, np.arange(11) / 2, rows, 2)
    assert len(dealer) == 3
    numbers = []
    for _ in range(2):
        for batch in dealer:
            at = batch.target["class"].numpy()
            numbers += at.tolist()
            np.testing.assert_array_equal(batch.weight.numpy(), at / 2)
            np.testing.assert_array_equal(batch.inputs["part"], inputs["part"].values[at])  # type: ignore[union-attr]
    assert numbers == 2 * rows.tolist()


@pytest.mark.parametrize(("rows", "size"), [(11, 3), (12, 3), (2, 3)])
def test_what_was_dealt_before_is_left_out(rows: int, size: int) -> None:
    """The rest of an epoch is that of the whole one, turned as it would have been."""
    inputs, spec = toy_inputs("image", rows), toy_spec("image")
    order = np.random.default_rng(1).permutation(rows)
    turns = Turns(spec, 1, 2, shear=0.5)
    whole = Dealer(Buffers(spec, size), inputs, {}, np.ones(rows), order, size, turns=turns)

    def images(dealer: Dealer) -> list[np.ndarray]:
        return [one.inputs["part"].numpy().copy() for one in dealer if one is not None]

    for done in range(len(whole) + 1):
        rest = dataclasses.replace(whole, done=done)
        made = images(rest)
        assert len(made) == len(whole) - done
        assert len(rest) == len(list(rest)) == max(len(made), 1)
        for one, other in zip(made, images(whole)[done:], strict=True):
            np.testing.assert_array_equal(one, other)


def test_turns_depend_on_seed_and_epoch_alone() -> None:
    inputs, spec = toy_inputs("image", 6), toy_spec("image")
    whole = Dealer(Buffers(spec, 3), inputs, {}, np.ones(6), np.arange(6), 3)

    def images(turns: tuple[int, int] | None) -> np.ndarray:
        made = None if turns is None else Turns(spec, *turns)
        dealer = dataclasses.replace(whole, turns=made)
        return np.concatenate([batch.inputs["part"].numpy().copy() for batch in dealer])

    np.testing.assert_array_equal(images((1, 2)), images((1, 2)))
    assert not np.array_equal(images((1, 2)), images((1, 3)))
    assert not np.array_equal(images((1, 2)), images((2, 2)))
    np.testing.assert_allclose(
        images((1, 2)).sum(axis=(2, 3)), images(None).sum(axis=(2, 3)), rtol=1e-5
    )
