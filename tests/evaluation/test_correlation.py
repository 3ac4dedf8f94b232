"""Correlation of the score with an observable: zero where it should be, seen where it is."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.evaluation._distance import dependence, standardised
from hepvision.evaluation.correlation import (
    background_correlation,
    distance_correlation,
    pearson,
)
from hepvision.physics.intervals import LEVEL


def toy(rng: np.random.Generator, size: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """With ties in both columns, and weights."""
    x = rng.normal(size=size).round(1)
    return x, (x**2 + rng.normal(size=size)).round(1), rng.exponential(size=size)


def test_scale_shift_sign_and_order_do_not_matter(rng: np.random.Generator) -> None:
    x, y, weight = toy(rng)
    plain = distance_correlation(x, y, weight)
    mixed = rng.permutation(x.size)
    for other in (
        distance_correlation(5e3 - 3 * x, 1e6 + 0.1 * y, 7 * weight),
        distance_correlation(y, x, weight),
        distance_correlation(x[mixed], y[mixed], weight[mixed]),
    ):
        assert other.value == pytest.approx(plain.value, abs=1e-9)
        assert other.low == pytest.approx(plain.low, abs=1e-9)


def test_whole_weights_are_that_many_events(rng: np.random.Generator) -> None:
    x, y, _ = toy(rng)
    times = rng.integers(1, 4, x.size)
    repeated = distance_correlation(np.repeat(x, times), np.repeat(y, times))
    assert distance_correlation(x, y, times).value == pytest.approx(repeated.value)


def test_line_is_one() -> None:
    x = np.linspace(0, 1, 50)
    assert distance_correlation(x, 2 - x).value == pytest.approx(1.0)
    assert pearson(x, 2 - x).value == pytest.approx(-1.0)


def test_error_is_the_derivative(rng: np.random.Generator) -> None:
    x, y, weight = toy(rng, 80)
    u, v = standardised("x", x, weight), standardised("y", y, weight)
    slopes = []
    for event in range(80):
        ends = []
        for sign in (1, -1):
            changed = weight.copy()
            changed[event] *= 1 + sign * 1e-4
            ends.append(dependence(u, v, changed).square)
        slopes.append((ends[0] - ends[1]) / 2e-4)
    assert dependence(u, v, weight).error == pytest.approx(np.linalg.norm(slopes), rel=1e-5)


def test_chance_is_what_shuffling_gives(rng: np.random.Generator) -> None:
    x, y, weight = toy(rng, 400)
    u, v = standardised("x", x, weight), standardised("y", y, weight)
    # weights go with x, so the shuffled y has to lose them
    squares = [dependence(u, rng.permutation(v), weight).square for _ in range(200)]
    found = dependence(u, v, weight)
    assert found.chance == pytest.approx(np.mean(squares), rel=0.12)
    assert found.chance_error == pytest.approx(np.std(squares), rel=0.5)


def test_intervals_cover(rng: np.random.Generator) -> None:
    """Gaussians of correlation 1/2: distance correlation from its closed form."""
    rho = 0.5
    closed = rho * np.arcsin(rho) + np.sqrt(1 - rho**2) - rho * np.arcsin(rho / 2)
    closed = np.sqrt((closed - np.sqrt(4 - rho**2) + 1) / (1 + np.pi / 3 - np.sqrt(3)))
    inside = []
    for _ in range(200):
        x = rng.normal(size=400)
        y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=400)
        inside.append([distance_correlation(x, y).contains(closed), pearson(x, y).contains(rho)])
    assert np.mean(inside, axis=0) == pytest.approx(LEVEL, abs=0.1)


def test_independence_reaches_zero(rng: np.random.Generator) -> None:
    lows = [
        distance_correlation(rng.random(300), rng.normal(size=300), rng.exponential(size=300)).low
        for _ in range(40)
    ]
    assert np.mean(np.array(lows) == 0.0) > 0.75


def test_only_background_counts(rng: np.random.Generator) -> None:
    mass = rng.uniform(100, 180, 2000)
    is_signal = np.arange(2000) < 1000
    score = np.where(is_signal, mass, rng.random(2000))
    result = background_correlation(score, mass, is_signal)
    assert result.events == 1000
    assert abs(result.pearson.value) < 0.1
    assert result.distance.value < 3 * result.chance


def test_thinning_is_seeded(rng: np.random.Generator) -> None:
    x = rng.normal(size=3000)
    y = x + rng.normal(size=3000)
    first = distance_correlation(x, y, largest=500, seed=1)
    assert first == distance_correlation(x, y, largest=500, seed=1)
    assert first != distance_correlation(x, y, largest=500, seed=2)
    assert background_correlation(x, y, np.arange(3000) == 0, largest=500).events == 500


def test_negative_weights(rng: np.random.Generator) -> None:
    x = rng.normal(size=3000)
    y = x + rng.normal(size=3000)
    weight = rng.choice([1.0, 1.0, 1.0, -0.5], 3000)
    assert pearson(x, y, weight, 0.9973, seed=1).contains(np.sqrt(0.5))
    plain = distance_correlation(x, y)
    assert distance_correlation(x, y, weight).value == pytest.approx(plain.value, abs=0.05)


def test_wrong_input_is_refused() -> None:
    for measure in (pearson, distance_correlation):
        with pytest.raises(ValueError, match="score: must vary"):
            measure([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])
        with pytest.raises(ValueError, match="observable: must be finite"):
            measure([1.0, 2.0], [1.0, np.nan])
        with pytest.raises(ValueError, match="observable: must have shape"):
            measure([1.0, 2.0], [1.0])


def test_permutations_agree_with_the_formula(rng: np.random.Generator) -> None:
    score, mass, weight = rng.random((3, 1500))
    for weights in (None, weight):
        found = background_correlation(score, mass, np.arange(1500) < 2, weights, permutations=50)
        assert found.floor == pytest.approx(found.chance, rel=0.15)


def test_p_value_tells_what_is_seen(rng: np.random.Generator) -> None:
    mass = rng.random(1500)
    found = background_correlation((mass - 0.5) ** 2, mass, np.arange(1500) < 2, permutations=50)
    assert found.p_value == pytest.approx(1 / 51)
    null = [
        background_correlation(
            rng.random(80), rng.random(80), np.arange(80) < 2, permutations=50
        ).p_value
        for _ in range(60)
    ]
    assert np.mean(null) == pytest.approx(0.5, abs=0.15)


def test_floor_of_many_events_is_scaled(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    score, mass = rng.random((2, 1600))
    full = background_correlation(score, mass, np.arange(1600) < 2, permutations=50).floor
    monkeypatch.setattr("hepvision.evaluation.correlation.PERMUTED", 400)
    part = background_correlation(score, mass, np.arange(1600) < 2, permutations=50).floor
    assert part == pytest.approx(full, rel=0.15)


def test_permutations_are_spared_unless_asked_for(rng: np.random.Generator) -> None:
    found = background_correlation(*rng.random((2, 50)), np.arange(50) < 2)
    assert (found.floor, found.p_value) == (None, None)
    with pytest.raises(ValueError, match="permutations"):
        background_correlation(*rng.random((2, 50)), np.arange(50) < 2, permutations=-1)
