"""Recurrent layers over sequences of different lengths, one way or both ways."""

from typing import Literal

import torch
from torch import Tensor, nn

from hepvision.models.layers.dropout import Dropout

__all__ = ["Recurrence"]

_CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}


class Recurrence(nn.Module):
    """LSTM or GRU layers; what they hold after the last object of each sequence.

    Sequences stay padded, as the kernels for padded ones are twice as fast on a CPU as those for
    packed ones. Each layer reads forwards, and where asked for another one reads from the last
    object to the first: neither sees padding before it is read out.

    Parameters
    ----------
    inputs : int
        Features of an object.
    hidden : int
        Width of the state, each way.
    layers : int
        Layers, each reading what the one before says at every object.
    cell : "lstm" or "gru"
        How a state is updated.
    both_ways : bool
        Whether each layer reads backwards too.
    dropout : float
        Share of values between layers that are left out in training.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, Neural Comput. 9 (1997) 1735; K. Cho et al., EMNLP (2014) 1724,
    arXiv:1406.1078; M. Schuster, K. Paliwal, IEEE Trans. Signal Process. 45 (1997) 2673.

    Examples
    --------
    >>> read = Recurrence(3, 8, 2, "gru", both_ways=True, dropout=0.0)
    >>> read(torch.ones(5, 7, 3), torch.ones(5, 7, dtype=torch.bool)).shape
    torch.Size([5, 16])
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        layers: int,
        cell: Literal["lstm", "gru"],
        both_ways: bool,
        dropout: float,
    ):
        super().__init__()
        self.width = hidden * (1 + both_ways)
        widths = (inputs, *(self.width,) * (layers - 1))
        made = _CELLS[cell]
        self.forwards = nn.ModuleList(made(one, hidden, batch_first=True) for one in widths)
        self.backwards = nn.ModuleList(
            made(one, hidden, batch_first=True) for one in (widths if both_ways else ())
        )
        self.dropout = Dropout(dropout)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Read the sequences.

        Parameters
        ----------
        values : Tensor, shape (B, N, F)
            Objects in their order, padding behind them.
        mask : Tensor, shape (B, N), bool
            False at padding.

        Returns
        -------
        Tensor, shape (B, width)
            Last states; zero for a sequence without objects.
        """
        if not torch.compiler.is_compiling():
            # an exported program must not have shapes that depend on values
            longest = int(mask.sum(dim=1).amax().clamp(min=1)) if len(mask) else 1
            values, mask = values[:, :longest], mask[:, :longest]
        count = mask.sum(dim=1, keepdim=True)
        steps = torch.arange(mask.shape[1], device=mask.device)
        turned = torch.where(steps < count, count - 1 - steps, steps)
        last = (count - 1).clamp(min=0)
        # what a buffer held may be anything, and its gradient NaN
        values = torch.where(mask[..., None], values, 0)
        states: list[Tensor] = []
        for layer, ahead in enumerate(self.forwards):
            found = [_run(ahead, values)]
            states = [_at(found[0], last)]
            if self.backwards:
                back = _run(self.backwards[layer], _at(values, turned))
                states.append(_at(back, last))
                found.append(_at(back, turned))
            values = self.dropout(torch.cat(found, dim=-1))
        state = torch.cat(states, dim=-1)[:, 0]
        return torch.where(count > 0, state, 0)


def _run(layer: nn.Module, values: Tensor) -> Tensor:
    """States of a recurrent layer; CUDA would take float16 for bfloat16, whose gradients vanish."""
    if values.device.type == "cpu":
        return layer(values)[0]
    with torch.autocast(values.device.type, enabled=False):
        return layer(values.float())[0]


def _at(values: Tensor, places: Tensor) -> Tensor:
    """Objects (B, n, F) at given places (B, n) of their sequences."""
    return values.gather(1, places[..., None].expand(-1, -1, values.shape[-1]))
