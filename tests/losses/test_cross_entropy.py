"""Cross-entropy against its formula and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hepvision.losses.cross_entropy import CrossEntropy


def test_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    torch.manual_seed(3)
    logits, target, weight = torch.randn(50, 3), torch.randint(0, 3, (50,)), torch.rand(50)
    wanted = metrics.log_loss(
        target.numpy(),
        logits.double().softmax(1).numpy(),
        sample_weight=weight.numpy(),
        labels=[0, 1, 2],
    )
    assert CrossEntropy()(logits, target, weight).item() == pytest.approx(wanted, rel=1e-5)


def test_an_event_of_weight_two_counts_as_two() -> None:
    logits, target = torch.tensor([[1.0, 0.0], [0.0, 0.5]]), torch.tensor([0, 1])
    twice = CrossEntropy()(logits[[0, 0, 1]], target[[0, 0, 1]], torch.ones(3))
    once = CrossEntropy()(logits, target, torch.tensor([2.0, 1.0]))
    assert once.item() == pytest.approx(twice.item())


def test_smoothing_has_its_minimum_short_of_certainty() -> None:
    certain, target = torch.tensor([[30.0, 0.0]]), torch.tensor([0])
    smooth = CrossEntropy(smoothing=0.2)(certain, target, torch.ones(1))
    assert smooth.item() == pytest.approx(0.1 * 30, rel=1e-4)
    assert np.isclose(CrossEntropy()(certain, target, torch.ones(1)).item(), 0)


def test_wrong_smoothing_is_refused() -> None:
    with pytest.raises(ValueError, match="smoothing"):
        CrossEntropy(smoothing=1.0)
