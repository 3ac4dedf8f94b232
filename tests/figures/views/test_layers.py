"""The profile and the maps hold the energy of the cells, no more and no less."""

import numpy as np
import pytest

from figures.shown import event, figure, lit, panels
from hepvision.figures.views.layers import Layers

CELLS = {
    "part": [0, 0, 0, 1],
    "layer": [0, 2, 1, 0],
    "row": [0, 0, 3, 1],
    "column": [1, 1, 2, 1],
    "energy": [0.5, 0.25, 1.0, 4.0],
}
AXES = ["row", "column", "layer"]
ABOUT = {
    "cells": {
        "front": {"part": 0, "shape": [4, 3, 3], "axes": AXES},
        "back": {"part": 1, "shape": [2, 2, 1], "axes": AXES},
    }
}


def test_the_profile_is_the_sum_of_each_layer():
    front, back = figure(Layers(), event(ABOUT, Cell=CELLS), "profile")["data"]
    assert (front["x"], front["y"]) == ([0, 1, 2], [0.5, 1.0, 0.25])
    assert (back["x"], back["y"]) == ([3], [4.0])


def test_the_maps_are_summed_along_the_shower():
    shown = event(ABOUT, Cell=CELLS)
    image = lit(figure(Layers(), shown, "layer_0")["data"][0])
    expected = np.zeros((4, 3))
    expected[0, 1], expected[3, 2] = 0.75, 1.0
    np.testing.assert_allclose(image, expected)
    assert lit(figure(Layers(), shown, "layer_1")["data"][0])[1, 1] == pytest.approx(4.0)
    assert "1.75 GeV in 3 cells, summed over 3 layers" in panels(Layers(), shown)["layer_0"].text


def test_one_layer_has_no_profile():
    one = {key: value[:1] for key, value in CELLS.items()} | {"row": [1], "column": [1]}
    assert list(panels(Layers(), event(Cell=one))) == ["layer_0"]
