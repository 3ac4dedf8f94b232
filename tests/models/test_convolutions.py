"""Layered networks: the published large one to the last weight, sizes, circles, refusals."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from hepvision.core.card import component
from hepvision.core.inputs import InputSpec, PartSpec
from hepvision.models.convolutions import Convolutions


def image(*shape: int) -> InputSpec:
    one = ("",) * shape[0]
    names = tuple(f"c{k}" for k in range(shape[0]))
    return {"image": PartSpec("image", shape, names, one, (1.0,) * shape[0])}


def test_the_large_network_of_the_paper() -> None:
    """Table 2 of arXiv:2002.05761: 34,515,201; convolutions 64, 128/2, 256, 256/2, dense 512."""
    large = component("models", {"name": "convolutions", "size": "large"})
    network = large.from_spec(image(1, 64, 64), outputs=1)
    layers = [one for one in network.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    counts = [sum(weights.numel() for weights in one.parameters()) for one in layers]
    assert counts == [640, 73_856, 295_168, 590_080, 33_554_944, 513]
    assert network.parameters_total == sum(counts) == 34_515_201
    two = large.from_spec(image(1, 64, 64), outputs=2)
    assert two.parameters_total == 34_515_201 + 513


@pytest.mark.parametrize("shape", [(1, 64, 64), (3, 33, 20), (2, 8, 9)])
@pytest.mark.parametrize("pooling", ["none", "maximum", "mean"])
@pytest.mark.parametrize("circular", [False, True])
def test_any_image_and_every_layer(shape, pooling, circular) -> None:
    one = Convolutions(
        (3, 4), strides=(2, 1), kernels=(5, 3), pooling=pooling, hidden=(), circular=circular
    )
    network = one.from_spec(image(*shape), 2)
    assert network({"image": torch.rand(2, *shape)}).shape == (2, 2)


def test_a_circle_has_no_special_place() -> None:
    """Strides and pooling of 2 in three layers: the picture may be turned by 8 columns."""
    torch.manual_seed(1)
    body = Convolutions(maps=(4, 4, 4), circular=True).from_spec(image(1, 16, 32), 2).body
    maps = nn.Sequential(*list(body)[: list(map(type, body)).index(nn.Flatten)]).eval()
    picture = torch.rand(1, 1, 16, 32)
    torch.testing.assert_close(maps(picture.roll(8, -1)), maps(picture).roll(1, -1))


@pytest.mark.parametrize("frame", ["phi_eta", "window", "endcap"])
def test_columns_that_do_not_go_around_the_beam_are_not_closed(frame) -> None:
    part = dataclasses.replace(image(1, 16, 16)["image"], frame=frame)
    Convolutions().from_spec({"image": part}, 2)
    with pytest.raises(ValueError, match=f"convolutions: circular needs columns.*'{frame}'"):
        Convolutions(circular=True).from_spec({"image": part}, 2)


def test_features_can_be_taken_off() -> None:
    assert Convolutions().from_spec(image(1, 16, 16), 2).without_last() == 32


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"maps": ()}, "maps: must be positive"),
        ({"maps": (4, 0)}, "maps: must be positive"),
        ({"strides": (1, 2)}, "strides: must be one positive number, or 3"),
        ({"kernels": (4,)}, "kernels: must be odd"),
        ({"kernels": (0,)}, "kernels: must be one positive number"),
        ({"pooling": "median"}, "pooling: must be none or one of"),
        ({"hidden": (0,)}, "hidden: widths must be positive"),
        ({"dropout": 1.0}, "dropout: must be in"),
        ({"last_dropout": -0.1}, "dropout: must be in"),
    ],
)
def test_nonsense_is_refused_in_one_line(given, message) -> None:
    with pytest.raises(ValueError, match=message) as error:
        Convolutions(**given)
    assert "\n" not in str(error.value)


def test_small_images_are_refused() -> None:
    with pytest.raises(ValueError, match="3 layers need larger images than 7 × 64 pixels"):
        Convolutions().from_spec(image(1, 7, 64), 2)
    with pytest.raises(ValueError, match="need larger images than 64 × 2"):
        Convolutions((2,), kernels=(7,), circular=True).from_spec(image(1, 64, 2), 2)
