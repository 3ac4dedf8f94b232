"""Paired tests: equal taggers are seldom told apart, different ones are, on few events too."""

import numpy as np
import pytest

from hepvision.evaluation.distinguish import difference, holm
from hepvision.evaluation.over_seeds import auc_over_seeds, rejection_over_seeds, resampled
from hepvision.evaluation.paired import paired_auc


def taggers(rng, events, worse=0.0, seeds=3, spread=0.2):
    """Two taggers that see the same, with seeds of their own."""
    labels = rng.random(events) < 0.5
    seen = rng.normal(size=events) + 1.5 * labels
    made = []
    for noise in (0.0, worse):
        skill = 1.0 + spread * rng.normal(size=(seeds, 1))
        made.append(seen * skill + (0.8 + noise) * rng.normal(size=(seeds, events)))
    return made, labels


def test_one_seed_is_delongs_test(rng):
    (first, second), labels = taggers(rng, 600, 0.5, seeds=1)
    ours = difference(auc_over_seeds(first, labels), auc_over_seeds(second, labels))
    plain = paired_auc(first[0], second[0], labels)
    assert ours.p_value == pytest.approx(plain.p_value, rel=1e-9)
    assert ours.difference.low == pytest.approx(plain.difference.low)
    assert not ours.seeds_known


@pytest.mark.parametrize("measure", ["auc", "rejection"])
def test_equal_taggers_are_told_apart_as_seldom_as_the_level_says(rng, measure):
    found = []
    for trial in range(200):
        (first, second), labels = taggers(rng, 800)
        measures = []
        for scores in (first, second):
            if measure == "auc":
                measures.append(auc_over_seeds(scores[:, :400], labels[:400]))
            else:
                chosen = (scores[:, 400:], labels[400:], None)
                draws = resampled(400, 40, seed=trial)
                measures.append(
                    rejection_over_seeds(scores[:, :400], labels[:400], None, chosen, 0.5, draws)
                )
        found.append(difference(*measures).p_value)
    values = np.array(found)
    assert (values < 0.05).mean() < 0.11
    assert 0.02 < (values < 0.32).mean() < 0.42


def test_pairing_tells_apart_what_intervals_do_not(rng):
    labels = rng.random(4000) < 0.5
    seen = rng.normal(size=4000) + 1.5 * labels
    scores = [seen + s * rng.normal(size=(3, 4000)) for s in (0.5, 0.57)]
    measures = [auc_over_seeds(one, labels) for one in scores]
    low, high = measures[1].interval(), measures[0].interval()
    assert low.high > high.low
    assert difference(*measures).p_value < 0.01


def test_scattering_seeds_make_a_difference_likely(rng):
    labels = rng.random(5000) < 0.5
    seen = rng.normal(size=5000) + 1.5 * labels
    scattered = [seen + s * rng.normal(size=5000) for s in (0.1, 1.0, 2.5)]
    steady = [seen + 0.9 * rng.normal(size=5000) for _ in range(3)]
    both = [auc_over_seeds(one, labels) for one in (scattered, steady)]
    assert difference(*both).p_value > 0.3
    single = [auc_over_seeds([scattered[0]], labels), auc_over_seeds([steady[0]], labels)]
    assert difference(*single).p_value < 1e-6


def test_a_copy_is_not_told_apart_and_limits_are_not_tested(rng):
    (first, _), labels = taggers(rng, 300)
    one = auc_over_seeds(first[:1], labels)
    assert difference(one, one).p_value == 1.0
    score = np.where(labels, 2.0, -2.0)
    sharp = rejection_over_seeds([score], labels, None, ([score], labels, None), 0.5)
    blunt = rejection_over_seeds(first[:1], labels, None, (first[:1], labels, None), 0.5)
    assert difference(sharp, blunt) is None
    with pytest.raises(ValueError, match="same test events"):
        difference(one, blunt)


def test_holm_is_the_paper_and_never_below_the_plain_value(rng):
    np.testing.assert_allclose(holm([0.01, 0.02, 0.03, 0.5]), [0.04, 0.06, 0.06, 0.5])
    values = rng.random(50)
    assert (holm(values) >= values).all()
    assert holm(values).max() <= 1.0
    assert holm([]).size == 0
    with pytest.raises(ValueError, match="probabilities"):
        holm([1.5])


def test_of_a_handful_of_events_nothing_is_said():
    right, wrong = np.array([[0.9, 0.1]] * 3), np.array([[0.1, 0.9]] * 3)
    labels = np.array([True, False])
    assert difference(auc_over_seeds(right, labels), auc_over_seeds(wrong, labels)) is None
    # six events that hardly scatter: no more than exchanging the two could tell
    labels = np.array([True, True, True, False, False, False])
    one = np.array([[6.0, 5, 4, 3, 2, 1]])
    other = np.array([[1.0, 2, 4, 3, 5, 6]])
    found = difference(auc_over_seeds(one, labels), auc_over_seeds(other, labels))
    assert found is not None and found.p_value >= 2.0**-5
