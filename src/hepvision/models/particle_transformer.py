"""Particle Transformer: attention among the particles of a jet, biased by what pairs are."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.attention import ClassBlock, ParticleBlock, pair_bias
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.columns import Place, columns, mask_of, values_at
from hepvision.models.layers.dense import checked_dropout, dense
from hepvision.models.layers.network import Network, Tensors
from hepvision.models.layers.pair_features import PairEmbedding, pair_features
from hepvision.models.layers.rows import (
    Group,
    RowNormalisation,
    exporting,
    grouped,
    longest,
    packed_rows,
    padded,
    pairs,
)

__all__ = ["ParticleTransformer"]

#: Jets of similar length whose attention is computed together.
TOGETHER = 16


@dataclasses.dataclass(frozen=True)
class ParticleTransformer:
    """Particles look at each other; kT, z, ΔR and mass of each pair say how much.

    All columns of the part that has Δη are features of a particle. The logarithms of the four
    numbers of a pair are computed in float32 from four-momenta, embedded once, and added to the
    attention of all blocks; a particle is no pair with itself, though in the authors' code it is
    one of no distance. Then a class token looks at the particles, and outputs are read off it.
    Dense layers run over real particles and pairs only.

    Parameters
    ----------
    width, heads : int
        Features of a particle, and heads that share them.
    blocks, class_blocks : int
        Rounds of attention among particles, and of the class token to them.
    embedding : tuple of int
        Widths of the dense layers before the blocks, to which ``width`` is added.
    pair_embedding : tuple of int
        Widths of the dense layers on pairs.
    expansion : int
        Width of the hidden dense layer of a block, in widths.
    dropout : float
        Share that is left out in training, of what a block adds.

    References
    ----------
    H. Qu, C. Li, S. Qian, ICML (2022), arXiv:2202.03772.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> names = ("delta_eta", "energy", "px", "py", "pz")
    >>> jet = PartSpec("set", (128, 5), names, ("",) * 5, (1.0,) * 5)
    >>> sizes = ParticleTransformer(width=8, heads=2, blocks=1, embedding=(), pair_embedding=(4,))
    >>> sizes.from_spec({"jet": jet}, outputs=2).parameters_total
    2076
    """

    width: int = 64
    heads: int = 4
    blocks: int = 4
    class_blocks: int = 1
    embedding: tuple[int, ...] = (64, 128)
    pair_embedding: tuple[int, ...] = (32, 32)
    expansion: int = 4
    dropout: float = 0.1
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"set", "sequence"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "small": {},
        "paper": {
            "width": 128,
            "heads": 8,
            "blocks": 8,
            "class_blocks": 2,
            "embedding": (128, 512),
            "pair_embedding": (64, 64, 64),
        },
    }

    def __post_init__(self) -> None:
        counts = (self.width, self.heads, self.class_blocks, self.expansion)
        if min(*counts, *self.embedding, *self.pair_embedding) < 1 or self.blocks < 0:
            raise ValueError(f"sizes: must be positive, got {dataclasses.asdict(self)}. Give more.")
        if self.width % self.heads:
            raise ValueError(
                f"width: must be a multiple of heads, got {self.width} and {self.heads}. "
                "Change one."
            )
        checked_dropout(self.dropout)

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Particles of jets, with columns ``delta_eta``, ``energy``, ``px``, ``py`` and ``pz``.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Particles → (B, outputs).
        """
        parts_of_kind("particle_transformer", spec, self.reads_kinds)
        wanted = ("delta_eta", "energy", "px", "py", "pz")
        momenta = columns("particle_transformer", spec, wanted)
        part = momenta.pop("delta_eta")[0]
        features = {name: (part, at) for at, name in enumerate(spec[part].names)}
        scale = [spec[key].scale[at] for key, at in momenta.values()]
        return _Jets(self, features, momenta, scale, outputs)

    def embedded(self, features: int) -> nn.Sequential:
        """The dense layers before the blocks.

        Parameters
        ----------
        features : int
            Features of a particle that are read.

        Returns
        -------
        nn.Sequential
            Rows (M, features) → (M, width).
        """
        layers: list[nn.Module] = [RowNormalisation(features)]
        for before, after in itertools.pairwise((features, *self.embedding, self.width)):
            layers += [nn.LayerNorm(before), nn.Linear(before, after), nn.GELU()]
        return nn.Sequential(*layers)


class _Jets(Network):
    scale: Tensor

    def __init__(
        self,
        sizes: ParticleTransformer,
        features: Mapping[str, Place],
        momenta: Mapping[str, Place],
        scale: Sequence[float],
        outputs: int,
    ):
        head = nn.Sequential(nn.LayerNorm(sizes.width), *dense(sizes.width, (), outputs, 0.0))
        super().__init__(next(iter(features.values()))[0], head)
        self.features, self.momenta = dict(features), dict(momenta)
        self.register_buffer("scale", torch.tensor(scale), persistent=False)
        self.embedding = sizes.embedded(len(features))
        self.pairs = PairEmbedding(sizes.pair_embedding, sizes.heads)
        width, heads, expansion = sizes.width, sizes.heads, sizes.expansion
        self.blocks = nn.ModuleList(
            ParticleBlock(width, heads, expansion, sizes.dropout) for _ in range(sizes.blocks)
        )
        self.class_blocks = nn.ModuleList(
            ClassBlock(width, heads, expansion) for _ in range(sizes.class_blocks)
        )
        self.token = nn.Parameter(torch.empty(width))
        nn.init.trunc_normal_(self.token, std=0.02)

    def forward(self, inputs: Tensors) -> Tensor:
        mask = mask_of(inputs, self.features)
        most = longest(mask)
        # the longest first, so that the jets of a group need little padding
        order = _order(mask)
        mask = mask[:, :most][order]
        rows, groups = packed_rows(mask), grouped(mask, TOGETHER)
        momenta = values_at(inputs, self.momenta)[:, :most][order].reshape(-1, 4)[rows]
        biases = self._biases(momenta * self.scale, groups)
        features = values_at(inputs, self.features)[:, :most][order]
        values = self.embedding(features.reshape(-1, features.shape[2])[rows])
        for block in self.blocks:
            values = block(values, biases, groups)
        token = self.token.expand(len(mask), -1)
        particles = padded(values, rows, (len(mask), most))
        for block in self.class_blocks:
            token = block(token, particles, mask)
        outputs: Tensor = self.body(token if exporting() else token[order.argsort()])
        return outputs.float()

    def _biases(self, momenta: Tensor, groups: Sequence[Group]) -> list[Tensor]:
        """What pairs add to attention, group by group; embedded together."""
        found = [pairs(group.mask, ordered=False) for group in groups]
        starts = itertools.accumulate((len(group.rows) for group in groups), initial=0)
        moved = [(a + start, b + start) for (a, b), start in zip(found, starts, strict=False)]
        first, second = (torch.cat(one) for one in zip(*moved, strict=True))
        embedded = self.pairs(pair_features(momenta, first, second))
        shares = embedded.split([len(one) for one, _ in found])
        return [
            pair_bias(share, *pair, group)
            for share, pair, group in zip(shares, found, groups, strict=True)
        ]


def _order(mask: Tensor) -> Tensor:
    """Jets by falling number of particles; as they are while exporting, with one group of all."""
    if exporting():
        return torch.arange(len(mask), device=mask.device)
    return mask.sum(1).argsort(descending=True)
