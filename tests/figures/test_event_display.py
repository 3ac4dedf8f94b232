"""The event display: what is drawn stands where the event has it, and pages are whole."""

import json
import re

import awkward as ak
import numpy as np
import pytest

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.figures._deposits import Floors, contents, track_paths
from hepvision.figures._maps import barrel_panel, eta_phi_panel
from hepvision.figures._views import longitudinal_panel, transverse_panel
from hepvision.figures.event_display import event_display
from hepvision.physics.propagation import calorimeter_face
from toy_events import toy_events, turned

PANELS = (barrel_panel, eta_phi_panel, transverse_panel, longitudinal_panel)
FULL = toy_events(3, seed=4, photons=2, mean=60)


def _trace(panel, name, kind="scatter"):
    return next(t for t in panel["data"] if t["name"] == name and t["type"] == kind)


@pytest.mark.parametrize("panel", PANELS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    "event",
    [FULL[0], toy_events(1, mean=0)[0], ak.Array([{"event_id": 3}])[0]],
    ids=["full", "empty", "no collections"],
)
def test_every_panel_is_json_for_every_event(panel, event):
    text = json.dumps(panel(contents(event)), allow_nan=False)
    assert len(text) < 2_000_000


def test_floors_decide_what_is_drawn_and_all_is_counted():
    found = contents(FULL[0], Floors(ecal=1.0, hcal=2.0, track=30.0))
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


def test_barrel_pixels_are_the_hits():
    import base64

    event = FULL[1]
    trace = _trace(barrel_panel(contents(event)), "ECAL", "heatmap")
    image = np.frombuffer(base64.b64decode(trace["z"]["bdata"]), np.uint8).reshape(170, 360)
    hits = event.EcalBarrelHit[event.EcalBarrelHit.energy >= Floors().ecal]
    row, column = EcalBarrel().row_column(hits.ieta, hits.iphi)
    expected = np.zeros((170, 360), bool)
    expected[row, column] = True
    np.testing.assert_array_equal(image > 0, expected)


def test_a_tower_lies_behind_its_crystals():
    hit = {"ieta": -1, "iphi": 72, "energy": 5.0, "depth": 1}
    trace = _trace(barrel_panel(contents(ak.Array([{"HcalHit": [hit]}])[0])), "HCAL", "heatmap")
    seen = np.array([[value is not None for value in line] for line in trace["z"]])
    # crystals iphi 6 to 10 are in front of tower 72, and the row below 0
    assert np.argwhere(seen).tolist() == [[16, 1]]
    assert trace["x0"] + trace["dx"] * 1 == 8
    assert trace["y0"] + trace["dy"] * 16 == -2.5


def _bar_sum(panel, name):
    words = _trace({"data": [t for t in panel["data"] if "text" in t]}, name)["text"]
    return sum(float(re.search(r"</sub> ([\d.]+) GeV", text).group(1)) for text in words)


def test_bars_hold_all_transverse_energy_of_the_barrel():
    found = contents(FULL[0])
    assert _bar_sum(transverse_panel(found), "ECAL") == pytest.approx(found.barrel.et.sum(), abs=2)


def test_turning_the_event_turns_the_view():
    before, after = (contents(one[0]) for one in (FULL, turned(FULL, 90)))
    x, y = (np.array(_trace(transverse_panel(before), "ECAL")[key], float) for key in "xy")
    u, v = (np.array(_trace(transverse_panel(after), "ECAL")[key], float) for key in "xy")
    kept = ~np.isnan(x)
    quarter = sorted(zip((-y[kept]).tolist(), x[kept].tolist(), strict=True))
    found = sorted(zip(u[~np.isnan(u)].tolist(), v[~np.isnan(u)].tolist(), strict=True))
    np.testing.assert_allclose(np.array(found), np.array(quarter), atol=1.0)


def test_photons_are_marked_in_every_view():
    found = contents(FULL[0])
    for panel in PANELS:
        marks = [t for t in panel(found)["data"] if t.get("mode") == "markers+text"]
        assert len(marks) == 1
        assert len(marks[0]["x"]) == 2


def test_header_says_event_pile_up_and_mass():
    event = FULL[0]
    body = event_display(event).body
    pair = event.Photon[0] + event.Photon[1]
    assert f"{event.pileup} pile-up interactions" in body
    assert f"photons {pair.mass:.1f} GeV" in body
    assert body.count("<tr>") == 3


def test_names_from_a_file_cannot_become_html():
    event = ak.Array([{"event": 1, "sample": "<script>alert(1)</script>"}])[0]
    display = event_display(event)
    assert "<script>alert" not in display.html
    with pytest.raises(ValueError, match="must be an identifier"):
        event_display(event, key='x" onload="')


def test_notebook_shows_the_page_in_a_frame():
    shown = event_display(FULL[0])._repr_html_()
    assert shown.startswith("<iframe")
    assert "<script" not in shown
