"""Super-clusters of barrel and endcaps, from made-up crystals."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.schema import from_columns
from hepvision.reconstruction import photons
from hepvision.reconstruction.clusters import superclusters

ENDCAP = EcalEndcap()
SHOWER = np.full((3, 3), 3.0) + np.diag([0, 90.0, 0])


def endcap_events(*events: dict[tuple[int, int, int], float]) -> ak.Array:
    """Events from {(ix, iy, side): energy}."""
    offsets = np.cumsum([0, *(len(event) for event in events)])
    ix, iy, side = np.array([cell for event in events for cell in event], int).reshape(-1, 3).T
    energy = np.array([value for event in events for value in event.values()], float)
    hits = {"ix": ix, "iy": iy, "side": side, "energy": energy, "time": 0.0 * energy}
    return ak.zip({"EcalEndcapHit": from_columns(offsets, hits, "EcalEndcapHit")}, depth_limit=1)


def block(ix: int, iy: int, side: int, energies: np.ndarray) -> dict[tuple[int, int, int], float]:
    n = len(energies) // 2
    return {
        (ix + j - n, iy + i - n, side): float(energies[i, j])
        for i in range(len(energies))
        for j in range(len(energies))
        if energies[i, j] != 0
    }


@pytest.mark.parametrize("side", [-1, 1])
def test_an_endcap_shower_has_its_sum_and_place(side: int) -> None:
    found = superclusters(endcap_events(block(70, 40, side, SHOWER)))
    eta, phi = ENDCAP.eta_phi(70, 40, side)
    assert found.raw.tolist() == [117.0]
    assert found.e3x3.tolist() == found.e5x5.tolist() == [117.0]
    assert found.eta[0] == pytest.approx(eta, abs=1e-6)
    assert found.phi[0] == pytest.approx(phi, abs=1e-6)
    assert not found.barrel[0]


def test_endcap_widths_follow_the_beam_not_the_grid() -> None:
    """A shower long in r is wide in η wherever it lies around the beam."""
    lying = np.zeros((5, 5))
    lying[2] = [1.0, 4.0, 90.0, 4.0, 1.0]
    along_x = superclusters(endcap_events(block(75, 50, 1, lying)))
    along_y = superclusters(endcap_events(block(50, 75, 1, lying.T)))
    across = superclusters(endcap_events(block(50, 75, 1, lying)))
    for wide in (along_x, along_y):
        assert wide.sieie[0] > 0.02 > 10 * wide.sipip[0]
    assert across.sipip[0] > 0.02 > 10 * across.sieie[0]
    assert along_x.sieie[0] == pytest.approx(along_y.sieie[0], rel=1e-6)


def test_endcap_showers_near_in_phi_are_joined_those_far_are_not() -> None:
    near = block(75, 50, 1, SHOWER) | block(75, 55, 1, 0.2 * SHOWER)
    far = block(75, 50, 1, SHOWER) | block(82, 50, 1, 0.2 * SHOWER)
    assert superclusters(endcap_events(near)).raw.tolist() == pytest.approx([1.2 * 117.0])
    assert superclusters(endcap_events(far), 1.0).raw.tolist() == pytest.approx([117.0, 23.4])


def test_the_endcaps_do_not_touch() -> None:
    """Rows 100 of −z and 1 of +z are neighbours in memory only."""
    low, high = block(50, 99, -1, SHOWER), block(50, 2, 1, SHOWER)
    apart = superclusters(endcap_events(low | high))
    assert apart.raw.tolist() == pytest.approx([117.0, 117.0])
    assert (np.sign(apart.eta) * apart.seed >= -10_000).all()
    assert sorted(np.sign(apart.eta)) == [-1.0, 1.0]


def test_turning_by_a_right_angle_turns_the_photons(rng: np.random.Generator) -> None:
    shape = rng.exponential(1.0, (5, 5))
    shape[2, 2] = 200.0
    cells = block(72, 38, 1, shape) | block(30, 45, -1, 1.1 * shape)
    turned = {(101 - iy, ix, side): energy for (ix, iy, side), energy in cells.items()}
    here, there = (photons(endcap_events(event))[0] for event in (cells, turned))
    for field in ("pt", "eta", "sieie", "sipip", "r9", "energyRaw", "ecalRecHitSumEtDR03"):
        np.testing.assert_allclose(here[field], there[field], rtol=1e-5)
    np.testing.assert_allclose(np.cos(there.phi - here.phi - np.pi / 2), 1.0, atol=1e-9)


def test_no_crystal_is_used_twice(rng: np.random.Generator) -> None:
    """Many overlapping showers: the clusters hold at most what the crystals do."""
    for _ in range(20):
        cells: dict[tuple[int, int, int], float] = {}
        for _ in range(30):
            ix, iy = rng.integers(60, 75), rng.integers(40, 60)
            cells |= block(int(ix), int(iy), 1, rng.exponential(20.0, (3, 3)))
        found = superclusters(endcap_events(cells), 0.0)
        assert 0.8 * sum(cells.values()) < found.raw.sum() <= sum(cells.values()) * (1 + 1e-9)


def test_without_crystals_there_are_no_clusters() -> None:
    assert len(superclusters(ak.Array([{"x": 1}])).raw) == 0
    assert len(superclusters(endcap_events({}, {})).raw) == 0
