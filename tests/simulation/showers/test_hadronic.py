"""Hadrons and muons: where they start, how much is seen, how much that fluctuates."""

import functools
import math

import numpy as np
import pytest

from hepvision.simulation.showers.electromagnetic import HCAL_FRONT, SPOT_CAPACITY
from hepvision.simulation.showers.hadronic import hadronic_shower, muon_deposit

LENGTH = 23.0


@functools.cache
def response(energy: float, is_charged: bool = True, showers: int = 3000) -> np.ndarray:
    """Energy in crystals and in the hadron calorimeter, GeV."""
    rng = np.random.default_rng(77)
    spots = np.empty((4, SPOT_CAPACITY), np.float32)
    found = np.zeros((showers, 2))
    for shower in range(showers):
        rows = hadronic_shower(rng, energy, is_charged, LENGTH, spots)
        inside = spots[0, :rows] <= LENGTH
        assert (spots[3, :rows] >= 0.0).all()
        assert (spots[0, :rows][~inside] >= HCAL_FRONT).all()
        found[shower] = spots[3, :rows][inside].sum(), spots[3, :rows][~inside].sum()
    return found


def test_a_third_crosses_the_crystals_as_a_minimum_ionising_particle() -> None:
    """One interaction length of 20.3 cm: exp(-23/20.3)."""
    crystals = response(50.0)[:, 0]
    crossing = (crystals > 0.15) & (crystals < 0.6)
    assert crossing.mean() == pytest.approx(math.exp(-LENGTH / 20.3), abs=0.04)
    assert np.median(crystals[crossing]) == pytest.approx(0.25, abs=0.03)


def test_neutral_hadrons_do_not_ionise() -> None:
    crystals = response(20.0, False)[:, 0]
    assert (crystals == 0.0).mean() == pytest.approx(math.exp(-LENGTH / 20.3), abs=0.04)


@pytest.mark.parametrize("energy", [5.0, 10.0, 20.0, 50.0, 100.0])
def test_resolution_is_that_of_the_test_beam(energy: float) -> None:
    """110 %/√E ⊕ 9 %, after one weight a calorimeter, fixed at 50 GeV."""
    weights = np.linalg.lstsq(response(50.0), np.full(3000, 50.0), rcond=None)[0]
    seen = response(energy) @ weights
    low, high = np.percentile(seen, [15.87, 84.13])
    expected = math.hypot(1.1 / math.sqrt(energy), 0.09)
    assert (high - low) / 2.0 / seen.mean() == pytest.approx(expected, rel=0.15)


def test_response_is_near_one_and_mildly_non_linear() -> None:
    means = [response(energy).sum(axis=1).mean() / energy for energy in (5.0, 50.0, 200.0)]
    assert means[1] == pytest.approx(0.96, abs=0.05)
    assert means[0] < means[1] < means[2] < 1.08
    assert means[0] > 0.8


def test_showers_that_start_in_the_crystals_are_shared() -> None:
    crystals, towers = response(50.0).T
    started = crystals > 1.0
    share = crystals[started].sum() / (crystals + towers)[started].sum()
    assert 0.3 < share < 0.65


def test_hadronic_showers_are_wider_than_electromagnetic(rng: np.random.Generator) -> None:
    """Within 2.2 cm of the axis: an electron leaves nine tenths in the crystals."""
    spots = np.empty((4, SPOT_CAPACITY), np.float32)
    near = total = 0.0
    for _ in range(800):
        rows = hadronic_shower(rng, 30.0, True, LENGTH, spots)
        inside = spots[0, :rows] <= LENGTH
        radius = np.hypot(spots[1, :rows], spots[2, :rows])
        near += spots[3, :rows][inside & (radius < 2.2)].sum()
        total += spots[3, :rows][inside].sum()
    assert 0.4 < near / total < 0.8


@pytest.mark.parametrize("energy", [0.001, 0.1, 0.5])
def test_soft_hadrons_deposit_no_more_than_they_have_on_average(energy: float) -> None:
    sums = response(energy, True, 1000).sum(axis=1)
    assert sums.mean() < 1.1 * energy
    assert np.isfinite(sums).all()


def test_muons_ionise_in_both(rng: np.random.Generator) -> None:
    spots = np.empty((4, SPOT_CAPACITY), np.float32)
    found = []
    for _ in range(2000):
        rows = muon_deposit(rng, 30.0, LENGTH, spots)
        inside = spots[0, :rows] <= LENGTH
        found.append((spots[3, :rows][inside].sum(), spots[3, :rows][~inside].sum()))
    crystals, towers = np.array(found).T
    assert np.median(crystals) == pytest.approx(0.25, abs=0.05)
    assert np.median(towers) == pytest.approx(2.0, abs=0.4)
    assert crystals.mean() > np.median(crystals)
    assert muon_deposit(rng, 0.05, LENGTH, spots) > 0
    assert spots[3, :4].sum() <= 0.05 + 1e-6
