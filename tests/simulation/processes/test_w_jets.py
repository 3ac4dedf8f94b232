"""W bosons: one lepton and its neutrino an event, in the mass peak and of either charge."""

import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.drell_yan import DrellYan
from hepvision.simulation.processes.top_pair import TopPair
from hepvision.simulation.processes.w_jets import WJets

pytest.importorskip("pythia8mc")


@pytest.fixture(scope="module")
def made():
    return generate(WJets(), 20, seed=3)


def _decays(made, boson):
    """Four-momenta of the decay products of a boson, summed by event."""
    truth = made.truth
    event = np.repeat(np.arange(len(made)), np.diff(made.truth_offsets))
    above = made.truth_offsets[event] + np.maximum(truth["genPartIdxMother"], 0)
    child = (truth["genPartIdxMother"] >= 0) & (np.abs(truth["pdgId"][above]) == boson)
    child &= np.isin(np.abs(truth["pdgId"]), range(11, 17))
    return event[child], np.flatnonzero(child)


def test_w_bosons_decay_to_a_lepton_and_its_neutrino(made):
    event, rows = _decays(made, 24)
    assert (np.bincount(event) == 2).all()
    kinds = np.abs(made.truth["pdgId"][rows]).reshape(-1, 2)
    assert (np.abs(np.diff(kinds)) == 1).all()
    pt, eta, phi, mass = (made.truth[name][rows] for name in ("pt", "eta", "phi", "mass"))
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    energy = np.sqrt(pt**2 + pz**2 + mass**2)
    sums = [np.bincount(event, part) for part in (energy, px, py, pz)]
    mass = np.sqrt(sums[0] ** 2 - sums[1] ** 2 - sums[2] ** 2 - sums[3] ** 2)
    assert 76.0 < np.median(mass) < 84.0


def test_cross_sections_come_in_the_known_order(made):
    others = [generate(process, 20, seed=3) for process in (DrellYan(), TopPair())]
    w, z, top = (one.cross_section_pb for one in (made, *others))
    assert w > 5 * z > 25 * top  # 31,000, 3,000 and 170 pb are measured at 7 TeV
    assert 1e4 < w < 5e4
