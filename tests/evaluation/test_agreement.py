"""Agreement: full for equal scores, chance for unrelated ones, blind to any rising function."""

import numpy as np
import pytest

from hepvision.evaluation.agreement import (
    chance_overlap,
    midranks,
    overlap,
    passing,
    rank_correlation,
)


def test_equal_order_agrees_fully_whatever_the_scale(rng):
    labels = rng.random(500) < 0.5
    score = rng.normal(size=500) + labels
    one, other = passing(score, labels), passing(np.exp(3 * score), labels)
    np.testing.assert_array_equal(one, other)
    assert one[labels].mean() == pytest.approx(0.5, abs=0.01)
    assert overlap(one, other).value == 1.0
    found = rank_correlation(score, np.exp(3 * score), labels)
    assert found["signal"].value == pytest.approx(1.0)


def test_unrelated_scores_agree_by_chance(rng):
    labels = rng.random(20_000) < 0.5
    first, second = rng.normal(size=(2, 20_000))
    kept = [passing(one, labels, signal_efficiency=0.3) for one in (first, second)]
    found = overlap(kept[0][~labels], kept[1][~labels])
    assert found.low - 0.02 < chance_overlap(0.3, 0.3) < found.high + 0.02
    for one in rank_correlation(first, second, labels).values():
        assert abs(one.value) < 0.03


def test_correlation_is_spearmans_within_classes(rng):
    stats = pytest.importorskip("scipy.stats")
    labels = rng.random(400) < 0.5
    first = np.round(rng.normal(size=400) + 5 * labels, 1)  # with ties
    second = first + rng.normal(size=400)
    found = rank_correlation(first, second, labels)
    for name, rows in (("signal", labels), ("background", ~labels)):
        wanted = stats.spearmanr(first[rows], second[rows]).statistic
        assert found[name].value == pytest.approx(wanted, abs=1e-9)
        assert found[name].low < wanted < found[name].high


def test_a_weight_of_two_is_the_event_twice(rng):
    score, weight = rng.normal(size=60), rng.integers(1, 4, 60)
    twice = np.repeat(np.arange(60), weight)
    labels = np.arange(60) % 2 == 0
    np.testing.assert_allclose(midranks(score, weight)[twice], midranks(score[twice]), atol=1e-12)
    other = rng.normal(size=60)
    found = rank_correlation(score, other, labels, weight)["signal"].value
    plain = rank_correlation(score[twice], other[twice], labels[twice])["signal"].value
    assert found == pytest.approx(plain)


def test_nothing_that_passes_and_flat_scores_have_no_value():
    none = np.zeros(5, bool)
    assert overlap(none, none).value is None
    labels = np.arange(10) % 2 == 0
    flat = rank_correlation(np.ones(10), np.arange(10.0), labels)
    assert (flat["signal"].low, flat["signal"].high) == (-1.0, 1.0)
    with pytest.raises(ValueError, match="one shape"):
        overlap(none, none[:3])
