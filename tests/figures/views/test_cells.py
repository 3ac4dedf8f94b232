"""Cells in space: all energy is there, each cell at its depth and place."""

import numpy as np
import pytest

from figures.shown import event, figure, panels
from hepvision.figures.views.cells import AROUND, Cells

CELLS = {
    "part": [0, 0, 1],
    "layer": [0, 24, 3],
    "row": [0, 50, 5],
    "column": [25, 50, 0],
    "energy": [0.5, 0.1, 2.0],
}
AXES = ["row", "column", "layer"]
CLIC = {
    "cells": {
        "ECAL": {"part": 0, "shape": [51, 51, 25], "axes": AXES},
        "HCAL": {"part": 1, "shape": [11, 11, 60], "axes": AXES},
    }
}


def test_cells_are_at_their_places_and_parts_behind_each_other():
    made = figure(Cells(), event(CLIC, Cell=CELLS), "cells")
    ecal, hcal = made["data"]
    assert (ecal["name"], hcal["name"]) == ("ECAL", "HCAL")
    assert ecal["x"] == [0.0, 24.0]
    assert hcal["x"] == [28.0]
    assert ecal["y"] == pytest.approx([50.0, 100 * 50.5 / 51], abs=0.01)
    assert hcal["z"] == pytest.approx([50.0], abs=0.01)
    total = sum(row[2] for one in made["data"] for row in one["customdata"])
    assert total == pytest.approx(2.6, rel=1e-4)
    assert hcal["marker"]["size"][0] > ecal["marker"]["size"][1]


def test_radial_bins_are_polar_and_whole_rings_are_rings():
    axes, names = ["layer", "row", "column"], ["layer", "alpha", "r"]
    about = {
        "cells": {
            "layer_0": {"part": 0, "shape": [1, 1, 8], "axes": axes, "names": names},
            "layer_1": {"part": 1, "shape": [1, 10, 16], "axes": axes, "names": names},
        }
    }
    cells = {"part": [0, 1], "layer": [0, 1], "row": [0, 2], "column": [3, 4]}
    ring, cell = figure(Cells(), event(about, Cell=cells | {"energy": [1.0, 2.0]}), "cells")["data"]
    assert len(ring["x"]) == AROUND
    np.testing.assert_allclose(np.hypot(ring["y"], ring["z"]), 3.5, atol=0.02)
    assert (cell["x"], cell["y"], cell["z"]) == ([1.0], [0.0], [4.5])


def test_very_many_are_thinned_and_their_share_is_said():
    index = np.arange(40_000)
    cells = {"layer": index // 1600, "row": index // 40 % 40, "column": index % 40}
    energy = np.where(index % 10 == 0, 1.0, 0.01)
    panel = panels(Cells(most=4000), event(Cell=cells | {"energy": energy}))["cells"]
    assert len(panel.figure["data"][0]["x"]) == 4000
    assert "the 4,000 with the most energy, 91.7 % of it" in panel.text


def test_cells_outside_of_the_grid_are_told():
    cells = CELLS | {"row": [-1, 50, 5], "column": [-1, 50, 0]}
    text = panels(Cells(), event(CLIC, Cell=cells))["cells"].text
    assert "Outside of the grid, not drawn: 1 cells" in text
