"""A network of another library, with images scaled, channels changed and weights read to fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from hepvision.core.errors import CorruptFileError
from hepvision.models.layers.image_network import ImageNetwork, ends, fitting, with_channels


def body(channels: int = 2, outputs: int = 3, normalised: bool = False) -> nn.Sequential:
    """Reads images of 9 × 9 or more."""
    middle = [nn.BatchNorm2d(4)] if normalised else []
    convolution = nn.Conv2d(channels, 4, 9)
    pool = nn.AdaptiveAvgPool2d(1)
    return nn.Sequential(convolution, *middle, pool, nn.Flatten(), nn.Linear(4, outputs))


def test_the_first_size_that_fits() -> None:
    tried: list[tuple[int, int]] = []

    def build(size: tuple[int, int]) -> nn.Module:
        tried.append(size)
        return nn.Conv2d(2, 1, size[0] if size[0] >= 64 else 999)

    made, size = fitting(build, 2, (20, 40), (224, 224), any_size=False)
    assert size == (64, 128)
    assert tried == [(20, 40), (32, 64), (64, 128)]
    assert made.training
    tried.clear()
    with pytest.raises(ValueError, match=r"got 20 × 40 \(.*\). Give image_size: \[224, 224\]"):
        fitting(build, 2, (20, 40), (224, 224), any_size=True)
    assert tried == [(20, 40)]
    with pytest.raises(ValueError, match="image_size") as caught:
        fitting(build, 2, (20, 40), (224, 224), any_size=False, enlarge=False)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("patch", "size"), [(1, (36, 50)), (4, (64, 64)), (16, (64, 64))])
def test_patches_lose_no_pixel(patch: int, size: tuple[int, int]) -> None:
    """Of 36 × 50 pixels, patches of 16 × 16 would drop one in three; small ones are paired."""
    made = fitting(lambda _: nn.Conv2d(2, 1, patch, patch), 2, (36, 50), (224, 224), any_size=True)
    assert made[1] == size
    with pytest.raises(ValueError, match="what is over a multiple of 16 pixels would be cut off"):
        fitting(lambda _: nn.Conv2d(2, 1, 16, 16), 2, (36, 48), (224, 224), True, enlarge=False)


def test_images_are_scaled_and_not_before_they_must() -> None:
    network = ImageNetwork("jet", body(), (16, 16), ["0"], ["3"])
    image = torch.rand(2, 2, 16, 16)
    torch.testing.assert_close(network({"jet": image}), network.body(image))
    small = torch.rand(2, 2, 5, 8)
    larger = nn.functional.interpolate(small, (16, 16), mode="bilinear")
    torch.testing.assert_close(network({"jet": small}), network.body(larger))
    flat = torch.full((1, 2, 40, 30), 2.5)
    torch.testing.assert_close(network({"jet": flat}), network.body(flat[..., :16, :16]))


def test_a_last_batch_of_one_example_trains() -> None:
    """Its variance over one pixel does not exist, so it takes that of the sample."""
    network = ImageNetwork("jet", body(normalised=True), (9, 9), ["0"], ["4"])
    network({"jet": torch.rand(1, 2, 9, 9)}).sum().backward()
    assert network.body[1].num_batches_tracked == 0
    network({"jet": torch.rand(2, 2, 9, 9)})
    assert network.body[1].num_batches_tracked == 1
    network.eval()({"jet": torch.rand(2, 2, 9, 9)})
    assert network.body[1].num_batches_tracked == 1
    with pytest.raises(ValueError, match="more than 1 value"):
        network.train().body(torch.rand(1, 2, 9, 9))


def test_ends_are_what_timm_says_or_what_is_there() -> None:
    network = body()
    assert ends(network) == (("0",), ("3",))
    network.pretrained_cfg = {"first_conv": "stem", "classifier": ("head", "head_dist")}
    assert ends(network) == (("stem",), ("head", "head_dist"))


def test_channels_change_the_first_convolution_alone() -> None:
    assert with_channels(body(3), 3)[0].in_channels == 3
    other = nn.Sequential(nn.Conv2d(3, 4, (3, 5), 2, 1, bias=False), nn.Conv2d(4, 8, 1))
    first, second = with_channels(other, 5)
    wanted = (5, (3, 5), (2, 2), (1, 1), None)
    got = first.in_channels, first.kernel_size, first.stride, first.padding, first.bias
    assert got == wanted
    assert second.in_channels == 4


def test_training_starts_from_a_file(tmp_path: Path) -> None:
    given = body(3, outputs=7)
    save_file(given.state_dict(), tmp_path / "weights.safetensors")
    network = ImageNetwork(
        "jet", body(), (9, 9), ["0"], ["3"], str(tmp_path / "weights.safetensors")
    )
    before = network.state()
    network.start()
    after = network.state()
    torch.testing.assert_close(torch.tensor(after["body.0.bias"]), given[0].bias.detach())
    assert (before["body.3.weight"] == after["body.3.weight"]).all()
    save_file({"0.weight": torch.ones(4, 3, 9, 9)}, tmp_path / "weights.safetensors")
    with pytest.raises(CorruptFileError, match=r"weights.safetensors: 0.bias must be \(4,\)"):
        network.start()


def test_features() -> None:
    network = ImageNetwork("jet", body(), (9, 9), ["0"], ["3"])
    assert network.without_last() == 4
    assert network({"jet": torch.rand(2, 2, 9, 9)}).shape == (2, 4)
    with pytest.raises(ValueError, match="must end in one dense layer, got 3"):
        network.without_last()
