"""The event display: panels that the event fills and no others, and what stands beside them."""

import html
import re

import awkward as ak
import numpy as np
import pytest

from figures.shown import event
from hepvision.core.names import names
from hepvision.events.schema import FIELDS, build, from_columns
from hepvision.figures._aside import aside
from hepvision.figures._conventions import SIMULATED, origin
from hepvision.figures._deposits import Floors, contents, track_paths
from hepvision.figures._event import event_of
from hepvision.figures._view import panels
from hepvision.figures.event_display import event_display, together
from hepvision.physics.propagation import calorimeter_face
from toy_events import toy_events

FULL = toy_events(3, seed=4, photons=2, mean=60)
DETECTOR = ("barrel", "endcaps", "eta_phi", "transverse", "longitudinal")


def test_floors_decide_what_is_drawn_and_all_is_counted():
    found = contents(event_of(FULL[0]), Floors(ecal=1.0, hcal=2.0, track=30.0))
    energy = ak.to_numpy(FULL[0].EcalBarrelHit.energy)
    assert found.barrel.energy.size == (energy >= 1.0).sum()
    assert found.barrel.found == energy.size
    assert found.tracks["pt"].min() >= 30.0
    assert found.found_tracks == len(FULL[0].Track)


def test_tracks_end_where_they_enter_the_calorimeter():
    rng = np.random.default_rng(2)
    tracks = {
        "pt": rng.uniform(1.5, 40.0, 200),
        "eta": rng.uniform(-2.4, 2.4, 200),
        "phi": rng.uniform(-np.pi, np.pi, 200),
        "charge": rng.choice([-1.0, 1.0], 200),
        "dz": rng.normal(0.0, 50.0, 200),
    }
    paths = track_paths(tracks, 9)
    momentum = tracks["pt"][:, None] * np.stack(
        [np.cos(tracks["phi"]), np.sin(tracks["phi"]), np.sinh(tracks["eta"])], axis=1
    )
    start = np.zeros((200, 3))
    start[:, 2] = tracks["dz"]
    _, hit, _ = calorimeter_face(start, momentum, tracks["charge"])
    np.testing.assert_allclose(paths[:, 0], start, atol=1e-6)
    np.testing.assert_allclose(paths[:, -1], hit, atol=1e-3)


def test_positive_tracks_turn_clockwise_and_curling_ones_end_after_half_a_turn():
    tracks = {
        "pt": np.array([2.0, 0.3]),
        "eta": np.zeros(2),
        "phi": np.zeros(2),
        "charge": np.ones(2),
    }
    paths = track_paths(tracks)
    assert paths[0, -1, 1] < 0
    radius = 0.3 / (2.99792458e-4 * 3.8)
    np.testing.assert_allclose(paths[1, -1], [0.0, -2 * radius, 0.0], atol=1e-6)


def test_only_what_the_event_fills_is_shown():
    assert event_display(toy_events(1, mean=0)[0]).panels == ()
    assert event_display(ak.Array([{"event_id": 3}])[0]).panels == ()
    hits = FULL[["event", "EcalBarrelHit", "EcalEndcapHit", "HcalHit", "Track", "Photon"]]
    assert event_display(hits[0]).panels == (*DETECTOR, "photons")


def test_every_panel_is_in_the_page_with_its_data():
    display = event_display(FULL[0], key="mine")
    for name in DETECTOR:
        assert f'id="mine_{name}"' in display.body
        assert f'id="mine_{name}_data"' in display.body


def test_photons_are_marked_in_every_view_of_a_detector():
    found = {panel.name: panel for panel in panels(event_of(FULL[0]))}
    for name in ("barrel", "transverse", "longitudinal", "eta_phi"):
        marks = [
            one
            for one in found[name].figure["data"]
            if one["name"] == "photons" and one["mode"] == "markers+text"
        ]
        assert len(marks) == 1
        assert len(marks[0]["x"]) == 2


def test_facts_say_pile_up_and_mass():
    body = event_display(FULL[0]).body
    pair = FULL[0].Photon[0] + FULL[0].Photon[1]
    assert f"{FULL[0].pileup} interactions" in body
    assert f"mass {pair.mass:.1f} GeV" in body


def test_sums_and_hardest_objects_are_those_of_the_event():
    towers = {"et": [5.0, 20.25], "eta": [0.0, 1.0], "phi": [0.0, 1.0], "energy": [5.0, 30.0]}
    jets = {"pt": [30.0, 71.5], "eta": [0.0, -1.23], "phi": [0.0, 1.0], "mass": [4.0, 9.5]}
    html = aside(event({"reader": "delphes", "left_out": {"x": 3}}, Tower=towers, Jet=jets))
    assert "ΣET 25.25 GeV" in html
    assert html.index("71.5") < html.index("−1.23") < html.index("Jet 2")
    assert "left out</td><td>3" in html
    assert "delphes: Delphes" in html


def test_label_and_primary_are_told_in_words():
    about = {"labels": {"1": "top"}, "interactions": {"6": "nue CC DIS"}}
    shown = event(about, Primary={"pdgId": [12], "energy": [27.0], "interaction": [6]})
    shown.scalars["label"] = 1
    html = aside(shown)
    assert "<dd>top</dd>" in html
    assert "νe, 27 GeV, nue CC DIS" in html


def test_origin_is_told_or_left_open():
    assert set(names("readers")) >= SIMULATED
    assert origin(event({"simulation": False}, GenPart={"pt": [1.0]})) == "real data"
    assert origin(event({}, GenPart={"pt": [1.0]})) == "simulation"
    assert origin(event({"process": {"name": "photon_jet"}})) == "simulation"
    assert origin(event({"reader": "mlanalyzer"}, Track={"pt": [1.0]})) == "not known"


def test_names_from_a_file_cannot_become_html():
    bad = "<script>alert(1)</script>"
    pixel = ak.Array([[{"index": 1, "value": 2.0}]])
    made = ak.Array([{"event": 1, "sample": bad}])
    made["Pixel"] = pixel
    about = {"reader": bad, "image": {"shape": [1, 2, 2], "channels": [bad], "unit": bad}}
    about |= {"repaired": {bad: 2}, "labels": {"0": bad}}
    display = event_display(made[0], where=bad, about=about)
    assert display.panels == ("picture_0",)
    assert "<script>alert" not in display.html
    with pytest.raises(ValueError, match="must be an identifier"):
        event_display(made[0], key='x" onload="')


def test_numbers_that_are_not_finite_make_no_broken_page():
    bad = [np.nan, np.inf, 1.0]
    jets = {"pt": bad, "eta": bad, "phi": bad}
    towers = jets | {"et": bad, "energy": bad}
    shown = ak.Array(
        [{"Jet": [dict(zip(jets, row, strict=True)) for row in zip(*jets.values(), strict=True)]}]
    )
    assert event_display(shown[0]).panels == ("eta_phi",)
    assert "Jet that are not finite</th><td>left out</td><td>2" in event_display(shown[0]).body
    rows = [dict(zip(towers, row, strict=True)) for row in zip(*towers.values(), strict=True)]
    assert event_display(ak.Array([{"Tower": rows}])[0]).panels == ("eta_phi",)


def test_several_events_stand_in_one_page():
    both = together([event_display(FULL[k], key=f"event{k}") for k in range(2)])
    assert both.title == "toy, event 0 · toy, event 1"
    assert both.body.count('<section class="display"') == 2
    assert 'id="event0_barrel"' in both.body
    assert 'id="event1_barrel"' in both.body


def test_notebook_shows_the_page_in_a_frame():
    shown = event_display(FULL[0])._repr_html_()
    assert shown.startswith("<iframe")
    assert "<script" not in shown


def test_every_collection_with_something_to_see_has_a_view():
    from hepvision.core.names import load

    seen = {name for view in names("views") for name in load("views", view).reads}
    # a vertex and a primary particle are told beside the pictures and drawn with others
    assert set(FIELDS) - seen == {"Vertex", "Primary"}


@pytest.mark.parametrize(
    "size", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)], ids=lambda one: f"{one}"
)
def test_a_page_is_bounded_whatever_the_event_holds(size):
    rng = np.random.default_rng(6)
    about = {
        "image": {"shape": [5, 1000, 1000], "channels": list("abcde"), "unit": "GeV"},
        "cells": {
            f"p{k}": {"part": k, "shape": [50, 400, 400], "axes": ["layer", "row", "column"]}
            for k in range(10)
        },
    }
    wanted = {
        "Tower": ("eta", "phi", "et"),
        "Track": ("pt", "eta", "phi", "charge", "dz"),
        "Particle": ("pt", "eta", "phi", "mass", "pdgId", "charge"),
        "Jet": ("pt", "eta", "phi", "mass"),
        "Muon": ("pt", "eta", "phi", "mass"),
        "GenPart": ("pt", "eta", "phi", "mass", "pdgId", "status"),
        "TrackerHit": ("x", "y", "z", "volume", "layer", "genPartIdx"),
        "Cell": ("part", "layer", "row", "column", "energy"),
        "Pulse": ("x", "y", "z", "time", "charge"),
        "Pixel": ("index", "value"),
        "EcalBarrelHit": ("ieta", "iphi", "energy"),
        "EcalEndcapHit": ("ix", "iy", "side", "energy"),
        "HcalHit": ("ieta", "iphi", "depth", "energy"),
    }
    whole = {
        "part": (0, 10),
        "layer": (0, 50),
        "row": (0, 400),
        "column": (0, 400),
        "index": (0, 5_000_000),
        "ieta": (1, 17),
        "iphi": (1, 73),
        "ix": (30, 70),
        "iy": (70, 80),
        "side": (1, 2),
        "depth": (1, 2),
        "volume": (7, 19),
        "genPartIdx": (-1, 500),
        "status": (1, 2),
        "pdgId": (11, 23),
        "charge": (-1, 2),
    }

    def column(name):
        return rng.integers(*whole[name], size) if name in whole else rng.uniform(0.5, 3.0, size)

    one = np.ones(1)
    scalars = dict.fromkeys(("event_id", "weight", "run", "luminosityBlock", "event"), one)
    events = build(
        {**scalars, "sample": "large", "pileup": one},
        {
            name: from_columns([0, size], {key: column(key) for key in keys}, name)
            for name, keys in wanted.items()
        },
        about,
    )
    display = event_display(events[0])
    assert len(display.panels) == 25
    assert len(display.body) < 12_000_000
    beside = html.unescape(display.body)
    for words in ("towers", "particles", "tracks", "hits, one of every", "modules", "jets"):
        assert re.search(rf"[\d\u202f]+ of [\d\u202f]+ {words}", beside), words
