"""Learners are fitted on the training split with balanced weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hepvision.core.inputs import Dense
from hepvision.models.boosted_trees import BoostedTrees
from hepvision.tasks.classification import Classification
from hepvision.training.learner import fit_learner
from hepvision.training.options import Options
from toy_inputs import toy_inputs, toy_spec


class Recorder:
    """A learner that keeps what it is given."""

    parameters_total = 1

    def fit(self, *given: Any, seed: int, threads: int) -> list[dict[str, float]]:
        self.given, self.seed, self.threads = given, seed, threads
        return [{"train": 1.0, "validation": value} for value in (0.5, 0.3, 0.4)]


def test_each_split_goes_where_it_belongs() -> None:
    inputs, split = toy_inputs("vector", 30), np.arange(30) % 3
    target = {"class": (np.arange(30) < 20).astype(np.int64)}
    learner: Any = Recorder()
    made = fit_learner(
        learner,
        Classification(),
        inputs,
        target,
        np.ones(30),
        split,
        Options(threads=2),
        seed=7,
    )
    train, labels, weight, validation = learner.given
    part = inputs["part"]
    assert isinstance(part, Dense)
    np.testing.assert_array_equal(train["part"].values, part.values[split == 0])
    np.testing.assert_array_equal(validation[0]["part"].values, part.values[split == 1])
    np.testing.assert_allclose(np.bincount(labels, weight), np.full(2, 5.0))
    assert (learner.seed, learner.threads, made.best_epoch) == (7, 2, 2)


def test_trees_through_the_same_door() -> None:
    inputs, split = toy_inputs("vector", 60), np.arange(60) % 3
    target = {"class": (inputs["part"].values[:, 0] > 0).astype(np.int64)}  # type: ignore[union-attr]
    trees = BoostedTrees(rounds=30, patience=3).from_spec(toy_spec("vector"), 2)
    made = fit_learner(trees, Classification(), inputs, target, np.ones(60), split)
    assert made.history[-1]["validation"] < made.history[0]["validation"]
    outputs = made.model.predict({"part": inputs["part"].take(np.flatnonzero(split == 2))})
    assert (outputs.argmax(axis=1) == target["class"][split == 2]).mean() > 0.8


def test_nothing_to_train_on() -> None:
    trees = BoostedTrees().from_spec(toy_spec("vector"), 2)
    with pytest.raises(ValueError, match="training split"):
        fit_learner(
            trees,
            Classification(),
            toy_inputs("vector", 3),
            {"class": np.zeros(3, np.int64)},
            np.ones(3),
            np.full(3, 2),
        )
