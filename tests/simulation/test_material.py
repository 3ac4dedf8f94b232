"""Material, conversions and bremsstrahlung against their formulae."""

import numpy as np
import pytest

from hepvision.simulation.material import (
    bremsstrahlung_fraction,
    bremsstrahlung_rate,
    conversion_probability,
    pair_share,
    passed,
    progress,
    radiation_lengths,
    reached,
)


def test_amount_of_material() -> None:
    eta = np.linspace(-3.0, 3.0, 121)
    depth = np.array([radiation_lengths(value) for value in eta])
    assert radiation_lengths(0.0) == pytest.approx(0.4)
    assert depth[np.abs(np.abs(eta) - 1.5) < 0.09].mean() == pytest.approx(1.8, rel=0.03)
    assert 1.2 <= radiation_lengths(2.5) <= 1.4
    np.testing.assert_allclose(depth, depth[::-1])


def test_a_quarter_to_over_a_half_of_photons_convert() -> None:
    chance = conversion_probability(np.linspace(0.0, 2.5, 26))
    assert 0.25 < chance.min() < 0.3
    assert 0.5 < chance.max() < 0.8


def test_way_to_the_face() -> None:
    for point in ((1290.0, 0.0, 0.0), (0.0, -1290.0, 2000.0), (500.0, 0.0, 3150.0)):
        assert progress(*point) == pytest.approx(1.0)
    shares = np.linspace(0.0, 1.0, 11)
    np.testing.assert_allclose([passed(reached(share)) for share in shares], shares, atol=1e-12)


def test_pair_shares_follow_their_density(rng: np.random.Generator) -> None:
    x = np.array([pair_share(rng) for _ in range(20_000)])
    # of 1 - 4x(1-x)/3 normalised by 7/9
    assert x.mean() == pytest.approx(0.5, abs=0.01)
    # the second central moment of 1 - 4x(1-x)/3 is 13/140; of a flat one 1/12
    assert ((x - 0.5) ** 2).mean() == pytest.approx(13 / 140, rel=0.025)


def test_bremsstrahlung_follows_its_density(rng: np.random.Generator) -> None:
    least = 0.02
    y = np.array([bremsstrahlung_fraction(rng, least) for _ in range(20_000)])
    grid = np.linspace(least, 1.0, 200_001)
    density = 4 / 3 / grid - 4 / 3 + grid
    middle = 0.5 * (density[1:] + density[:-1])
    step = grid[1] - grid[0]
    assert bremsstrahlung_rate(least) == pytest.approx(middle.sum() * step, rel=1e-4)
    mean = (middle * 0.5 * (grid[1:] + grid[:-1])).sum() / middle.sum()
    assert y.mean() == pytest.approx(mean, rel=0.03)
    assert y.min() >= least and y.max() <= 1.0
