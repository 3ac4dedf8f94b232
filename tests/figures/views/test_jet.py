"""One jet close up: around its axis, also where φ goes over the edge."""

import numpy as np
import pytest

from figures.shown import event, figure, panels, trace, xy
from hepvision.figures._lone_jet import lone_jet
from hepvision.figures.views.eta_phi import EtaPhi
from hepvision.figures.views.jet import Jet

AXIS = {"pt": [500.0], "eta": [1.0], "phi": [3.1]}
INSIDE = {"pt": [300.0, 200.0], "eta": [1.1, 0.9], "phi": [3.0, -3.1]}


def test_constituents_stand_around_the_axis():
    one = event({"reader": "top_tagging"}, FatJet=AXIS, Particle=INSIDE)
    made = figure(Jet(), one, "jet")
    expected = [[1.1, 3.0], [0.9, 2 * np.pi - 3.1]]
    np.testing.assert_allclose(xy(trace(made, "particles")), expected, atol=1e-3)
    low, high = made["layout"]["yaxis"]["range"]
    assert low < 2.4
    assert high > 3.8
    text = panels(Jet(), one)["jet"].text
    assert "Constituents: 2;" in text
    assert "R = 0.8 (as published)" in text


@pytest.mark.parametrize(
    "more",
    [
        {"Jet": AXIS},
        {"Track": AXIS},
        {"FatJet": {"pt": [1.0], "mass": [2.0]}},
        {"Particle": {"pt": [1.0], "eta": [-2.0], "phi": [0.0]}},
    ],
)
def test_an_event_with_more_than_the_jet_gets_the_map(more):
    shown = event(**{"FatJet": AXIS, "Particle": INSIDE} | more)
    assert lone_jet(shown) is None
    assert panels(Jet(), shown) == {}
    assert list(panels(EtaPhi(), shown)) == ["eta_phi"]


def test_a_lone_jet_has_no_map():
    assert panels(EtaPhi(), event(FatJet=AXIS, Particle=INSIDE)) == {}
