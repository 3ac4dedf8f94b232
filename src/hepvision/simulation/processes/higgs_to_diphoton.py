"""Higgs bosons from gluon fusion that decay to two photons."""

from dataclasses import dataclass

from hepvision.simulation.processes._pythia import PythiaProcess, check_between

__all__ = ["HiggsToDiphoton"]


@dataclass(frozen=True)
class HiggsToDiphoton(PythiaProcess):
    r"""The signal, :math:`gg \to H \to \gamma\gamma`, at leading order.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
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

    energy: float = 8000.0
    mass: float = 125.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        check_between("energy", self.energy, 500.0, 200_000.0)
        check_between("mass", self.mass, 60.0, 300.0)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            f"Beams:eCM = {self.energy}",
            "HiggsSM:gg2H = on",
            f"25:m0 = {self.mass}",
            "25:onMode = off",
            "25:onIfMatch = 22 22",
        )
