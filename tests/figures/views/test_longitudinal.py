"""From the side: what goes up is drawn above the beam."""

import re

import numpy as np
import pytest

from figures.shown import event, figure, panels, traces
from hepvision.figures.views.longitudinal import Longitudinal

TRACK = {"pt": [20.0, 20.0], "eta": [1.0, -1.0], "phi": [1.0, -1.0], "charge": [1, -1]}


def test_tracks_go_where_they_fly():
    made = figure(Longitudinal(), event(Track=TRACK), "longitudinal")
    line = next(one for one in traces(made, "tracks") if one["mode"] == "lines")
    x, y = (np.array(line[key], float) for key in "xy")
    assert x[~np.isnan(x)].max() == pytest.approx(1290 * np.sinh(1.0), abs=3)
    # each goes forward and up, or backward and down
    kept = ~np.isnan(x) & (np.abs(x) > 1)
    np.testing.assert_array_equal(np.sign(x[kept]), np.sign(y[kept]))
    assert set(np.sign(x[kept])) == {-1.0, 1.0}


def test_bars_hold_all_transverse_energy():
    hits = {"ieta": [1, -85], "iphi": [100, 280], "energy": [5.0, 20.0]}
    made = figure(Longitudinal(), event(EcalBarrelHit=hits), "longitudinal")
    words = [text for one in traces(made, "ECAL") for text in one.get("text", ())]
    found = [float(re.search(r"</sub> ([\d.]+) GeV", text).group(1)) for text in words]
    expected = [5.0 / np.cosh(0.00873), 20.0 / np.cosh(1.4704)]
    assert sorted(found) == pytest.approx(sorted(expected), rel=0.01)


def test_nothing_without_curves_or_deposits():
    shown = event(Track={key: TRACK[key] for key in ("pt", "eta", "phi")})
    assert panels(Longitudinal(), shown) == {}
