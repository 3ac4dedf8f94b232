"""Jets of W bosons: their mass, both quarks within, and nothing of the Z."""

import awkward as ak
import numpy as np
import pytest

from generated_jets import generated_jets

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")


def test_the_jet_mass_peaks_at_the_w_mass():
    mass = ak.to_numpy(generated_jets("boosted_w", 300)["jet"].mass)
    assert len(mass) >= 10
    assert 76 < np.median(mass) < 86


def test_the_boson_is_within_the_jet():
    found = generated_jets("boosted_w", 300)
    jet, truth = found["jet"], found["GenPart"]
    boson = truth[(abs(truth.pdgId) == 24) & (truth.status >= 22)]
    turn = (boson.phi - jet.phi + np.pi) % (2 * np.pi) - np.pi
    assert ak.all(ak.any(np.hypot(boson.eta - jet.eta, turn) < 0.8, axis=1))
