"""Shower shapes of pictures: those of the reconstruction, where both look at the same crystals."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Dense, Sparse
from hepvision.events.schema import flat, from_columns
from hepvision.reconstruction.photons import photons
from hepvision.representations.object_crop import ObjectCrop
from hepvision.representations.picture_shapes import PictureShapes
from toy_events import toy_events


def values(shapes: PictureShapes, events: ak.Array) -> np.ndarray:
    part = shapes(events)["vector"]
    assert isinstance(part, Dense)
    return part.values


@pytest.fixture(scope="module")
def showers() -> ak.Array:
    """Photons of random 5 × 5 showers, and windows around them as their pictures."""
    rng, number = np.random.default_rng(3), 40
    down, right = np.divmod(np.arange(25), 5)
    row, column = rng.integers(10, 160, number), rng.integers(0, 360, number)
    index = ((row[:, None] + down) * 360 + (column[:, None] + right) % 360).ravel()
    energy = np.where(np.arange(25) == 12, 40.0, rng.exponential(1.5, (number, 25))).ravel()
    half = index // 360 - 85
    columns = {
        "ieta": half + (half >= 0),
        "iphi": index % 360 + 1,
        "energy": energy,
        "time": rng.normal(0, 1, len(index)),
    }
    hits = from_columns(np.arange(number + 1) * 25, columns, "EcalBarrelHit")
    events = ak.with_field(toy_events(number, mean=0), hits, "EcalBarrelHit")
    events = ak.with_field(events, photons(events), "Photon")
    part = ObjectCrop()(events)["image"]
    assert isinstance(part, Sparse)
    pixels = from_columns(part.offsets, {"index": part.index, "value": part.value}, "Pixel")
    events = ak.with_field(events, pixels, "Pixel")
    attrs = {"image": {"shape": [2, 32, 32], "channels": ["energy", "time"], "unit": ""}}
    return ak.Array(events.layout, attrs={"hepvision": attrs})


def test_shapes_are_those_of_the_reconstructed_photons(showers: ak.Array) -> None:
    found = values(PictureShapes(shape=(2, 32, 32), channels=("energy", "time")), showers)
    photon = showers["Photon"][:, 0]
    for k, name in enumerate(("r9", "sieie", "sipip")):
        np.testing.assert_allclose(found[:, k], photon[name], rtol=1e-5)


def test_multiplied_pictures_have_equal_shapes(showers: ak.Array) -> None:
    shapes = PictureShapes(shape=(2, 32, 32), channels=("energy", "time"), channel="energy")
    offsets, pixel = flat(showers["Pixel"])
    brighter = from_columns(offsets, {**pixel, "value": 0.02 * pixel["value"]}, "Pixel")
    found = values(shapes, ak.with_field(showers, brighter, "Pixel"))
    np.testing.assert_allclose(found, values(shapes, showers), rtol=1e-5)


def test_measured_takes_shape_and_constants_from_the_events(showers: ak.Array) -> None:
    shapes = PictureShapes(channel="energy").measured([showers[:20], showers[20:]])
    assert shapes.shape == (2, 32, 32)
    assert shapes.channels == ("energy", "time")
    assert np.abs(values(shapes, showers)).mean(axis=0) == pytest.approx(np.ones(3), rel=1e-4)


def test_dark_pictures_give_zeros(showers: ak.Array) -> None:
    dark = ak.with_field(showers, showers["Pixel"][:, :0], "Pixel")
    assert not values(PictureShapes(shape=(2, 32, 32)), dark).any()


def test_an_unknown_channel_is_named() -> None:
    with pytest.raises(SchemaError, match="no channel 'energi'. Did you mean 'energy'"):
        PictureShapes(shape=(2, 32, 32), channels=("energy", "time"), channel="energi")


def test_wrong_constants_are_refused() -> None:
    with pytest.raises(ValueError, match="3 positive"):
        PictureShapes(scale=(1.0, 2.0))
