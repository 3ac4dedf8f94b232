"""Any image network of timm or torchvision, for images of any size and number of channels."""

import dataclasses
import functools
from typing import Any, ClassVar, Literal

from hepvision.core.errors import UnknownNameError
from hepvision.core.inputs import InputSpec
from hepvision.core.names import hint, require
from hepvision.models.layers.choice import single_part
from hepvision.models.layers.image_network import (
    ImageNetwork,
    Size,
    ends,
    fitting,
    with_channels,
)

__all__ = ["Backbone"]

#: torchvision: these have a second output in training unless told otherwise.
_SINGLE_OUTPUT = {"googlenet", "inception_v3"}


@dataclasses.dataclass(frozen=True)
class Backbone:
    """A published image network with our channels and outputs: ResNet, ConvNeXt, ViT and so on.

    Images are read at their own size where the network can. Where it cannot, since they are too
    small for it or no multiple of the patches that it cuts them into, they are scaled to the
    first size that it reads: the next multiples of 32 pixels, twice and four times these, or the
    size it was published with.

    Parameters
    ----------
    network : str
        Its name in the library, such as ``resnet50``, ``legacy_xception``, ``inception_v3``,
        ``vgg19``, ``convnext_tiny``, ``vit_small_patch16_224``; ``alexnet`` is in torchvision.
    library : "timm" or "torchvision"
        Where it is from.
    weights : str
        File of weights to start the training from, as the library names them: safetensors, or a
        state_dict of torch. They are never downloaded. A trained bundle does not need the file.
    image_size : tuple (int, int), optional
        Rows and columns that images are scaled to. Networks that cut images into patches take
        weights only at the size that these were trained with.

    References
    ----------
    R. Wightman, PyTorch Image Models, doi:10.5281/zenodo.4414861; TorchVision, doi:10.1145/
    1873951.1874254; K. He, X. Zhang, S. Ren, J. Sun, CVPR (2016) 770, arXiv:1512.03385.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> part = PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))
    >>> Backbone(network="resnet50").from_spec({"x": part}, outputs=2)
    Traceback (most recent call last):
    ...
    ValueError: backbone: reads parts of kind image, got x (vector). Representations that fit: ...
    """

    network: str = "resnet18"
    library: Literal["timm", "torchvision"] = "timm"
    weights: str = ""
    image_size: tuple[int, int] | None = None
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"image"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {"small": {}, "paper": {"network": "resnet50"}}

    def __post_init__(self) -> None:
        if self.library not in {"timm", "torchvision"}:
            raise ValueError(f"library: must be timm or torchvision, got {self.library!r}.")
        if self.image_size is not None and min(self.image_size) < 1:
            raise ValueError(f"image_size: must be positive, got {self.image_size}. Leave it out.")

    def from_spec(self, spec: InputSpec, outputs: int) -> ImageNetwork:
        """A network with fresh weights; its ``start`` reads the file of weights.

        Parameters
        ----------
        spec : InputSpec
            Exactly one image.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Images → (B, outputs).

        Raises
        ------
        MissingExtraError
            timm or torchvision is not installed.
        UnknownNameError
            The library has no such network.
        ValueError
            The network cannot read the images.
        """
        part = single_part("backbone", spec, self.reads_kinds)
        channels, rows, columns = spec[part].shape
        self._checked_name()
        if self.library == "timm":
            usual, any_size = _usual_of_timm(self.network)
            build = functools.partial(_from_timm, self.network, channels, outputs, any_size)
        else:
            usual, any_size = (224, 224), not self.network.startswith("vit_")
            build = functools.partial(_from_torchvision, self.network, channels, outputs, any_size)
        wanted = self.image_size or (rows, columns)
        try:
            body, size = fitting(build, channels, wanted, usual, any_size, not self.image_size)
        except ValueError as error:
            raise ValueError(f"backbone {self.network}: {error}") from error
        first, last = ends(body)
        return ImageNetwork(part, body, size, first, last, self.weights)

    def _checked_name(self) -> None:
        timm, torchvision = require("timm"), require("torchvision")
        known = {
            "timm": timm.list_models(),
            "torchvision": torchvision.models.list_models(module=torchvision.models),
        }
        here = known.pop(self.library)
        if self.network in here:
            return
        ((other, there),) = known.items()
        advice = hint(self.network, here, f"Take one of its list_models(), {len(here)} in all.")
        if self.network in there:
            advice = f"Write library: {other}."
        raise UnknownNameError(f"backbone: {self.library} has no {self.network!r}. {advice}")


def _usual_of_timm(network: str) -> tuple[Size, bool]:
    """Images that a network was published with, and whether it reads others as it is."""
    settings = require("timm").get_pretrained_cfg(network)
    if settings is None:
        return (224, 224), True
    return settings.input_size[1:], not settings.fixed_input_size


def _from_timm(network: str, channels: int, outputs: int, any_size: bool, size: Size) -> Any:
    sizes = {} if any_size else {"img_size": size}
    return require("timm").create_model(
        network, pretrained=False, in_chans=channels, num_classes=outputs, **sizes
    )


def _from_torchvision(network: str, channels: int, outputs: int, any_size: bool, size: Size) -> Any:
    options: dict[str, Any] = {} if any_size else {"image_size": size[0]}
    if network in _SINGLE_OUTPUT:
        options = {"aux_logits": False, "init_weights": True}
    models = require("torchvision").models
    made = models.get_model(network, weights=None, num_classes=outputs, **options)
    return with_channels(made, channels)
