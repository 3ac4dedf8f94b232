"""Towers: indices, places and edges agree with each other and with the crystals in front."""

import numpy as np

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.hcal import Hcal, tower_columns, tower_flat
from hepvision.physics.kinematics import delta_phi

HCAL = Hcal()


def test_the_centre_of_every_tower_is_found_in_it():
    numbers = HCAL.numbers(np.arange(56 * 72))
    exists = ~((np.abs(numbers[0]) >= 21) & (numbers[1] % 2 == 0))
    numbers = tuple(one[exists] for one in numbers)
    *found, inside = HCAL.locate(*HCAL.eta_phi(*numbers))
    assert inside.all()
    np.testing.assert_array_equal(found[0], numbers[0])
    np.testing.assert_array_equal(found[1], numbers[1])
    assert len(np.unique(HCAL.flat_index(*numbers))) == HCAL.channels == 40 * 72 + 16 * 36


def test_the_kernel_finds_the_same(rng):
    eta, phi = rng.uniform(-3.2, 3.2, 4000), rng.uniform(-4, 4, 4000)
    ieta, iphi, inside = HCAL.locate(eta, phi)
    kernel = np.array([tower_flat(a, b) for a, b in zip(eta, phi, strict=True)])
    np.testing.assert_array_equal(kernel >= 0, inside)
    np.testing.assert_array_equal(kernel[inside], HCAL.flat_index(ieta, iphi)[inside])


def test_towers_lie_behind_their_five_crystals():
    for iphi in range(1, 73):
        crystals = (tower_columns(iphi) + np.arange(5)) % 360 + 1
        _, phi = EcalBarrel().eta_phi(np.ones(5, int), crystals)
        _, tower = HCAL.eta_phi(1, iphi)
        np.testing.assert_allclose(np.rad2deg(delta_phi(phi, tower)), [-2, -1, 0, 1, 2], atol=1e-9)


def test_edges_are_those_of_the_real_towers():
    _, phi = HCAL.eta_phi(1, np.array([1, 72]))
    np.testing.assert_allclose(np.rad2deg(phi), [2.5, -2.5])
    np.testing.assert_allclose(HCAL.eta_edges[28:50], [*np.arange(21) * 0.087, 1.83], atol=1e-9)
    assert HCAL.eta_edges[-1] == 3.0
    assert len(HCAL.eta_edges) == 57
