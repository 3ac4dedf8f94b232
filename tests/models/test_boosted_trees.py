"""Boosted trees learn, stop early, and obey weights."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.core.inputs import Dense
from hepvision.models.boosted_trees import BoostedTrees
from toy_inputs import toy_spec


def sample(number: int, seed: int) -> tuple[dict[str, Dense], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, number)
    values = rng.normal(size=(number, 6)).astype(np.float32)
    values[:, 0] += target
    return {"part": Dense(values)}, target, np.ones(number)


def test_it_learns_and_stops() -> None:
    trees = BoostedTrees(rounds=300, patience=5).from_spec(toy_spec("vector"), 2)
    history = trees.fit(*sample(400, 1), sample(400, 2), seed=1)
    assert len(history) < 300
    assert history[0].keys() == {"train", "validation"}
    inputs, target, _ = sample(400, 3)
    outputs = trees.predict(inputs)
    right = (outputs.argmax(axis=1) == target).mean()
    # the best possible is 0.69
    assert right > 0.62
    odds = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    chance = (odds / odds.sum(axis=1, keepdims=True))[np.arange(400), target]
    assert -np.log(chance).mean() < np.log(2)


def test_same_seed_same_trees() -> None:
    states = []
    for _ in range(2):
        trees = BoostedTrees(rounds=10).from_spec(toy_spec("vector"), 2)
        trees.fit(*sample(100, 1), seed=4)
        states.append(trees.state()["ubjson"])
    np.testing.assert_array_equal(*states)


def test_weights_move_the_answer() -> None:
    inputs, target, weight = sample(200, 1)
    means = []
    for factor in (0.1, 10.0):
        trees = BoostedTrees(rounds=20).from_spec(toy_spec("vector"), 2)
        trees.fit(inputs, target, np.where(target == 1, factor, 1.0) * weight)
        outputs = trees.predict(inputs)
        means.append((outputs[:, 1] - outputs[:, 0]).mean())
    assert means[1] > means[0] + 1


def test_use_before_fitting_is_refused() -> None:
    trees = BoostedTrees().from_spec(toy_spec("vector"), 2)
    with pytest.raises(ValueError, match="fitted first"):
        trees.predict(sample(2, 1)[0])
    with pytest.raises(CorruptFileError, match="boosted trees"):
        trees.load({"ubjson": np.arange(40, dtype=np.uint8)})


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        BoostedTrees(rounds=0)


def test_negative_weights_are_refused_in_one_line() -> None:
    inputs, target, weight = sample(20, 1)
    trees = BoostedTrees(rounds=1).from_spec(toy_spec("vector"), 2)
    bad = np.where(np.arange(20) < 3, -1.0, 1.0) * weight
    for given in ((bad, None), (weight, (inputs, target, bad))):
        with pytest.raises(ValueError, match="must be 0 or more, got 3 of 20 below") as caught:
            trees.fit(inputs, target, *given)
        assert "\n" not in str(caught.value)
