"""Working points: chosen tightly, measured elsewhere, careful where nothing remains."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hepvision.evaluation.metrics import Metrics
from hepvision.evaluation.working_point import choose_threshold, rejection, working_point
from hepvision.physics.intervals import Interval, clopper_pearson


def sample(rng: np.random.Generator, size: int, shift: float = 2.0) -> tuple:
    labels = rng.random(size) < 0.5
    return rng.normal(size=size) + shift * labels, labels


def test_chosen_cut_meets_its_target(rng: np.random.Generator) -> None:
    score, labels = sample(rng, 5000)
    score = score.round(1)
    for target in (0.3, 0.5, 0.8, 1.0):
        cut = choose_threshold(score, labels, signal_efficiency=target)
        assert (score[labels] >= cut).mean() >= target
        tighter = score[score > cut]
        assert tighter.size == 0 or (score[labels] >= tighter.min()).mean() < target
    for target in (0.1, 0.01, 1.0):
        cut = choose_threshold(score, labels, background_efficiency=target)
        assert (score[~labels] >= cut).mean() <= target
        looser = score[score < cut]
        assert looser.size == 0 or (score[~labels] >= looser.max()).mean() > target


def test_weights_move_the_cut() -> None:
    score, labels = [1.0, 2.0, 3.0, 4.0], [0, 0, 0, 1]
    assert choose_threshold(score, labels, background_efficiency=0.4) == 3.0
    assert choose_threshold(score, labels, [1, 4, 1, 1], background_efficiency=0.4) == 3.0
    assert choose_threshold(score, labels, [4, 1, 1, 1], background_efficiency=0.4) == 2.0


def test_background_on_top_leaves_nothing() -> None:
    cut = choose_threshold([1.0, 2.0], [1, 0], background_efficiency=0.1)
    assert 2.0 < cut < 2.0 + 1e-9
    point = working_point(cut, [1.0, 2.0], [1, 0])
    assert point.signal_efficiency.value == 0.0


def test_choosing_on_the_test_sample_flatters(rng: np.random.Generator) -> None:
    """A cut from an independent sample keeps ε_b on average; one from the same keeps it always."""
    ratios = []
    for _ in range(60):
        cut = choose_threshold(*sample(rng, 600), background_efficiency=0.1)
        ratios.append(working_point(cut, *sample(rng, 600)).background_efficiency.value)
    assert np.mean(ratios) == pytest.approx(0.1, abs=0.01)
    assert max(ratios) > 0.1


def test_intervals_are_clopper_pearson(rng: np.random.Generator) -> None:
    score, labels = sample(rng, 3000)
    point = working_point(1.5, score, labels)
    kept = int(((score >= 1.5) & ~labels).sum())
    low, high = clopper_pearson(kept, int((~labels).sum()))
    assert point.remaining == kept
    assert point.background_efficiency.low == pytest.approx(float(low))
    assert point.background_rejection.low == pytest.approx(1 / float(high))
    assert point.background_rejection.high == pytest.approx(1 / float(low))
    assert not point.few
    assert point.warning == ""


def test_nothing_remains_gives_a_limit_without_infinity() -> None:
    score = np.concatenate((np.linspace(0, 1, 100), np.linspace(2, 3, 100)))
    point = working_point(1.5, score, np.arange(200) >= 100)
    assert point.background_rejection.value is None
    assert point.background_rejection.high is None
    assert point.background_rejection.low == pytest.approx(1 / clopper_pearson(0, 100)[1])
    assert "lower limit" in point.warning
    text = json.dumps(Metrics(point.to_dict()).to_dict(), allow_nan=False)
    assert '"value": null' in text


@pytest.mark.parametrize(("remaining", "few"), [(9, True), (10, False)])
def test_warning_below_ten(remaining: int, few: bool) -> None:
    score = np.concatenate((np.arange(100), [1000]))
    point = working_point(100 - remaining, score, np.arange(101) == 100)
    assert point.remaining == remaining
    assert point.few is few
    assert bool(point.warning) is few


def test_warning_counts_effective_events() -> None:
    """Twenty remaining events, one of which carries nearly all the weight, are not twenty."""
    labels = np.arange(121) == 120
    weight = np.ones(121)
    weight[119] = 1000.0
    point = working_point(100, np.arange(121), labels, weight)
    assert point.remaining == 20
    assert point.few
    assert "effective count of 1.0" in point.warning


def test_negative_weights(rng: np.random.Generator) -> None:
    score, labels = sample(rng, 4000)
    weight = rng.choice([1.0, 1.0, 1.0, -0.5], 4000)
    point = working_point(1.0, score, labels, weight, level=0.9973, seed=1)
    assert point.signal_efficiency.contains(0.8413)
    assert point.background_efficiency.contains(0.1587)


def test_rejection_of_a_negative_efficiency_is_open() -> None:
    assert rejection(Interval(-0.1, -0.2, 0.1)) == Interval(None, 10.0, None)
    assert rejection(Interval(-0.1, -0.2, -0.05)) == Interval(None, None, None)


@pytest.mark.parametrize(
    "fixed",
    [
        {},
        {"signal_efficiency": 0.5, "background_efficiency": 0.1},
        {"signal_efficiency": 0.0},
        {"background_efficiency": 1.1},
    ],
)
def test_one_efficiency_is_fixed(fixed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"needs one efficiency in \(0, 1\]"):
        choose_threshold([0.0, 1.0], [0, 1], **fixed)


def test_threshold_is_finite() -> None:
    with pytest.raises(ValueError, match="threshold: must be finite, got nan"):
        working_point(float("nan"), [0.0, 1.0], [0, 1])
