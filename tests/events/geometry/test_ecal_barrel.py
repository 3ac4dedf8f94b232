"""Barrel crystals: indices, places and edges agree with each other and with the detector."""

import numpy as np

from hepvision.events.geometry.ecal_barrel import EcalBarrel, barrel_flat

BARREL = EcalBarrel()


def test_the_centre_of_every_crystal_is_found_in_it():
    numbers = BARREL.numbers(np.arange(61_200))
    *found, inside = BARREL.locate(*BARREL.eta_phi(*numbers))
    assert inside.all()
    np.testing.assert_array_equal(found[0], numbers[0])
    np.testing.assert_array_equal(found[1], numbers[1])
    np.testing.assert_array_equal(BARREL.flat_index(*numbers), np.arange(61_200))
    assert BARREL.channels == 61_200


def test_the_kernel_finds_the_same(rng):
    eta, phi = rng.uniform(-1.6, 1.6, 4000), rng.uniform(-4, 4, 4000)
    ieta, iphi, inside = BARREL.locate(eta, phi)
    kernel = np.array([barrel_flat(a, b) for a, b in zip(eta, phi, strict=True)])
    np.testing.assert_array_equal(kernel >= 0, inside)
    np.testing.assert_array_equal(kernel[inside], BARREL.flat_index(ieta, iphi)[inside])


def test_azimuths_and_edges_are_those_of_the_real_barrel():
    _, phi = BARREL.eta_phi(1, np.array([1, 180, 360]))
    np.testing.assert_allclose(np.rad2deg(phi), [-9.5, 169.5, -10.5])
    assert BARREL.eta_edges[[0, -1]].tolist() == [-1.479, 1.479]
    np.testing.assert_allclose(np.diff(BARREL.eta_edges), 0.0174, rtol=0.03)
    np.testing.assert_allclose(np.diff(BARREL.phi_edges), np.deg2rad(1))
    numbers = BARREL.numbers(np.arange(360 * 85, 360 * 85 + 1))
    assert [int(one[0]) for one in numbers] == [1, 1]
