"""Edge convolutions on the nearest neighbours of each object, over real objects only."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hepvision.models.layers.rows import RowNormalisation, exporting

__all__ = ["EdgeConvolution", "nearest"]


#: By how much, relative to it, a distance grows from an object to the next.
TIE = 1e-12


@torch.no_grad()
def nearest(points: Tensor, mask: Tensor, rows: Tensor, neighbours: int) -> Tensor:
    """Nearest other objects of each object, among the real ones of the same example.

    Up to three coordinates are subtracted one by one, which is exact for objects that are close;
    of those at the same distance, as towers of a calorimeter often are, the first are taken. So
    the scores of a jet do not depend on the batch that it is in.

    Parameters
    ----------
    points : Tensor, shape (B, N, D)
        Coordinates.
    mask : Tensor, shape (B, N), bool
        Where there is an object.
    rows : Tensor, shape (M,)
        As ``packed_rows`` gives them.
    neighbours : int
        How many, k.

    Returns
    -------
    Tensor, shape (M, k), int64
        Numbers of packed objects, in no order; the object itself where there are fewer others.

    Examples
    --------
    >>> x = torch.tensor([[[0.0], [1.0], [3.0], [0.1]]])
    >>> from hepvision.models.layers.rows import packed_rows
    >>> mask = torch.tensor([[True, True, True, False]])
    >>> nearest(x, mask, packed_rows(mask), 1).tolist()
    [[1], [0], [1]]
    """
    if exporting():
        return _nearest_places(points, mask, rows, neighbours)
    batch, most = mask.shape
    own = torch.arange(len(rows), device=rows.device)[:, None]
    if len(rows) == 0:
        return own.expand(0, neighbours)
    found = min(neighbours, most)
    distance = _distances(points.float(), mask).reshape(batch * most, most)[rows]
    distance.scatter_(1, (rows % most)[:, None], torch.inf)
    value, place = distance.topk(found, largest=False, sorted=False)
    # real objects of an example lie one behind the other: packed number = first of them + rank
    rank = mask.cumsum(1) - 1
    rank += (mask.sum(1).cumsum(0) - mask.sum(1))[:, None]
    example = rows.div(most, rounding_mode="floor")[:, None]
    index = torch.where(value.isinf(), own, rank[example, place])
    return (
        index
        if found == neighbours
        else torch.cat([index, own.expand(-1, neighbours - found)], dim=1)
    )


def _nearest_places(points: Tensor, mask: Tensor, rows: Tensor, neighbours: int) -> Tensor:
    """The same for a graph, where all places are rows, whatever their number."""
    batch, most = mask.shape
    place = torch.arange(most, device=mask.device)
    distance = _distances(points.float(), mask)
    distance = torch.where(place[:, None] == place, torch.inf, distance)
    # there must be as many to choose from as are asked for
    far = distance.new_full((1, 1, 1), torch.inf).expand(*distance.shape[:2], neighbours)
    value, found = torch.cat([distance, far], dim=2).flatten(0, 1).topk(neighbours, largest=False)
    first = (torch.arange(batch, device=mask.device) * most)[:, None].expand(batch, most)
    return torch.where(value.isinf(), rows[:, None], first.reshape(-1, 1) + found)


def _distances(points: Tensor, mask: Tensor) -> Tensor:
    """Squares of distances (B, N, N), up to a constant of each object; infinite to padding."""
    far = torch.zeros_like(mask, dtype=points.dtype).masked_fill_(~mask, torch.inf)
    if points.shape[-1] > 3:
        squares = points.square().sum(-1) + far
        with torch.autocast(points.device.type, enabled=False):
            return torch.baddbmm(squares[:, None, :], points, points.mT, alpha=-2)
    made = far.double()[:, None, :].repeat(1, mask.shape[1], 1)
    for column in points.double().unbind(-1):
        apart = column[:, :, None] - column[:, None, :]
        made.addcmul_(apart, apart)
    # later ones are further away by more than rounding, and by less than any that are told apart
    later = 1 + TIE * torch.arange(mask.shape[1], dtype=torch.float64, device=mask.device)
    return (made + TIE) * later


class EdgeConvolution(nn.Module):
    """Dense layers on each object and its difference to each neighbour, their mean, a shortcut.

    The first layer is linear in both, so it runs over objects, not over edges.

    Parameters
    ----------
    inputs : int
        Features of an object.
    widths : sequence of int
        Of the dense layers, none of which has a bias; each is normalised over all edges.

    References
    ----------
    Y. Wang et al., ACM Trans. Graph. 38 (2019) 146, arXiv:1801.07829; H. Qu, L. Gouskos, Phys.
    Rev. D 101 (2020) 056019, arXiv:1902.08570.

    Examples
    --------
    >>> x, near = torch.rand(4, 3), torch.tensor([[1, 2], [0, 2], [1, 3], [2, 1]])
    >>> EdgeConvolution(3, (8, 8, 5))(x, near).shape
    torch.Size([4, 5])
    """

    def __init__(self, inputs: int, widths: Sequence[int]):
        super().__init__()
        self.first = nn.Linear(2 * inputs, widths[0], bias=False)
        self.others = nn.ModuleList(
            nn.Linear(before, after, bias=False) for before, after in itertools.pairwise(widths)
        )
        self.normalisations = nn.ModuleList(RowNormalisation(width) for width in widths)
        self.shortcut = nn.Linear(inputs, widths[-1], bias=False)
        self.shortcut_normalisation = RowNormalisation(widths[-1])

    def forward(self, values: Tensor, near: Tensor) -> Tensor:
        """Convolve.

        Parameters
        ----------
        values : Tensor, shape (M, inputs)
            Real objects.
        near : Tensor, shape (M, k), int64
            Neighbours of each, as ``nearest`` gives them.

        Returns
        -------
        Tensor, shape (M, widths[-1])
            Not negative.
        """
        of_object, of_difference = self.first.weight.chunk(2, dim=1)
        weight = torch.cat([of_object - of_difference, of_difference])
        own, other = nn.functional.linear(values, weight).chunk(2, dim=1)
        # two axes to the end: in place on a view, torch copies the whole gradient
        edges = (_gathered(other, near) + own[:, None, :]).flatten(0, 1)
        edges = self.normalisations[0](edges).relu_()
        for layer, normalisation in zip(self.others, self.normalisations[1:], strict=True):
            edges = normalisation(layer(edges)).relu_()
        direct = self.shortcut_normalisation(self.shortcut(values))
        return (edges.unflatten(0, near.shape).mean(1) + direct).relu_()


def _gathered(values: Tensor, near: Tensor) -> Tensor:
    """Rows of ``values`` (M, F) at ``near`` (M, k): (M, k, F)."""
    width = values.shape[1]
    if exporting():
        return values.index_select(0, near.reshape(-1)).view(*near.shape, width)
    # an index that is expanded, not repeated, has a fast gradient on a CPU
    index = near.reshape(-1, 1).expand(-1, width)
    return values.contiguous().gather(0, index).view(*near.shape, width)
