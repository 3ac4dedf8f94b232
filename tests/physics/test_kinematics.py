"""Angles and masses against vector, which is written by others."""

import numpy as np
import pytest
import vector

from hepvision.physics.kinematics import (
    delta_phi,
    delta_r,
    diphoton_mass,
    eta_of,
    turn_between,
    wrap_phi,
)


@pytest.fixture
def pair(rng):
    return rng.uniform(5, 200, (500, 2)), rng.uniform(-3, 3, (500, 2)), rng.uniform(-9, 9, (500, 2))


def test_pairs_agree_with_vector(pair):
    pt, eta, phi = pair
    one, two = (
        vector.array({"pt": pt[:, k], "eta": eta[:, k], "phi": phi[:, k], "mass": 0 * pt[:, k]})
        for k in range(2)
    )
    np.testing.assert_allclose(diphoton_mass(pt, eta, phi), (one + two).mass, rtol=1e-6)
    angle = delta_phi(phi[:, 0], phi[:, 1])
    np.testing.assert_allclose(np.exp(1j * angle), np.exp(1j * one.deltaphi(two)), atol=1e-9)
    dr = delta_r(eta[:, 0], phi[:, 0], eta[:, 1], phi[:, 1])
    np.testing.assert_allclose(dr, np.hypot(eta[:, 0] - eta[:, 1], angle))
    np.testing.assert_allclose(eta_of(one.px, one.py, one.pz), eta[:, 0], atol=1e-9)


def test_azimuths_lie_in_the_half_open_range(rng):
    phi = np.concatenate([rng.uniform(-50, 50, 1000), [np.pi, -np.pi, 3 * np.pi, 0.0]])
    wrapped = wrap_phi(phi)
    assert wrapped.min() >= -np.pi
    assert wrapped.max() < np.pi
    np.testing.assert_allclose(np.exp(1j * wrapped), np.exp(1j * phi), atol=1e-9)


def test_kernels_take_the_same_turn(rng):
    a, b = rng.uniform(-9, 9, (2, 1000))
    a[:3], b[:3] = [np.pi, -np.pi, 0.0], [-np.pi, np.pi, np.pi]
    turns = np.array([turn_between(*pair) for pair in zip(a, b, strict=True)])
    np.testing.assert_array_equal(turns, delta_phi(a, b))
