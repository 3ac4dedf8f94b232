"""Pairs of leptons from photons and Z bosons."""

from dataclasses import dataclass

from hepvision.simulation.processes._leptons import LeptonProcess
from hepvision.simulation.processes._pythia import check_between

__all__ = ["DrellYan"]


@dataclass(frozen=True)
class DrellYan(LeptonProcess):
    r"""The Drell–Yan process, :math:`q\bar q \to \gamma^*/Z \to \ell\ell`, :math:`\ell` = e, μ, τ.

    Jets come from showers, as in ``w_jets``.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    filter, filter_pt, filter_eta
        Keep events with an electron or muon: GeV, :math:`|\eta|`; off.
    mass_min : float, GeV
        Smallest mass of the pair; 50 as in the published sample.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    References
    ----------
    C. Fernández Madrazo, I. Heredia, L. Lloret, J. Marco de Lucas, "Application of a convolutional
    neural network for image classification for the analysis of collisions in high energy
    physics", EPJ Web Conf. 214 (2019) 06017, arXiv:1708.07034.

    Examples
    --------
    >>> DrellYan(mass_min=60.0).settings()[2]
    'PhaseSpace:mHatMin = 60.0'
    """

    mass_min: float = 50.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        super().__post_init__()
        check_between("mass_min", self.mass_min, 5.0, self.energy / 4)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "WeakSingleBoson:ffbar2gmZ = on",
            f"PhaseSpace:mHatMin = {self.mass_min}",
            "23:onMode = off",
            "23:onIfAny = 11 13 15",
        )
