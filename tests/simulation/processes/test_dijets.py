"""Jets of quarks and gluons: light, in the range that was asked for."""

import awkward as ak
import numpy as np
import pytest

from generated_jets import generated_jets

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")


def test_jets_lie_in_the_range_and_are_light():
    jet = generated_jets("dijets")["jet"]
    assert len(jet) >= 10
    assert ak.all((jet.pt > 550) & (jet.pt < 650) & (abs(jet.eta) < 2))
    assert np.median(ak.to_numpy(jet.mass)) < 120


def test_there_are_no_tops_and_bosons():
    truth = generated_jets("dijets")["GenPart"]
    assert not ak.any((abs(truth.pdgId) == 6) | (abs(truth.pdgId) == 24))
