"""Classes from samples, probabilities, measures on the right split."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.errors import CardError, SchemaError
from hepvision.tasks._predictions import Predictions
from hepvision.tasks.classification import Classification
from toy_events import toy_events


def test_several_samples_make_a_class() -> None:
    task = Classification({"signal": ("a",), "rest": ("b", "c")})
    events = toy_events(3, sample=["c", "a", "b"])
    assert task.target(events)["class"].tolist() == [1, 0, 1]
    assert task.class_names == ("signal", "rest")


def test_a_sample_without_a_class_is_named() -> None:
    with pytest.raises(SchemaError, match=r"no class has the sample 'higs'.*'higgs'"):
        Classification(("higgs", "jet")).target(toy_events(2, sample="higs"))


def test_probabilities_of_large_logits() -> None:
    scores = Classification().scores(np.array([[1000.0, 999.0], [-1000.0, 0.0]], np.float32))
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    np.testing.assert_allclose(scores[0, 0], 1 / (1 + np.exp(-1)))


def test_measures_are_of_the_test_split() -> None:
    target = np.tile([0, 1], 30)
    split = np.repeat([0, 1, 2], 20)
    right = np.eye(2)[target] * 0.8 + 0.1
    scores = np.where((split == 2)[:, None], right, 1 - right)
    task = Classification()
    made = Predictions(scores, {"class": target}, np.ones(60), split)
    metrics = task.evaluate(made)
    assert metrics["versus"]["rest"]["auc"].value == 1.0
    assert metrics["chosen_on"] == "validation"
    assert metrics["events"]["signal"]["count"] == 10
    alone = task.evaluate(made.of_split(2))
    assert alone["chosen_on"] == "test"


@pytest.mark.parametrize(
    ("classes", "signal"),
    [(["a"], ""), (["a", "a"], ""), ({"s": ["a"], "r": ["a"]}, ""), (["a", "b"], "c")],
)
def test_wrong_classes_are_refused(classes: object, signal: str) -> None:
    with pytest.raises(CardError, match="tasks classification"):
        component("tasks", {"name": "classification", "classes": classes, "signal": signal})
