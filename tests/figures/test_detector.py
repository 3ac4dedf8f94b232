"""Detector images: pixels where the hits are, marks where the photons are."""

import numpy as np
import pytest

from figures.toys import CLASSES, toy_average, toy_image
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.figures._detector_frames import ENDCAPS, position
from hepvision.figures.detector import (
    average_images,
    detector_image,
    eta_profiles,
)
from hepvision.representations._canvas import canvases


def test_position_of_every_crystal_is_its_pixel():
    barrel = EcalBarrel()
    ieta, iphi = barrel.numbers(np.arange(barrel.channels))
    row, column = barrel.row_column(ieta, iphi)
    x, y = position("barrel", barrel.shape, *barrel.eta_phi(ieta, iphi))
    np.testing.assert_allclose(x, column, atol=1e-6)
    np.testing.assert_allclose(y, row, atol=1e-6)


def _drawn(figure, layer):
    """Pixels with colour in the image of a layer; HCAL is drawn first, ECAL second."""
    image = figure.axes[0].get_images()[layer]
    return image.to_rgba(image.get_array())[..., 3] > 0


def test_a_hit_above_the_floor_is_drawn_at_its_pixel_and_one_below_is_not():
    image = np.zeros((3, 170, 360))
    image[1, 20, 300] = 5.0
    image[1, 90, 10] = 0.01
    image[2, 50:55, 70:75] = 0.5
    image[0, 100, 200] = 3.0
    figure = detector_image(image)
    assert np.argwhere(_drawn(figure, 1)).tolist() == [[20, 300]]
    assert _drawn(figure, 0).sum() == 25
    assert figure.axes[0].collections[0].get_offsets().data.tolist() == [[200.0, 100.0]]


def test_a_short_colour_bar_has_more_than_one_number():
    image = np.zeros((3, 170, 360))
    image[:, 20, 300] = 0.3
    figure = detector_image(image)
    for bar in figure.axes[0].child_axes:
        low, high = bar.get_xlim()
        assert sum(low <= tick <= high for tick in bar.get_xticks()) > 2


def test_empty_event_is_drawn():
    assert not _drawn(detector_image(np.zeros((3, 170, 360))), 1).any()


def test_photons_are_marked_in_the_barrel_only():
    image, photons = toy_image(1)
    photons = {key: np.append(value, 2.0) for key, value in photons.items()}
    figure = detector_image(image, photons, "toy")
    circles = [line for line in figure.axes[0].get_lines() if line.get_label() == "_photon"]
    places = np.array([line.get_xydata()[0] for line in circles])
    column, row = position("barrel", EcalBarrel.shape, photons["eta"][:2], photons["phi"][:2])
    np.testing.assert_allclose(places, np.stack([column, row], axis=1))


ECAL_CENTRIC = {"barrel": (170, 360), "endcap_minus": (100, 100), "endcap_plus": (100, 100)}


def _toy_parts(shapes, seed=3):
    rng = np.random.default_rng(seed)
    return {name: rng.exponential(0.5, (3, *shape)) for name, shape in shapes.items()}


@pytest.mark.parametrize("side", [-1, 1])
def test_position_of_every_endcap_crystal_is_its_pixel(side):
    endcap = EcalEndcap()
    row, column = np.nonzero(endcap.exists())
    eta, phi = endcap.eta_phi(column + 1, row + 1, side)
    name = next(key for key, sign in ENDCAPS.items() if sign == side)
    x, y = position(name, (100, 100), eta, phi)
    np.testing.assert_allclose(x, column, atol=1e-6)
    np.testing.assert_allclose(y, row, atol=1e-6)
    assert np.isnan(position(name, (100, 100), -eta, phi)[1]).all()


def test_position_in_the_whole_is_its_pixel():
    canvas = canvases("hcal_centric")["image"]
    x, y = position("image", canvas.shape, *canvas.eta_phi())
    row, column = np.indices(canvas.shape)
    np.testing.assert_allclose(x, column, atol=1e-6)
    np.testing.assert_allclose(y, row, atol=1e-6)


def test_every_part_is_drawn_on_its_own_axes_with_its_photons():
    parts = {name: np.zeros((3, *shape)) for name, shape in ECAL_CENTRIC.items()}
    parts["endcap_minus"][1, 70, 20] = 4.0
    photons = {"eta": [0.5, -2.0], "phi": [1.0, 2.0], "pt": [50.0, 40.0]}
    figure = detector_image(parts, photons, "toy")
    panels = {axes.get_title(): axes for axes in figure.axes if axes.get_images()}
    minus = panels["endcap −z"].get_images()[1]
    seen = minus.to_rgba(minus.get_array())[..., 3] > 0
    assert np.argwhere(seen).tolist() == [[70, 20]]
    assert not _drawn(figure, 1).any()
    circles = {
        name: sum(line.get_label() == "_photon" for line in axes.get_lines())
        for name, axes in panels.items()
    }
    assert circles == {"toy": 1, "endcap +z": 0, "endcap −z": 1}


def test_the_whole_has_a_photon_anywhere():
    photons = {"eta": [0.5, -2.0], "phi": [1.0, 2.0]}
    axes = detector_image(np.zeros((3, 280, 360)), photons).axes[0]
    assert sum(line.get_label() == "_photon" for line in axes.get_lines()) == 2


def test_layers_share_a_scale_among_parts():
    parts = _toy_parts(ECAL_CENTRIC)
    parts["endcap_plus"][1, 50, 80] = 300.0
    panels = [axes for axes in detector_image(parts).axes if len(axes.get_images()) == 2]
    assert len(panels) == 3
    assert {axes.get_images()[1].norm.vmax for axes in panels} == {300.0}


def test_average_endcaps_stand_beside_each_other():
    parts = _toy_parts({name: ECAL_CENTRIC[name] for name in ENDCAPS})
    figure = average_images({"higgs": parts})
    shown = figure.axes[0].get_images()[0].get_array()
    assert shown.shape == (50, 102)
    left = np.nan_to_num(np.ma.filled(shown, 0.0)[:, :50]).sum()
    there = EcalEndcap().exists()
    blocks = there.reshape(50, 2, 50, 2).any(axis=(1, 3)).repeat(2, 0).repeat(2, 1)
    assert left == pytest.approx(parts["endcap_minus"][0][blocks].sum())


def test_average_and_profile_of_the_whole_keep_the_sum():
    image = _toy_parts({"image": (280, 360)})["image"]
    figure = average_images({"higgs": image})
    assert figure.axes[0].get_images()[0].get_array().sum() == pytest.approx(image[0].sum())
    values = eta_profiles({"higgs": image}, ["red"]).axes[2].patches[0].get_data()
    assert values.values.sum() == pytest.approx(image[2].sum())
    assert (values.edges[0], values.edges[-1]) == (-28, 28)


def test_input_is_not_changed():
    image, photons = toy_image(2)
    before = image.copy()
    detector_image(image, photons)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("shape", [(170, 360), (2, 170, 360)])
def test_wrong_number_of_layers_is_refused(shape):
    with pytest.raises(ValueError, match=r"must have shape \(3, rows, columns\)"):
        detector_image(np.zeros(shape))


def test_averages_share_a_scale_in_a_row_and_keep_the_sum():
    images = {name: toy_average(i) for i, name in enumerate(CLASSES)}
    figure = average_images(images)
    panels = [axes for axes in figure.axes if axes.get_images()][:9]
    for i, axes in enumerate(panels):
        shown = axes.get_images()[0]
        assert shown.get_clim() == panels[i // 3 * 3].get_images()[0].get_clim()
        expected = images[CLASSES[i % 3]][i // 3].sum()
        assert shown.get_array().sum() == pytest.approx(expected)
    with pytest.raises(ValueError, match="one class or more"):
        average_images({})


def test_profile_is_the_sum_over_phi():
    image = toy_average(1)
    figure = eta_profiles({"higgs": image}, ["red"])
    values = figure.axes[1].patches[0].get_data().values
    assert values.sum() == pytest.approx(image[1].sum())
