"""Compact CNN: three small convolutions with maxima between them, then two dense layers."""

import dataclasses
from typing import Any, ClassVar

from torch import nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import single_part
from hepvision.models.layers.dense import checked_dropout
from hepvision.models.layers.dropout import Dropout
from hepvision.models.layers.network import Network

__all__ = ["CompactCnn"]


@dataclasses.dataclass(frozen=True)
class CompactCnn:
    """The layered network with 43,009 parameters that beat one of 34 million.

    3 × 3 convolutions with rectifiers, each followed by the maximum of 2 × 2 pixels and dropout,
    then a hidden dense layer. The paper's network has one output, a probability of signal by the
    logistic function. Here K classes have K outputs and their softmax: for two classes this is
    the logistic function of the difference of both outputs, the same functions with 65 weights
    more, 43,074. With ``outputs=1`` it is the paper's own.

    Parameters
    ----------
    maps : tuple of int
        Feature maps of each convolution; each halves the image, so K of them need a side of 2^K.
    hidden : int
        Width of the hidden dense layer.
    dropout : float
        Share of values that are left out in training after each maximum.
    last_dropout : float
        The same before the hidden layer. The paper draws both layers without their shares.

    References
    ----------
    V. Ayyar, W. Bhimji, L. Gerhardt, S. Robertson, Z. Ronaghi, EPJ Web Conf. 245 (2020) 06003,
    arXiv:2002.05761.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> image = PartSpec("image", (1, 64, 64), ("pt",), ("GeV",), (1.0,))
    >>> CompactCnn().from_spec({"image": image}, outputs=1).parameters_total
    43009
    """

    maps: tuple[int, ...] = (10, 10, 10)
    hidden: int = 64
    dropout: float = 0.1
    last_dropout: float = 0.1
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"image"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {"small": {}, "paper": {}}

    def __post_init__(self) -> None:
        if not self.maps or min(self.maps) < 1 or self.hidden < 1:
            raise ValueError(f"maps, hidden: must be positive, got {self.maps}, {self.hidden}.")
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
            The image is too small to be halved so often.
        """
        part = single_part("compact_cnn", spec, self.reads_kinds)
        width, rows, columns = spec[part].shape
        halved = 2 ** len(self.maps)
        if min(rows, columns) < halved:
            raise ValueError(
                f"compact_cnn: {len(self.maps)} maxima need images of {halved} × {halved} pixels "
                f"or more, got {rows} × {columns}. Give it fewer maps."
            )
        layers: list[nn.Module] = []
        for maps in self.maps:
            layers += [
                nn.Conv2d(width, maps, 3, padding=1),
                # the largest of rectified values is the largest one, rectified: of fewer numbers
                nn.MaxPool2d(2),
                nn.ReLU(inplace=True),
                Dropout(self.dropout),
            ]
            width = maps
        pixels = (rows // halved) * (columns // halved)
        layers += [
            nn.Flatten(),
            Dropout(self.last_dropout),
            nn.Linear(width * pixels, self.hidden),
            nn.ReLU(inplace=True),
            nn.Linear(self.hidden, outputs),
        ]
        return Network(part, nn.Sequential(*layers))
