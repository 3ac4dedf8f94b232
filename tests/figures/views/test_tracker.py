"""Hits: all of them at their places, those of a particle joined from the inside outward."""

import numpy as np

from figures.shown import event, figure, panels, trace, traces, xy
from hepvision.figures.views.tracker import Tracker

HITS = {
    "x": [90.0, 30.0, 60.0, -50.0],
    "y": [1.0, 1.0, 1.0, -20.0],
    "z": [30.0, 10.0, 20.0, -5.0],
    "volume": [8, 8, 8, 13],
    "layer": [6, 2, 4, 2],
    "genPartIdx": [0, 0, 0, -1],
}
TRUTH = {"pt": [3.0, 9.0], "eta": [0.0, 0.0], "phi": [0.0, 0.0], "pdgId": [211, 13]}


def test_hits_are_at_their_places():
    shown = event(TrackerHit=HITS)
    along, beside = (figure(Tracker(), shown, f"hits_{name}") for name in ("along", "beside"))
    assert xy(trace(along, "volume 8")).tolist() == [[90, 1], [30, 1], [60, 1]]
    np.testing.assert_allclose(xy(trace(beside, "volume 13")), [[-5, -np.hypot(50, 20)]], atol=0.1)
    assert along["equal"]


def test_hits_of_a_particle_are_joined_outward():
    shown = event(TrackerHit=HITS, GenPart=TRUTH)
    made = figure(Tracker(), shown, "hits_along")
    assert trace(made, "hardest particles", "lines")["x"] == [30.0, 60.0, 90.0, None]
    (words,) = trace(made, "hardest particles")["text"]
    assert words == "π⁺, p<sub>T</sub> 3.00 GeV, 3 hits"
    assert "generated particles, 1 of them" in panels(Tracker(), shown)["hits_along"].text


def test_without_truth_or_volumes_there_are_still_hits():
    made = figure(Tracker(), event(TrackerHit={key: HITS[key] for key in "xyz"}), "hits_along")
    assert [one["name"] for one in made["data"]] == ["hits"]
    assert not traces(made, "hardest particles")


def test_a_million_hits_are_thinned_and_it_is_said():
    rng = np.random.default_rng(1)
    many = {key: rng.normal(0, 300, 1_000_000) for key in "xyz"}
    shown = event(TrackerHit=many)
    made = panels(Tracker(), shown)
    assert len(made["hits_along"].figure["data"][0]["x"]) == 10_000
    assert "10,000 of 1,000,000 hits, one of every 100" in made["hits_beside"].text
