"""What every task promises: targets, a loss with a gradient, scores, measures."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest
import torch

from hepvision.core import names
from hepvision.core.card import component
from hepvision.evaluation.metrics import Metrics
from hepvision.tasks._batch import Batch
from hepvision.tasks._predictions import Predictions
from toy_events import toy_events

EVERY = names.names("tasks")


def events() -> ak.Array:
    return toy_events(40, sample=["signal", "background"] * 20)


def tensors(target: dict[str, Any]) -> dict[str, torch.Tensor]:
    return {key: torch.from_numpy(value) for key, value in target.items()}


@pytest.mark.parametrize("name", EVERY)
def test_target_has_a_row_an_example(name: str) -> None:
    task = component("tasks", name)
    for value in task.target(events()).values():
        assert len(value) == 40
        assert np.isfinite(value).all()
    assert all(len(value) == 0 for value in task.target(events()[:0]).values())
    assert task.balance_by is None or task.balance_by in task.target(events())


@pytest.mark.parametrize("name", EVERY)
def test_loss_has_terms_with_gradients(name: str) -> None:
    task = component("tasks", name)
    outputs = torch.randn(40, task.outputs, requires_grad=True)
    terms = task.loss(outputs, Batch({}, tensors(task.target(events())), torch.ones(40), {}))
    sum(terms.values()).backward()
    assert outputs.grad is not None
    assert outputs.grad.abs().sum() > 0


@pytest.mark.parametrize("name", EVERY)
def test_predictions_are_evaluated(name: str) -> None:
    task, rng = component("tasks", name), np.random.default_rng(1)
    scores = task.scores(rng.normal(size=(40, task.outputs)).astype(np.float32))
    assert len(scores) == 40
    assert np.isfinite(scores).all()
    split = np.repeat([0, 1, 2, 2], 10)
    made = Predictions(scores, task.target(events()), np.ones(40), split)
    metrics = task.evaluate(made)
    assert isinstance(metrics, Metrics)
    assert task.evaluate(made).to_dict() == metrics.to_dict()
