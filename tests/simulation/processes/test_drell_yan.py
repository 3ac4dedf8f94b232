"""Drell–Yan: pairs of leptons above the mass that is asked for, mostly at the Z."""

import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.drell_yan import DrellYan


def test_settings_follow_the_parameters():
    assert "PhaseSpace:mHatMin = 66.0" in DrellYan(mass_min=66.0).settings()
    with pytest.raises(ValueError, match="mass_min: must lie between"):
        DrellYan(mass_min=-1.0)


def test_pairs_of_leptons_have_the_mass_of_the_z():
    pytest.importorskip("pythia8mc")
    made = generate(DrellYan(mass_min=70.0), 20, seed=1)
    truth = made.truth
    boson = (truth["pdgId"] == 23) & (np.abs(truth["status"]) == 22)
    assert boson.sum() == 20
    assert (truth["mass"][boson] > 70.0).all()
    assert 89.0 < np.median(truth["mass"][boson]) < 93.0
