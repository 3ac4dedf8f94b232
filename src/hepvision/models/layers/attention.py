"""Attention among the real particles of jets, and of a class token to them."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hepvision.models.layers.dropout import Dropout
from hepvision.models.layers.rows import Group, exporting, padded

__all__ = ["ClassBlock", "ParticleBlock", "attended", "pair_bias"]

#: Added to what may not be attended to. Finite: rows of padding alone must not become NaN.
NEVER = -1e30


def attended(query: Tensor, key: Tensor, value: Tensor, bias: Tensor, heads: int) -> Tensor:
    """Weighted means of values, a head at a time.

    Parameters
    ----------
    query : Tensor, shape (B, Q, D)
        What looks.
    key, value : Tensor, shape (B, N, D)
        What is looked at.
    bias : Tensor, shape (B, H or 1, Q or 1, N)
        Added to the logarithms of the weights.
    heads : int
        H; D must be a multiple.

    Returns
    -------
    Tensor, shape (B, Q, D)
        Heads side by side.

    Examples
    --------
    >>> x, never = torch.rand(1, 3, 4), torch.tensor([0.0, 0.0, NEVER])
    >>> made = attended(torch.zeros(1, 1, 4), x, x, never.view(1, 1, 1, 3), heads=2)
    >>> torch.allclose(made, x[:, :2].mean(1, keepdim=True))
    True
    """
    batch, looking, full = query.shape
    width = full // heads
    q, k, v = (
        one.view(batch, one.shape[1], heads, width).transpose(1, 2).flatten(0, 1)
        for one in (query, key, value)
    )
    added = bias.to(q.dtype).expand(batch, heads, looking, k.shape[1]).flatten(0, 1)
    # torch's own attention takes a quarter longer where the bias has a gradient
    scores = torch.baddbmm(added, q, k.mT, alpha=width**-0.5)
    made = torch.bmm(scores.softmax(dim=2), v)
    return made.view(batch, heads, looking, width).transpose(1, 2).flatten(2)


def pair_bias(embedded: Tensor, first: Tensor, second: Tensor, group: Group) -> Tensor:
    """Embedded pairs at their places in a matrix, the same both ways; padding is never seen.

    Parameters
    ----------
    embedded : Tensor, shape (P, H)
        One row a pair.
    first, second : Tensor, shape (P,), int64
        Numbers of packed particles of the group.
    group : Group
        b jets of n places.

    Returns
    -------
    Tensor, shape (b, H, n, n)
        Zero on the diagonal.

    Examples
    --------
    >>> group = Group(torch.ones(1, 2, dtype=torch.bool), torch.arange(2))
    >>> pair_bias(torch.ones(1, 1), torch.tensor([0]), torch.tensor([1]), group).tolist()
    [[[[0.0, 1.0], [1.0, 0.0]]]]
    """
    batch, most = group.mask.shape
    never = torch.zeros_like(group.mask, dtype=embedded.dtype).masked_fill(~group.mask, NEVER)
    if exporting():
        own = torch.arange(most, device=embedded.device)
        made = embedded.view(batch, most, most, -1).permute(0, 3, 1, 2)
        return torch.where(own[:, None] == own, 0, made) + never[:, None, None, :]
    a, b = group.rows[first], group.rows[second]
    place = torch.cat([a * most + b % most, b * most + a % most])
    heads = embedded.shape[1]
    # heads first, so that attention finds its matrices whole
    where = place.div(most * most, rounding_mode="floor") * (heads * most * most)
    where = where[:, None] + place[:, None] % (most * most)
    where = where + torch.arange(heads, device=place.device) * (most * most)
    made = embedded.new_zeros(batch * heads * most * most)
    made = made.index_copy(0, where.reshape(-1), torch.cat([embedded, embedded]).reshape(-1))
    return made.view(batch, heads, most, most) + never[:, None, None, :]


class ParticleBlock(nn.Module):
    """Attention among particles and two dense layers, each with a shortcut and normalised twice.

    Parameters
    ----------
    width, heads : int
        Features of a particle, and heads that share them.
    expansion : int
        Width of the hidden dense layer, in widths.
    dropout : float
        Share that is left out in training, of what is added to the shortcuts.

    References
    ----------
    H. Qu, C. Li, S. Qian, ICML (2022), arXiv:2202.03772; S. Shleifer, J. Weston, M. Ott,
    arXiv:2110.09456.

    Examples
    --------
    >>> group = Group(torch.tensor([[True, True, False]]), torch.tensor([0, 1]))
    >>> bias = torch.zeros(1, 1, 1, 3).masked_fill(~group.mask, NEVER)
    >>> ParticleBlock(8, 2)(torch.rand(2, 8), [bias], [group]).shape
    torch.Size([2, 8])
    """

    def __init__(self, width: int, heads: int, expansion: int = 4, dropout: float = 0.0):
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.look = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)
        self.feed = _Feed(width, heads, expansion, dropout)

    def forward(self, values: Tensor, biases: Sequence[Tensor], groups: Sequence[Group]) -> Tensor:
        """One round of attention.

        Parameters
        ----------
        values : Tensor, shape (M, width)
            Real particles.
        biases : sequence of Tensor, shape (b, heads or 1, n or 1, n)
            Added to the logarithms of the weights in each group; very negative at padding.
        groups : sequence of Group
            Where the particles are, b jets of n places each.

        Returns
        -------
        Tensor, shape (M, width)
            The same particles.
        """
        # only attention needs padding, dense layers run over real particles
        looked = self.look(self.before(values)).split([len(group.rows) for group in groups])
        seen = [self._seen(*one) for one in zip(looked, biases, groups, strict=True)]
        made: Tensor = self.feed(values, self.join(torch.cat(seen)))
        return made

    def _seen(self, looked: Tensor, bias: Tensor, group: Group) -> Tensor:
        """What the particles (m, 3 width) of one group see, shape (m, width)."""
        shape = (group.mask.shape[0], group.mask.shape[1])
        query, key, value = padded(looked, group.rows, shape).chunk(3, dim=2)
        return attended(query, key, value, bias, self.heads).flatten(0, 1)[group.rows]


class ClassBlock(nn.Module):
    """A class token looks at all particles and at itself, then two dense layers.

    Parameters
    ----------
    width, heads : int
        Features of a particle, and heads that share them.
    expansion : int
        Width of the hidden dense layer, in widths.

    References
    ----------
    H. Touvron et al., ICCV (2021) 32, arXiv:2103.17239; H. Qu, C. Li, S. Qian, ICML (2022),
    arXiv:2202.03772.

    Examples
    --------
    >>> mask = torch.tensor([[True, True, False]])
    >>> ClassBlock(8, 2)(torch.rand(1, 8), torch.rand(1, 3, 8), mask).shape
    torch.Size([1, 8])
    """

    def __init__(self, width: int, heads: int, expansion: int = 4):
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.ask = nn.Linear(width, width)
        self.look = nn.Linear(width, 2 * width)
        self.join = nn.Linear(width, width)
        self.feed = _Feed(width, heads, expansion, 0.0)

    def forward(self, token: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """One look.

        Parameters
        ----------
        token : Tensor, shape (B, width)
            What stands for each jet.
        values : Tensor, shape (B, N, width)
            Particles.
        mask : Tensor, shape (B, N), bool
            Where there is one.

        Returns
        -------
        Tensor, shape (B, width)
            The token after it; a jet without particles has only the token to look at.
        """
        there = torch.cat([mask.new_ones(len(mask), 1), mask], dim=1)
        bias = torch.zeros_like(there, dtype=token.dtype).masked_fill(~there, NEVER)
        every = self.before(torch.cat([token[:, None].to(values.dtype), values], dim=1))
        key, value = self.look(every).chunk(2, dim=2)
        asked = self.ask(token)[:, None]
        seen = attended(asked, key, value, bias[:, None, None, :], self.heads)[:, 0]
        made: Tensor = self.feed(token, self.join(seen))
        return made


class _Feed(nn.Module):
    """What follows attention: heads weighted, a shortcut, dense layers beside another one."""

    def __init__(self, width: int, heads: int, expansion: int, dropout: float):
        super().__init__()
        self.of_head = nn.Parameter(torch.ones(heads))
        self.of_shortcut = nn.Parameter(torch.ones(width))
        self.after = nn.LayerNorm(width)
        self.dropout = Dropout(dropout)
        hidden = expansion * width
        self.dense = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, hidden),
            nn.GELU(),
            Dropout(dropout),
            nn.LayerNorm(hidden),
            nn.Linear(hidden, width),
            Dropout(dropout),
        )

    def forward(self, values: Tensor, seen: Tensor) -> Tensor:
        of_value = self.of_head.repeat_interleave(seen.shape[-1] // len(self.of_head))
        values = values + self.dropout(self.after(seen * of_value))
        made: Tensor = self.of_shortcut * values + self.dense(values)
        return made
