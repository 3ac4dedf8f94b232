"""Muons: tracks of generated muons, seen with the efficiency of the chambers."""

import awkward as ak
import numpy as np
import pytest

from hepvision.physics.intervals import clopper_pearson
from hepvision.reconstruction.muons import EFFICIENCY, muons
from made_up_detector import event_of


def event(eta: float = 0.5, pdg: int = 13, **track: float):
    mine = {"pt": 30.3, "eta": eta + 1e-3, "phi": 1.001, "charge": -1, **track}
    others = [{"pt": 9.0, "eta": eta, "phi": 1.0}, {"pt": 31.0, "eta": -eta, "phi": -1.0}]
    return event_of(
        tracks=[*others, mine], generated=[{"pt": 30.0, "eta": eta, "phi": 1.0, "pdgId": pdg}]
    )


def test_the_muon_is_its_track_and_the_chambers_have_their_efficiency():
    number = 400
    events = ak.concatenate([event()] * number)
    found = muons(events, np.random.default_rng(2))
    assert (found["track"] % 3 == 2).all()
    np.testing.assert_allclose(found["pt"], 30.3, rtol=1e-6)
    low, high = clopper_pearson(len(found["pt"]), number, level=0.999)
    assert low < EFFICIENCY < high


def test_the_same_generator_sees_the_same_muons():
    events = ak.concatenate([event()] * 100)
    one, two = (muons(events, np.random.default_rng(5))["event"] for _ in range(2))
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize("other", [{"pdg": 11}, {"eta": 2.45}, {"pt": 60.0}, {"phi": 1.2}])
def test_no_muon_without_its_track_in_reach(other):
    events = ak.concatenate([event(**other)] * 20)
    assert len(muons(events, np.random.default_rng(1))["pt"]) == 0


def test_displaced_tracks_are_not_tight():
    found = muons(ak.concatenate([event(dxy=5.0)] * 20), np.random.default_rng(1))
    assert len(found["pt"]) > 10
    assert not found["tightId"].any()


def test_events_without_truth():
    assert len(muons(event_of(), np.random.default_rng(1))["pt"]) == 0
