"""Endcap crystals: indices and places agree with each other and with the detector."""

import numpy as np
import pytest

from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.simulation._channels import ENDCAP_FIRST, crystal

ENDCAP = EcalEndcap()


def test_the_centre_of_every_crystal_beyond_the_barrel_is_found_in_it():
    flat = np.flatnonzero(np.tile(ENDCAP.exists().ravel(), 2))
    numbers = ENDCAP.numbers(flat)
    beyond = np.abs(ENDCAP.eta_phi(*numbers)[0]) >= 1.479
    numbers = tuple(one[beyond] for one in numbers)
    *found, inside = ENDCAP.locate(*ENDCAP.eta_phi(*numbers))
    assert inside.all()
    for a, b in zip(found, numbers, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(ENDCAP.flat_index(*numbers), flat[beyond])


def test_the_simulation_finds_the_same(rng):
    eta, phi = rng.choice([-1, 1], 4000) * rng.uniform(1.479, 3.1, 4000), rng.uniform(-4, 4, 4000)
    *numbers, inside = ENDCAP.locate(eta, phi)
    radius = 3150 / np.sinh(np.abs(eta))
    points = zip(radius * np.cos(phi), radius * np.sin(phi), 3150 * np.sign(eta), strict=True)
    kernel = np.array([crystal(*point) for point in points])
    np.testing.assert_array_equal(
        kernel[inside] - ENDCAP_FIRST, ENDCAP.flat_index(*numbers)[inside]
    )
    assert inside.mean() > 0.8
    assert (kernel[~inside & (np.abs(eta) > 2)] == -1).all()


def test_extent_is_that_of_the_real_endcaps():
    # 14,648 crystals in the real ones, whose outline follows super-crystals of 5 × 5
    assert ENDCAP.channels == pytest.approx(14_648, rel=0.06)
    eta, _ = ENDCAP.eta_phi(*ENDCAP.numbers(np.flatnonzero(ENDCAP.exists().ravel())))
    assert (eta < 0).all()
    assert np.abs(eta).min() == pytest.approx(1.479, abs=0.03)
    assert np.abs(eta).max() == pytest.approx(3.0, abs=0.1)
