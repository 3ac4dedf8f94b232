"""Higgs bosons from gluon fusion that decay to two electrons: photon pairs with tracks."""

from dataclasses import dataclass

from hepvision.simulation.processes.higgs_to_diphoton import HiggsToDiphoton

__all__ = ["HiggsToDielectron"]


@dataclass(frozen=True)
class HiggsToDielectron(HiggsToDiphoton):
    r"""Electron pairs with the momenta of :math:`gg \to H \to \gamma\gamma`.

    Both decays are isotropic and of the same boson, so that nothing but the showers, the tracks and
    what the electrons radiate tells the two samples apart. In nature this decay is too rare to be
    seen.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    filter, filter_et, filter_eta, filter_mass
        Keep events with two electromagnetic clusters: GeV, :math:`|\eta|`, GeV; off.
    mass : float, GeV
        Mass of the Higgs boson; its width is the Standard Model's.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    Examples
    --------
    >>> HiggsToDielectron().settings()[-1]
    '25:onIfMatch = 11 -11'
    """

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (*super().settings()[:-1], "25:onIfMatch = 11 -11")
