"""Real objects of a batch as rows: packing, padding, grouping, means and normalisation.

While a network is exported, shapes must not depend on values: all places of a batch are then
rows, pairs are those of all places, and what sums over them leaves out the padding.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = [
    "Group",
    "RowNormalisation",
    "exporting",
    "grouped",
    "longest",
    "packed_rows",
    "padded",
    "pairs",
    "pooled_mean",
    "real_pairs",
]


def exporting() -> bool:
    """Whether a network is being exported, as a graph in which no shape depends on values.

    Returns
    -------
    bool
        True while ``torch.export`` traces.

    Examples
    --------
    >>> exporting()
    False
    """
    # not is_compiling: what is compiled may be in training, with statistics of real rows alone
    asked = getattr(torch.compiler, "is_exporting", None)
    return asked is not None and bool(asked())


def longest(mask: Tensor) -> int:
    """How many places of a batch are needed, at least one.

    Parameters
    ----------
    mask : Tensor, shape (B, N), bool
        Where there is an object.

    Returns
    -------
    int
        All places from this one on are empty in all examples.

    Examples
    --------
    >>> longest(torch.tensor([[True, False, False], [True, True, False]]))
    2
    """
    if exporting():
        return mask.shape[1]
    used = mask.any(0).nonzero()
    return int(used[-1]) + 1 if len(used) else 1


def packed_rows(mask: Tensor) -> Tensor:
    """Places of the real objects of a batch, in order.

    Parameters
    ----------
    mask : Tensor, shape (B, N), bool
        Where there is an object.

    Returns
    -------
    Tensor, shape (M,), int64
        ``example · N + object``; of all places while exporting.

    Examples
    --------
    >>> packed_rows(torch.tensor([[True, False], [True, True]])).tolist()
    [0, 2, 3]
    """
    if exporting():
        return torch.arange(mask.shape[0] * mask.shape[1], device=mask.device)
    return mask.reshape(-1).nonzero().squeeze(1)


def padded(values: Tensor, rows: Tensor, shape: tuple[int, int]) -> Tensor:
    """Put packed objects back to their places; zeros where there is none.

    While exporting, all places are rows, and padding is whatever they hold.

    Parameters
    ----------
    values : Tensor, shape (M, F)
        Real objects.
    rows : Tensor, shape (M,)
        As ``packed_rows`` gives them.
    shape : tuple (int, int)
        B and N.

    Returns
    -------
    Tensor, shape (B, N, F)
        A batch.

    Examples
    --------
    >>> padded(torch.ones(1, 2), torch.tensor([1]), (1, 2)).tolist()
    [[[0.0, 0.0], [1.0, 1.0]]]
    """
    width = values.shape[-1]
    if exporting():
        return values.view(*shape, width)
    made = values.new_zeros(shape[0] * shape[1], width).index_copy(0, rows, values)
    return made.view(*shape, width)


class Group(NamedTuple):
    """Examples of a batch that lie one behind the other, cut to the longest of them.

    Parameters
    ----------
    mask : Tensor, shape (b, n), bool
        Where there is an object.
    rows : Tensor, shape (m,), int64
        Places of its real objects, as ``packed_rows`` gives them.
    """

    mask: Tensor
    rows: Tensor


def grouped(mask: Tensor, size: int) -> list[Group]:
    """A batch in groups, each padded only to its own longest example.

    What costs the square of the padded length is cheaper so, most of all where examples come by
    falling length.

    Parameters
    ----------
    mask : Tensor, shape (B, N), bool
        Where there is an object.
    size : int
        Examples of a group; the last may have fewer.

    Returns
    -------
    list of Group
        In order, at least one; while exporting, one.

    Examples
    --------
    >>> mask = torch.tensor([[True, True, True], [True, False, False], [True, False, False]])
    >>> [(tuple(one.mask.shape), one.rows.tolist()) for one in grouped(mask, 1)]
    [((1, 3), [0, 1, 2]), ((1, 1), [0]), ((1, 1), [0])]
    """
    if exporting():
        return [Group(mask, packed_rows(mask))]
    starts = range(0, max(len(mask), 1), size)
    cut = [one[:, : longest(one)] for one in (mask[start : start + size] for start in starts)]
    return [Group(one, packed_rows(one)) for one in cut]


def pairs(mask: Tensor, *, ordered: bool) -> tuple[Tensor, Tensor]:
    """All pairs of different real objects of the same example.

    While exporting, all N² pairs of places of each example, whatever ``ordered`` says.

    Parameters
    ----------
    mask : Tensor, shape (B, N), bool
        Where there is an object.
    ordered : bool
        Whether a pair is there in both orders; otherwise the first comes first.

    Returns
    -------
    tuple of Tensor, shape (P,), int64
        Numbers of the packed objects; the first of them never falls.

    Examples
    --------
    >>> first, second = pairs(
    ...     torch.tensor([[True, False, True], [True, True, False]]), ordered=True
    ... )
    >>> first.tolist(), second.tolist()
    ([0, 1, 2, 3], [1, 0, 3, 2])
    """
    most = mask.shape[1]
    if exporting():
        place = torch.arange(mask.shape[0] * most, device=mask.device).view(-1, most)
        shape = (mask.shape[0], most, most)
        first, second = place[:, :, None].expand(shape), place[:, None, :].expand(shape)
        return first.reshape(-1), second.reshape(-1)
    both = mask[:, :, None] & mask[:, None, :]
    both = (
        both & ~torch.eye(most, dtype=torch.bool, device=mask.device) if ordered else both.triu(1)
    )
    place = both.reshape(-1).nonzero().squeeze(1)
    first = place.div(most, rounding_mode="floor")
    second = first - first % most + place % most
    number = mask.reshape(-1).cumsum(0) - 1
    return number[first], number[second]


def real_pairs(mask: Tensor) -> Tensor:
    """Which of all N² pairs of places are of two different real objects.

    Parameters
    ----------
    mask : Tensor, shape (B, N), bool
        Where there is an object.

    Returns
    -------
    Tensor, shape (B · N, N), bool
        In the order in which ``pairs`` gives them while exporting.

    Examples
    --------
    >>> real_pairs(torch.tensor([[True, True, False]])).int().tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    most = mask.shape[1]
    place = torch.arange(most, device=mask.device)
    both = mask[:, :, None] & mask[:, None, :] & (place[:, None] != place)
    return both.view(-1, most)


def pooled_mean(values: Tensor, rows: Tensor, mask: Tensor) -> Tensor:
    """Mean over the objects of each example; zero where there is none.

    Parameters
    ----------
    values : Tensor, shape (M, F)
        Real objects.
    rows : Tensor, shape (M,)
        As ``packed_rows`` gives them.
    mask : Tensor, shape (B, N), bool
        Where there is an object.

    Returns
    -------
    Tensor, shape (B, F)
        Means.

    Examples
    --------
    >>> x, mask = torch.tensor([[1.0], [3.0]]), torch.tensor([[False, False], [True, True]])
    >>> pooled_mean(x, torch.tensor([2, 3]), mask).tolist()
    [[0.0], [2.0]]
    """
    placed = padded(values, rows, (mask.shape[0], mask.shape[1]))
    if exporting():
        placed = torch.where(mask[..., None], placed, 0)
    return placed.sum(1) / mask.sum(1).clamp(min=1)[:, None]


class RowNormalisation(nn.BatchNorm1d):
    """Batch normalisation of rows, also of a batch that has too few of them.

    One row has no spread: fewer than two are normalised with the running statistics.

    Examples
    --------
    >>> RowNormalisation(3)(torch.rand(1, 3)).shape
    torch.Size([1, 3])
    """

    def forward(self, values: Tensor) -> Tensor:
        """Normalise.

        Parameters
        ----------
        values : Tensor, shape (R, C)
            Rows; two axes, since torch is many times slower with more.

        Returns
        -------
        Tensor, shape (R, C)
            Of mean 0 and variance 1 over all rows, times a weight, plus a bias.
        """
        if not exporting() and len(values) == 0:
            return values
        return nn.functional.batch_norm(
            values,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training and len(values) > 1,
            self.momentum or 0.0,
            self.eps,
        )
