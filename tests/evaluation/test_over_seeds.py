"""Intervals over seeds and events: known limits, and the share of them that hold the truth."""

import math

import numpy as np
import pytest
from scipy import special

from hepvision.evaluation.over_seeds import (
    accuracy_over_seeds,
    auc_over_seeds,
    rejection_over_seeds,
    resampled,
)
from hepvision.evaluation.roc import auc
from hepvision.evaluation.working_point import choose_threshold, working_point


def trainings(rng, events, seeds=3, spread=0.0):
    """Scores of trainings that share what an event shows, and differ in their own noise."""
    labels = rng.random(events) < 0.5
    seen = rng.normal(size=events) + 1.5 * labels
    skill = 1.0 + spread * rng.normal(size=(seeds, 1))
    return seen * skill + rng.normal(size=(seeds, events)), labels


def test_one_seed_is_the_plain_measure(rng):
    scores, labels = trainings(rng, 800, seeds=1)
    weight = rng.uniform(0.5, 2.0, 800)
    for chosen in (None, weight):
        ours = auc_over_seeds(scores, labels, chosen).interval()
        plain = auc(scores[0], labels, chosen)
        for name in ("value", "low", "high"):
            assert getattr(ours, name) == pytest.approx(getattr(plain, name), abs=1e-9)
        made = rejection_over_seeds(scores, labels, chosen, (scores, labels, chosen), 0.4)
        cut = choose_threshold(scores[0], labels, chosen, signal_efficiency=0.4)
        point = working_point(cut, scores[0], labels, chosen).background_rejection
        assert made.interval().value == pytest.approx(point.value)
        assert made.interval().low == pytest.approx(point.low, rel=0.03)
    right = scores[:, :] > 0.7
    found = accuracy_over_seeds(right == labels).interval()
    assert found.value == pytest.approx(float((right[0] == labels).mean()))
    assert found.high - found.low == pytest.approx(2 * math.sqrt(0.2 * 0.8 / 800), rel=0.2)


def test_no_background_that_passes_is_a_limit():
    labels = np.arange(200) < 100
    score = np.where(labels, 1.0, -1.0) + np.linspace(0, 0.1, 200)
    made = rejection_over_seeds([score, score], labels, None, ([score] * 2, labels, None), 0.5)
    assert made.value == -math.inf
    found = made.interval()
    assert found.value is None
    assert found.high is None
    assert found.low == pytest.approx(1 / (1 - 0.15865 ** (1 / 100)), rel=1e-3)


def test_seeds_enter_by_student(rng):
    scores, labels = trainings(rng, 3000, seeds=3, spread=0.5)
    made = auc_over_seeds(scores, labels)
    errors = made.errors()
    spread = made.values.std(ddof=1) / math.sqrt(3)
    assert errors["seeds"] == pytest.approx(spread * special.stdtrit(2, 0.84135), rel=1e-4)
    assert errors["seeds"] > 1.3 * spread
    assert auc_over_seeds(scores[:1], labels).errors()["seeds"] == 0.0


def test_what_seeds_share_is_not_averaged_away(rng):
    """Ten equal trainings know no more of the test events than one."""
    scores, labels = trainings(rng, 500, seeds=1)
    one, ten = (auc_over_seeds(np.repeat(scores, n, axis=0), labels) for n in (1, 10))
    assert ten.errors()["test"] == pytest.approx(one.errors()["test"])
    apart, _ = trainings(np.random.default_rng(1), 500, seeds=10)
    assert auc_over_seeds(apart, labels).values.size == 10


@pytest.mark.parametrize("measure", ["auc", "rejection"])
def test_intervals_hold_the_truth_as_often_as_they_say(rng, measure):
    """Truth: the mean over seeds and events without end."""
    spread = 0.3
    scores, labels = trainings(rng, 60_000, seeds=40, spread=spread)
    if measure == "auc":
        truth = float(np.mean([auc(one, labels).value for one in scores]))
    else:
        passed = [(one[~labels] >= np.quantile(one[labels], 0.5)).mean() for one in scores]
        truth = 1.0 / float(np.mean(passed))
    held, tries = 0, 150
    for _ in range(tries):
        events = 700
        scores, labels = trainings(rng, 2 * events, seeds=4, spread=spread)
        test, other = scores[:, :events], scores[:, events:]
        if measure == "auc":
            found = auc_over_seeds(test, labels[:events]).interval()
        else:
            chosen = (other, labels[events:], None)
            draws = resampled(events, 60, seed=int(rng.integers(1 << 30)))
            made = rejection_over_seeds(test, labels[:events], None, chosen, 0.5, draws)
            found = made.interval()
        held += found.contains(truth)
    assert 0.58 < held / tries < 0.82


def test_resampling_the_validation_events_widens_and_is_the_same_again(rng):
    scores, labels = trainings(rng, 1000, seeds=2)
    chosen = (scores[:, 500:], labels[500:], None)
    draws = resampled(500, 100)
    np.testing.assert_array_equal(draws, resampled(500, 100))
    assert draws.mean() == pytest.approx(1.0, abs=0.02)
    plain = rejection_over_seeds(scores[:, :500], labels[:500], None, chosen, 0.5)
    made = rejection_over_seeds(scores[:, :500], labels[:500], None, chosen, 0.5, draws)
    assert made.errors()["validation"] > 0.02
    assert made.interval().high > plain.interval().high
    assert made.interval().value == plain.interval().value


def test_wrong_shapes_are_refused(rng):
    scores, labels = trainings(rng, 100, seeds=2)
    with pytest.raises(ValueError, match="as many trainings"):
        rejection_over_seeds(scores, labels, None, (scores[:1], labels, None), 0.5)
    with pytest.raises(ValueError, match=r"shape \(S, B\)"):
        auc_over_seeds(np.zeros((0, 5)), labels)
