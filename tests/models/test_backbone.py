"""Image networks of timm and torchvision read our images, start from files, and name near names."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from hepvision.core import names
from hepvision.core.card import component
from hepvision.core.errors import CardError, CorruptFileError, MissingExtraError, UnknownNameError
from hepvision.core.inputs import Dense, InputSpec, PartSpec, Sparse
from hepvision.deploy.bundle import Bundle, load_bundle, save_bundle
from hepvision.models.backbone import Backbone
from hepvision.models.joined import Joined
from hepvision.models.layers.batches import outputs_of
from hepvision.models.layers.image_network import ImageNetwork
from hepvision.representations._together import spec_of
from hepvision.representations.detector_image import DetectorImage
from hepvision.tasks.classification import Classification
from hepvision.training.fit import fit, new_network
from hepvision.training.options import Options
from toy_inputs import toy_spec

THERE = all(importlib.util.find_spec(one) for one in ("timm", "torchvision"))


@pytest.fixture
def libraries() -> Any:
    """timm and torchvision, which most environments do not have."""
    for one in ("timm", "torchvision"):
        pytest.importorskip(one, reason=f"{one} is not installed: `make backbones` has it")


def image(*shape: int) -> InputSpec:
    few = ("",) * shape[0]
    return {
        "jet": PartSpec("image", shape, tuple(map(str, range(shape[0]))), few, (1.0,) * shape[0])
    }


def made(network: str, *shape: int, **options: Any) -> ImageNetwork:
    torch.manual_seed(1)
    built = Backbone(network, **options).from_spec(image(*shape), 2)
    with torch.inference_mode():
        outputs = built.eval()({"jet": torch.rand(2, *shape)})
    assert outputs.shape == (2, 2)
    assert torch.isfinite(outputs).all()
    return built


@pytest.mark.skipif(THERE, reason="timm and torchvision are installed")
def test_without_the_extra_it_says_how_to_install_it() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'hepvision\[backbones\]'"):
        Backbone().from_spec(image(1, 33, 33), 2)


def test_its_extra_is_known() -> None:
    assert names.extra_of("models", "backbone") == "backbones"


def test_wrong_parameters_are_refused() -> None:
    with pytest.raises(CardError, match="image_size: must be positive"):
        component("models", {"name": "backbone", "image_size": [0, 9]})
    with pytest.raises(CardError, match="library"):
        component("models", {"name": "backbone", "library": "keras"})
    with pytest.raises(ValueError, match="library: must be timm or torchvision"):
        Backbone(library="keras")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="backbone: reads parts of kind image, got part"):
        Backbone().from_spec(toy_spec("set"), 2)


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("network", "shape", "size"),
    [
        ("resnet18", (1, 33, 33), (33, 33)),
        ("resnet50", (4, 20, 24), (20, 24)),
        ("legacy_xception", (1, 33, 33), (33, 33)),
        ("vgg11", (2, 40, 33), (40, 33)),
        ("inception_v3", (1, 33, 33), (128, 128)),
        ("convnext_atto", (1, 33, 40), (64, 64)),
        ("vit_tiny_patch16_224", (1, 33, 40), (64, 64)),
        ("test_vit", (3, 170, 360), (192, 384)),
        ("swin_tiny_patch4_window7_224", (1, 33, 33), (64, 64)),
    ],
)
def test_networks_of_timm(network: str, shape: tuple[int, ...], size: tuple[int, int]) -> None:
    assert made(network, *shape).size == size


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("network", "shape", "size"),
    [
        ("alexnet", (1, 33, 33), (64, 64)),
        ("squeezenet1_1", (2, 33, 33), (33, 33)),
        ("inception_v3", (1, 33, 33), (128, 128)),
        ("googlenet", (1, 33, 33), (33, 33)),
        ("vit_b_16", (1, 32, 32), (32, 32)),
        ("vit_b_16", (1, 33, 40), (64, 64)),
    ],
)
def test_networks_of_torchvision(
    network: str, shape: tuple[int, ...], size: tuple[int, int]
) -> None:
    built = made(network, *shape, library="torchvision")
    assert built.size == size
    # some have further outputs in training unless told otherwise
    assert built.train()({"jet": torch.rand(2, *shape)}).shape == (2, 2)


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
def test_parameters_as_published() -> None:
    """ResNet-50 has 25.6 million, on colour images with 1,000 classes; AlexNet 61.1 million."""
    thousand = Backbone("resnet50").from_spec(image(3, 64, 64), 1000)
    assert thousand.parameters_total == 25_557_032
    fewer = Backbone("resnet50").from_spec(image(1, 64, 64), 2).parameters_total
    assert thousand.parameters_total - fewer == 2 * 64 * 7 * 7 + 998 * 2049
    alexnet = Backbone("alexnet", library="torchvision").from_spec(image(3, 224, 224), 1000)
    assert alexnet.parameters_total == 61_100_840


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
def test_unknown_names_give_near_names() -> None:
    for network, library, advice in [
        ("resnet5O", "timm", "Did you mean 'resnet50'?"),
        ("alexnet", "timm", "Write library: torchvision."),
        ("convnext_atto", "torchvision", "Write library: timm."),
        ("hf-hub:timm/resnet50.a1_in1k", "timm", "timm has no"),
        ("???", "torchvision", "Take one of its list_models(), "),
    ]:
        with pytest.raises(UnknownNameError, match=re.escape(advice)) as caught:
            Backbone(network, library=library).from_spec(image(1, 33, 33), 2)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
def test_a_size_that_it_cannot_read_is_refused_in_one_line() -> None:
    for network, size in [("vit_tiny_patch16_224", (33, 33)), ("inception_v3", (20, 20))]:
        with pytest.raises(ValueError, match=f"backbone {network}: image_size") as caught:
            Backbone(network, image_size=size).from_spec(image(1, 33, 33), 2)
        assert "\n" not in str(caught.value)
    assert made("resnet18", 1, 33, 33, image_size=(66, 70)).size == (66, 70)


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("network", "library"),
    [
        ("test_efficientnet", "timm"),
        ("test_vit", "timm"),
        ("resnet18", "torchvision"),
        ("squeezenet1_1", "torchvision"),
    ],
)
def test_training_starts_from_local_weights_and_a_bundle_does_not_need_them(
    network: str, library: Any, tmp_path: Path
) -> None:
    """Colour, 1,000 classes → two channels, three classes; a grey image is seen alike inside."""
    published = Backbone(network, library=library).from_spec(image(3, 160, 160), 1000)
    path = tmp_path / "weights.safetensors"
    save_file(published.body.state_dict(), path)
    model = Backbone(network, library=library, weights=str(path))
    spec = image(2, 160, 160)
    ours = new_network(model, spec, 3, seed=0)
    fresh = new_network(Backbone(network, library=library), spec, 3, seed=0)
    grey = torch.rand(2, 1, 160, 160)
    assert (
        ours.state()[f"body.{ours.last[0]}.weight"] == fresh.state()[f"body.{ours.last[0]}.weight"]
    ).all()
    inside = []
    for one, channels in ((published, 3), (ours, 2), (fresh, 2)):
        # what reads the outputs is the only layer that may differ
        one.body.set_submodule(one.last[0], torch.nn.Identity())
        with torch.inference_mode():
            inside.append(one.eval()({"jet": grey.expand(-1, channels, -1, -1)}))
    torch.testing.assert_close(inside[1], inside[0], rtol=1e-3, atol=1e-4)
    assert not torch.allclose(inside[2], inside[0], rtol=1e-2, atol=1e-3)
    path.unlink()
    model.from_spec(spec, 3).load(new_network(Backbone(network, library), spec, 3, 1).state())
    with pytest.raises(CorruptFileError, match="no file is there") as caught:
        new_network(model, spec, 3, seed=0)
    assert "never downloaded" in str(caught.value)


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("something wants the network")

    monkeypatch.setattr(socket, "socket", refuse)
    made("resnet18", 1, 33, 33)
    made("vit_tiny_patch16_224", 1, 32, 32)
    made("resnet18", 1, 33, 33, library="torchvision")


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
def test_it_joins_other_networks() -> None:
    """Its features are what its last layer reads; the file of weights is read there too."""
    spec = image(1, 33, 33) | {"x": PartSpec("vector", (2,), ("a", "b"), ("", ""), (1.0, 1.0))}
    each = {"name": "backbone", "network": "test_efficientnet"}
    network = Joined(each=each).from_spec(spec, 2)
    rng = np.random.default_rng(1)
    offsets = np.array([0, 3, 5])
    index = rng.integers(0, 33 * 33, 5).astype(np.uint32)
    inputs = {
        "jet": Sparse(offsets, index, rng.random(5, np.float32), (1, 33, 33)),
        "x": Dense(rng.random((2, 2), np.float32)),
    }
    assert outputs_of(network, inputs, spec).shape == (2, 2)
    with pytest.raises(CorruptFileError, match="no file is there"):
        new_network(Joined(each={**each, "weights": "absent.safetensors"}), spec, 2, 0)


@pytest.mark.backbones
@pytest.mark.usefixtures("libraries")
def test_it_trains_and_travels_in_a_bundle(tmp_path: Path) -> None:
    """In bfloat16, with a last batch of one image, and what batch normalisation counts."""
    representations = {"ecal": DetectorImage(layers=("ecal",), scale=(1.0,))}
    spec = spec_of(representations)
    ((part, one),) = spec.items()
    sizes = Backbone("test_efficientnet")
    rng = np.random.default_rng(2)
    offsets = np.arange(0, 9 * 30 + 1, 30)
    index = rng.integers(0, np.prod(one.shape), 9 * 30).astype(np.uint32)
    inputs = {part: Sparse(offsets, index, rng.random(9 * 30, np.float32), one.shape)}
    target = {"class": np.arange(9) % 2}
    split = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1])
    options = Options(epochs=2, batch=4, threads=1, precision="bfloat16")
    task = Classification()
    network = new_network(sizes, spec, 2, 1)
    fitted = fit(network, task, spec, inputs, target, np.ones(9), split, options, folder=tmp_path)
    wanted = outputs_of(fitted.model, inputs, spec)
    path = save_bundle(tmp_path / "bundle", Bundle(fitted.model, sizes, representations, task))
    np.testing.assert_array_equal(outputs_of(load_bundle(path).model, inputs, spec), wanted)
    assert fitted.model.state()["body.bn1.num_batches_tracked"] > 0
