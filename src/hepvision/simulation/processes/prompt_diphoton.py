"""Two prompt photons from the annihilation of a quark and an antiquark."""

from dataclasses import dataclass

from hepvision.simulation.processes._hard import VetoedProcess
from hepvision.simulation.processes._pythia import check_between

__all__ = ["PromptDiphoton"]


@dataclass(frozen=True)
class PromptDiphoton(VetoedProcess):
    r"""The irreducible background, :math:`q\bar q \to \gamma\gamma`; no gluon box.

    Veto and filter are off by default. Of the events that a selection in the barrel takes, the
    veto keeps 98 % and the filter all, and 18 % of the events are left.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    veto, veto_eta
        Drop events with a photon of the hard process beyond :math:`|\eta|` = 1.6; off.
    filter, filter_et, filter_eta, filter_mass
        Keep events with two electromagnetic clusters: GeV, :math:`|\eta|`, GeV; off.
    pt_hat_min, pt_hat_max : float, GeV
        Transverse momentum of the hard process.
    m_hat_min : float, GeV
        Smallest mass of the two photons; 0 lets all pass. At 85 GeV 44 % of the cross-section is
        left, and of these events 14 % have both photons in the barrel with a mass above 90 GeV.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    References
    ----------
    M. Andrews et al., "End-to-end physics event classification with CMS open data",
    arXiv:1807.11916.

    Examples
    --------
    >>> PromptDiphoton(m_hat_min=100.0).settings()[-1]
    'PhaseSpace:mHatMin = 100.0'
    """

    pt_hat_min: float = 25.0
    pt_hat_max: float = 250.0
    m_hat_min: float = 85.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        super().__post_init__()
        check_between("pt_hat_min", self.pt_hat_min, 5.0, self.energy / 4)
        check_between("pt_hat_max", self.pt_hat_max, self.pt_hat_min + 1.0, self.energy / 2)
        check_between("m_hat_min", self.m_hat_min, 0.0, self.energy / 4)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "PromptPhoton:ffbar2gammagamma = on",
            f"PhaseSpace:pTHatMin = {self.pt_hat_min}",
            f"PhaseSpace:pTHatMax = {self.pt_hat_max}",
            f"PhaseSpace:mHatMin = {self.m_hat_min}",
        )
