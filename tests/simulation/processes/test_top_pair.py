"""Top pairs: settings follow the parameters; every event has two tops, W bosons and b quarks."""

import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.top_pair import TopPair


def test_settings_follow_the_parameters():
    lines = TopPair(energy=13000.0).settings()
    assert lines == ("Beams:eCM = 13000.0", "Top:gg2ttbar = on", "Top:qqbar2ttbar = on")


@pytest.mark.parametrize("wrong", [{"filter_pt": -1.0}, {"filter_eta": 0.0}, {"energy": 8.0}])
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: must lie between"):
        TopPair(**wrong)


def test_filter_keeps_events_with_a_central_lepton_only():
    offsets = np.array([0, 2, 3, 4, 4])
    particles = {
        "pdgId": np.array([211, -11, 13, 13]),
        "px": np.array([90.0, 16.0, 14.0, 16.0]),
        "py": np.zeros(4),
        "pz": np.array([0.0, 0.0, 0.0, 16.0 * np.sinh(2.7)]),
    }
    assert TopPair(filter=True).accepts(offsets, particles).tolist() == [True, False, False, False]
    assert TopPair().accepts(offsets, particles).all()


def test_events_hold_two_tops_that_decay_to_w_and_b():
    pytest.importorskip("pythia8mc")
    made = generate(TopPair(), 4, seed=3)
    kind, mother = made.truth["pdgId"], made.truth["genPartIdxMother"]
    first = np.repeat(made.truth_offsets[:-1], np.diff(made.truth_offsets))
    above = np.where(mother >= 0, kind[first + np.maximum(mother, 0)], 0)
    for number in (6, -6):
        assert (np.bincount(first[kind == number])[made.truth_offsets[:-1]] >= 1).all()
        assert np.sum((above == number) & (kind == np.sign(number) * 24)) == 4
    assert 30.0 < made.cross_section_pb < 300.0  # 170 pb with all orders, less at the leading one
