"""LorentzNet: messages between the particles of a jet that are the same in every frame."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.columns import Place, columns, mask_of, values_at
from hepvision.models.layers.dense import checked_dropout, dense
from hepvision.models.layers.lorentz import LorentzBlock, flattened, minkowski
from hepvision.models.layers.network import Network, Tensors
from hepvision.models.layers.rows import (
    exporting,
    longest,
    packed_rows,
    pairs,
    pooled_mean,
    real_pairs,
)

__all__ = ["LorentzNet"]

#: What a particle is; the same in every frame.
IDENTITIES = (
    "charge",
    "is_charged_hadron",
    "is_neutral_hadron",
    "is_photon",
    "is_electron",
    "is_muon",
)


@dataclasses.dataclass(frozen=True)
class LorentzNet:
    """All pairs of particles exchange messages, made of masses and products of four-momenta.

    Turned or boosted jets have the same outputs, up to the rounding of their momenta: masses below
    a thousandth of the energy cannot be known in float32, and are zero. All is computed in
    float32, whatever the precision of the training. Identities of particles are read where the
    inputs have them.

    Parameters
    ----------
    width : int
        Scalars of a particle.
    blocks : int
        Rounds of messages.
    step : float
        How far a round moves four-momenta, relative to the mean of their differences.
    beams : bool
        Add two particles along the beams, as the published tagger does: it then knows the
        direction and the transverse momentum of a jet, and only turns around the beam leave its
        outputs as they are.
    dropout : float
        Share of hidden values before the outputs that are left out in training.

    References
    ----------
    S. Gong et al., JHEP 07 (2022) 030, arXiv:2201.08187. Beams of mass 1 GeV as in A. Bogatskiy
    et al., arXiv:2006.04780.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> names = ("energy", "px", "py", "pz")
    >>> jet = PartSpec("set", (128, 4), names, ("GeV",) * 4, (100.0,) * 4)
    >>> LorentzNet().from_spec({"jet": jet}, outputs=2).parameters_total
    30310
    """

    width: int = 32
    blocks: int = 4
    step: float = 0.005
    beams: bool = False
    dropout: float = 0.2
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"set", "sequence"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "small": {},
        "paper": {"width": 72, "blocks": 6, "beams": True},
    }

    def __post_init__(self) -> None:
        if min(self.width, self.blocks) < 1:
            raise ValueError(
                f"width, blocks: must be positive, got {self.width}, {self.blocks}. Give 1 or more."
            )
        checked_dropout(self.dropout)

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Particles of jets, with columns ``energy``, ``px``, ``py`` and ``pz``.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Particles → (B, outputs).
        """
        parts_of_kind("lorentz_net", spec, self.reads_kinds)
        momenta = columns("lorentz_net", spec, ("energy", "px", "py", "pz"))
        named = {name for part in spec.values() for name in part.names}
        identities = columns("lorentz_net", spec, [name for name in IDENTITIES if name in named])
        scale = [spec[part].scale[at] for part, at in momenta.values()]
        attributes = 1 + len(identities) + self.beams
        blocks = [
            LorentzBlock(self.width, attributes, self.step, moves=number < self.blocks - 1)
            for number in range(self.blocks)
        ]
        head = dense(self.width, (self.width,), outputs, self.dropout)
        embedding = nn.Linear(attributes, self.width)
        return _Jets(momenta, identities, scale, embedding, blocks, head, self.beams)


class _Jets(Network):
    scale: Tensor
    beams: Tensor

    def __init__(
        self,
        momenta: Mapping[str, Place],
        identities: Mapping[str, Place],
        scale: Sequence[float],
        embedding: nn.Linear,
        blocks: Sequence[LorentzBlock],
        head: nn.Sequential,
        beams: bool,
    ):
        super().__init__(next(iter(momenta.values()))[0], head)
        self.momenta, self.identities = dict(momenta), dict(identities)
        self.register_buffer("scale", torch.tensor(scale), persistent=False)
        along = [[2**0.5, 0.0, 0.0, 1.0], [2**0.5, 0.0, 0.0, -1.0]] if beams else []
        self.register_buffer("beams", torch.tensor(along).reshape(-1, 4), persistent=False)
        self.embedding, self.blocks = embedding, nn.ModuleList(blocks)

    def forward(self, inputs: Tensors) -> Tensor:
        mask = mask_of(inputs, self.momenta)
        mask = mask[:, : longest(mask)]
        kind = mask.device.type
        with torch.autocast(kind, enabled=False):
            values = values_at(inputs, self.momenta)[:, : mask.shape[1]]
            momenta = values.to(self.scale.dtype) * self.scale  # in GeV
            given = (
                [values_at(inputs, self.identities)[:, : mask.shape[1]]] if self.identities else []
            )
            return self._outputs(momenta, [one.to(momenta.dtype) for one in given], mask).float()

    def _outputs(self, momenta: Tensor, given: list[Tensor], mask: Tensor) -> Tensor:
        number = len(self.beams)
        if number:
            momenta = torch.cat([self.beams.expand(len(mask), -1, -1), momenta], dim=1)
            mask = torch.cat([mask.new_ones(len(mask), number), mask], dim=1)
            given = [
                torch.cat([one.new_zeros(len(mask), number, one.shape[2]), one], 1) for one in given
            ]
        rows = packed_rows(mask)
        vectors = momenta.reshape(-1, 4)[rows]
        masses = flattened(minkowski(vectors, vectors))[:, None]
        if number:
            place = torch.arange(mask.shape[1], device=mask.device).expand(mask.shape)
            is_beam = (place < number).reshape(-1)[rows][:, None]
            masses = torch.cat([masses * ~is_beam, masses * is_beam], dim=1)
        attributes = torch.cat([masses, *(one.reshape(-1, one.shape[2])[rows] for one in given)], 1)
        first, second = pairs(mask, ordered=True)
        real = real_pairs(mask) if exporting() else None
        scalars = self.embedding(attributes)
        for block in self.blocks:
            scalars, vectors = block(scalars, vectors, attributes, first, second, real)
        outputs: Tensor = self.body(pooled_mean(scalars, rows, mask))
        return outputs
