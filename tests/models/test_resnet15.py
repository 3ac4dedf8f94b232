"""The paper's network: its depth, its symmetry, where it may look."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from hepvision.core.inputs import PartSpec
from hepvision.models.layers.batches import Buffers, outputs_of
from hepvision.models.resnet15 import Resnet15
from toy_inputs import toy_inputs, toy_spec


def spec(channels: int = 3) -> dict[str, PartSpec]:
    names = ("tracks", "ecal", "hcal")[:channels]
    units, scale = ("GeV",) * channels, (1.0,) * channels
    return {"image": PartSpec("image", (channels, 170, 360), names, units, scale)}


def test_fifteen_convolutions() -> None:
    network = Resnet15().from_spec(spec(), 3)
    convolutions = [one for one in network.modules() if isinstance(one, nn.Conv2d)]
    sides = [one.kernel_size[0] for one in convolutions]
    assert sides.count(7) == 1
    assert sides.count(3) == 14
    # the shortcut of the strided block
    assert sides.count(1) == 1


def test_rows_around_the_beam_are_not_closed_as_columns() -> None:
    names, plain = ("red", "green", "blue"), ("",) * 3
    for frame, fits in (
        ("phi_eta", False),
        ("window", False),
        ("endcap", False),
        ("eta_phi", True),
    ):
        part = PartSpec("image", (3, 32, 32), names, plain, (1.0,) * 3, frame)  # type: ignore[arg-type]
        Resnet15().from_spec({"image": part}, 2)
        if fits:
            Resnet15(circular=True).from_spec({"image": part}, 2)
            continue
        with pytest.raises(ValueError, match=f"circular.*{frame}"):
            Resnet15(circular=True).from_spec({"image": part}, 2)


def test_a_closed_circle_knows_no_phi() -> None:
    """Turning by the total stride leaves the global maximum alone; the open one may change."""
    torch.manual_seed(2)
    image = torch.zeros(1, 3, 170, 360)
    image[0, :, 80:84, 355:360] = torch.rand(3, 4, 5)
    closed = Resnet15(circular=True).from_spec(spec(), 3)
    turned = image.roll(8, dims=-1)
    with torch.no_grad():
        a, b = closed({"image": image}), closed({"image": turned})
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)
        open_one = Resnet15().from_spec(spec(), 3)
        open_one.load(closed.state())
        assert not torch.equal(open_one({"image": image}), open_one({"image": turned}))


def test_channels_last_stays_channels_last() -> None:
    buffers = Buffers(toy_spec("image"), 2)
    image = buffers.tensors(toy_inputs("image", 2), np.arange(2))["part"]
    assert isinstance(image, torch.Tensor)
    assert image.is_contiguous(memory_format=torch.channels_last)
    network = Resnet15(circular=True).from_spec(toy_spec("image"), 2)
    network = network.to(memory_format=torch.channels_last)
    seen = []
    for one in network.modules():
        if isinstance(one, nn.Conv2d):
            one.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    network({"part": image})
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one in seen)


def test_bfloat16_agrees_with_float32() -> None:
    torch.manual_seed(4)
    network, inputs = Resnet15().from_spec(toy_spec("image"), 3), toy_inputs("image", 8)
    exact = outputs_of(network, inputs, toy_spec("image"))
    coarse = outputs_of(network, inputs, toy_spec("image"), bfloat16=True)
    assert not np.array_equal(exact, coarse)
    np.testing.assert_allclose(coarse, exact, atol=0.02)


@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("size", [(100, 100), (280, 360)])
def test_endcaps_and_the_whole_detector(size: tuple[int, int], circular: bool) -> None:
    """Every corner of the image reaches the maximum and learns from it."""
    whole = {"image": PartSpec("image", (2, *size), ("ecal", "hcal"), ("GeV",) * 2, (1.0,) * 2)}
    torch.manual_seed(3)
    network = Resnet15(circular=circular).from_spec(whole, 3)
    assert network.parameters_total == Resnet15().from_spec(spec(2), 3).parameters_total
    with torch.no_grad():
        blank = network({"image": torch.zeros(1, 2, *size)})
        for row, column in [(0, 0), (0, -1), (-1, 0), (-1, -1)]:
            image = torch.zeros(1, 2, *size)
            image[0, :, row, column] = 50.0
            assert not torch.allclose(network({"image": image}), blank)
