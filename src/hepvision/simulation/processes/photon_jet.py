"""A prompt photon and a jet that may pass for a second one."""

from dataclasses import dataclass

from hepvision.simulation.processes._hard import VetoedProcess
from hepvision.simulation.processes._pythia import check_between

__all__ = ["PhotonJet"]


@dataclass(frozen=True)
class PhotonJet(VetoedProcess):
    r"""The reducible background, :math:`qg \to q\gamma` and :math:`q\bar q \to g\gamma`.

    One jet in some fifty is reconstructed as a photon with H/E < 0.5, so events that cannot end
    that way are dropped early. Of those that an H/E < 0.5 selection in the barrel takes, the veto
    keeps 97 % and the filter 98 %, while 34 % of all events pass the veto and 24 % of these the
    filter. With the endcaps (to 2.3), ``veto_eta`` 2.5 and ``filter_eta`` 2.4 keep 99 % and 98 %,
    while 63 % and 28 % pass.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    veto, veto_eta
        Drop events with photon or parton beyond :math:`|\eta|` = 1.6.
    filter, filter_et, filter_eta, filter_mass
        Keep events with two electromagnetic clusters: GeV, :math:`|\eta|`, GeV.
    pt_hat_min : float, GeV
        Smallest transverse momentum of the hard process.

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
    >>> PhotonJet(veto=False).hooks() is None
    True
    """

    veto: bool = True
    filter: bool = True
    pt_hat_min: float = 40.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        super().__post_init__()
        check_between("pt_hat_min", self.pt_hat_min, 5.0, self.energy / 4)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "PromptPhoton:qg2qgamma = on",
            "PromptPhoton:qqbar2ggamma = on",
            f"PhaseSpace:pTHatMin = {self.pt_hat_min}",
        )
