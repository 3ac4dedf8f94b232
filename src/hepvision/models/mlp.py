"""A dense network on feature vectors."""

import dataclasses
import itertools
from typing import ClassVar

import torch
from torch import Tensor, nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.network import Network, Tensors

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
        if min(self.hidden, default=1) < 1:
            raise ValueError(f"hidden: widths must be positive, got {self.hidden}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout: must be in [0, 1), got {self.dropout}.")

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
        widths = [sum(spec[part].width for part in parts), *self.hidden]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Linear(before, after), nn.ReLU(inplace=True), nn.Dropout(self.dropout)]
        return _Vectors(parts, nn.Sequential(*layers, nn.Linear(widths[-1], outputs)))


class _Vectors(Network):
    def __init__(self, parts: tuple[str, ...], body: nn.Module):
        super().__init__(parts[0], body)
        self.parts = parts

    def forward(self, inputs: Tensors) -> Tensor:
        found = (inputs[part] for part in self.parts)
        vectors = [one if isinstance(one, Tensor) else one[0] for one in found]
        outputs: Tensor = self.body(torch.cat(vectors, dim=1))
        return outputs.float()
