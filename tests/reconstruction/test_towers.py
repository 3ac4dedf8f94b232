"""Towers hold what their cells hold, where these are."""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.reconstruction.towers import towers
from toy_events import toy_events, turned


def real_crystals(events: ak.Array) -> ak.Array:
    """Without numbers of the endcap grid that belong to no crystal."""
    hit = events.EcalEndcapHit
    there = EcalEndcap().exists()[
        ak.to_numpy(ak.flatten(hit.iy)) - 1, ak.to_numpy(ak.flatten(hit.ix)) - 1
    ]
    return ak.with_field(events, hit[ak.unflatten(there, ak.num(hit))], "EcalEndcapHit")


def test_sums_are_kept() -> None:
    events = real_crystals(toy_events(5, 1, mean=100))
    found = towers(events, least_energy=0.0)
    ecal = ak.sum(events.EcalBarrelHit.energy, axis=1) + ak.sum(events.EcalEndcapHit.energy, axis=1)
    hcal = ak.sum(events.HcalHit.energy, axis=1)
    np.testing.assert_allclose(ak.sum(found.energyHad, axis=1), hcal, rtol=1e-5)
    # a few crystals at the inner edge lie beyond |η| = 3
    assert ak.all(ak.sum(found.energyEm, axis=1) <= ecal * (1 + 1e-5))
    assert ak.sum(found.energyEm) > 0.97 * ak.sum(ecal)
    np.testing.assert_allclose(
        ak.flatten(found.energy), ak.flatten(found.energyEm + found.energyHad), rtol=1e-5
    )
    np.testing.assert_allclose(
        ak.flatten(found.et), ak.flatten(found.energy / np.cosh(found.eta)), rtol=1e-5
    )


def test_each_tower_comes_once_and_above_the_threshold() -> None:
    found = towers(toy_events(4, 2, mean=300), least_energy=1.0)
    assert ak.all(found.energy > 1.0)
    for one in found:
        places = set(zip(one.eta.to_list(), one.phi.to_list(), strict=True))
        assert len(places) == len(one)


def test_towers_turn_with_the_event() -> None:
    events = toy_events(3, 3, mean=80)
    events = ak.with_field(events, events.EcalEndcapHit[:, :0], "EcalEndcapHit")
    before, after = towers(events), towers(turned(events, 90))
    phi = (before.phi + np.pi / 2 + np.pi) % (2 * np.pi) - np.pi
    for b in range(3):
        order, other = np.lexsort((phi[b], before.eta[b])), np.lexsort((after.phi[b], after.eta[b]))
        np.testing.assert_allclose(phi[b][order], after.phi[b][other], atol=1e-5)
        np.testing.assert_allclose(before.energy[b][order], after.energy[b][other], rtol=1e-5)


def test_crystals_lie_before_their_tower() -> None:
    crystal = {"ieta": 1, "iphi": 11, "energy": 30.0}
    tower = {"ieta": 1, "iphi": 1, "energy": 10.0}
    found = towers(ak.Array([{"EcalBarrelHit": [crystal], "HcalHit": [tower]}]))
    assert found.to_list()[0][0]["energyEm"] == 30.0
    assert found.to_list()[0][0]["energyHad"] == 10.0
    assert len(found[0]) == 1


def test_no_hits_no_towers() -> None:
    assert towers(toy_events(2, mean=0)).to_list() == [[], []]
    assert towers(ak.Array([{"weight": 1.0}])).to_list() == [[]]
    assert len(towers(toy_events(2)[:0])) == 0
