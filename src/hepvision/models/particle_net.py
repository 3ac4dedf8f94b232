"""ParticleNet: edge convolutions on the nearest neighbours among the particles of a jet."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.columns import Place, columns, mask_of, values_at
from hepvision.models.layers.dense import checked_dropout, checked_hidden, dense
from hepvision.models.layers.edge_convolution import EdgeConvolution, nearest
from hepvision.models.layers.network import Network, Tensors
from hepvision.models.layers.rows import (
    RowNormalisation,
    longest,
    packed_rows,
    padded,
    pooled_mean,
)

__all__ = ["ParticleNet"]


@dataclasses.dataclass(frozen=True)
class ParticleNet:
    """Each block joins a particle with its nearest neighbours; later blocks by their features.

    The first block looks for neighbours in Δη and Δφ, each other one in the features that the
    block before it made. All columns of the part that has Δη are features. Only real particles
    are computed: padding costs nothing, is no neighbour, and is in no mean of a normalisation.
    A jet of fewer than k + 1 particles has the particle itself for the neighbours that lack.

    Parameters
    ----------
    neighbours : int
        k, of each particle.
    widths : tuple of int
        One a block, the width of its dense layers.
    depth : int
        Dense layers of a block.
    hidden : tuple of int
        Widths of the dense layers on the mean over particles.
    dropout : float
        Share of hidden values that are left out in training.

    References
    ----------
    H. Qu, L. Gouskos, Phys. Rev. D 101 (2020) 056019, arXiv:1902.08570. The size ``small`` is
    ParticleNet-Lite, ``paper`` is ParticleNet.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> names = ("delta_eta", "delta_phi", "log_pt")
    >>> jet = PartSpec("set", (128, 3), names, ("",) * 3, (1.0,) * 3)
    >>> ParticleNet(widths=(8, 16), hidden=(4,)).from_spec({"jet": jet}, outputs=2).parameters_total
    1372
    """

    neighbours: int = 7
    widths: tuple[int, ...] = (32, 64)
    depth: int = 3
    hidden: tuple[int, ...] = (128,)
    dropout: float = 0.1
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"set", "sequence"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "small": {},
        "paper": {"neighbours": 16, "widths": (64, 128, 256), "hidden": (256,)},
    }

    def __post_init__(self) -> None:
        if min(self.neighbours, self.depth, *self.widths) < 1 or not self.widths:
            raise ValueError(
                f"neighbours, depth, widths: must be positive, got {self.neighbours}, "
                f"{self.depth}, {self.widths}. Give one width a block."
            )
        checked_hidden(self.hidden)
        checked_dropout(self.dropout)

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Particles of jets, with columns ``delta_eta`` and ``delta_phi``.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Particles → (B, outputs).
        """
        parts_of_kind("particle_net", spec, self.reads_kinds)
        points = columns("particle_net", spec, ("delta_eta", "delta_phi"))
        part = points["delta_eta"][0]
        features = {name: (part, at) for at, name in enumerate(spec[part].names)}
        scale = [spec[key].scale[at] for key, at in points.values()]
        blocks = [
            EdgeConvolution(before, (width,) * self.depth)
            for before, width in itertools.pairwise((len(features), *self.widths))
        ]
        head = dense(self.widths[-1], self.hidden, outputs, self.dropout)
        return _Jets(features, points, scale, blocks, self.neighbours, head)


class _Jets(Network):
    scale: Tensor

    def __init__(
        self,
        features: Mapping[str, Place],
        points: Mapping[str, Place],
        scale: Sequence[float],
        blocks: Sequence[EdgeConvolution],
        neighbours: int,
        head: nn.Sequential,
    ):
        super().__init__(next(iter(points.values()))[0], head)
        self.features, self.points, self.neighbours = dict(features), dict(points), neighbours
        # columns may be scaled differently, distances must not be
        self.register_buffer("scale", torch.tensor(scale), persistent=False)
        self.normalisation = RowNormalisation(len(features))
        self.blocks = nn.ModuleList(blocks)

    def forward(self, inputs: Tensors) -> Tensor:
        mask = mask_of(inputs, self.points)
        mask = mask[:, : longest(mask)]
        points = values_at(inputs, self.points)[:, : mask.shape[1]] * self.scale
        shape, rows = (mask.shape[0], mask.shape[1]), packed_rows(mask)
        features = values_at(inputs, self.features)[:, : mask.shape[1]]
        values = self.normalisation(features.reshape(-1, features.shape[-1])[rows])
        for number, block in enumerate(self.blocks):
            if number:
                points = padded(values.detach(), rows, shape)
            values = block(values, nearest(points, mask, rows, self.neighbours))
        outputs: Tensor = self.body(pooled_mean(values, rows, mask))
        return outputs.float()
