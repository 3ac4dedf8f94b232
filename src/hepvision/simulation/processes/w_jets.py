"""W bosons that decay to leptons, with jets of the initial state."""

from dataclasses import dataclass

from hepvision.simulation.processes._leptons import LeptonProcess

__all__ = ["WJets"]


@dataclass(frozen=True)
class WJets(LeptonProcess):
    r"""W production, :math:`q\bar q' \to W \to \ell\nu` with :math:`\ell` = e, μ, τ.

    Jets come from showers, of which the first emission follows the matrix element; further hard
    jets are rarer than in the published sample, which has matrix elements of up to four partons.

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
    >>> WJets().settings()[1]
    'WeakSingleBoson:ffbar2W = on'
    """

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "WeakSingleBoson:ffbar2W = on",
            "24:onMode = off",
            "24:onIfAny = 11 13 15",
        )
