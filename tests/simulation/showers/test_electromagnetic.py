"""Spots of photons and electrons: energy, symmetry, leakage, cost."""

import numpy as np
import pytest

from hepvision.physics.shower_profile import LEAD_TUNGSTATE
from hepvision.simulation.showers.electromagnetic import (
    HCAL_FRONT,
    SPOT_CAPACITY,
    append_cascade,
    electromagnetic_shower,
)

LENGTH = 23.0


def shower(
    rng: np.random.Generator, energy: float, is_photon: bool = False, upstream: float = 0.0
) -> np.ndarray:
    spots = np.empty((4, SPOT_CAPACITY), np.float32)
    rows = electromagnetic_shower(rng, energy, is_photon, upstream, LENGTH, spots)
    return spots[:, :rows].T.astype(float)


@pytest.mark.parametrize("energy", [0.01, 0.2, 3.0, 40.0, 500.0])
@pytest.mark.parametrize("is_photon", [False, True])
def test_energy_is_conserved(rng: np.random.Generator, energy: float, is_photon: bool) -> None:
    found = [shower(rng, energy, is_photon)[:, 3].sum() / energy for _ in range(50)]
    assert max(found) < 1.0 + 1e-5
    assert np.mean(found) > 0.99


def test_spots_are_finite_positive_and_in_one_of_both_calorimeters(
    rng: np.random.Generator,
) -> None:
    spots = np.concatenate([shower(rng, 60.0, True) for _ in range(30)])
    assert np.isfinite(spots).all()
    assert (spots[:, 3] > 0.0).all()
    assert (spots[:, 0] >= 0.0).all()
    behind = spots[:, 0] > LENGTH
    assert behind.any()
    assert spots[behind, 0].min() > HCAL_FRONT
    assert 0.001 < spots[behind, 3].sum() / spots[:, 3].sum() < 0.02


def test_no_direction_is_preferred(rng: np.random.Generator) -> None:
    spots = [shower(rng, 20.0) for _ in range(400)]
    centre = np.array([one[:, 3] @ one[:, 1:3] / one[:, 3].sum() for one in spots])
    assert (abs(centre.mean(axis=0)) < 4.0 * centre.std(axis=0) / 20.0).all()
    assert centre[:, 0].std() == pytest.approx(centre[:, 1].std(), rel=0.25)


def test_photons_start_later_than_electrons(rng: np.random.Generator) -> None:
    """By 9/7 X0 for the pair, less what two softer showers are shorter."""

    def depth(is_photon: bool) -> float:
        parts = [shower(rng, 10.0, is_photon) for _ in range(1500)]
        means = [one[:, 3] @ one[:, 0] / one[:, 3].sum() for one in parts]
        return float(np.mean(means)) * 10.0 / LEAD_TUNGSTATE.radiation_length

    assert 0.5 < depth(True) - depth(False) < 1.1


def test_a_preshower_takes_energy_and_moves_the_shower(rng: np.random.Generator) -> None:
    plain = [shower(rng, 30.0) for _ in range(100)]
    behind = [shower(rng, 30.0, upstream=3.0) for _ in range(100)]
    sums = [np.mean([one[:, 3].sum() for one in parts]) for parts in (plain, behind)]
    assert 0.95 < sums[1] / sums[0] < 0.99
    depth = [np.mean([one[:, 3] @ one[:, 0] for one in parts]) for parts in (plain, behind)]
    assert depth[1] / sums[1] < depth[0] / sums[0] - 1.5


def test_spots_follow_the_energy_until_they_grow(rng: np.random.Generator) -> None:
    """Soft showers cost next to nothing, hard ones fit the buffer."""
    counts = {energy: len(shower(rng, energy)) for energy in (0.05, 0.1, 10.0, 20.0, 60.0, 5000.0)}
    assert counts[0.05] < 10
    assert counts[0.1] < 20
    assert 1.7 < counts[20.0] / counts[10.0] < 2.2
    assert counts[5000.0] < 1.3 * counts[60.0] < SPOT_CAPACITY / 2


def test_a_full_buffer_keeps_the_energy(rng: np.random.Generator) -> None:
    small = np.empty((4, 50), np.float32)
    rows = electromagnetic_shower(rng, 30.0, False, 0.0, LENGTH, small)
    assert rows <= 50
    assert small[3, :rows].sum() == pytest.approx(30.0, rel=0.02)
    assert append_cascade(rng, 0.0, 5.0, LENGTH, small, 50) == 50
    assert append_cascade(rng, 0.0, 0.0, LENGTH, small, 0) == 0


def test_coarser_spots_keep_the_mean_shape(rng: np.random.Generator) -> None:
    spots = np.empty((4, SPOT_CAPACITY), np.float32)
    width, rows = [], []
    for grain in (1.0, 4.0):
        sums = np.zeros(2)
        count = 0
        for _ in range(400):
            filled = append_cascade(rng, 0.0, 8.0, LENGTH, spots, 0, grain)
            count += filled
            radius = np.hypot(spots[1, :filled], spots[2, :filled])
            near = radius < 1.1
            sums += spots[3, :filled][near].sum(), spots[3, :filled].sum()
        width.append(sums[0] / sums[1])
        rows.append(count)
    assert rows[0] / rows[1] == pytest.approx(4.0, rel=0.15)
    assert width[0] == pytest.approx(width[1], rel=0.01)


def test_the_same_seed_gives_the_same_shower() -> None:
    first, second = (shower(np.random.default_rng(9), 12.0, True) for _ in range(2))
    assert np.array_equal(first, second)
