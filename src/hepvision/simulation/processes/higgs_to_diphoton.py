"""Higgs bosons from gluon fusion that decay to two photons."""

from dataclasses import dataclass

from hepvision.simulation.processes._hard import FilteredProcess
from hepvision.simulation.processes._pythia import check_between

__all__ = ["HiggsToDiphoton"]


@dataclass(frozen=True)
class HiggsToDiphoton(FilteredProcess):
    r"""The signal, :math:`gg \to H \to \gamma\gamma`, at leading order.

    The filter, off by default, keeps all events that a selection in the barrel takes and one in
    eight of the others. There is no veto: the boson's recoil turns the photons too far from where
    they were in the hard process, and at 1.6 one event in seven would be lost.

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

    References
    ----------
    M. Spira, A. Djouadi, D. Graudenz, P. Zerwas, "Higgs boson production at the LHC",
    hep-ph/9504378.

    Examples
    --------
    >>> HiggsToDiphoton().settings()[1]
    'HiggsSM:gg2H = on'
    """

    mass: float = 125.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        super().__post_init__()
        check_between("mass", self.mass, 60.0, 300.0)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "HiggsSM:gg2H = on",
            f"25:m0 = {self.mass}",
            "25:onMode = off",
            "25:onIfMatch = 22 22",
        )
