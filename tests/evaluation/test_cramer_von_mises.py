"""Cramér–von Mises: none where the cut does not know the mass, one where it is the mass."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import cramervonmises_2samp

from hepvision.evaluation.cramer_von_mises import cramer_von_mises, cramer_von_mises_statistic


def toy(rng: np.random.Generator, size: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return rng.random(size), 100 + rng.exponential(30, size), np.arange(size) < 10


@pytest.mark.parametrize(("first", "second"), [(40, 40), (37, 211), (300, 5)])
def test_statistic_is_scipys(rng: np.random.Generator, first: int, second: int) -> None:
    one, other = rng.normal(size=first), rng.normal(0.3, 1.2, second)
    expected = cramervonmises_2samp(one, other).statistic
    assert cramer_von_mises_statistic(one, other) == pytest.approx(expected, rel=1e-10)


def test_whole_weights_are_repeated_events(rng: np.random.Generator) -> None:
    _, mass, labels = toy(rng, 600)
    score = rng.random(600) + 0.002 * mass
    times = rng.integers(1, 4, 600)
    weighted = cramer_von_mises(score, mass, labels, 0.7, times.astype(float))
    repeated = cramer_von_mises(*(np.repeat(one, times) for one in (score, mass, labels)), 0.7)
    assert weighted.distance.value == pytest.approx(repeated.distance.value, rel=1e-12)
    # the weighted sample knows less than the repeated one claims
    assert weighted.chance > repeated.chance


def test_scaled_weights_change_nothing(rng: np.random.Generator) -> None:
    score, mass, labels = toy(rng)
    weight = rng.random(2000)
    one, other = (cramer_von_mises(score, mass, labels, 0.5, w) for w in (weight, 1e-3 * weight))
    assert one.distance.high == pytest.approx(other.distance.high)
    assert one.statistic == pytest.approx(other.statistic)


def test_monotone_change_of_the_mass_changes_nothing(rng: np.random.Generator) -> None:
    score, mass, labels = toy(rng)
    assert cramer_von_mises(score, mass, labels, 0.3) == cramer_von_mises(
        score, np.log(mass), labels, 0.3
    )


def test_mass_itself_is_full_sculpting(rng: np.random.Generator) -> None:
    _, mass, labels = toy(rng)
    found = cramer_von_mises(mass, mass, labels, 130.0)
    assert found.distance.value == pytest.approx(1.0, abs=1e-3)
    assert found.p_value == pytest.approx(1 / 201)


def test_p_value_is_flat_without_sculpting(rng: np.random.Generator) -> None:
    found = [cramer_von_mises(*toy(rng, 400), 0.6, selections=40).p_value for _ in range(200)]
    assert abs(np.mean(found) - 0.5) < 0.08
    assert 0.03 < np.mean(np.array(found) < 0.1) < 0.2


def test_interval_covers(rng: np.random.Generator) -> None:
    """Efficiency linear in a uniform mass: the true distance is known in closed form."""
    x = np.linspace(0, 1, 20_001)
    # efficiency 0.3 + 0.4x: F = 0.6x + 0.4x², G = 1.4x − 0.4x²
    truth = float(np.sqrt(3 * np.mean((0.8 * x**2 - 0.8 * x) ** 2)))
    inside = []
    for _ in range(200):
        mass = rng.random(1500)
        score = (rng.random(1500) < 0.3 + 0.4 * mass).astype(float)
        found = cramer_von_mises(score, mass, np.arange(1500) < 2, 0.5, selections=20)
        inside.append(found.distance.contains(truth))
    assert 0.58 < np.mean(inside) < 0.8


def test_error_is_that_of_repeated_samples(rng: np.random.Generator) -> None:
    values, errors = [], []
    for _ in range(100):
        mass, weight = rng.random(800), rng.random(800)
        score = (rng.random(800) < 0.1 + 0.8 * mass).astype(float)
        found = cramer_von_mises(score, mass, np.arange(800) < 2, 0.5, weight, selections=10)
        values.append(found.distance.value)
        errors.append(0.5 * (found.distance.high - found.distance.low))
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.25)


def test_equal_masses_do_not_depend_on_order(rng: np.random.Generator) -> None:
    score, _, labels = toy(rng, 500)
    mass = rng.integers(100, 110, 500).astype(float)
    swap = rng.permutation(500)
    one = cramer_von_mises(score, mass, labels, 0.5)
    other = cramer_von_mises(score[swap], mass[swap], labels[swap], 0.5)
    assert one.distance.value == pytest.approx(other.distance.value, rel=1e-12)


def test_cut_that_leaves_one_side_empty_is_refused(rng: np.random.Generator) -> None:
    for cut, side in ((2.0, "passes"), (-1.0, "fails")):
        with pytest.raises(ValueError, match=side):
            cramer_von_mises(*toy(rng), cut)
    with pytest.raises(ValueError, match="selections"):
        cramer_von_mises(*toy(rng), 0.5, selections=0)


def test_chance_knows_the_weights_of_those_that_pass(rng: np.random.Generator) -> None:
    """Heavy events seldom pass; no side knows the mass."""
    found = []
    for _ in range(100):
        heavy = rng.random(600) < 0.5
        score = np.where(rng.random(600) < np.where(heavy, 0.1, 0.7), 1.0, 0.0)
        weight = np.where(heavy, 1.0, 0.01)
        given = (score, rng.uniform(100, 180, 600), np.arange(600) < 10)
        found.append(cramer_von_mises(*given, 0.5, weight, selections=40).p_value)
    assert np.mean(found) == pytest.approx(0.5, abs=0.1)
