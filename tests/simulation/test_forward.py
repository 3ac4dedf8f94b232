"""The forward calorimeter: energy where particles fly, right on average, turned with pile-up."""

import numpy as np
import pytest

from hepvision.simulation.forward import (
    ETA_EDGES,
    SHAPE,
    forward_energy,
    forward_towers,
    laid_over,
)
from hepvision.simulation.pileup import TURN, TURNS, Uses


def particles(eta, phi, energy, kind=211, z=0.0):
    eta, phi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(phi, float))
    pt = energy / np.cosh(eta)
    columns = {"px": pt * np.cos(phi), "py": pt * np.sin(phi), "pz": pt * np.sinh(eta)}
    columns |= {"energy": np.full(eta.shape, float(energy)), "vz": np.full(eta.shape, float(z))}
    return {**columns, "pdgId": np.full(eta.shape, kind)}


@pytest.mark.parametrize("kind", [211, 22, 130])
def test_the_mean_is_the_energy_and_the_width_that_of_the_beam_test(kind):
    number, energy = 20_000, 100.0
    made = forward_energy(
        np.arange(number + 1), particles(np.full(number, 3.7), 0.1, energy, kind), rng(1)
    )
    sums = made.sum(axis=(1, 2))
    a, b = (1.98, 0.09) if kind == 22 else (2.80, 0.11)
    width = np.hypot(a / np.sqrt(energy), b)
    assert sums.mean() == pytest.approx(energy, rel=4 * width / np.sqrt(number))
    assert sums.std() / energy == pytest.approx(width, rel=0.03)
    assert (sums >= 0).all()


def rng(seed):
    return np.random.default_rng(seed)


def test_particles_hit_the_tower_that_they_fly_to():
    eta = np.concatenate([0.5 * (ETA_EDGES[:12] + ETA_EDGES[1:13])] * 2)
    eta[12:] = -eta[11::-1]
    phi = np.deg2rad(np.linspace(-175.0, 175.0, 24))
    made = forward_towers(forward_energy(np.arange(25), particles(eta, phi, 500.0), rng(2)))
    assert np.diff(made.layout.offsets.data).tolist() == [1] * 24
    np.testing.assert_allclose(made.eta[:, 0], eta, atol=1e-4)
    turn = (made.phi[:, 0].to_numpy() - phi + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(turn).max() <= np.deg2rad(5.001)
    assert (np.abs(made.phi.to_numpy()) <= np.pi).all()


def test_central_and_unseen_particles_leave_nothing():
    none = [(0.0, 211), (2.95, 22), (-2.9, 211), (5.05, 211), (4.0, 12), (4.0, 13)]
    for eta, kind in none:
        made = forward_energy(np.array([0, 1]), particles([eta], 0.0, 200.0, kind), rng(3))
        assert made.sum() == 0, (eta, kind)


def test_the_vertex_shifts_where_a_particle_enters():
    ring = np.flatnonzero(
        forward_energy(np.array([0, 1]), particles([3.32], 0.0, 300.0, z=-400.0), rng(4))[0].sum(1)
    )
    there = np.flatnonzero(
        forward_energy(np.array([0, 1]), particles([3.32], 0.0, 300.0), rng(4))[0].sum(1)
    )
    assert there[0] - ring[0] == 1


def test_turned_pile_up_is_what_turned_particles_leave():
    assert SHAPE[1] == TURNS
    one = particles([3.2, -4.4], [0.3, 2.0], 100.0)
    pool = forward_energy(np.array([0, 2]), one, rng(5))
    turned = {**one, "pz": -one["pz"]}
    angle = np.deg2rad(7 * TURN)
    turned["px"] = one["px"] * np.cos(angle) - one["py"] * np.sin(angle)
    turned["py"] = one["px"] * np.sin(angle) + one["py"] * np.cos(angle)
    expected = forward_energy(np.array([0, 2]), turned, rng(5))
    ones = np.ones(1, int)
    uses = Uses(np.array([0, 1]), 0 * ones, 7 * ones, ones > 0)
    made = laid_over(0 * pool, pool, uses)
    assert (made > 0).tolist() == (expected > 0).tolist()
    assert made.sum() == pytest.approx(pool.sum())
    np.testing.assert_allclose(laid_over(pool, pool, uses).sum(), 2 * pool.sum(), rtol=1e-6)
