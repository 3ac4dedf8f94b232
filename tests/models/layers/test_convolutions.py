"""Closed in φ, open in η."""

from __future__ import annotations

import pytest
import torch

from hepvision.models.layers.convolutions import PhiConvolution, ResidualBlock


@pytest.mark.parametrize("stride", [1, 2])
def test_a_closed_convolution_turns_with_its_image(stride: int) -> None:
    layer, image = PhiConvolution(2, 3, 7, stride, circular=True), torch.rand(1, 2, 12, 16)
    turned = layer(image.roll(4, dims=-1))
    torch.testing.assert_close(turned, layer(image).roll(4 // stride, dims=-1))
    assert turned.shape == (1, 3, 12 // stride, 16 // stride)


def test_eta_is_not_closed() -> None:
    layer, image = PhiConvolution(1, 1, 3, circular=True), torch.rand(1, 1, 8, 8)
    assert not torch.allclose(layer(image.roll(2, dims=-2)), layer(image).roll(2, dims=-2))


def test_open_and_closed_agree_away_from_the_ends() -> None:
    closed, image = PhiConvolution(1, 2, 5, circular=True), torch.rand(1, 1, 9, 12)
    plain = PhiConvolution(1, 2, 5)
    plain.load_state_dict(closed.state_dict())
    torch.testing.assert_close(closed(image)[..., 2:-2], plain(image)[..., 2:-2])


def test_a_block_without_weights_is_its_shortcut() -> None:
    block, image = ResidualBlock(3, 3), torch.rand(2, 3, 4, 4)
    for one in block.parameters():
        torch.nn.init.zeros_(one)
    torch.testing.assert_close(block(image), image)
