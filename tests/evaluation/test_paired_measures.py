"""Two classifiers on resampled events: against formulae, sorting by hand, and repeated samples."""

import numpy as np
import pytest

from hepvision.evaluation.paired import paired_auc, paired_bootstrap
from hepvision.evaluation.paired_measures import measure_of, paired_measure


def scores(rng, events=1200, gap=1.5, noise=0.6):
    labels = rng.random(events) < 0.4
    sharp = rng.normal(size=events) + gap * labels
    return sharp, sharp + noise * rng.normal(size=events), labels


def by_hand(score, labels, weight, level):
    """The loosest cut among all scores that keeps at most this share of the background."""
    best = 0.0
    for cut in np.unique(score):
        kept = score >= cut
        share = weight[kept & ~labels].sum() / weight[~labels].sum()
        if share <= level:
            best = max(best, weight[kept & labels].sum() / weight[labels].sum())
    return best


@pytest.mark.parametrize("level", [0.003, 0.05, 0.5, 1.0])
def test_efficiency_is_that_of_the_loosest_allowed_cut(rng, level):
    sharp, _, labels = scores(rng, 300)
    for score in (sharp, np.round(sharp)):  # with ties too
        weight = rng.exponential(size=300)
        found = measure_of(score, labels, level)(weight)
        assert found == pytest.approx(by_hand(score, labels, weight, level), abs=1e-12)


def test_where_no_background_may_pass_the_signal_above_it_does():
    assert measure_of([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], 1e-9)(np.ones(4)) == 1.0
    assert measure_of([1.0, 4.0, 3.0, 4.0], [0, 0, 1, 1], 1e-9)(np.ones(4)) == 0.0


def test_auc_is_that_of_the_other_bootstrap_and_of_delong(rng):
    sharp, blunt, labels = scores(rng)
    found = paired_measure(sharp, blunt, labels, replicas=300, seed=4)
    same = paired_bootstrap(sharp, blunt, labels, replicas=300, seed=4)
    assert found.difference == same
    theory = paired_auc(sharp, blunt, labels)
    assert found.first.value == pytest.approx(theory.first.value)
    width = found.difference.high - found.difference.low
    expected = theory.difference.high - theory.difference.low
    assert width == pytest.approx(expected, rel=0.25)
    assert found.verdict == "better"


def test_weights_count(rng):
    sharp, blunt, labels = scores(rng, 600)
    weight = rng.integers(0, 4, 600).astype(float)
    rows = np.repeat(np.arange(600), weight.astype(int))
    weighted = measure_of(sharp, labels, 0.1)(weight)
    assert weighted == pytest.approx(measure_of(sharp[rows], labels[rows], 0.1)(np.ones(len(rows))))
    found = paired_measure(sharp, blunt, labels, weight, 0.1, replicas=50)
    assert found.first.value == pytest.approx(weighted)


@pytest.mark.parametrize("level", [None, 0.1])
def test_equal_classifiers_are_rarely_told_apart(level):
    """Of 60 samples, some 5 % are at 95 % confidence; also where thirty background events pass."""
    apart = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        labels = rng.random(600 if level else 300) < 0.5
        truth = rng.normal(size=labels.size) + labels
        pair = [truth + 0.5 * rng.normal(size=labels.size) for _ in range(2)]
        found = paired_measure(*pair, labels, None, level, replicas=200)
        apart += found.verdict != "not told apart"
    assert apart <= 9


def test_several_seeds_are_averaged(rng):
    sharp, blunt, labels = scores(rng, 400)
    both = paired_measure([sharp, blunt], [blunt, sharp], labels, replicas=50)
    assert both.difference.value == 0.0
    assert both.p_value > 0.5
    assert both.verdict == "not told apart"


def test_no_share_is_refused():
    with pytest.raises(ValueError, match="background efficiency"):
        measure_of([0.1, 0.2], [0, 1], 0.0)
