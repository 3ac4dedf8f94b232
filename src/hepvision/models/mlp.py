"""A dense network on feature vectors."""

import dataclasses
from typing import ClassVar

import torch
from torch import Tensor, nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.dense import checked_dropout, checked_hidden, dense
from hepvision.models.layers.network import Network, Tensors, values_of

__all__ = ["Mlp"]


@dataclasses.dataclass(frozen=True)
class Mlp:
    """Dense layers with rectifiers between them; several vectors are read side by side.

    Parameters
    ----------
    hidden : tuple of int
        Widths of the hidden layers.
    dropout : float
        Share of hidden values that are left out in training.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> pair = PartSpec("vector", (2,), ("pt", "eta"), ("GeV", ""), (1.0, 1.0))
    >>> Mlp(hidden=(8,)).from_spec({"pair": pair}, outputs=3).parameters_total
    51
    """

    hidden: tuple[int, ...] = (128, 128, 64)
    dropout: float = 0.0
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"vector"})
    output_level: ClassVar[str] = "example"

    def __post_init__(self) -> None:
        checked_hidden(self.hidden)
        checked_dropout(self.dropout)

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Vectors only.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Vectors → (B, outputs).
        """
        parts = parts_of_kind("mlp", spec, self.reads_kinds)
        inside = sum(spec[part].width for part in parts)
        return _Vectors(parts, dense(inside, self.hidden, outputs, self.dropout))


class _Vectors(Network):
    def __init__(self, parts: tuple[str, ...], body: nn.Module):
        super().__init__(parts[0], body)
        self.parts = parts

    def forward(self, inputs: Tensors) -> Tensor:
        vectors = [values_of(inputs, part) for part in self.parts]
        outputs: Tensor = self.body(torch.cat(vectors, dim=1))
        return outputs.float()
