"""Gluon jets beside an unseen Z."""

import awkward as ak
import pytest

from generated_jets import generated_jets
from hepvision.simulation.processes.z_gluon import ZGluon

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")


def test_the_parton_of_the_hard_process_is_a_gluon():
    truth = generated_jets("z_gluon", 250)["GenPart"]
    hard = truth[(truth.status == 23) & (abs(truth.pdgId) != 12)]
    partons = hard[(abs(hard.pdgId) < 11) | (hard.pdgId == 21)]
    assert ak.all(ak.num(partons) == 1)
    assert ak.all(partons.pdgId == 21)


def test_the_z_is_not_seen():
    found = generated_jets("z_gluon", 250)
    kinds = ak.flatten(abs(found["Particle"].pdgId))
    assert not ak.any((kinds == 12) | (kinds == 14) | (kinds == 16))
    assert ZGluon().collection == "Jet"
