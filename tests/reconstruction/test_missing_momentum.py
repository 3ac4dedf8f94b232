"""Missing momentum: the negative of what is seen, calibrated with the jets."""

import numpy as np
import pytest

from hepvision.reconstruction.energy_flow import energy_flow
from hepvision.reconstruction.jets import jets
from hepvision.reconstruction.missing_momentum import missing_momentum
from made_up_detector import event_of

pytest.importorskip("fastjet")


def made(event):
    flow = energy_flow(event)
    found = jets(event, flow, np.zeros(len(flow.pt), bool), np.random.default_rng(1))
    return missing_momentum(flow, found)[0, 0], found[0]


def test_balanced_events_miss_nothing():
    tracks = [{"pt": 50.0, "eta": eta, "phi": phi} for eta, phi in ((0.5, 0.3), (0.5, 0.3 - np.pi))]
    met, _ = made(event_of(tracks=tracks))
    assert met.pt < 1e-3
    assert met.sumEt == pytest.approx(100.0)


def test_what_is_missing_points_away_from_the_calibrated_jet():
    met, found = made(event_of(tracks=[{"pt": 50.0, "eta": 0.5, "phi": 0.3}]))
    assert met.pt == pytest.approx(found.pt[0], rel=1e-5)
    assert met.phi == pytest.approx(0.3 - np.pi, abs=1e-5)


def test_the_forward_calorimeter_counts():
    """A jet at |η| = 4 balances a central one: without it half the events would miss much."""
    tracks = [{"pt": 12.0, "eta": 0.5, "phi": 0.3}]
    forward = [{"eta": -4.0, "phi": 0.3 - np.pi, "energy": 12.0 * np.cosh(4.0)}]
    assert made(event_of(tracks=tracks, forward=forward))[0].pt < 0.01
    assert made(event_of(tracks=tracks))[0].pt == pytest.approx(12.0, rel=1e-5)


def test_an_empty_event_misses_nothing():
    met, _ = made(event_of())
    assert (met.pt, met.sumEt) == (0.0, 0.0)
