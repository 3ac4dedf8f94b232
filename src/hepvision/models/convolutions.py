"""Convolutions one after the other, then dense layers: any layered network of images."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from torch import nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import single_part
from hepvision.models.layers.convolutions import PhiConvolution, checked_circle
from hepvision.models.layers.dense import checked_dropout, checked_hidden, dense
from hepvision.models.layers.dropout import Dropout
from hepvision.models.layers.network import Network

__all__ = ["Convolutions"]

Pooling = Literal["none", "maximum", "mean"]
_LARGE = {
    "maps": (64, 128, 256, 256),
    "strides": (1, 2, 1, 2),
    "pooling": "none",
    "hidden": (512,),
}
_POOLS: dict[str, type[nn.Module]] = {"maximum": nn.MaxPool2d, "mean": nn.AvgPool2d}


@dataclasses.dataclass(frozen=True)
class Convolutions:
    """A layered convolutional network whose every layer is a setting.

    Each convolution has a rectifier; after it come pooling over 2 × 2 pixels, where it is asked
    for, and dropout. The maps of the last one are read by dense layers.

    Size ``large``, or ``paper``, is the network of 34,515,201 parameters that searches for
    supersymmetry were first done with: four 3 × 3 convolutions of which the second and the fourth
    halve the image, and 512 hidden units on what is left; so many on one channel of 64 × 64 and
    with one output.
    Of K classes each has an output here, 513 weights more a class.

    Parameters
    ----------
    maps : tuple of int
        Feature maps of each convolution.
    strides : tuple of int
        Steps of each convolution; one number is for all.
    kernels : tuple of int
        Sides of the kernels, odd; one number is for all.
    pooling : "none", "maximum" or "mean"
        What halves the image after each convolution whose stride is 1.
    hidden : tuple of int
        Widths of the hidden dense layers.
    dropout : float
        Share of values that are left out in training after each convolution.
    last_dropout : float
        The same after each hidden dense layer.
    circular : bool
        Close φ to a circle in convolutions, so that nothing is special about φ = π.

    References
    ----------
    W. Bhimji, S. A. Farrell, T. Kurth, M. Paganini, Prabhat, E. Racah, J. Phys. Conf. Ser. 1085
    (2018) 042034, arXiv:1711.03573. V. Ayyar, W. Bhimji, L. Gerhardt, S. Robertson, Z. Ronaghi,
    EPJ Web Conf. 245 (2020) 06003, arXiv:2002.05761.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> image = {"image": PartSpec("image", (1, 64, 64), ("energy",), ("GeV",), (1.0,))}
    >>> Convolutions().from_spec(image, outputs=2).parameters_total
    72754
    """

    maps: tuple[int, ...] = (16, 16, 32)
    strides: tuple[int, ...] = (1,)
    kernels: tuple[int, ...] = (3,)
    pooling: Pooling = "maximum"
    hidden: tuple[int, ...] = (32,)
    dropout: float = 0.0
    last_dropout: float = 0.0
    circular: bool = False
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"image"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {"small": {}, "large": _LARGE, "paper": _LARGE}

    def __post_init__(self) -> None:
        if not self.maps or min(self.maps) < 1:
            raise ValueError(f"maps: must be positive, got {self.maps}. Name one a convolution.")
        for name, given in (("strides", self.strides), ("kernels", self.kernels)):
            if len(given) not in {1, len(self.maps)} or min(given) < 1:
                raise ValueError(
                    f"{name}: must be one positive number, or {len(self.maps)}, got {given}."
                )
        if any(side % 2 == 0 for side in self.kernels):
            raise ValueError(f"kernels: must be odd, got {self.kernels}. Take 3 or 5.")
        if self.pooling != "none" and self.pooling not in _POOLS:
            raise ValueError(
                f"pooling: must be none or one of {tuple(_POOLS)}, got {self.pooling}."
            )
        checked_hidden(self.hidden)
        checked_dropout(self.dropout)
        checked_dropout(self.last_dropout)

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

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
        ValueError
            The image is too small to be halved so often, or too narrow for a kernel, or columns
            are to be closed that do not go around the beam.
        """
        part = single_part("convolutions", spec, self.reads_kinds)
        if self.circular:
            checked_circle("convolutions", spec, part)
        width, *sides = spec[part].shape
        layers: list[nn.Module] = []
        for maps, stride, kernel in self._layers():
            halved = 2 if self.pooling != "none" and stride == 1 else 1
            after = [math.ceil(side / stride) // halved for side in sides]
            # a circle can be closed once around only
            if min(after) < 1 or (self.circular and kernel // 2 > sides[1]):
                raise ValueError(
                    f"convolutions: {len(self.maps)} layers need larger images than "
                    f"{spec[part].shape[1]} × {spec[part].shape[2]} pixels. Give it fewer layers, "
                    "smaller strides and kernels, or no pooling."
                )
            found: list[nn.Module] = [
                PhiConvolution(width, maps, kernel, stride, self.circular),
                nn.ReLU(inplace=True),
            ]
            if halved == 2:
                # the largest of rectified values is the largest one, rectified: of fewer numbers
                found.insert(1 if self.pooling == "maximum" else 2, _POOLS[self.pooling](2))
            layers += found
            if self.dropout:
                layers.append(Dropout(self.dropout))
            width, sides = maps, after
        pixels = width * sides[0] * sides[1]
        layers += [nn.Flatten(), *dense(pixels, self.hidden, outputs, self.last_dropout)]
        return Network(part, nn.Sequential(*layers))

    def _layers(self) -> Sequence[tuple[int, int, int]]:
        """Maps, stride and kernel of each convolution."""
        number = len(self.maps)
        strides, kernels = (
            one * number if len(one) == 1 else one for one in (self.strides, self.kernels)
        )
        return list(zip(self.maps, strides, kernels, strict=True))
