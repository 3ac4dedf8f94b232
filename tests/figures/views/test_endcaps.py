"""Both endcaps: the sign of z decides the disc."""

import base64

import numpy as np

from figures.shown import event, figure, panels
from hepvision.figures.views.endcaps import APART, Endcaps


def test_each_crystal_is_in_its_disc():
    hit = {"ix": [10, 90], "iy": [50, 20], "side": [-1, 1], "energy": [1.0, 5.0]}
    made = figure(Endcaps(), event(EcalEndcapHit=hit), "endcaps")
    one = made["data"][0]
    image = np.frombuffer(base64.b64decode(one["z"]["bdata"]), np.uint8)
    image = image.reshape([int(size) for size in one["z"]["shape"].split(",")])
    assert np.argwhere(image > 0).tolist() == [[19, 89 + APART], [49, 9]]
    assert image[19, 89 + APART] > image[49, 9]
    assert made["data"][1]["customdata"][1][:3] == [90.0, 20.0, 5.0]


def test_no_panel_of_faint_crystals():
    hit = {"ix": [10], "iy": [50], "side": [-1], "energy": [0.01]}
    assert panels(Endcaps(), event(EcalEndcapHit=hit)) == {}
