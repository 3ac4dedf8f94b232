"""Large jets: two sprays of known mass, nothing of empty events, and the generated ones."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import FIELDS
from hepvision.reconstruction.fat_jets import RESPONSE, fat_jets
from hepvision.reconstruction.objects import no_objects, reconstructed
from toy_events import toy_events

pytest.importorskip("fastjet")


def hits(*cells: tuple[int, int, float]) -> ak.Array:
    """One event of towers (ieta, iphi, energy)."""
    return ak.Array([{"HcalHit": [{"ieta": a, "iphi": b, "energy": e} for a, b, e in cells]}])


def test_two_towers_are_one_jet_of_their_mass() -> None:
    jet = fat_jets(hits((1, 1, 100.0), (1, 9, 100.0)))[0]
    assert len(jet) == 1
    eta, phi = Hcal().eta_phi(np.array([1, 1]), np.array([1, 9]))
    et = 100.0 / np.cosh(eta[0])
    mass = np.sqrt(2 * et**2 * (1 - np.cos(phi[1] - phi[0]))) / RESPONSE
    assert jet.mass[0] == pytest.approx(mass, rel=1e-3)
    assert jet.msoftdrop[0] == pytest.approx(mass, rel=1e-3)
    assert jet.nConstituents[0] == 2
    assert jet.phi[0] == pytest.approx(phi.mean(), abs=1e-5)


def test_far_towers_are_two_jets_hardest_first() -> None:
    jet = fat_jets(hits((1, 1, 90.0), (1, 37, 100.0)))[0]
    assert len(jet) == 2
    assert jet.pt[0] > jet.pt[1]
    assert jet.mass.to_numpy() == pytest.approx([0.0, 0.0], abs=0.1)


def test_soft_drop_takes_off_what_is_soft_and_wide() -> None:
    jet = fat_jets(hits((1, 1, 200.0), (3, 9, 5.0)))[0]
    assert jet.mass[0] > 20
    assert jet.msoftdrop[0] < 1


def test_fields_are_the_schemas_and_events_may_be_empty() -> None:
    found = fat_jets(toy_events(3, mean=0))
    assert found.to_list() == [[], [], []]
    assert {"pt", "eta", "phi", "mass", "msoftdrop"} <= set(found.fields) <= set(FIELDS["FatJet"])
    assert fat_jets(ak.Array([{"weight": 1.0}])).to_list() == [[]]


def test_they_are_made_where_asked_for_and_nothing_else() -> None:
    events = hits((1, 1, 300.0))
    made = reconstructed(events, ["FatJet"], np.random.default_rng(1))
    assert list(made) == ["FatJet"]
    assert made["FatJet"].to_list() == fat_jets(events).to_list()
    assert set(no_objects(["FatJet"])["FatJet"].fields) == set(made["FatJet"].fields)
