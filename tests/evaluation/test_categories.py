"""Boundaries: the best partition, and none that rests on too few events."""

import itertools

import numpy as np
import pytest

from hepvision.evaluation.categories import (
    _partition,
    category_of,
    choose_boundaries,
    left_at_half,
    secured_count,
    spectra,
)

EDGES = np.linspace(100.0, 180.0, 161)


def toy(rng, count, shift=1.5):
    """One light and one heavy background, as diphotons and photon+jet are."""
    source = np.repeat([0, 1, 2], count)
    falling = 100.0 + rng.exponential(40.0, 3 * count)
    mass = np.where(source == 0, rng.normal(125.0, 1.5, 3 * count), falling)
    score = rng.normal(size=3 * count) + np.array([shift, 0.5, -0.5])[source]
    weight = np.array([300.0, 3e4, 3e5])[source] / count
    return score, mass, source == 0, weight, source


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_the_partition_is_the_best_of_all(most, rng):
    for _ in range(10):
        squares = np.triu(rng.random((7, 7))) ** 2 + np.where(np.tri(7, k=-1), -np.inf, 0.0)
        squares[rng.random((7, 7)) < 0.2] = -np.inf
        squares[0, 6] = 0.01

        def value(cuts, squares=squares):
            ends = [-1, *cuts, 6]
            return sum(squares[a + 1, b] for a, b in itertools.pairwise(ends))

        every = [c for k in range(most) for c in itertools.combinations(range(6), k)]
        # the search stops where a further cut brings nothing
        found = _partition(squares, most, 0.0)
        steps = [max(value(c) for c in every if len(c) == k) for k in range(most)]
        reached = next((k for k in range(1, most) if not steps[k] > steps[k - 1]), most) - 1
        assert value(found) == pytest.approx(steps[reached])
        assert len(found) == reached


def test_scores_on_a_boundary_belong_above():
    np.testing.assert_array_equal(category_of([2.0, 1.0, 0.5, 0.0], [1.0, 0.5]), [0, 0, 1, 2])
    np.testing.assert_array_equal(category_of([2.0, 1.0], []), [0, 0])
    with pytest.raises(ValueError, match="must fall"):
        category_of([1.0], [0.2, 0.4])


def test_spectra_keep_all_inside_the_edges(rng):
    rows, mass, weight = rng.integers(0, 3, 500), rng.uniform(90, 190, 500), rng.random(500)
    found = spectra(rows, mass, weight, EDGES, 3)
    for k in range(3):
        mine = rows == k
        told, _ = np.histogram(
            mass[mine & (mass < 180)], EDGES, weights=weight[mine & (mass < 180)]
        )
        np.testing.assert_allclose(found[k], told)


def test_an_absent_heavy_background_is_remembered(rng):
    source = np.repeat([0, 1], [1000, 10])
    weight = np.where(source == 0, 1.0, 100.0)
    rows = np.where(source == 0, 0, 1)
    counts = secured_count(rows, source, weight, 2)
    # 1,000 events of weight 1, and one of weight 100 that may be there
    assert counts[0] == pytest.approx(1000**2 / (1000 + 1 + 100**2))
    assert counts[1] == pytest.approx(1000**2 / (10 * 100**2 + 1 + 100**2))


def test_no_category_rests_on_fewer_events_than_asked(rng):
    score, mass, mask, weight, source = toy(rng, 800)
    inside = (mass > 100) & (mass < 180) & ~mask
    lowest = []
    for minimum in (5.0, 60.0, 1e9):
        cuts = choose_boundaries(score, mass, mask, weight, source, EDGES, minimum=minimum)
        place = category_of(score, cuts)[inside]
        counts = secured_count(place, source[inside], weight[inside], cuts.size + 1)
        assert not cuts.size or counts.min() >= minimum * (1 - 1e-9)
        lowest.append(cuts.size)
    assert lowest[0] >= lowest[1] >= lowest[2] == 0


def test_a_score_that_knows_nothing_is_not_cut(rng):
    score, mass, mask, weight, source = toy(rng, 4000, 0.5)
    guess = rng.normal(size=score.size)
    cuts = choose_boundaries(guess, mass, mask, weight, source, EDGES, minimum=300.0, gain=0.05)
    assert cuts.size == 0
    assert choose_boundaries(score, mass, mask, weight, source, EDGES).size > 0


def test_only_the_order_of_scores_matters(rng):
    score, *rest = toy(rng, 1000)
    place = category_of(score, choose_boundaries(score, *rest, EDGES))
    bent = np.arctan(score)
    again = category_of(bent, choose_boundaries(bent, *rest, EDGES))
    # a quantile between two events is bent too, and may leave single events on its other side
    assert np.mean(place != again) < 0.01


def test_most_is_kept_and_checked(rng):
    score, *rest = toy(rng, 4000)
    sizes = [choose_boundaries(score, *rest, EDGES, most=k, gain=0.0).size for k in (1, 2, 3)]
    assert sizes == [0, 1, 2]
    with pytest.raises(ValueError, match="must be 1 or more"):
        choose_boundaries(score, *rest, EDGES, most=0)


def test_background_is_counted_where_half_of_the_signal_passes():
    ratio = np.concatenate([np.linspace(0, 1, 101), np.linspace(0, 1, 1001)])
    signal = np.arange(ratio.size) < 101
    left = left_at_half(ratio, signal, np.ones(ratio.size), np.where(signal, 0, 1))
    assert left == pytest.approx(500, rel=0.01)
    better = np.where(signal, ratio + 0.4, ratio)
    assert left_at_half(better, signal, np.ones(ratio.size), np.where(signal, 0, 1)) < 0.3 * left
