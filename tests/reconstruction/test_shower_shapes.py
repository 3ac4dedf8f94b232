"""Widths and sums of 5×5 crystals against formulae written out here."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.reconstruction.shower_shapes import window, window_shapes

STEP = np.arange(-2.0, 3.0)
ALONG, ACROSS = np.repeat(STEP, 5).reshape(5, 5), np.tile(STEP, 5).reshape(5, 5)


def shapes(energies: np.ndarray) -> tuple[float, float, float, float]:
    return window_shapes(np.asarray(energies, float), ALONG, ACROSS, 0.01745)


def test_against_numpy(rng: np.random.Generator) -> None:
    for _ in range(50):
        energies = rng.exponential(1.0, (5, 5)) ** 3
        energies[2, 2] += 20.0
        weight = np.maximum(0.0, 4.7 + np.log(energies / energies.sum()))
        means = [(energies * axis).sum() / energies.sum() for axis in (ALONG, ACROSS)]
        expected = [
            0.01745 * np.sqrt((weight * (axis - mean) ** 2).sum() / weight.sum())
            for axis, mean in zip((ALONG, ACROSS), means, strict=True)
        ]
        e3x3, e5x5, *widths = shapes(energies)
        assert e5x5 == pytest.approx(energies.sum())
        assert e3x3 == pytest.approx(energies[1:4, 1:4].sum())
        assert widths == pytest.approx(expected)


def test_widths_do_not_depend_on_the_energy(rng: np.random.Generator) -> None:
    energies = rng.exponential(1.0, (5, 5))
    assert shapes(energies)[2:] == pytest.approx(shapes(7.0 * energies)[2:])


def test_transposing_swaps_the_widths(rng: np.random.Generator) -> None:
    energies = rng.exponential(1.0, (5, 5))
    assert shapes(energies)[2:] == pytest.approx(shapes(energies.T.copy())[:1:-1])


def test_crystals_below_the_weight_do_not_count() -> None:
    energies = np.zeros((5, 5))
    energies[2, 1:4] = [10.0, 80.0, 10.0]
    before = shapes(energies)[3]
    energies[0, 0] = 100 * np.exp(-4.75)
    after = shapes(energies)
    mean = (ACROSS * energies).sum() / energies.sum()
    assert after[2] < 0.02 * 0.01745 + abs((ALONG * energies).sum() / energies.sum()) * 0.01745
    assert after[3] == pytest.approx(before, rel=0.02 + abs(mean))


@pytest.mark.parametrize("energies", [np.zeros((5, 5)), -np.ones((5, 5))])
def test_nothing_has_no_width(energies: np.ndarray) -> None:
    assert shapes(energies)[2:] == (0.0, 0.0)


def test_a_negative_crystal_does_not_break_the_width() -> None:
    energies = np.zeros((5, 5))
    energies[2, 2], energies[2, 3], energies[1, 1] = 10.0, 1.0, -2.0
    assert np.isfinite(shapes(energies)).all()
    assert shapes(energies)[1] == pytest.approx(9.0)


def test_the_window_stops_at_edges_and_goes_round() -> None:
    grid = np.arange(200.0).reshape(20, 10)
    np.testing.assert_array_equal(window(grid, 5, 5, 20, False), grid[3:8, 3:8])
    round_ = window(grid, 5, 0, 20, True)
    np.testing.assert_array_equal(round_, np.roll(grid, 2, axis=1)[3:8, :5])
    assert (window(grid, 5, 0, 20, False)[:, :2] == 0).all()
    assert (window(grid, 0, 5, 20, False)[:2] == 0).all()
    assert (window(grid, 9, 5, 10, False)[3:] == 0).all(), "blocks are apart"
    assert (window(grid, 10, 5, 10, False)[:2] == 0).all()
