"""Expected significances: limits that are known, comparisons on the same events."""

import dataclasses

import numpy as np
import pytest

from evaluation.test_categories import toy
from hepvision.evaluation.metrics import Metrics
from hepvision.evaluation.significance import (
    counting_significance,
    expected_significance,
    significance_gain,
)

EDGES = np.linspace(100.0, 180.0, 161)


def fitted(events, cuts=(1.5, 0.5), **settings):
    return expected_significance(*events, cuts, EDGES, **{"replicas": 40, **settings})


def test_counting_follows_the_formula():
    s, b = np.array([1.0, 10.0, 50.0]), np.array([1e6, 100.0, 25.0])
    told = np.sqrt(2 * ((s + b) * np.log1p(s / b) - s))
    np.testing.assert_allclose(counting_significance(s, b), told, rtol=1e-6)
    assert counting_significance(1.0, 1e6) == pytest.approx(1e-3, rel=1e-5)  # s/√b
    with pytest.raises(ValueError, match="background above 0"):
        counting_significance(1.0, 0.0)


def test_a_background_that_is_less_known_costs_significance():
    s, b = np.array([1.0, 10.0, 50.0]), np.array([1e4, 100.0, 25.0])
    known = counting_significance(s, b)
    np.testing.assert_allclose(counting_significance(s, b, 1e-4), known, rtol=1e-3)
    less = [counting_significance(s, b, one) for one in (0.05, 0.1, 0.3)]
    assert (np.diff([known, *less], axis=0) < 0).all()
    # a small signal is held against both errors together
    rough = s[0] / np.sqrt(b[0] + (0.1 * b[0]) ** 2)
    assert less[1][0] == pytest.approx(rough, rel=1e-3)
    with pytest.raises(ValueError, match="not below"):
        counting_significance(1.0, 1.0, -0.1)


def test_one_category_is_the_inclusive_fit(rng):
    made = fitted(toy(rng, 1000), ())
    assert made.significance == made.inclusive
    assert made.over_inclusive.value == 0.0
    (only,) = made.categories
    assert (only.low, only.high) == (None, None)
    assert only.significance == made.significance
    # a counting experiment in the window finds less than the fit of all bins, but not much
    inside = counting_significance(only.signal_inside, only.background_inside)
    assert 0.7 * made.significance.value < inside < made.significance.value
    assert only.width == pytest.approx(1.5, rel=0.05)
    assert only.signal_inside == pytest.approx(0.6827 * only.signal, rel=0.01)


def test_categories_add_in_squares_and_partition_the_yields(rng):
    events = toy(rng, 3000)
    made, whole = fitted(events), fitted(events, ())
    squares = sum(one.significance.value**2 for one in made.categories)
    assert made.significance.value == pytest.approx(np.sqrt(squares))
    for name in ("signal", "background"):
        parts = sum(getattr(one, name) for one in made.categories)
        assert parts == pytest.approx(getattr(whole.categories[0], name))
    assert made.over_inclusive.low > 0.0
    assert made.significance.value * made.mu_error.value == pytest.approx(1.0, rel=0.05)


def test_a_copy_gains_nothing_and_pairing_sharpens(rng):
    events = toy(rng, 2000)
    made = fitted(events)
    same = significance_gain(made, made)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    score, *rest = events
    worse = fitted((score + rng.normal(0, 0.4, score.size), *rest))
    gain = significance_gain(made, worse)
    assert gain.low > 0.0
    alone = [(one.high - one.low) / one.value for one in (made.significance, worse.significance)]
    assert gain.high - gain.low < np.hypot(*alone)
    precision = significance_gain(made, worse, "precision")
    assert precision.value == pytest.approx(gain.value, rel=0.2)


def test_only_the_same_events_are_compared(rng):
    with pytest.raises(ValueError, match="same events"):
        significance_gain(fitted(toy(rng, 300)), fitted(toy(rng, 300)))


def test_intervals_hold_the_truth_and_shrink(rng):
    truth = fitted(toy(rng, 200_000), replicas=2).significance.value
    widths, held = [], 0
    for count in (200, 3200):
        for seed in range(8):
            found = fitted(toy(rng, count), seed=seed).significance
            half = 0.5 * (found.high - found.low)
            held += found.low - half < truth < found.high + half
        widths.append(half / found.value)
    assert held >= 13  # twice the interval: 95 % of 16
    assert widths[0] > 2.5 * widths[1]


def test_the_same_seed_gives_the_same_numbers(rng):
    events = toy(rng, 300)
    one, two, other = (fitted(events, seed=seed) for seed in (1, 1, 2))
    assert Metrics(one.to_dict()).to_dict() == Metrics(two.to_dict()).to_dict()
    assert one.significance != other.significance


def test_a_poor_category_joins_the_next_and_is_told(rng):
    score, mass, mask, weight, source = toy(rng, 400)
    top = np.where(mask, score, np.minimum(score, 1.4))
    made = fitted((top, mass, mask, weight, source))
    assert len(made.categories) == 2
    assert any("joined" in text for text in made.warnings)
    few = fitted((score, mass, mask, weight, source), minimum=1000.0)
    assert sum("effective background events" in text for text in few.warnings) == 3


def test_events_far_from_the_peak_do_not_count(rng):
    score, mass, mask, weight, source = toy(rng, 400)
    far = np.where(mask, mass + 100.0, mass)
    with pytest.raises(ValueError, match="needs 3 signal and background events"):
        fitted((score, far, mask, weight, source))


@pytest.mark.parametrize("count", [4, 8, 20])
def test_tiny_samples_give_wide_intervals(count, rng):
    made = fitted(toy(rng, count), (0.5,))
    assert Metrics(made.to_dict()).to_dict()["significance"]["value"] > 0.0
    assert made.warnings
    assert made.significance.high > 1.1 * made.significance.low


def test_a_wrong_background_is_seen_in_the_fit(rng):
    score, mass, mask, weight, source = toy(rng, 4000)
    good = fitted((score, mass, mask, weight, source), ()).categories[0].fit_probability
    risen = np.where(mask, mass, rng.normal(140.0, 15.0, mass.size))
    bad = fitted((score, risen, mask, weight, source), ()).categories[0].fit_probability
    assert good > 0.01
    assert bad < 1e-6


def test_replicas_of_no_use_are_refused(rng):
    with pytest.raises(ValueError, match="2 or more"):
        fitted(toy(rng, 100), replicas=1)


def test_a_result_without_significance_cannot_be_beaten(rng):
    made = fitted(toy(rng, 300))
    none = dataclasses.replace(made, replicas=np.zeros_like(made.replicas))
    with pytest.raises(ValueError, match="above 0"):
        significance_gain(made, none)


@pytest.mark.slow
@pytest.mark.parametrize("count", [150, 600])
def test_intervals_hold_the_truth_as_often_as_they_say(count, rng):
    """68 % of 150 samples, within three standard deviations and a little for the categories."""
    truth = fitted(toy(rng, 400_000), replicas=2).significance.value
    held = [
        fitted(toy(rng, count), replicas=100, seed=seed).significance.contains(truth)
        for seed in range(150)
    ]
    assert 0.55 < np.mean(held) < 0.82
