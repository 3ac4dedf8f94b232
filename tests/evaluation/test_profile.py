"""Profile of the score: flat for an independent score, the mean in every bin otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.evaluation.profile import profile

EDGES = np.linspace(0.0, 1.0, 6)


def test_bins_hold_the_weighted_mean(rng: np.random.Generator) -> None:
    score, mass, weight = rng.random((3, 500))
    found = profile(score, mass, EDGES, weight)
    for k in range(5):
        mine = (mass >= EDGES[k]) & (mass < EDGES[k + 1])
        assert found.mean[k] == pytest.approx(np.average(score[mine], weights=weight[mine]))
    assert found.overall == pytest.approx(np.average(score, weights=weight))


@pytest.mark.parametrize("size", [20, 2000])
def test_intervals_cover(rng: np.random.Generator, size: int) -> None:
    inside = []
    for _ in range(300):
        mass = rng.random(size)
        found = profile(mass + rng.normal(size=size), mass, EDGES, 0.5 + rng.random(size))
        truth = 0.5 * (EDGES[1:] + EDGES[:-1])
        known = np.isfinite(found.mean)
        inside.extend(((found.low < truth) & (truth < found.high))[known])
    assert np.mean(inside) == pytest.approx(0.683, abs=0.05)


def test_chi2_of_a_flat_profile(rng: np.random.Generator) -> None:
    found = [profile(*rng.random((2, 1000)), EDGES) for _ in range(300)]
    assert np.mean([one.chi2 for one in found]) == pytest.approx(4.0, abs=0.6)
    assert {one.degrees for one in found} == {4}
    assert np.mean([one.p_value for one in found]) == pytest.approx(0.5, abs=0.08)


def test_a_slope_is_seen(rng: np.random.Generator) -> None:
    mass = rng.random(2000)
    assert profile(rng.random(2000) + 0.3 * mass, mass, EDGES).p_value < 1e-6


def test_bins_without_events_hold_nothing() -> None:
    found = profile([0.1, 0.2, 0.5], [0.1, 0.15, 0.9], EDGES)
    assert np.isfinite(found.mean).tolist() == [True, False, False, False, False]
    assert found.to_dict()["mean"][4] is None
    assert (found.degrees, found.p_value) == (0, 1.0)


def test_negative_weights_are_used(rng: np.random.Generator) -> None:
    score, mass = rng.random((2, 4000))
    weight = np.where(rng.random(4000) < 0.2, -1.0, 1.0)
    found = profile(score, mass, EDGES, weight)
    assert np.all(found.high - found.low > 0)
    plain = profile(score, mass, EDGES)
    assert np.all(found.high - found.low > plain.high - plain.low)


def test_what_cannot_be_binned_is_refused() -> None:
    for edges, said in (([1.0, 0.0], "rise"), ([5.0, 6.0], "got none")):
        with pytest.raises(ValueError, match=said):
            profile([0.1, 0.2], [0.5, 0.6], edges)
