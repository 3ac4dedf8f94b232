"""Yes or no in an even mix: the paper's numbers, intervals that cover, pairs that tell apart."""

import numpy as np
import pytest

from hepvision.evaluation.even_mix import even_mix, even_mix_difference


def sample(rng, shares, number):
    """Classes and answers with known shares of events that are taken for signal."""
    target = np.repeat(np.arange(len(shares)), number)
    return target, rng.random(target.size) < np.repeat(shares, number)


def test_it_is_half_of_signal_and_half_of_all_backgrounds():
    """Tops 0.94, W 0.05, Drell–Yan 0.04 as in the reference: 0.9475, whatever the sizes."""
    target = np.array([0] * 100 + [1] * 100 + [2] * 1000)
    said = np.array([1] * 94 + [0] * 6 + [1] * 5 + [0] * 95 + [1] * 40 + [0] * 960)
    assert even_mix(said, target).value == pytest.approx(0.9475)
    weight = np.where(target == 1, 7.0, 0.1)
    assert even_mix(said, target, weight=weight).value == pytest.approx(0.9475)


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(4)
    shares, covered = (0.9, 0.2, 0.05), 0
    truth = 0.5 * (0.9 + 1 - 0.125)
    for _ in range(400):
        target, said = sample(rng, shares, 300)
        found = even_mix(said, target)
        covered += found.low < truth < found.high
    assert 0.61 < covered / 400 < 0.75


def test_pairs_tell_apart_what_single_intervals_do_not():
    rng = np.random.default_rng(5)
    target, said = sample(rng, (0.9, 0.1, 0.1), 2000)
    worse = said.copy()
    flipped = rng.random(said.size) < 0.01
    worse[flipped] = target[flipped] != 0
    one, two = even_mix(said, target), even_mix(worse, target)
    assert two.high > one.low
    found = even_mix_difference(said, worse, target)
    assert found.difference.value == pytest.approx(one.value - two.value)
    assert found.p_value < 1e-4
    assert even_mix_difference(said, said, target).p_value == 1.0
    few, answers = sample(rng, (0.9, 0.1), 100)
    assert 0.0 < even_mix_difference(answers, ~answers, few).p_value < 1e-17


def test_equal_classifiers_give_flat_p_values():
    rng = np.random.default_rng(6)
    found = []
    for _ in range(300):
        target, one = sample(rng, (0.8, 0.2), 500)
        _, two = sample(rng, (0.8, 0.2), 500)
        found.append(even_mix_difference(one, two, target).p_value)
    assert 0.01 < np.mean(np.array(found) < 0.05) < 0.10


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="must have the target's shape"):
        even_mix([1, 0], [0, 1, 1])
    with pytest.raises(ValueError, match="must hold signal and background"):
        even_mix([1, 0], [1, 1])
