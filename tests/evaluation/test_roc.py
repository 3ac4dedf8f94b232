"""ROC and AUC: exact steps, symmetries, coverage, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hepvision.evaluation.roc import auc, roc
from hepvision.physics.intervals import LEVEL

labelled = st.integers(4, 40).flatmap(
    lambda n: st.tuples(
        arrays.arrays(np.float64, n, elements=st.integers(-6, 6).map(float)),
        arrays.arrays(np.bool_, n).filter(lambda y: 0 < y.sum() < y.size),
        arrays.arrays(np.float64, n, elements=st.integers(1, 5).map(float)),
    )
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(labelled)
def test_monotone_maps_change_nothing(sample: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    score, labels, weight = sample
    assert auc(np.exp(0.5 * score) - 3.0, labels, weight) == auc(score, labels, weight)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(labelled)
def test_exchanged_classes_give_the_rest(
    sample: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    score, labels, weight = sample
    forward, backward = auc(score, labels, weight), auc(score, ~labels, weight)
    assert backward.value == pytest.approx(1 - forward.value, abs=1e-12)
    assert backward.low == pytest.approx(1 - forward.high, abs=1e-9)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(labelled)
def test_a_whole_weight_is_that_many_events(
    sample: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    score, labels, weight = sample
    times = weight.astype(int)
    repeated = auc(np.repeat(score, times), np.repeat(labels, times)).value
    assert auc(score, labels, weight).value == pytest.approx(repeated, abs=1e-12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(labelled)
def test_area_of_the_curve_is_the_auc(
    sample: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    score, labels, weight = sample
    assert roc(score, labels, weight).area == pytest.approx(auc(score, labels, weight).value)


def test_order_of_events_does_not_matter(rng: np.random.Generator) -> None:
    score, labels = rng.normal(size=500).round(1), rng.random(500) < 0.4
    mixed = rng.permutation(500)
    first, second = auc(score, labels), auc(score[mixed], labels[mixed])
    assert first.value == second.value
    assert first.low == pytest.approx(second.low, abs=1e-12)


def test_equal_scores_make_one_step() -> None:
    curve = roc([1, 1, 1, 2], [0, 1, 1, 1])
    assert curve.threshold.tolist() == [np.inf, 2.0, 1.0]
    assert curve.signal_efficiency == pytest.approx([0, 1 / 3, 1])
    assert curve.background_efficiency.tolist() == [0, 0, 1]


def test_constant_score_decides_nothing() -> None:
    result = auc(np.zeros(100), np.arange(100) % 2)
    assert (result.value, result.low, result.high) == (0.5, 0.5, 0.5)


def test_perfect_separation_is_not_certain() -> None:
    result = auc(np.arange(20.0), np.arange(20) >= 10)
    assert result.value == result.high == 1.0
    assert 0.8 < result.low < 0.9


def test_single_signal_event_is_hardly_certain() -> None:
    result = auc(np.arange(101.0), np.arange(101) == 80)
    assert result.value == pytest.approx(0.8)
    assert result.high - result.low > 0.5


def coverage(rng: np.random.Generator, weighted: bool, toys: int = 400) -> float:
    """Share of toys whose interval holds Φ(1/√2), or the weighted truth by a huge sample."""

    def draw(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        labels = np.arange(size) % 3 == 0
        score = rng.normal(size=size) + labels
        return score, labels, np.exp(0.7 * score) if weighted else None

    # weights exp(s t) shift a Gaussian by s: both classes alike, so the truth stays
    truth = 0.7602499389065233
    return float(np.mean([auc(*draw(240)).contains(truth) for _ in range(toys)]))


@pytest.mark.parametrize("weighted", [False, True])
def test_interval_covers_what_it_says(rng: np.random.Generator, weighted: bool) -> None:
    assert coverage(rng, weighted) == pytest.approx(LEVEL, abs=0.08)


def test_shuffled_labels_know_nothing(rng: np.random.Generator) -> None:
    inside = [
        auc(rng.normal(size=300), rng.random(300) < 0.5, level=0.9973).contains(0.5)
        for _ in range(30)
    ]
    assert all(inside)


def test_negative_weights_bootstrap(rng: np.random.Generator) -> None:
    labels = np.arange(3000) % 2 == 0
    score = rng.normal(size=3000) + labels
    weight = rng.choice([1.0, 1.0, 1.0, 1.0, -1.0], 3000)
    first = auc(score, labels, weight, seed=2)
    assert first == auc(score, labels, weight, seed=2)
    assert auc(score, labels, weight, level=0.9973, seed=2).contains(0.76025)
    # n_eff = N (3/5)²: the interval is wider than that of as many plain events by 5/3
    plain = auc(score, labels)
    assert first.high - first.low == pytest.approx((plain.high - plain.low) * 5 / 3, rel=0.25)


def test_thinned_curve_keeps_the_tail(rng: np.random.Generator) -> None:
    labels = rng.random(200_000) < 0.5
    curve = roc(rng.normal(size=200_000) + 3 * labels, labels)
    few = curve.thinned(600)
    assert few.threshold.size <= 602
    assert few.area == pytest.approx(curve.area, abs=1e-4)
    assert (few.background_efficiency[few.background_efficiency > 0] < 1e-4).sum() > 10
    for target in (1e-4, 1e-2, 0.3):
        interpolated = [
            np.interp(target, c.background_efficiency, c.signal_efficiency) for c in (curve, few)
        ]
        assert interpolated[0] == pytest.approx(interpolated[1], abs=0.02)


@pytest.mark.parametrize(
    ("score", "labels", "weight", "message"),
    [
        ([0.1, np.nan], [0, 1], None, "score: must be finite, got 1 of 2 values NaN"),
        ([0.1, np.inf], [0, 1], None, "score: must be finite"),
        ([0.1, 0.2], [1, 1], None, "both classes must be present, got no background"),
        ([0.1, 0.2], [0, 0], None, "both classes must be present, got no signal"),
        ([0.1, 0.2], [0, 1, 1], None, r"must have the score's shape \(2,\), got \(3,\)"),
        ([0.1, 0.2], [0, 2], None, "is_signal: must be 0 or 1"),
        ([0.1, 0.2], [0, 1], [1.0], r"weight: must have shape \(2,\), got \(1,\)"),
        ([0.1, 0.2], [0, 1], [1.0, np.nan], "weight: must be finite"),
        ([0.1, 0.2], [0, 1], [1.0, 0.0], "weight: the signal's must sum to more than 0"),
        ([[0.1, 0.2]], [[0, 1]], None, r"score: must have shape \(B,\), got \(1, 2\)"),
        ([], [], None, "score: must hold events, got none"),
    ],
)
def test_wrong_input_is_refused(
    score: object, labels: object, weight: object, message: str
) -> None:
    for measure in (roc, auc):
        with pytest.raises(ValueError, match=message) as caught:
            measure(score, labels, weight)
        assert "\n" not in str(caught.value)
