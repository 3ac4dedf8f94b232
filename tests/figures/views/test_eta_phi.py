"""The map: everything stands at its η and φ, circles have their radius, nothing is lost."""

import numpy as np
import pytest

from figures.shown import event, figure, panels, trace, traces, xy
from hepvision.figures._event import event_of
from hepvision.figures.views.eta_phi import EtaPhi
from toy_events import toy_events

TOWERS = {
    "eta": [0.1, -2.0, 4.0],
    "phi": [0.0, 3.0, -1.0],
    "et": [5.0, 20.0, 1.0],
    "energy": [5.0, 75.0, 27.0],
    "energyEm": [4.0, 0.0, 1.0],
    "energyHad": [1.0, 75.0, 26.0],
}
JET = {"pt": [50.0, 30.0], "eta": [1.0, -1.0], "phi": [0.5, 3.1]}


def test_towers_keep_their_energy_and_place():
    one = trace(figure(EtaPhi(), event(Tower=TOWERS), "eta_phi"), "towers")
    np.testing.assert_allclose(xy(one), np.stack([TOWERS["eta"], TOWERS["phi"]], axis=1), atol=1e-3)
    assert sum(row[0] for row in one["customdata"]) == pytest.approx(sum(TOWERS["et"]))
    assert one["marker"]["size"][1] == max(one["marker"]["size"])


def test_circles_have_the_radius_of_the_jets():
    areas = JET | {"area": [np.pi * 0.16] * 2}
    made = figure(EtaPhi(), event(Jet=areas), "eta_phi")
    line = trace(made, "jets, R = 0.4", "lines")
    x, y = (np.array(line[key], float) for key in "xy")
    np.testing.assert_allclose(np.hypot(x[:61] - 1.0, y[:61] - 0.5), 0.4, atol=2e-3)
    # the second crosses the edge and comes again at the other side
    assert np.isnan(x).sum() == 3
    assert np.nanmin(y) == pytest.approx(3.1 - 2 * np.pi - 0.4, abs=2e-3)
    assert "R = 0.4 (from their areas)" in panels(EtaPhi(), event(Jet=areas))["eta_phi"].text


def test_a_radius_that_no_file_tells_is_said_to_be_assumed():
    text = panels(EtaPhi(), event(Jet=JET))["eta_phi"].text
    assert "jets R = 0.4 (assumed)" in text
    text = panels(EtaPhi(), event({"reader": "cms_json"}, Jet=JET))["eta_phi"].text
    assert "jets R = 0.5 (as published)" in text


def test_particles_are_told_apart_by_their_ids():
    ids = [211, -211, 22, 130, 11, 1]
    columns = {"pt": [2.0] * 6, "eta": [0.0] * 6, "phi": [0.1] * 6, "pdgId": ids}
    made = figure(EtaPhi(), event(Particle=columns), "eta_phi")
    found = {one["name"]: len(one["x"]) for one in made["data"]}
    assert found == {
        "charged hadrons": 2,
        "neutral hadrons": 1,
        "photons, candidates": 1,
        "electrons, candidates": 1,
        "forward calorimeter": 1,
    }


def test_generated_particles_wait_where_there_is_a_detector():
    truth = {"pt": [9.0, 8.0], "eta": [0.0, 1.0], "phi": [0.0, 1.0], "pdgId": [22, 6]}
    truth |= {"status": [1, 22]}
    (one,) = figure(EtaPhi(), event(GenPart=truth), "eta_phi")["data"]
    assert (one["name"], len(one["x"]), one.get("visible")) == ("photons", 1, None)
    made = figure(EtaPhi(), event(GenPart=truth, Jet=JET), "eta_phi")
    (one,) = traces(made, "generated particles")
    assert one["visible"] == "legendonly"


def test_the_missing_momentum_is_a_line_at_its_azimuth():
    made = figure(EtaPhi(), event(Jet=JET, MET={"pt": [31.0], "phi": [-2.0]}), "eta_phi")
    one = trace(made, "missing p<sub>T</sub>", "lines")
    assert set(one["y"]) == {-2.0}
    assert "31 GeV" in one["text"]


def test_leptons_are_marked_with_their_momentum():
    lepton = {"pt": [20.0, 40.0], "eta": [0.0, 1.0], "phi": [0.0, 1.0]}
    made = figure(EtaPhi(), event(Muon=lepton, Electron=lepton, Tau=lepton), "eta_phi")
    for name in ("muons", "electrons", "taus"):
        assert trace(made, name)["text"] == ["40 GeV", "20 GeV"]


def test_the_axis_reaches_all_and_says_what_it_does_not():
    many = {"pt": [1.0] * 3, "eta": [0.0, 4.9, 9.0], "phi": [0.0] * 3, "status": [1] * 3}
    panel = panels(EtaPhi(), event(GenPart=many))["eta_phi"]
    assert panel.figure["layout"]["xaxis"]["range"] == [-6.0, 6.0]
    assert "Marks beyond |η| = 6: 1;" in panel.text
    assert panel.wide


def test_very_many_are_thinned_and_it_is_said():
    rng = np.random.default_rng(1)
    size = 20_000
    many = {"eta": rng.uniform(-3, 3, size), "phi": rng.uniform(-3, 3, size)}
    many["et"] = rng.exponential(1.0, size)
    panel = panels(EtaPhi(), event(Tower=many))["eta_phi"]
    one = trace(panel.figure, "towers")
    assert len(one["x"]) == 4000
    kept = sorted(row[0] for row in one["customdata"])
    np.testing.assert_allclose(kept, np.sort(many["et"])[-4000:], atol=1e-3)
    assert "4,000 of 20,000 towers, those with the largest ET" in panel.text


def test_photons_and_hits_of_a_detector_are_there():
    shown = toy_events(1, seed=4, photons=2, mean=60)
    made = figure(EtaPhi(), event_of(shown[0]), "eta_phi")
    assert len(trace(made, "photons")["x"]) == 2
    hits = shown[0].EcalBarrelHit
    assert len(trace(made, "ECAL barrel")["x"]) == int(np.sum(hits.energy.to_numpy() >= 0.2))


def test_nothing_gives_nothing():
    assert panels(EtaPhi(), event(Jet={"pt": [5.0]}, MET={"pt": [1.0]})) == {}
