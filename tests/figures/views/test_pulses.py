"""Modules have the first time and all charge of their pulses; the direction is drawn."""

import numpy as np
import pytest

from figures.shown import event, figure, panels, trace
from hepvision.figures.views.pulses import Pulses

PULSES = {
    "x": [1000.0, 1000.0, 5000.0],
    "y": [0.0, 0.0, 2000.0],
    "z": [-3000.0, -3000.0, 4000.0],
    "time": [200.0, 120.0, 300.0],
    "charge": [1.0, 2.5, 0.5],
    "auxiliary": [False, True, False],
}


def test_pulses_of_a_module_come_together():
    one = trace(figure(Pulses(), event(Pulse=PULSES), "modules"), "modules")
    assert (one["x"], one["y"], one["z"]) == ([1.0, 5.0], [0.0, 2.0], [-3.0, 4.0])
    assert one["customdata"] == [[120.0, 3.5, 2.0], [300.0, 0.5, 1.0]]
    assert one["marker"]["color"] == [120.0, 300.0]
    assert one["marker"]["size"][0] > one["marker"]["size"][1]


def test_all_pulses_stand_at_their_times():
    made = figure(Pulses(), event(Pulse=PULSES), "times")
    assert trace(made, "pulses")["x"] == [200.0, 300.0]
    assert trace(made, "auxiliary pulses, may be noise")["y"] == [-3.0]


def test_the_direction_goes_through_the_vertex():
    way = {"theta": [0.5], "phi": [1.0]}
    vertex = {"x": [10_000.0], "y": [-4000.0], "z": [500.0]}
    one = trace(
        figure(Pulses(), event(Pulse=PULSES, Primary=way | vertex), "modules"),
        "primary particle",
        "lines",
    )
    ends = np.array([one[key] for key in "xyz"])
    np.testing.assert_allclose(ends.mean(axis=1), [10.0, -4.0, 0.5], atol=0.1)
    along = np.diff(ends, axis=1).ravel()
    along /= np.linalg.norm(along)
    expected = [np.sin(0.5) * np.cos(1.0), np.sin(0.5) * np.sin(1.0), np.cos(0.5)]
    np.testing.assert_allclose(along, expected, atol=2e-3)
    text = panels(Pulses(), event(Pulse=PULSES, Primary=way))["modules"].text
    assert "no file tells its vertex" in text


def test_very_many_modules_are_thinned_and_it_is_said():
    rng = np.random.default_rng(2)
    many = {key: rng.normal(0, 1e5, 30_000) for key in "xyz"}
    many |= {"time": rng.uniform(0, 1e4, 30_000), "charge": rng.exponential(1.0, 30_000)}
    made = panels(Pulses(), event(Pulse=many))
    assert len(made["modules"].figure["data"][0]["x"]) == 6000
    assert "6,000 of 30,000 modules" in made["modules"].text
    assert "6,000 of 30,000 pulses" in made["times"].text
    kept = made["modules"].figure["data"][0]["customdata"]
    assert min(row[1] for row in kept) == pytest.approx(np.sort(many["charge"])[-6000], abs=1e-3)
