"""ResNet-15: fifteen convolutions on a detector image, then the global maximum."""

import dataclasses
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import single_part
from hepvision.models.layers.convolutions import PhiConvolution, ResidualBlock, checked_circle
from hepvision.models.layers.dense import checked_dropout
from hepvision.models.layers.dropout import Dropout
from hepvision.models.layers.network import Network

__all__ = ["Resnet15"]


@dataclasses.dataclass(frozen=True)
class Resnet15:
    """A small residual network without normalisation layers, as in the end-to-end papers.

    A 7 × 7 convolution of stride 2, residual blocks, one strided block to twice the maps,
    residual blocks again, the maximum of each map over the whole image, and a dense layer.

    Parameters
    ----------
    maps : tuple (int, int)
        Feature maps before and after the strided block.
    blocks : int
        Residual blocks on each side of it; 3 make fifteen convolutions.
    circular : bool
        Close φ to a circle, so that nothing is special about φ = −10°.
    dropout : float
        Share of maxima that are left out in training.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, EPJ Web Conf. 214 (2019) 06031; Comput. Softw.
    Big Sci. 4 (2020) 6, arXiv:1807.11916.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> image = PartSpec("image", (1, 170, 360), ("ecal",), ("GeV",), (1.0,))
    >>> Resnet15().from_spec({"image": image}, outputs=3).parameters_total
    84739
    """

    maps: tuple[int, int] = (16, 32)
    blocks: int = 3
    circular: bool = False
    dropout: float = 0.0
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"image"})
    output_level: ClassVar[str] = "example"

    def __post_init__(self) -> None:
        if min(self.maps) < 1 or self.blocks < 0:
            raise ValueError(f"maps, blocks: must be positive, got {self.maps}, {self.blocks}.")
        checked_dropout(self.dropout)

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
            Columns are to be closed that do not go around the beam.
        """
        part = single_part("resnet15", spec, self.reads_kinds)
        if self.circular:
            checked_circle("resnet15", spec, part)
        few, many = self.maps
        layers = [
            PhiConvolution(spec[part].width, few, 7, 2, self.circular),
            nn.ReLU(inplace=True),
            *(ResidualBlock(few, few, 1, self.circular) for _ in range(self.blocks)),
            ResidualBlock(few, many, 2, self.circular),
            *(ResidualBlock(many, many, 1, self.circular) for _ in range(self.blocks)),
            _GlobalMaximum(),
            Dropout(self.dropout),
            nn.Linear(many, outputs),
        ]
        return Network(part, nn.Sequential(*layers))


class _GlobalMaximum(nn.Module):
    def forward(self, maps: Tensor) -> Tensor:
        # not amax: its gradient takes three passes over all maps, and loses their memory format
        return functional.adaptive_max_pool2d(maps, 1).flatten(1)
