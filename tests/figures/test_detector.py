"""Detector images: pixels where the hits are, marks where the photons are."""

import numpy as np
import pytest

from figures.toys import CLASSES, toy_average, toy_image
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.figures.detector import (
    average_images,
    barrel_position,
    detector_image,
    eta_profiles,
)


def test_position_of_every_crystal_is_its_pixel():
    barrel = EcalBarrel()
    ieta, iphi = barrel.numbers(np.arange(barrel.channels))
    row, column = barrel.row_column(ieta, iphi)
    x, y = barrel_position(*barrel.eta_phi(ieta, iphi))
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


def test_empty_event_is_drawn():
    assert not _drawn(detector_image(np.zeros((3, 170, 360))), 1).any()


def test_photons_are_marked_in_the_barrel_only():
    image, photons = toy_image(1)
    photons = {key: np.append(value, 2.0) for key, value in photons.items()}
    figure = detector_image(image, photons, "toy")
    circles = [line for line in figure.axes[0].get_lines() if line.get_label() == "_photon"]
    places = np.array([line.get_xydata()[0] for line in circles])
    column, row = barrel_position(photons["eta"][:2], photons["phi"][:2])
    np.testing.assert_allclose(places, np.stack([column, row], axis=1))


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
