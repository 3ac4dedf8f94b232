"""Measures against scikit-learn and scipy, with weights and with ties."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import spatial, special, stats

from hepvision.evaluation.calibration import log_loss, reliability
from hepvision.evaluation.confusion import confusion
from hepvision.evaluation.roc import auc, roc
from hepvision.evaluation.sculpting import jensen_shannon
from hepvision.physics.intervals import clopper_pearson, poisson_interval

NAMES = ("a", "b", "c")


def sample(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels = rng.random(2000) < 0.3
    return (rng.normal(size=2000) + labels).round(1), labels, rng.exponential(size=2000)


@pytest.mark.parametrize("weighted", [False, True])
def test_roc_and_auc(rng: np.random.Generator, weighted: bool) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    score, labels, weight = sample(rng)
    weights = weight if weighted else None
    background, signal, cut = metrics.roc_curve(
        labels, score, sample_weight=weights, drop_intermediate=False
    )
    curve = roc(score, labels, weights)
    assert curve.background_efficiency == pytest.approx(background)
    assert curve.signal_efficiency == pytest.approx(signal)
    assert np.array_equal(curve.threshold, cut)
    expected = metrics.roc_auc_score(labels, score, sample_weight=weights)
    assert auc(score, labels, weights).value == pytest.approx(expected, abs=1e-12)


def test_auc_is_mann_whitney(rng: np.random.Generator) -> None:
    score, labels, _ = sample(rng)
    u = stats.mannwhitneyu(score[labels], score[~labels]).statistic
    pairs = labels.sum() * (~labels).sum()
    assert auc(score, labels).value == pytest.approx(u / pairs, abs=1e-13)


@pytest.mark.parametrize("weighted", [False, True])
def test_log_loss_and_confusion(rng: np.random.Generator, weighted: bool) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    target = rng.integers(0, 3, 500)
    chance = special.softmax(rng.normal(size=(500, 3)), axis=1)
    weight = rng.exponential(size=500) if weighted else None
    assert log_loss(chance, target, weight).value == pytest.approx(
        metrics.log_loss(target, chance, sample_weight=weight)
    )
    guess = chance.argmax(axis=1)
    assert confusion(target, guess, NAMES, weight).weight == pytest.approx(
        metrics.confusion_matrix(target, guess, sample_weight=weight)
    )


def test_reliability(rng: np.random.Generator) -> None:
    calibration = pytest.importorskip("sklearn.calibration")
    chance = rng.random(3000)
    labels = rng.random(3000) < chance**1.5
    observed, predicted = calibration.calibration_curve(labels, chance, n_bins=10)
    table = reliability(chance, labels)
    assert [share.value for share in table.observed] == pytest.approx(observed)
    assert list(table.predicted) == pytest.approx(predicted)


@pytest.mark.parametrize(("passed", "total"), [(0, 7), (7, 7), (1, 7), (30, 1000), (500, 501)])
@pytest.mark.parametrize("level", [0.6827, 0.95])
def test_clopper_pearson(passed: int, total: int, level: float) -> None:
    expected = stats.binomtest(passed, total).proportion_ci(level, method="exact")
    low, high = clopper_pearson(passed, total, level)
    assert float(low) == pytest.approx(expected.low, abs=1e-12)
    assert float(high) == pytest.approx(expected.high, abs=1e-12)


def test_poisson() -> None:
    count = np.arange(1, 50)
    low, high = poisson_interval(count, 0.9)
    assert low == pytest.approx(0.5 * stats.chi2.ppf(0.05, 2 * count))
    assert high == pytest.approx(0.5 * stats.chi2.ppf(0.95, 2 * count + 2))


def test_jensen_shannon(rng: np.random.Generator) -> None:
    first, second = rng.random(30), rng.random(30)
    first[:5] = 0.0
    expected = spatial.distance.jensenshannon(first, second, base=2)
    assert jensen_shannon(first, second) == pytest.approx(expected)
