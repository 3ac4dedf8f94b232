"""Intervals cover what they say, hold their value, and refuse nonsense."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.physics.intervals import (
    LEVEL,
    Interval,
    clopper_pearson,
    effective_count,
    normal_quantile,
    poisson_interval,
    weighted_efficiency,
    weighted_poisson,
)


def test_level_is_one_sigma() -> None:
    assert normal_quantile() == pytest.approx(1.0, abs=1e-4)


def test_clopper_pearson_never_covers_less() -> None:
    """Exact coverage, summed over all outcomes, for many true efficiencies."""
    from scipy.stats import binom

    total = 25
    counts = np.arange(total + 1)
    low, high = clopper_pearson(counts, total)
    for truth in np.linspace(0.01, 0.99, 33):
        inside = (low <= truth) & (truth <= high)
        assert binom.pmf(counts[inside], total, truth).sum() >= LEVEL - 1e-12


def test_clopper_pearson_is_symmetric() -> None:
    low, high = clopper_pearson([3, 17], 20)
    assert low[0] == pytest.approx(1 - high[1])
    assert high[0] == pytest.approx(1 - low[1])


def test_clopper_pearson_of_nothing_is_everything() -> None:
    low, high = clopper_pearson(0, 0)
    assert (float(low), float(high)) == (0.0, 1.0)


@pytest.mark.parametrize(("passed", "total"), [(-1, 3), (4, 3), (np.nan, 3), (1, np.inf)])
def test_clopper_pearson_refuses(passed: float, total: float) -> None:
    with pytest.raises(ValueError, match="needs 0 <= passed <= total, got"):
        clopper_pearson(passed, total)


@pytest.mark.parametrize("level", [0.0, 1.0, 68.27, -0.1])
def test_level_is_checked(level: float) -> None:
    with pytest.raises(ValueError, match="level: must lie between 0 and 1"):
        clopper_pearson(1, 2, level)


def test_poisson_never_covers_less() -> None:
    from scipy.stats import poisson

    counts = np.arange(200)
    low, high = poisson_interval(counts)
    for truth in (0.3, 1.0, 2.5, 7.0, 30.0):
        inside = (low <= truth) & (truth <= high)
        assert poisson.pmf(counts[inside], truth).sum() >= LEVEL - 1e-9


def test_poisson_refuses_negative() -> None:
    with pytest.raises(ValueError, match="must be finite and not negative"):
        poisson_interval([3, -1])


def test_weighted_poisson_scales_the_plain_one() -> None:
    low, high = poisson_interval(7)
    scaled_low, scaled_high = weighted_poisson(7 * 3.0, 7 * 9.0)
    assert scaled_low == pytest.approx(3 * low)
    assert scaled_high == pytest.approx(3 * high)


def test_weighted_poisson_holds_a_negative_sum() -> None:
    low, high = weighted_poisson(-1.0, 4.0)
    assert low == pytest.approx(-3.0, abs=1e-3)
    assert high == pytest.approx(1.0, abs=1e-3)


def test_effective_count() -> None:
    assert effective_count([0.5] * 8) == pytest.approx(8.0)
    assert effective_count([1.0, 0.0, 0.0]) == 1.0
    assert effective_count([]) == 0.0


def test_efficiency_depends_on_relative_weights_only() -> None:
    passed = np.arange(50) < 20
    plain = weighted_efficiency(passed)
    scaled = weighted_efficiency(passed, np.full(50, 7.0))
    assert scaled.value == pytest.approx(plain.value)
    assert scaled.low == pytest.approx(plain.low)
    assert scaled.high == pytest.approx(plain.high)


def test_efficiency_of_unequal_weights_is_less_certain(rng: np.random.Generator) -> None:
    passed = rng.random(400) < 0.5
    weight = rng.exponential(size=400)
    plain, weighted = weighted_efficiency(passed), weighted_efficiency(passed, weight)
    count = effective_count(weight)
    assert weighted.value == pytest.approx(weight[passed].sum() / weight.sum())
    assert weighted.high - weighted.low == pytest.approx(
        (plain.high - plain.low) * np.sqrt(400 / count), rel=0.05
    )


def test_efficiency_with_negative_weights(rng: np.random.Generator) -> None:
    """The bootstrap is seeded, and close to the error that one computes."""
    passed = rng.random(3000) < 0.3
    weight = rng.choice([1.0, 1.0, 1.0, -1.0], 3000)
    first = weighted_efficiency(passed, weight, seed=5)
    assert first == weighted_efficiency(passed, weight, seed=5)
    assert first != weighted_efficiency(passed, weight, seed=6)
    error = np.sqrt((weight**2 * (passed - first.value) ** 2).sum()) / weight.sum()
    assert first.high - first.low == pytest.approx(2 * error, rel=0.25)


@pytest.mark.parametrize("weight", [[1.0, -1.0], [0.0, 0.0], [np.nan, 1.0]])
def test_efficiency_refuses_weights(weight: list[float]) -> None:
    with pytest.raises(ValueError, match="must sum to a positive number"):
        weighted_efficiency([True, False], weight)


def test_efficiency_refuses_shapes() -> None:
    with pytest.raises(ValueError, match=r"one shape \(B,\)"):
        weighted_efficiency([True, False], [1.0])


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0.912, 0.907, 0.916), "0.912 +0.004 −0.005"),
        (Interval(0.9121, 0.9009, 0.9233), "0.912 +0.011 −0.011"),
        (Interval(1234.0, 1200.0, 1300.0), "1234 +66 −34"),
        (Interval(None, 350.0, None), "> 350"),
        (Interval(None, None, 2.0), "< 2"),
        (Interval(None, None, None), "undefined"),
        (Interval(5.0, 4.0, None), "5.0 +∞ −1.0"),
        (Interval(0.5, 0.5, 0.5), "0.500 +0.000 −0.000"),
        (Interval(0.1742, 0.0, 0.1744), "0.174 +0.000 −0.174"),
    ],
)
def test_interval_shows_itself(interval: Interval, text: str) -> None:
    assert str(interval) == text


def test_interval_html_is_escaped() -> None:
    assert Interval(None, 350.0, None)._repr_html_() == "<span>&gt; 350</span>"


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
def test_interval_refuses_what_json_cannot_hold(number: float) -> None:
    with pytest.raises(ValueError, match="must be finite"):
        Interval(1.0, 0.0, number)


def test_interval_refuses_swapped_ends() -> None:
    with pytest.raises(ValueError, match="low must not exceed high"):
        Interval(0.5, 0.6, 0.4)


def test_interval_holds_plain_floats() -> None:
    assert type(Interval(np.float32(0.5), 0, 1).value) is float


def test_open_side_contains_everything() -> None:
    assert Interval(None, 10.0, None).contains(1e9)
    assert not Interval(None, 10.0, None).contains(9.0)
