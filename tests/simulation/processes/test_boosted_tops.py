"""Jets of top quarks: their mass, and that all of the decay lies within."""

import awkward as ak
import numpy as np
import pytest

from generated_jets import generated_jets
from hepvision.simulation.processes.boosted_tops import BoostedTops

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")


def test_the_jet_mass_peaks_at_the_top_mass():
    mass = ak.to_numpy(generated_jets("boosted_tops").get("jet").mass)
    assert len(mass) >= 10
    assert 168 < np.median(mass) < 185


def test_the_subjets_of_the_w_are_within():
    found = generated_jets("boosted_tops")
    jet, truth = found["jet"], found["GenPart"]
    quarks = truth[(abs(truth.pdgId) <= 5) & (truth.status == 23)]
    turn = (quarks.phi - jet.phi + np.pi) % (2 * np.pi) - np.pi
    near = np.hypot(quarks.eta - jet.eta, turn) < 0.8
    assert (ak.sum(near, axis=1) >= 3).to_numpy().all()


def test_both_tops_decay_to_quarks():
    lines = BoostedTops(jet_pt_min=400.0, jet_pt_max=500.0).settings()
    assert {"24:onMode = off", "24:onIfAny = 1 2 3 4 5"} <= set(lines)
    assert "PhaseSpace:pTHatMin = 320" in lines
    truth = generated_jets("boosted_tops")["GenPart"]
    leptons = (abs(truth.pdgId) >= 11) & (abs(truth.pdgId) <= 16) & (truth.status == 23)
    assert not ak.any(leptons)
