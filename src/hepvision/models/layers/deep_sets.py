"""Deep sets: the same network on each object, a sum over the objects, a network on the sum."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from hepvision.models.layers.dense import checked_dropout, checked_hidden, dense

__all__ = ["DeepSet", "FlowNetwork", "summed"]


@dataclasses.dataclass(frozen=True)
class FlowNetwork:
    """Sizes that energy flow and particle flow networks share.

    Parameters
    ----------
    inside : tuple of int
        Widths of Φ; the last is the number of observables that are summed.
    outside : tuple of int
        Widths of the hidden layers of F.
    dropout : float
        Share of hidden values of F that are left out in training; the paper leaves out none.

    Raises
    ------
    ValueError
        Φ has no width, or a width or the share lies outside its range.

    References
    ----------
    P. Komiske, E. Metodiev, J. Thaler, JHEP 01 (2019) 121, arXiv:1810.05165.

    Examples
    --------
    >>> FlowNetwork().body(2, 2).all[-1].out_features
    2
    """

    inside: tuple[int, ...] = (100, 100, 256)
    outside: tuple[int, ...] = (100, 100, 100)
    dropout: float = 0.0
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"set", "sequence"})
    output_level: ClassVar[str] = "example"
    sizes: ClassVar[dict[str, dict[str, Any]]] = {"small": {}, "paper": {}}

    def __post_init__(self) -> None:
        if not self.inside:
            raise ValueError("inside: must have a width, got none. Give one, such as [64].")
        checked_hidden((*self.inside, *self.outside))
        checked_dropout(self.dropout)

    def body(self, inputs: int, outputs: int) -> "DeepSet":
        """The layers, with fresh weights.

        Parameters
        ----------
        inputs : int
            Features of an object.
        outputs : int
            Numbers an example.

        Returns
        -------
        DeepSet
            Objects → (B, outputs).
        """
        return DeepSet(inputs, self.inside, self.outside, outputs, self.dropout)


def summed(found: Tensor, mask: Tensor) -> Tensor:
    """Sum of objects that are stored one after the other, for each example.

    Parameters
    ----------
    found : Tensor, shape (O, L)
        One row an object, without padding.
    mask : Tensor, shape (B, N), bool
        Where the examples have objects; O of them.

    Returns
    -------
    Tensor, shape (B, L), float32
        Zero for an example without objects.

    Examples
    --------
    >>> mask = torch.tensor([[True, True], [False, False], [True, False]])
    >>> summed(torch.tensor([[1.0], [2.0], [4.0]]), mask)[:, 0].tolist()
    [3.0, 0.0, 4.0]
    """
    example = mask.nonzero()[:, 0]
    # float32, as hundreds of terms in bfloat16 lose the small ones
    empty = found.new_zeros(mask.shape[0], found.shape[1], dtype=torch.float32)
    return empty.index_add(0, example, found.float())


class DeepSet(nn.Module):
    r""":math:`F\left(\sum_i z_i \Phi(x_i)\right)`, the sum running over the objects of an example.

    Only objects are computed, no padding; while the network is exported, all are, as then shapes
    must not depend on values.

    Parameters
    ----------
    inputs : int
        Features of an object.
    inside : sequence of int
        Widths of Φ; the last is what is summed.
    outside : sequence of int
        Widths of the hidden layers of F.
    outputs : int
        Numbers an example.
    dropout : float
        Share of hidden values of F that are left out in training.

    References
    ----------
    M. Zaheer et al., NeurIPS (2017), arXiv:1703.06114; P. Komiske, E. Metodiev, J. Thaler,
    JHEP 01 (2019) 121, arXiv:1810.05165.

    Examples
    --------
    >>> network = DeepSet(2, (8, 4), (8,), 3, 0.0)
    >>> network(torch.ones(5, 7, 2), torch.ones(5, 7, dtype=torch.bool)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self,
        inputs: int,
        inside: Sequence[int],
        outside: Sequence[int],
        outputs: int,
        dropout: float,
    ):
        super().__init__()
        self.each = nn.Sequential(
            dense(inputs, inside[:-1], inside[-1], 0.0), nn.ReLU(inplace=True)
        )
        self.all = dense(inside[-1], outside, outputs, dropout)

    def forward(self, values: Tensor, mask: Tensor, share: Tensor | None = None) -> Tensor:
        """Outputs of a batch.

        Parameters
        ----------
        values : Tensor, shape (B, N, F)
            Features of the objects.
        mask : Tensor, shape (B, N), bool
            False at padding.
        share : Tensor, shape (B, N), optional
            Weight z of each object in the sum; 1 if not given.

        Returns
        -------
        Tensor, shape (B, outputs)
            Logits.
        """
        if torch.compiler.is_compiling():
            weight = mask if share is None else torch.where(mask, share, 0)
            # padding is whatever the buffer held: zero before it may be multiplied
            found = self.each(torch.where(mask[..., None], values, 0)).float()
            total = (found * weight[..., None]).sum(dim=1)
        else:
            found = self.each(values[mask])
            total = summed(found if share is None else found * share[mask][:, None], mask)
        outputs: Tensor = self.all(total)
        return outputs
