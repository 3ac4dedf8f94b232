"""Pairs of top quarks with all their decays."""

from dataclasses import dataclass

from hepvision.simulation.processes._leptons import LeptonProcess

__all__ = ["TopPair"]


@dataclass(frozen=True)
class TopPair(LeptonProcess):
    r"""The signal of the object images, :math:`gg, q\bar q \to t\bar t`, more jets by showers.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    filter, filter_pt, filter_eta
        Keep events with an electron or muon: GeV, :math:`|\eta|`; off.

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
    >>> TopPair().settings()[1]
    'Top:gg2ttbar = on'
    """

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (*super().settings(), "Top:gg2ttbar = on", "Top:qqbar2ttbar = on")
