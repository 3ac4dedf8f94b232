"""Published pictures: pixel by pixel what the event holds, channel by channel."""

import numpy as np
import pytest

from figures.shown import event, figure, lit, panels
from hepvision.figures.views.pictures import Pictures


def _picture(image, **more):
    shape = list(image.shape)
    index = np.flatnonzero(image)
    about = {"image": {"shape": shape, "channels": ["a", "b", "c"][: shape[0]]} | more}
    return event(about, Pixel={"index": index, "value": image.ravel()[index]})


def test_pixels_are_those_of_the_event():
    rng = np.random.default_rng(3)
    image = np.where(rng.random((2, 9, 5)) < 0.3, rng.exponential(2.0, (2, 9, 5)), 0.0)
    for number in range(2):
        made = figure(Pictures(), _picture(image, unit="GeV"), f"picture_{number}")
        np.testing.assert_allclose(lit(made["data"][0]), image[number], rtol=1e-6)


def test_blank_channels_have_no_panel_and_are_named():
    image = np.zeros((3, 4, 4))
    image[1, 2, 2] = 5.0
    made = panels(Pictures(), _picture(image))
    assert list(made) == ["picture_1"]
    assert "Blank: a, c." in made["picture_1"].text
    assert "Lit pixels: 1 of 16, together 5." in made["picture_1"].text


def test_negative_pixels_get_colours_of_their_own():
    image = np.zeros((1, 4, 4))
    image[0, 0, :2] = 3.0, -2.0
    one = figure(Pictures(), _picture(image), "picture_0")["data"][0]
    assert one["zmin"] == -one["zmax"]
    assert lit(one).sum() == pytest.approx(1.0)


def test_large_pictures_are_added_up_in_blocks_and_it_is_said():
    rng = np.random.default_rng(4)
    image = np.where(rng.random((1, 1500, 1100)) < 0.01, rng.exponential(1.0, (1, 1500, 1100)), 0)
    panel = panels(Pictures(), _picture(image))["picture_0"]
    shown = lit(panel.figure["data"][0])
    assert max(shown.shape) <= 512
    assert shown.sum() == pytest.approx(image.sum(), rel=1e-5)
    assert "Blocks of 3 × 3 pixels are added up" in panel.text


def test_axes_have_the_names_that_the_format_gives():
    image = np.ones((1, 2, 2))
    shown = _picture(image)
    dune = event(shown.about | {"reader": "dune_cvn"}, Pixel=dict(shown.collections["Pixel"]))
    for one, names in ((shown, ("column", "row")), (dune, ("time tick", "wire"))):
        layout = figure(Pictures(), one, "picture_0")["layout"]
        found = [layout[key]["title"]["text"] for key in ("xaxis", "yaxis")]
        assert found == [f"{name} [pixels]" for name in names]


def test_without_a_shape_there_is_no_picture():
    assert panels(Pictures(), event(Pixel={"index": [1], "value": [1.0]})) == {}
    about = {"image": {"shape": [3, 20, 20]}}
    many = event({"image": {"shape": [20, 2, 2]}}, Pixel={"index": range(80), "value": [1.0] * 80})
    assert len(panels(Pictures(), many)) == 12
    assert "the first 12 of 20 channels" in panels(Pictures(), many)["picture_0"].text
    outside = event(about, Pixel={"index": [5000], "value": [1.0]})
    assert panels(Pictures(), outside) == {}
