"""The compact CNN has the layers and the numbers of the paper's table."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from hepvision.core.inputs import InputSpec, PartSpec
from hepvision.models.compact_cnn import CompactCnn


def image(*shape: int) -> InputSpec:
    one = ("",) * shape[0]
    names = tuple(f"c{k}" for k in range(shape[0]))
    return {"image": PartSpec("image", shape, names, one, (1.0,) * shape[0])}


def test_layers_and_parameters_of_the_paper() -> None:
    """Figure 4b of arXiv:2002.05761, layer by layer."""
    network = CompactCnn().from_spec(image(1, 64, 64), outputs=1)
    layers = [one for one in network.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    counts = [sum(weights.numel() for weights in one.parameters()) for one in layers]
    assert counts == [100, 910, 910, 41024, 65]
    assert network.parameters_total == sum(counts) == 43_009
    shapes, maps = [], torch.rand(2, 1, 64, 64)
    for layer in network.body:
        maps = layer(maps)
        shapes.append(tuple(maps.shape[1:]))
    assert list(dict.fromkeys(shapes)) == [
        (10, 64, 64),
        (10, 32, 32),
        (10, 16, 16),
        (10, 8, 8),
        (640,),
        (64,),
        (1,),
    ]


def test_each_more_class_costs_one_row() -> None:
    """K outputs are K rows of 64 weights and a constant; two outputs hold the paper's one."""
    one, two = (CompactCnn().from_spec(image(1, 64, 64), outputs).eval() for outputs in (1, 2))
    assert two.parameters_total == 43_009 + 65
    state = one.state()
    for key in ("body.16.weight", "body.16.bias"):
        state[key] = np.concatenate([0 * state[key], state[key]])
    two.load(state)
    batch = {"image": torch.rand(5, 1, 64, 64)}
    torch.testing.assert_close(two(batch).softmax(1)[:, 1], one(batch).sigmoid()[:, 0])


@pytest.mark.parametrize("shape", [(3, 33, 33), (2, 20, 24), (1, 8, 9), (4, 170, 360)])
def test_any_image_large_enough(shape: tuple[int, ...]) -> None:
    network = CompactCnn().from_spec(image(*shape), 2)
    assert network({"image": torch.rand(2, *shape)}).shape == (2, 2)


def test_features_can_be_taken_off() -> None:
    network = CompactCnn().from_spec(image(1, 16, 16), 2)
    assert network.without_last() == 64


def test_small_images_and_wrong_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="8 × 8 pixels or more, got 7 × 64") as caught:
        CompactCnn().from_spec(image(1, 7, 64), 2)
    assert "\n" not in str(caught.value)
    for wrong in ({"maps": ()}, {"hidden": 0}, {"maps": (4, 0)}, {"dropout": 1.0}):
        with pytest.raises(ValueError, match="must be"):
            CompactCnn(**wrong)
