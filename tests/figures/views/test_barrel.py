"""The unrolled barrel: pixels are the hits, towers lie behind their crystals."""

import base64

import awkward as ak
import numpy as np

from figures.shown import event, figure, panels, traces
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.figures._deposits import Floors
from hepvision.figures._event import event_of
from hepvision.figures.views.barrel import Barrel
from toy_events import toy_events

FULL = toy_events(3, seed=4, photons=2, mean=60)


def test_pixels_are_the_hits():
    made = figure(Barrel(), event_of(FULL[1]), "barrel")
    one = next(t for t in traces(made, "ECAL") if t["type"] == "heatmap")
    image = np.frombuffer(base64.b64decode(one["z"]["bdata"]), np.uint8).reshape(170, 360)
    hits = FULL[1].EcalBarrelHit[FULL[1].EcalBarrelHit.energy >= Floors().ecal]
    row, column = EcalBarrel().row_column(hits.ieta, hits.iphi)
    expected = np.zeros((170, 360), bool)
    expected[row, column] = True
    np.testing.assert_array_equal(image > 0, expected)


def test_a_tower_lies_behind_its_crystals():
    hit = {"ieta": [-1], "iphi": [72], "energy": [5.0], "depth": [1]}
    (one,) = traces(figure(Barrel(), event(HcalHit=hit), "barrel"), "HCAL")
    seen = np.array([[value is not None for value in line] for line in one["z"]])
    # crystals iphi 6 to 10 are in front of tower 72, and the row below 0
    assert np.argwhere(seen).tolist() == [[16, 1]]
    assert one["x0"] + one["dx"] * 1 == 8
    assert one["y0"] + one["dy"] * 16 == -2.5


def test_no_panel_without_a_hit_above_its_floor():
    faint = event(EcalBarrelHit={"ieta": [1], "iphi": [1], "energy": [0.1]})
    assert panels(Barrel(), faint) == {}
    assert list(panels(Barrel(Floors(ecal=0.05)), faint)) == ["barrel"]
    far = event(HcalHit={"ieta": [25], "iphi": [1], "energy": [9.0], "depth": [1]})
    assert panels(Barrel(), far) == {}


def test_the_caption_counts_what_is_drawn():
    text = panels(Barrel(), event_of(FULL[0]))["barrel"].text
    energy = ak.to_numpy(FULL[0].EcalBarrelHit.energy)
    assert f"{(energy >= 0.2).sum()} of {energy.size} barrel crystals above 0.2 GeV" in text
