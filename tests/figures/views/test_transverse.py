"""Along the beam: all transverse energy is in the bars, turning the event turns the view."""

import re

import numpy as np
import pytest

from figures.shown import event, figure, panels, trace, traces
from hepvision.figures._deposits import contents
from hepvision.figures._event import event_of
from hepvision.figures.views.transverse import Transverse
from toy_events import toy_events, turned

FULL = toy_events(3, seed=4, photons=2, mean=60)
TRACK = {"pt": [20.0], "eta": [0.1], "phi": [0.5]}


def test_bars_hold_all_transverse_energy_of_the_barrel():
    made = figure(Transverse(), event_of(FULL[0]), "transverse")
    words = trace(made, "ECAL")["text"]
    total = sum(float(re.search(r"</sub> ([\d.]+) GeV", text).group(1)) for text in words)
    assert total == pytest.approx(contents(event_of(FULL[0])).barrel.et.sum(), abs=2)


def test_turning_the_event_turns_the_view():
    before, after = (
        figure(Transverse(), event_of(one[0]), "transverse") for one in (FULL, turned(FULL, 90))
    )
    x, y = (np.array(trace(before, "ECAL", "lines")[key], float) for key in "xy")
    u, v = (np.array(trace(after, "ECAL", "lines")[key], float) for key in "xy")
    kept = ~np.isnan(x)
    quarter = sorted(zip((-y[kept]).tolist(), x[kept].tolist(), strict=True))
    found = sorted(zip(u[~np.isnan(u)].tolist(), v[~np.isnan(u)].tolist(), strict=True))
    np.testing.assert_allclose(np.array(found), np.array(quarter), atol=1.0)


def test_missing_energy_points_at_its_azimuth():
    met = {"pt": [40.0], "phi": [2.0]}
    shown = event(Track=TRACK | {"charge": [1]}, MET=met)
    one = trace(figure(Transverse(), shown, "transverse"), "missing p<sub>T</sub>", "lines")
    assert np.arctan2(one["y"][1], one["x"][1]) == pytest.approx(2.0, abs=0.01)


def test_tracks_without_a_charge_have_no_curve():
    assert panels(Transverse(), event(Track=TRACK)) == {}
    hits = {"ieta": [1], "iphi": [1], "energy": [5.0]}
    made = figure(Transverse(), event(Track=TRACK, EcalBarrelHit=hits), "transverse")
    assert traces(made, "ECAL")
    assert not traces(made, "tracks")


def test_what_the_file_does_not_say_is_said():
    text = panels(Transverse(), event(Track=TRACK | {"charge": [1]}))["transverse"].text
    assert "the file says neither" in text
    assert "the file says neither" not in panels(Transverse(), event_of(FULL[0]))["transverse"].text


def test_only_towers_of_the_barrel_are_summed_along_the_beam():
    hits = {"ieta": [2, 25], "iphi": [3, 3], "energy": [5.0, 90.0], "depth": [1, 1]}
    (words,) = trace(figure(Transverse(), event(HcalHit=hits), "transverse"), "HCAL")["text"]
    assert "4.96 GeV" in words
