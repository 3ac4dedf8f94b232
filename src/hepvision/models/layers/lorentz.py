"""Blocks that carry scalars and four-vectors, and turn with every Lorentz transformation."""

import torch
from torch import Tensor, nn

from hepvision.models.layers.rows import RowNormalisation, exporting

__all__ = ["LorentzBlock", "flattened", "minkowski"]


#: Rounding errors of a product, in units of E_a E_b and of the last digit, that count as nothing.
ROUNDING = 8.0


def minkowski(a: Tensor, b: Tensor) -> Tensor:
    r"""Product of four-vectors, :math:`E_a E_b - \vec p_a \cdot \vec p_b`, where it is known.

    In float32 the square of the mass of a particle is lost below :math:`10^{-6} E^2`, and what is
    left depends on the frame. So a product :math:`x` that is not larger than its rounding error
    :math:`\epsilon` goes to zero, smoothly: it is :math:`x^3 / (x^2 + \epsilon^2)`.

    Parameters
    ----------
    a, b : Tensor, shape (..., 4)
        Energy and momentum.

    Returns
    -------
    Tensor, shape (...)
        The same in every frame.

    Examples
    --------
    >>> p = torch.tensor([5.0, 0.0, 3.0, 0.0])
    >>> minkowski(p, p).item()
    16.0
    """
    products = a * b
    found = products[..., 0] - products[..., 1:].sum(-1)
    error = ROUNDING * torch.finfo(found.dtype).eps * products[..., 0]
    square = found.square()
    return found * (square / (square + error.square() + 1e-30))


def flattened(values: Tensor) -> Tensor:
    r"""Many orders of magnitude as few: :math:`\mathrm{sign}(x)\,\ln(1 + |x|)`.

    Parameters
    ----------
    values : Tensor
        Any numbers.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> flattened(torch.tensor([-1.0, 0.0])).tolist()
    [-0.6931471824645996, 0.0]
    """
    return values.sign() * values.abs().log1p()


class LorentzBlock(nn.Module):
    r"""Messages between all particles of a jet, made of scalars and products of four-vectors.

    .. math::
        m_{ij} &= \phi_e(h_i, h_j, \psi(|x_i - x_j|^2), \psi(x_i \cdot x_j)) \\
        x_i &\to x_i + c\,\langle \phi_x(m_{ij})\,(x_i - x_j) \rangle_j \\
        h_i &\to h_i + \phi_h(h_i, \textstyle\sum_j \phi_m(m_{ij})\,m_{ij}, s_i)

    Parameters
    ----------
    width : int
        Scalars :math:`h` of a particle.
    attributes : int
        Scalars :math:`s` that the particle came with.
    step : float
        :math:`c`.
    moves : bool
        Whether four-vectors change; those of the last block are not read.

    References
    ----------
    S. Gong et al., JHEP 07 (2022) 030, arXiv:2201.08187.

    Examples
    --------
    >>> block = LorentzBlock(8, 1, 0.001)
    >>> first, second = torch.tensor([0, 1]), torch.tensor([1, 0])
    >>> h, x = block(torch.rand(2, 8), torch.rand(2, 4), torch.rand(2, 1), first, second)
    >>> h.shape, x.shape
    (torch.Size([2, 8]), torch.Size([2, 4]))
    """

    def __init__(self, width: int, attributes: int, step: float, *, moves: bool = True):
        super().__init__()
        self.width, self.step = width, step
        self.message = nn.Linear(2 * width + 2, width, bias=False)
        self.message_normalisation = RowNormalisation(width)
        self.message_last = nn.Linear(width, width)
        self.gate = nn.Linear(width, 1)
        self.scalar = nn.Linear(2 * width + attributes, width, bias=False)
        self.scalar_normalisation = RowNormalisation(width)
        self.scalar_last = nn.Linear(width, width)
        self.move = nn.Linear(width, width) if moves else None
        self.move_last = nn.Linear(width, 1, bias=False) if moves else None
        if self.move_last is not None:
            # vectors start nearly at rest: far ones would be further with each block
            nn.init.xavier_uniform_(self.move_last.weight, gain=0.001)

    def forward(
        self,
        scalars: Tensor,
        vectors: Tensor,
        given: Tensor,
        first: Tensor,
        second: Tensor,
        real: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """One round of messages.

        Parameters
        ----------
        scalars : Tensor, shape (M, width)
            Of real particles.
        vectors : Tensor, shape (M, 4)
            Four-vectors.
        given : Tensor, shape (M, attributes)
            Scalars that the particles came with.
        first, second : Tensor, shape (P,), int64
            Ordered pairs, as ``rows.pairs`` gives them.
        real : Tensor, shape (M, N), bool, optional
            While exporting, which of the pairs there are, as ``rows.real_pairs`` gives it.

        Returns
        -------
        tuple of Tensor, shapes (M, width) and (M, 4)
            Scalars and four-vectors after it.
        """
        message, apart = self._messages(scalars, vectors, first, second)
        gated = message * self.gate(message).sigmoid()
        heard = _summed(gated, first, len(scalars), real)
        found = torch.cat([scalars, heard, given], dim=1)
        found = self.scalar_last(self.scalar_normalisation(self.scalar(found)).relu())
        if self.move is None or self.move_last is None:
            return scalars + found, vectors
        pushed = apart * self.move_last(self.move(message).relu_())
        number = torch.bincount(first, minlength=len(scalars)) if real is None else real.sum(1)
        moved = _summed(pushed, first, len(scalars), real) / number.clamp(min=1)[:, None]
        return scalars + found, vectors + self.step * moved

    def _messages(
        self, scalars: Tensor, vectors: Tensor, first: Tensor, second: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Messages (P, width), and the differences of four-vectors (P, 4)."""
        here, there = _taken(vectors, first), _taken(vectors, second)
        square, dot = minkowski(vectors, vectors)[:, None], minkowski(here, there)[:, None]
        # |x_i − x_j|² from squares that are known, not from differences that are not
        norm = _taken(square, first) + _taken(square, second) - 2 * dot
        # linear in the scalars: once a particle, not once a pair
        of_scalars = self.message.weight[:, : 2 * self.width]
        of_products = self.message.weight[:, 2 * self.width :]
        weight = torch.cat(of_scalars.chunk(2, dim=1))
        own, other = nn.functional.linear(scalars, weight).chunk(2, dim=1)
        message = nn.functional.linear(flattened(torch.cat([norm, dot], dim=1)), of_products)
        message = message.add_(_taken(own, first)).add_(_taken(other, second))
        message = self.message_normalisation(message).relu_()
        return self.message_last(message).relu_(), here - there


def _wide(index: Tensor, width: int) -> Tensor:
    """An index that is expanded, not repeated: with it torch gathers and adds fast on a CPU."""
    return index[:, None].expand(-1, width)


def _taken(values: Tensor, index: Tensor) -> Tensor:
    if exporting():
        return values.index_select(0, index)
    return values.contiguous().gather(0, _wide(index, values.shape[1]))


def _summed(values: Tensor, index: Tensor, number: int, real: Tensor | None) -> Tensor:
    width = values.shape[1]
    if real is not None:
        return torch.where(real[..., None], values.view(*real.shape, width), 0).sum(1)
    return values.new_zeros(number, width).scatter_add(0, _wide(index, width), values)
