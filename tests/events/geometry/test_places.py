"""Indices, places and edges of the channels agree with each other and with PHYSICS."""

import numpy as np
import pytest

from hepvision.core.names import load, names
from hepvision.events.geometry.ecal_barrel import EcalBarrel, barrel_flat
from hepvision.events.geometry.ecal_endcap import EcalEndcap, endcap_flat
from hepvision.events.geometry.hcal import Hcal, tower_columns, tower_flat
from hepvision.physics.kinematics import delta_phi


@pytest.mark.parametrize("name", names("geometries"))
def test_the_centre_of_a_channel_is_found_in_it(name):
    geometry = load("geometries", name)()
    rows, columns = geometry.shape
    numbers = geometry.numbers(np.arange(rows * columns))
    if name == "ecal_endcap":
        there = np.tile(geometry.exists().ravel(), 2)
        numbers = tuple(one[there] for one in numbers)
        inside_barrel = np.abs(geometry.eta_phi(*numbers)[0]) < 1.479
        numbers = tuple(one[~inside_barrel] for one in numbers)
    if name == "hcal":
        wide = (np.abs(numbers[0]) >= 21) & (numbers[1] % 2 == 0)
        numbers = tuple(one[~wide] for one in numbers)
    *found, inside = geometry.locate(*geometry.eta_phi(*numbers))
    assert inside.all()
    for a, b in zip(found, numbers, strict=True):
        np.testing.assert_array_equal(a, b)
    flat = geometry.flat_index(*numbers)
    assert len(np.unique(flat)) == len(flat)
    assert len(flat) == geometry.channels or name == "ecal_endcap"


def test_kernels_find_the_same_channels(rng):
    eta, phi = rng.uniform(-3.2, 3.2, 4000), rng.uniform(-4, 4, 4000)
    ieta, iphi, inside = EcalBarrel().locate(eta, phi)
    kernel = np.array([barrel_flat(a, b) for a, b in zip(eta, phi, strict=True)])
    np.testing.assert_array_equal(kernel >= 0, inside)
    np.testing.assert_array_equal(kernel[inside], EcalBarrel().flat_index(ieta, iphi)[inside])
    ieta, iphi, inside = Hcal().locate(eta, phi)
    kernel = np.array([tower_flat(a, b) for a, b in zip(eta, phi, strict=True)])
    np.testing.assert_array_equal(kernel >= 0, inside)
    np.testing.assert_array_equal(kernel[inside], Hcal().flat_index(ieta, iphi)[inside])
    ix, iy, side, inside = EcalEndcap().locate(eta, phi)
    radius = 3150 / np.sinh(np.abs(eta))
    x, y = radius * np.cos(phi), radius * np.sin(phi)
    kernel = np.array([endcap_flat(*point) for point in zip(x, y, np.sign(eta), strict=True)])
    flat = EcalEndcap().flat_index(ix, iy, side)
    np.testing.assert_array_equal(kernel[inside], flat[inside])


def test_azimuths_are_those_of_the_real_detector():
    _, phi = EcalBarrel().eta_phi(1, np.array([1, 180, 360]))
    np.testing.assert_allclose(np.rad2deg(phi), [-9.5, 169.5, -10.5])
    _, phi = Hcal().eta_phi(1, np.array([1, 72]))
    np.testing.assert_allclose(np.rad2deg(phi), [2.5, -2.5])


def test_towers_lie_behind_their_five_crystals():
    for iphi in range(1, 73):
        crystals = (tower_columns(iphi) + np.arange(5)) % 360 + 1
        _, phi = EcalBarrel().eta_phi(np.ones(5, int), crystals)
        _, tower = Hcal().eta_phi(1, iphi)
        np.testing.assert_allclose(np.rad2deg(delta_phi(phi, tower)), [-2, -1, 0, 1, 2], atol=1e-9)


def test_numbers_of_channels_and_edges():
    barrel, endcap, hcal = EcalBarrel(), EcalEndcap(), Hcal()
    assert barrel.channels == 61_200
    assert hcal.channels == 40 * 72 + 16 * 36
    assert barrel.eta_edges[[0, -1]].tolist() == [-1.479, 1.479]
    assert hcal.eta_edges[-1] == 3.0
    assert len(hcal.eta_edges) == 57
    np.testing.assert_allclose(np.diff(barrel.eta_edges), 0.0174, rtol=0.03)
    np.testing.assert_allclose(np.diff(barrel.phi_edges), np.deg2rad(1))
    # 14,648 crystals in the real endcaps, whose outline follows super-crystals of 5 × 5
    assert endcap.channels == pytest.approx(14_648, rel=0.06)
