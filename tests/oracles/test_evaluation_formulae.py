"""Measures against published formulae and against definitions written out in full."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from hepvision.evaluation.correlation import distance_correlation
from hepvision.evaluation.paired import paired_auc
from hepvision.evaluation.roc import auc
from hepvision.evaluation.working_point import choose_threshold, working_point


@pytest.mark.parametrize("distance", [0.0, 0.5, 1.0, 3.0])
def test_gaussian_auc(rng: np.random.Generator, distance: float) -> None:
    """Two unit Gaussians a distance d apart: AUC = Φ(d/√2)."""
    labels = np.arange(100_000) % 2 == 0
    result = auc(rng.normal(size=100_000) + distance * labels, labels, level=0.9999)
    assert result.contains(special.ndtr(distance / np.sqrt(2)))
    assert result.high - result.low < 0.02


def test_gaussian_working_point(rng: np.random.Generator) -> None:
    """ε_s at ε_b: Φ(Φ⁻¹(ε_b) + d)."""
    labels = np.arange(100_000) % 2 == 0
    score = rng.normal(size=100_000) + 2.0 * labels
    point = working_point(float(special.ndtri(0.99)), score, labels, level=0.9999)
    assert point.signal_efficiency.contains(special.ndtr(special.ndtri(0.01) + 2.0))
    assert point.background_rejection.contains(100.0)
    cut = choose_threshold(score, labels, background_efficiency=0.01)
    error = np.sqrt(0.01 * 0.99 / 50_000) / np.exp(-0.5 * cut**2) * np.sqrt(2 * np.pi)
    assert cut == pytest.approx(special.ndtri(0.99), abs=4 * error)


def delong(scores: list[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Covariance of AUCs from DeLong's structural components, all pairs written out."""
    right, wrong = [], []
    for score in scores:
        kernel = np.sign(score[labels][:, None] - score[~labels][None, :]) / 2 + 0.5
        right.append(kernel.mean(axis=1))
        wrong.append(kernel.mean(axis=0))
    return np.cov(right) / labels.sum() + np.cov(wrong) / (~labels).sum()


def test_delong_covariance(rng: np.random.Generator) -> None:
    labels = rng.random(150) < 0.4
    first = (rng.normal(size=150) + labels).round(1)
    second = (first + rng.normal(size=150)).round(1)
    matrix = delong([first, second], labels)
    pair = paired_auc(first, second, labels)
    error = np.sqrt(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1])
    half = 0.5 * (pair.difference.high - pair.difference.low)
    assert half == pytest.approx(error, rel=1e-4)
    assert pair.correlation == pytest.approx(matrix[0, 1] / np.sqrt(matrix[0, 0] * matrix[1, 1]))
    area, single = pair.first.value, np.sqrt(matrix[0, 0])
    logits = special.logit([pair.first.low, area, pair.first.high])
    assert np.diff(logits) == pytest.approx(single / (area * (1 - area)), rel=1e-4)


def test_distance_correlation_by_all_pairs(rng: np.random.Generator) -> None:
    """Székely's definition with weights: doubly centred distance matrices."""
    x = rng.normal(size=257).round(1)
    y = (x**2 + rng.normal(size=257)).round(1)
    for weight in (np.ones(257), rng.exponential(size=257), rng.choice([1.0, 1.0, -0.3], 257)):
        share = weight / weight.sum()

        def centred(values: np.ndarray, share: np.ndarray = share) -> np.ndarray:
            matrix = np.abs(values[:, None] - values)
            rows = matrix @ share
            return matrix - rows[:, None] - rows + rows @ share

        a, b, pairs = centred(x), centred(y), np.outer(share, share)
        sums = [(pairs * left * right).sum() for left, right in ((a, b), (a, a), (b, b))]
        expected = np.sqrt(sums[0] / np.sqrt(sums[1] * sums[2]))
        assert distance_correlation(x, y, weight).value == pytest.approx(expected, abs=1e-10)
