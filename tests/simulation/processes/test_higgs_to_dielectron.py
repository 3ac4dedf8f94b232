"""Electron pairs: the momenta of photon pairs, another decay."""

import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.higgs_to_dielectron import HiggsToDielectron
from hepvision.simulation.processes.higgs_to_diphoton import HiggsToDiphoton


def test_only_the_decay_differs_from_that_to_photons():
    two = HiggsToDiphoton(mass=130.0).settings(), HiggsToDielectron(mass=130.0).settings()
    assert two[0][:-1] == two[1][:-1]
    assert two[1][-1] == "25:onIfMatch = 11 -11"


def test_an_electron_and_a_positron_come_from_the_boson():
    pytest.importorskip("pythia8mc")
    made = generate(HiggsToDielectron(), 20, seed=1, sample="test")
    truth = made.truth
    size = np.diff(made.truth_offsets)
    event = np.repeat(np.arange(len(made)), size)
    final = (np.abs(truth["pdgId"]) == 11) & (truth["pt"] > 10) & (truth["status"] == 1)
    for kind in (11, -11):
        found = np.bincount(event[final & (truth["pdgId"] == kind)], minlength=len(made))
        assert (found >= 1).mean() >= 0.8  # a few fly too far forward
