"""The contributions of single events to the AUC's error."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.evaluation.delong import auc_interval, class_variance, influence, ranked_auc
from hepvision.physics.intervals import effective_count


def toy(rng: np.random.Generator, size: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels = np.arange(size) % 3 == 0
    return (rng.normal(size=size) + labels).round(1), labels, rng.exponential(size=size)


def test_contribution_is_the_derivative(rng: np.random.Generator) -> None:
    """Raising one weight by a share h changes the AUC by h times its contribution."""
    score, labels, weight = toy(rng)
    area, part = influence(score, labels, weight)
    for event in range(0, 60, 7):
        changed = weight.copy()
        changed[event] *= 1 + 1e-6
        moved = influence(score, labels, changed)[0]
        assert (moved - area) / 1e-6 == pytest.approx(part[event], abs=1e-7)


def test_contributions_of_a_class_sum_to_nothing(rng: np.random.Generator) -> None:
    score, labels, weight = toy(rng)
    part = influence(score, labels, weight)[1]
    assert part[labels].sum() == pytest.approx(0, abs=1e-14)
    assert part[~labels].sum() == pytest.approx(0, abs=1e-14)


def test_ranked_auc_is_the_auc(rng: np.random.Generator) -> None:
    score, labels, weight = toy(rng)
    assert ranked_auc(score, labels)(weight) == pytest.approx(influence(score, labels, weight)[0])


def test_variance_scales_with_the_effective_count(rng: np.random.Generator) -> None:
    """Weights that do not depend on the score cost events as their effective count says."""
    score, labels, _ = toy(rng, 30_000)
    weight = rng.exponential(size=30_000)
    variance = [
        class_variance(influence(score, labels, w)[1] ** 2, labels, w)
        for w in (np.ones(30_000), weight)
    ]
    assert variance[1] / variance[0] == pytest.approx(30_000 / effective_count(weight), rel=0.05)


def test_interval_stays_inside() -> None:
    interval = auc_interval(0.999, 1e-4, 50.0)
    assert 0.0 < interval.low < 0.999 < interval.high < 1.0
