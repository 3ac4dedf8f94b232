"""What two particles of a jet are to each other: kT, z, ΔR and mass, as logarithms."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hepvision.models.layers.rows import RowNormalisation

__all__ = ["FEATURES", "PairEmbedding", "pair_features"]

#: Features of a pair, in order.
FEATURES = ("log_kt", "log_z", "log_delta_r", "log_mass2")

#: Nothing below this is told apart; squares of momenta and masses in GeV².
LEAST = 1e-8


def pair_features(momenta: Tensor, first: Tensor, second: Tensor) -> Tensor:
    r"""Logarithms of four numbers of each pair, in float32.

    .. math::
        \Delta R = \sqrt{\Delta y^2 + \Delta\phi^2},\quad
        k_T = \min(p_{T,a}, p_{T,b})\,\Delta R,\quad
        z = \frac{\min(p_{T,a}, p_{T,b})}{p_{T,a} + p_{T,b}},\quad
        m^2 = (p_a + p_b)^2

    The mass of the pair is a sum of positive terms, so collinear particles keep it to all
    digits. Each number is 10⁻⁸ at least: particles that are identical, or have no momentum, are
    finite, and so are gradients.

    Parameters
    ----------
    momenta : Tensor, shape (M, 4), GeV
        Energy, px, py and pz.
    first, second : Tensor, shape (P,), int64
        Pairs of rows.

    Returns
    -------
    Tensor, shape (P, 4)
        See ``FEATURES``.

    References
    ----------
    H. Qu, C. Li, S. Qian, ICML (2022), arXiv:2202.03772; F. Dreyer, H. Qu, JHEP 03 (2021) 052,
    arXiv:2012.08526.

    Examples
    --------
    >>> p = torch.tensor([[5.0, 3.0, 0.0, 4.0], [5.0, 0.0, 3.0, 4.0]])
    >>> pair = pair_features(p, torch.tensor([0]), torch.tensor([1]))
    >>> [round(one, 3) for one in pair.exp().flatten().tolist()]  # z = 1/2, ΔR = π/2, m² = 18
    [4.712, 0.5, 1.571, 18.0]
    """
    with torch.autocast(momenta.device.type, enabled=False):
        wanted = momenta if momenta.dtype == torch.float64 else momenta.float()
        described = torch.stack(_particle(wanted), dim=1)
        return _logarithms(described[first], described[second])


def _particle(momenta: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """pT², m², rapidity and φ, all finite."""
    energy, px, py, pz = momenta.unbind(1)
    along = pz.abs()
    pt2 = px.square() + py.square()
    mass2 = (energy.square() - pt2 - pz.square()).clamp(min=0)
    # (E + pz) / (E − pz) cancels along the beam, (E + |pz|)² / mT² does not
    ratio = (energy + along).clamp(min=LEAST).log() - 0.5 * (pt2 + mass2).clamp(min=LEAST**2).log()
    rapidity = torch.where(pz < 0, -ratio, ratio)
    phi = torch.atan2(py, torch.where(pt2 > 0, px, torch.ones_like(px)))
    return pt2, mass2, rapidity, phi


def _logarithms(a: Tensor, b: Tensor) -> Tensor:
    """Features (P, 4) of particles (P, 4) as ``_particle`` describes them."""
    pt2_a, mass2_a, rapidity_a, phi_a = a.unbind(1)
    pt2_b, mass2_b, rapidity_b, phi_b = b.unbind(1)
    in_rapidity = rapidity_a - rapidity_b
    in_phi = phi_a - phi_b
    in_phi = in_phi - 2 * torch.pi * (in_phi / (2 * torch.pi)).round()  # exact where it is small
    delta = 0.5 * _logarithm(in_rapidity.square() + in_phi.square(), LEAST**2)
    pt_a, pt_b = pt2_a.clamp(min=LEAST**2).sqrt(), pt2_b.clamp(min=LEAST**2).sqrt()
    least = torch.minimum(pt_a, pt_b).log()
    transverse_a = (pt2_a + mass2_a).clamp(min=LEAST**2).sqrt()
    transverse_b = (pt2_b + mass2_b).clamp(min=LEAST**2).sqrt()
    # mT mT cosh Δy − pT pT cos Δφ, its ones taken out
    opening = 2 * transverse_a * transverse_b * (0.5 * in_rapidity.clamp(-20, 20)).sinh().square()
    opening = opening + 2 * pt_a * pt_b * (0.5 * in_phi).sin().square()
    product = mass2_a * pt2_b + mass2_b * pt2_a + mass2_a * mass2_b
    heavy = product / (transverse_a * transverse_b + pt_a * pt_b)
    mass2 = mass2_a + mass2_b + 2 * (opening + heavy)
    share = least - (pt_a + pt_b).log()
    floor = torch.tensor(LEAST, dtype=a.dtype).log().item()
    features = [least + delta, share, delta, _logarithm(mass2, LEAST)]
    return torch.stack(features, dim=1).clamp(min=floor)


def _logarithm(values: Tensor, least: float) -> Tensor:
    return values.clamp(min=least).log()


class PairEmbedding(nn.Module):
    """Features of pairs to one number a head of attention.

    Parameters
    ----------
    widths : sequence of int
        Of the hidden layers, each normalised over all pairs.
    heads : int
        Numbers that come out.

    Examples
    --------
    >>> PairEmbedding((8,), 2)(torch.rand(5, 4)).shape
    torch.Size([5, 2])
    """

    def __init__(self, widths: Sequence[int], heads: int):
        super().__init__()
        layers: list[nn.Module] = [RowNormalisation(len(FEATURES))]
        for before, after in itertools.pairwise((len(FEATURES), *widths)):
            layers += [nn.Linear(before, after, bias=False), RowNormalisation(after), nn.GELU()]
        self.layers = nn.Sequential(*layers, nn.Linear((len(FEATURES), *widths)[-1], heads))

    def forward(self, features: Tensor) -> Tensor:
        """Embed.

        Parameters
        ----------
        features : Tensor, shape (P, 4)
            As ``pair_features`` gives them.

        Returns
        -------
        Tensor, shape (P, heads)
            Added to the logarithms of attention.
        """
        made: Tensor = self.layers(features)
        return made
