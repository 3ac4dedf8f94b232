"""Objects of simulated events: physics that they must show, and how they are asked for."""

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import UserError
from hepvision.simulation.simulate import simulate

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")
OBJECTS = ("Electron", "Muon", "Jet", "MET")


def made(process, number, folder, **parameters):
    store = simulate(
        process,
        number,
        folder / process,
        pileup=0,
        energy=7000.0,
        seed=4,
        parameters=parameters,
        reconstruct=OBJECTS,
        progress=False,
    )
    return store.read()


@pytest.fixture(scope="module")
def drell_yan(tmp_path_factory):
    return made("drell_yan", 120, tmp_path_factory.mktemp("z"), mass_min=70.0)


@pytest.fixture(scope="module")
def tops(tmp_path_factory):
    return made("top_pair", 80, tmp_path_factory.mktemp("top"))


@pytest.fixture(scope="module")
def w_jets(tmp_path_factory):
    return made("w_jets", 120, tmp_path_factory.mktemp("w"), filter=True)


def good(leptons):
    return leptons[leptons.tightId & leptons.tightIso & (leptons.pt > 15)]


def prompt(events, kind):
    """Generated leptons of bosons in the acceptance."""
    gen = events.GenPart
    final = (abs(gen.pdgId) == kind) & (gen.status == 1) & (gen.pt > 20) & (abs(gen.eta) < 2.3)
    above = gen.pdgId[ak.mask(gen.genPartIdxMother, gen.genPartIdxMother >= 0)]
    return gen[final & ~ak.fill_none(abs(above) > 100, False)]


@pytest.mark.parametrize("name", ["Electron", "Muon"])
def test_pairs_have_the_mass_of_the_z(drell_yan, name):
    pairs = good(drell_yan[name])
    pairs = pairs[ak.num(pairs) == 2]
    assert len(pairs) > 5
    mass = (pairs[:, 0] + pairs[:, 1]).mass.to_numpy()
    assert 88.0 < np.median(mass) < 93.0
    low, high = np.quantile(mass, [0.25, 0.75])
    assert 0.5 < (high - low) / 2 < 5.0
    assert ak.mean(pairs[:, 0].charge * pairs[:, 1].charge == -1) > 0.8


@pytest.mark.parametrize(("name", "kind", "least"), [("Electron", 11, 0.55), ("Muon", 13, 0.88)])
def test_prompt_leptons_are_found_isolated(drell_yan, name, kind, least):
    generated = ak.sum(ak.num(prompt(drell_yan, kind)))
    leptons = drell_yan[name]
    found = leptons[(leptons.genPartFlav == 1) & (leptons.pt > 18)]
    assert generated > 25
    assert ak.sum(ak.num(good(found))) / generated > least
    assert ak.mean(found.tightIso) > 0.9


def test_leptons_in_b_jets_are_rejected(tops):
    muons = tops.Muon[tops.Muon.genPartFlav == 5]
    assert ak.sum(ak.num(muons)) > 5
    assert ak.mean(muons.tightIso) < 0.3


def test_without_neutrinos_little_is_missing(drell_yan):
    seen = ak.num(good(drell_yan.Electron)) + ak.num(good(drell_yan.Muon)) == 2
    missing = drell_yan.MET[seen][:, 0].pt.to_numpy()
    assert np.median(missing) < 10.0


def test_transverse_masses_of_w_bosons_end_at_its_mass(w_jets):
    leptons = ak.concatenate([good(w_jets.Electron), good(w_jets.Muon)], axis=1)
    one = leptons[ak.num(leptons) == 1][:, 0]
    missing = w_jets.MET[ak.num(leptons) == 1][:, 0]
    mass = np.sqrt(2 * one.pt * missing.pt * (1 - np.cos(one.phi - missing.phi))).to_numpy()
    assert np.mean((mass > 60) & (mass < 95)) > 0.45
    assert np.mean(mass > 110) < 0.08
    assert np.median(missing.pt.to_numpy()) > 25.0


def test_jets_have_the_energy_of_generated_jets(tops):
    jets = tops.Jet[(tops.Jet.genJetIdx >= 0) & (abs(tops.Jet.eta) < 2.4)]
    generated = tops.GenJet[jets.genJetIdx]
    ratio = ak.flatten((jets.pt / generated.pt)[generated.pt > 30]).to_numpy()
    assert len(ratio) > 150
    assert abs(np.median(ratio) - 1) < 0.06
    low, high = np.quantile(ratio, [0.16, 0.84])
    assert 0.08 < (high - low) / 2 < 0.20


def test_top_pairs_have_two_b_jets_and_they_are_tagged(tops):
    jets = tops.Jet[(tops.Jet.pt > 25) & (abs(tops.Jet.eta) < 2.4)]
    b = jets.hadronFlavour == 5
    assert 1.3 < ak.mean(ak.sum(b, axis=1)) < 2.1
    tags, light = ak.flatten(jets.bTag[b]), ak.flatten(jets.bTag[jets.hadronFlavour == 0])
    assert abs(ak.mean(tags) - 0.70) < 4 * np.sqrt(0.21 / len(tags))
    assert ak.mean(light) < 0.06


def test_processes_come_in_the_order_of_their_jets(tops, w_jets, drell_yan):
    def mean(events):
        return ak.mean(ak.num(events.Jet[(events.Jet.pt > 30) & (abs(events.Jet.eta) < 2.4)]))

    assert mean(tops) > 2.5
    assert 0.05 < mean(w_jets) < 0.8
    assert 0.05 < mean(drell_yan) < 0.8


def test_cuts_may_name_the_objects_and_mistakes_are_told(tmp_path):
    gun = {"pileup": 0, "progress": False, "parameters": {"pdg_id": 13, "low": 40.0}}
    cut = ["num(Muon) == 1", "all(MET.pt > 30)"]  # nothing balances the muon
    store = simulate("particle_gun", 5, tmp_path / "a", select=cut, reconstruct=OBJECTS, **gun)
    assert "Tower" in store.read().fields
    with pytest.raises(ValueError, match="no objects 'Moun'. Did you mean 'Muon'"):
        simulate("particle_gun", 5, tmp_path / "b", reconstruct=("Moun",), **gun)
    with pytest.raises(UserError, match="no field 'Jet'"):  # nothing reconstructs jets here
        simulate("particle_gun", 5, tmp_path / "c", select=["num(Jet) == 1"], **gun)
    with pytest.raises(UserError, match="btagCSV"):
        cut = ["any(Jet.btagCSV > 0.679)"]
        simulate("particle_gun", 5, tmp_path / "d", select=cut, reconstruct=("Jet",), **gun)
    with pytest.raises(ValueError, match="reconstruct: needs a detector"):
        simulate("dijets", 5, tmp_path / "e", pileup=0, readout="particles", reconstruct=("Jet",))
