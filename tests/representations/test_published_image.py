"""Published pictures: as they were, cut, and normalised."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.errors import CardError, SchemaError
from hepvision.events.schema import build, from_columns
from hepvision.readers._account import Account
from hepvision.readers._dense import pixels
from hepvision.representations.published_image import PublishedImage

SHAPE = (3, 9, 8)


def images(events: int = 5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    value = rng.normal(0.2, 1.0, (events, *SHAPE)).astype(np.float32)
    value[rng.random(value.shape) < 0.6] = 0
    value[1, 2] = 0
    return value


def events_of(pictures: np.ndarray, **image: Any) -> ak.Array:
    number = len(pictures)
    one = np.ones(number)
    counts, columns = pixels(pictures, Account())
    about = {"shape": list(SHAPE), "channels": ["a", "b", "c"], "unit": "GeV"} | image
    return build(
        {
            "event_id": np.arange(number),
            "sample": "toy",
            "weight": one,
            "run": one,
            "luminosityBlock": one,
            "event": one,
            "pileup": one,
        },
        {"Pixel": from_columns(np.cumsum([0, *counts]), columns, "Pixel")},
        {"image": about},
    )


def drawn(one: PublishedImage, events: ak.Array) -> np.ndarray:
    image = one(events)["image"]
    out = np.full((len(image), *image.shape), np.nan, np.float32)
    image.fill(out)
    return out


def test_it_is_the_published_picture() -> None:
    truth = images()
    np.testing.assert_array_equal(drawn(PublishedImage(), events_of(truth)), truth)
    np.testing.assert_array_equal(drawn(PublishedImage(shape=SHAPE), events_of(truth)), truth)


def test_channels_are_chosen_by_name_in_any_order() -> None:
    truth = images()
    one = PublishedImage(keep=("c", "a"))
    np.testing.assert_array_equal(drawn(one, events_of(truth)), truth[:, [2, 0]])
    spec = one.measured([events_of(truth)]).spec["image"]
    assert spec.names == ("c", "a")
    assert spec.units == ("GeV", "GeV")


@pytest.mark.parametrize("crop", [(9, 8), (5, 4), (4, 5), (1, 1), (8, 7)])
def test_crop_is_the_middle(crop: tuple[int, int]) -> None:
    truth = images()
    top, left = (9 - crop[0]) // 2, (8 - crop[1]) // 2
    wanted = truth[:, :, top : top + crop[0], left : left + crop[1]]
    np.testing.assert_array_equal(drawn(PublishedImage(crop=crop), events_of(truth)), wanted)


def test_the_crop_of_the_papers() -> None:
    """20 to 105 of 125 pixels."""
    assert PublishedImage(shape=(3, 125, 125), crop=(85, 85))._window() == ((20, 85), (20, 85))


@pytest.mark.parametrize("how", ["sum", "maximum"])
def test_normalised_channels(how: Any) -> None:
    truth = images().astype(np.float64)
    size = np.abs(truth)
    whole = (size.sum((2, 3)) if how == "sum" else size.max((2, 3)))[:, :, None, None]
    wanted = np.divide(truth, whole, out=np.zeros_like(truth), where=whole > 0)
    made = drawn(PublishedImage(normalise=how), events_of(images()))
    np.testing.assert_allclose(made, wanted, rtol=1e-6)
    assert PublishedImage(shape=SHAPE, normalise=how, unit="").spec["image"].units[0] == how


def test_least_is_cut_before_the_sum() -> None:
    truth = images()
    cut = np.where(truth > 0.5, truth, 0)
    whole = cut.sum((2, 3), keepdims=True)
    made = drawn(PublishedImage(least=0.5, normalise="sum"), events_of(truth))
    np.testing.assert_allclose(made, np.divide(cut, whole, where=whole > 0, out=cut), rtol=1e-5)


def test_measured_keeps_what_the_events_tell() -> None:
    truth = images(8)
    one = PublishedImage().measured([events_of(truth[:4]), events_of(truth[4:])])
    assert (one.shape, one.channels, one.unit) == (SHAPE, ("a", "b", "c"), "GeV")
    assert one.scale is not None
    for k in range(3):
        lit = truth[:, k][truth[:, k] != 0].astype(np.float64)
        assert one.scale[k] == pytest.approx(np.sqrt((lit**2).mean()), rel=1e-5)
    made = drawn(one, events_of(truth))
    np.testing.assert_allclose(made, truth / np.array(one.scale)[:, None, None], rtol=1e-5)


def test_wrong_shapes_are_refused() -> None:
    truth = images()
    with pytest.raises(SchemaError, match=r"needs the shape of the picture"):
        _ = PublishedImage().spec
    with pytest.raises(SchemaError, match=r"must have shape \(3, 8, 9\), got \(3, 9, 8\)"):
        PublishedImage(shape=(3, 8, 9))(events_of(truth))
    other = events_of(truth)
    other.attrs["hepvision"] = {}
    with pytest.raises(SchemaError, match="must lie in"):
        PublishedImage(shape=(1, 2, 2))(other)
    with pytest.raises(SchemaError, match="must have shape"):
        PublishedImage().measured([events_of(truth), events_of(truth, shape=[3, 8, 9])])
    with pytest.raises(SchemaError, match="no channel 'aa'. Did you mean 'a'?"):
        PublishedImage(keep=("aa",))(events_of(truth))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"crop": [10, 3]}, "crop: must lie in"),
        ({"keep": ["x"]}, "no channel 'x'"),
        ({"channels": ["a", "b"]}, "channels: must be 3 names"),
        ({"least": -1}, "least: must be 0 or more"),
        ({"scale": [0, 1, 1]}, "scale: must be positive"),
        ({"normalise": "mean"}, "normalise"),
        ({"shape": [3, 9]}, "shape"),
    ],
)
def test_mistakes_of_a_card(options: dict[str, Any], says: str) -> None:
    with pytest.raises(CardError, match=says):
        component("representations", {"name": "published_image", "shape": SHAPE} | options)
