"""Showers into cells: nothing is lost or doubled, fast places are the exact ones."""

import math
from typing import Any

import numpy as np
import pytest

from hepvision.physics.propagation import BARREL, ENDCAP, calorimeter_face
from hepvision.simulation._channels import CHANNELS, ENDCAP_FIRST, HCAL_FIRST, crystal, work_space
from hepvision.simulation._frozen import library, thaw
from hepvision.simulation._kinds import HADRON, MUON, PHOTON
from hepvision.simulation.calorimeter import (
    _find_barrel,
    _find_endcap,
    _place,
    deposit,
    preshower,
)
from hepvision.simulation.showers.electromagnetic import SPOT_CAPACITY, electromagnetic_shower
from hepvision.simulation.showers.hadronic import hadronic_shower


def energies(kind: int, energy: float, eta: float, showers: int, phi: float = 0.4) -> np.ndarray:
    """Energy a shower in each cell, of particles from the centre."""
    direction = np.array([math.cos(phi), math.sin(phi), math.sinh(eta)]) / math.cosh(eta)
    surface, hit, _ = calorimeter_face(np.zeros((1, 3)), direction[None], np.zeros(1))
    work = work_space(SPOT_CAPACITY, 1, library())
    rng = np.random.default_rng(5)
    place = tuple(float(value) for value in hit[0])
    towards = tuple(float(value) for value in direction)
    for _ in range(showers):
        deposit(rng, kind, energy, int(surface[0]), place, towards, 4.0, work)
    return work.sums[:, 0].astype(float) / showers


@pytest.mark.parametrize("eta", [0.0, 0.7, 1.3, 1.55, -2.8])
def test_photons_deposit_their_energy(eta: float) -> None:
    found = energies(PHOTON, 40.0, eta, 60)
    assert found.sum() == pytest.approx(40.0, rel=0.015)
    assert found[HCAL_FIRST:].sum() < 0.03 * 40.0


def test_nothing_is_lost_at_the_seam() -> None:
    """The sum is as smooth across |η| = 1.479 as elsewhere, and shared between both sides."""
    for eta in (1.470, 1.478, 1.480, 1.490, -1.479):
        found = energies(PHOTON, 40.0, eta, 60)
        assert found.sum() == pytest.approx(40.0, rel=0.02), eta
        barrel, endcap = found[:ENDCAP_FIRST].sum(), found[ENDCAP_FIRST:HCAL_FIRST].sum()
        assert barrel > 0 and endcap > 0


def test_every_direction_has_one_crystal(rng: np.random.Generator) -> None:
    """From |η| = 0 to 2.85 there is no hole, not at the endcaps' stepped outer edge either."""
    eta = np.concatenate([rng.uniform(-2.85, 2.85, 4000), rng.uniform(1.45, 1.53, 4000)])
    phi = rng.uniform(-math.pi, math.pi, len(eta))
    found = np.array(
        [
            crystal(1500 * math.cos(f), 1500 * math.sin(f), 1500 * math.sinh(e))
            for e, f in zip(eta, phi, strict=True)
        ]
    )
    assert (found >= 0).all()
    np.testing.assert_array_equal(found < ENDCAP_FIRST, np.abs(eta) < 1.479)
    side = (found[np.abs(eta) >= 1.479] - ENDCAP_FIRST) >= 10000
    np.testing.assert_array_equal(side, eta[np.abs(eta) >= 1.479] > 0)


@pytest.mark.parametrize(
    ("find", "place"),
    [
        (_find_barrel, (1290.0 * math.cos(0.9), 1290.0 * math.sin(0.9), -1200.0)),
        (_find_endcap, (-400.0, 900.0, -3150.0)),
        (_find_endcap, (-400.0, 1400.0, 3150.0)),
    ],
)
def test_spots_fall_where_they_are(
    rng: np.random.Generator, find: Any, place: tuple[float, float, float]
) -> None:
    """Found many at a time, spots lie in the exact crystal, but for some on an edge."""
    near, exact = work_space(SPOT_CAPACITY, 1, library()), work_space(SPOT_CAPACITY)
    direction = np.array(place) + np.array([60.0, -90.0, 50.0])
    axis = tuple(float(value) for value in direction / np.linalg.norm(direction))
    total = 0.0
    for _ in range(20):
        rows = electromagnetic_shower(rng, 50.0, True, 0.0, 23.0, near.spots)
        exact.spots[:, :rows] = near.spots[:, :rows]
        total += float(near.spots[3, :rows].sum())
        find(near, rows, place, axis)
        exact.found[:rows] = -1
        assert (near.found[:rows] >= 0).mean() > 0.9
        _place(near, rows, 23.0, place, axis, 0.0)
        _place(exact, rows, 23.0, place, axis, 0.0)
    assert exact.sums[:, 0].sum() == pytest.approx(total, rel=1e-4)
    assert near.sums[:, 0].sum() == pytest.approx(total, rel=1e-4)
    assert np.abs(near.sums[:, 0] - exact.sums[:, 0]).sum() < 1e-3 * total


def test_pions_share_their_energy() -> None:
    """Two thirds start in the crystals; together a pion gives most of its energy."""
    found = energies(HADRON, 50.0, 0.3, 300)
    assert 0.85 < found.sum() / 50.0 < 1.05
    assert 0.15 < found[:ENDCAP_FIRST].sum() / 50.0 < 0.45


def test_muons_ionise_only() -> None:
    found = energies(MUON, 30.0, 0.3, 100)
    assert found[:ENDCAP_FIRST].sum() == pytest.approx(0.25, rel=0.2)
    assert found.sum() < 4.0


def test_preshower_costs_energy() -> None:
    assert preshower(2.0) == 3.0 and preshower(2.7) == 0.0
    behind, bare = (energies(PHOTON, 20.0, eta, 100).sum() for eta in (2.0, 2.7))
    assert behind < 0.99 * bare


def test_time_is_that_after_light() -> None:
    work = work_space(SPOT_CAPACITY, 1, library())
    rng = np.random.default_rng(1)
    deposit(rng, PHOTON, 20.0, BARREL, (1290.0, 0.0, 0.0), (1.0, 0.0, 0.0), 6.0, work)
    hit = work.sums[:, 0] > 0
    late = 6.0 - 1290.0 / 299.792458
    np.testing.assert_allclose(work.sums[hit, 1] / work.sums[hit, 0], late, rtol=1e-5)


def test_numbering_covers_all_cells() -> None:
    assert CHANNELS == 170 * 360 + 2 * 100 * 100 + 56 * 72
    assert crystal(0.0, 100.0, 3150.0) == -1
    assert ENDCAP != BARREL


@pytest.mark.parametrize(("kind", "energy"), [(PHOTON, 1.3), (PHOTON, 5.0), (HADRON, 5.0)])
def test_the_library_of_soft_showers_is_unbiased(kind: int, energy: float) -> None:
    """Energy in crystals and towers, and width, as from the shower models themselves."""
    rng = np.random.default_rng(11)
    spots = np.zeros((4, SPOT_CAPACITY), np.float32)
    found = np.zeros((2, 3000, 3))
    for source in range(2):
        for shower in range(3000):
            if source == 0:
                rows = thaw(rng, kind, False, energy, *library(), spots)
            elif kind == PHOTON:
                rows = electromagnetic_shower(rng, energy, True, 0.0, 23.0, spots)
            else:
                rows = hadronic_shower(rng, energy, True, 23.0, spots)
            one = spots[:, :rows].T.astype(float)
            inside = one[:, 0] <= 23.0
            near = inside & (np.hypot(one[:, 1], one[:, 2]) < 1.5)
            found[source, shower] = [one[part, 3].sum() for part in (inside, ~inside, near)]
    # the library holds 128 showers an energy, which is what limits it
    mean, error = found.mean(axis=1), found.std(axis=1) / math.sqrt(128)
    assert (np.abs(mean[0] - mean[1]) < 3.5 * error.max(axis=0) + 0.003 * energy).all()
