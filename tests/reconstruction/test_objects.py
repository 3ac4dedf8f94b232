"""All objects at once: isolation of leptons, jets without them, fields as they are promised."""

import awkward as ak
import numpy as np
import pytest

from hepvision.events.schema import FIELDS
from hepvision.reconstruction.objects import OBJECTS, check_objects, no_objects, reconstructed
from made_up_detector import event_of

pytest.importorskip("fastjet")
MUON = {"pt": 40.0, "eta": 0.5, "phi": 1.0, "charge": 1}
TRUE = {"pt": 40.0, "eta": 0.5, "phi": 1.0, "pdgId": -13}
AWAY = {"pt": 50.0, "eta": -0.5, "phi": -2.0, "charge": 1}


def made(events, seed=3, names=tuple(OBJECTS)):
    return reconstructed(events, names, np.random.default_rng(seed))


def test_an_isolated_muon_is_no_jet():
    found = made(event_of(tracks=[MUON, AWAY], generated=[TRUE]))
    assert found["Muon"].pfRelIso03_all.tolist() == [[0.0]]
    assert found["Muon"].tightIso.tolist() == [[True]]
    assert found["Muon"].genPartFlav.tolist() == [[1]]
    assert found["Jet"].eta.tolist()[0] == pytest.approx([-0.5], abs=1e-5)


def test_a_muon_in_a_jet_stays_in_it():
    hadrons = [{"pt": 30.0, "eta": 0.5, "phi": 1.0 + 0.1 * k, "charge": 1} for k in (1, 2)]
    b = {"pt": 80.0, "eta": 0.5, "phi": 1.1, "pdgId": -511, "status": 2}
    muon = {**TRUE, "genPartIdxMother": 0}
    found = made(event_of(tracks=[MUON, *hadrons], generated=[b, muon]))
    assert found["Muon"].pfRelIso03_all.tolist()[0] == pytest.approx([1.5])
    assert not found["Muon"].tightIso[0, 0]
    assert found["Muon"].genPartFlav.tolist() == [[5]]
    assert ak.num(found["Jet"]).tolist() == [1]
    assert found["Jet"].hadronFlavour.tolist() == [[5]]
    assert found["Jet"].nConstituents.tolist() == [[3]]


@pytest.mark.parametrize(
    ("mothers", "flavour"),
    [
        ([], 1),
        ([{"pdgId": 24, "status": 22}], 1),
        ([{"pdgId": 15, "status": 2}], 15),
        ([{"pdgId": 521, "status": 2}, {"pdgId": 421, "status": 2}], 5),
        ([{"pdgId": 421, "status": 2}], 4),
        ([{"pdgId": 211, "status": 2}], 0),
        ([{"pdgId": 15, "status": 2}, {"pdgId": 511, "status": 2}], 5),
    ],
)
def test_what_a_muon_was(mothers, flavour):
    """A tau from the decay of a B is the B's: only the first mother decides last."""
    chain = [
        {"pt": 50.0, "genPartIdxMother": place - 1, **one} for place, one in enumerate(mothers)
    ]
    muon = {**TRUE, "genPartIdxMother": len(chain) - 1}
    events = event_of(tracks=[MUON, AWAY], generated=[*chain, muon])
    assert made(events)["Muon"].genPartFlav.tolist() == [[flavour]]


def test_fields_are_as_promised_and_cuts_can_be_tried_on_none():
    events = event_of(tracks=[MUON, AWAY], generated=[TRUE])
    found = made(ak.with_field(events, no_objects(["Jet"])["GenJet"][:0], "Nothing")[["Track"]])
    assert set(found) == set(OBJECTS)
    events = ak.with_field(events, ak.concatenate([no_objects(["MET"])["GenJet"], [[]]]), "GenJet")
    nothing = no_objects(tuple(OBJECTS))
    for name, collection in made(events).items():
        assert sorted(collection.fields) == sorted(OBJECTS[name]) == sorted(nothing[name].fields)
        assert set(collection.fields) <= set(FIELDS[name])
    assert len(nothing["Tower"]) == len(nothing["GenJet"]) == 0


def test_what_is_asked_for_changes_nothing():
    events = ak.concatenate([event_of(tracks=[MUON, AWAY], generated=[TRUE])] * 40)
    whole = made(events)
    assert ak.num(whole["Muon"]).tolist() != [1] * 40  # the chambers miss some
    for name in OBJECTS:
        alone = made(events, names=(name,))
        assert list(alone) == [name]
        assert ak.to_list(alone[name]) == ak.to_list(whole[name])


def test_unknown_objects_are_refused():
    with pytest.raises(ValueError, match="no objects 'Elektron'. Did you mean 'Electron'"):
        check_objects(["Elektron"])
    with pytest.raises(ValueError, match="must differ"):
        check_objects(["Jet", "Jet"])
    assert made(event_of(), names=("Photon",)) == {}
