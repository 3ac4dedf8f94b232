"""Recurrent network: constituents read one after the other, hardest first."""

import dataclasses
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.columns import Place, mask_of, values_at
from hepvision.models.layers.dense import checked_dropout, checked_hidden, dense
from hepvision.models.layers.network import Network, Tensors
from hepvision.models.layers.objects import every_column
from hepvision.models.layers.recurrence import Recurrence

__all__ = ["Recurrent"]


@dataclasses.dataclass(frozen=True)
class Recurrent:
    """LSTM or GRU layers on a sequence, and dense layers on what they hold at its end.

    A set has no order that could be read: give ``particles`` as ``kind: sequence``. The size
    ``paper`` is the top tagger of the first reference, one LSTM layer of width 128, read one way,
    and a dense layer of width 64; there the constituents are in the order of the clustering, here
    they are in that of pT.

    Parameters
    ----------
    cell : "lstm" or "gru"
        How the state is updated; a GRU has three quarters of the weights.
    state : int
        Width of the state, each way.
    layers : int
        Recurrent layers.
    bidirectional : bool
        Read from the softest to the hardest too.
    hidden : tuple of int
        Widths of the dense layers behind.
    dropout : float
        Share of values between recurrent layers and of hidden dense ones that are left out in
        training.

    References
    ----------
    S. Egan, W. Fedorko, A. Lister, J. Pearkes, C. Gay, arXiv:1711.09059; D. Guest, J. Collado,
    P. Baldi, S.-C. Hsu, G. Urban, D. Whiteson, Phys. Rev. D 94 (2016) 112002, arXiv:1607.08633.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> names = ("delta_eta", "delta_phi", "log_pt")
    >>> jet = PartSpec("sequence", (128, 3), names, ("",) * 3, (1.0,) * 3)
    >>> Recurrent(state=8, layers=1, hidden=()).from_spec({"jet": jet}, 2).parameters_total
    866
    """

    cell: Literal["lstm", "gru"] = "lstm"
    state: int = 64
    layers: int = 2
    bidirectional: bool = True
    hidden: tuple[int, ...] = (64,)
    dropout: float = 0.0
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"sequence"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "small": {},
        "paper": {"state": 128, "layers": 1, "bidirectional": False},
    }

    def __post_init__(self) -> None:
        if self.cell not in {"lstm", "gru"}:
            raise ValueError(f"cell: must be lstm or gru, got {self.cell!r}.")
        if self.state < 1 or self.layers < 1:
            raise ValueError(f"state, layers: must be positive, got {self.state}, {self.layers}.")
        checked_hidden(self.hidden)
        checked_dropout(self.dropout)

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Sequences of the same objects; all their columns are read.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Sequences → (B, outputs).
        """
        places = every_column("recurrent", spec, self.reads_kinds)
        read = Recurrence(
            len(places), self.state, self.layers, self.cell, self.bidirectional, self.dropout
        )
        return _Reader(places, read, dense(read.width, self.hidden, outputs, self.dropout))


class _Reader(Network):
    def __init__(self, places: dict[str, Place], read: Recurrence, head: nn.Sequential):
        super().__init__(next(iter(places.values()))[0], head)
        self.places, self.read = places, read

    def forward(self, inputs: Tensors) -> Tensor:
        state = self.read(values_at(inputs, self.places), mask_of(inputs, self.places))
        outputs: Tensor = self.body(state)
        return outputs.float()
