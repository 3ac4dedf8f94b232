"""A prompt photon and a jet that may pass for a second one."""

from dataclasses import dataclass

from hepvision.simulation.processes._hard import VetoedProcess
from hepvision.simulation.processes._pythia import check_between

__all__ = ["PhotonJet"]


@dataclass(frozen=True)
class PhotonJet(VetoedProcess):
    r"""The reducible background, :math:`qg \to q\gamma` and :math:`q\bar q \to g\gamma`.

    One jet in some fifty is reconstructed as a photon with H/E < 0.5, so events that cannot end
    that way are dropped early. Of those that an H/E < 0.5 selection in the barrel takes, veto and
    filter together keep 98 to 99 %, while 37 % of all events pass the veto and 16 % both. With the
    endcaps (to 2.3), ``veto_eta`` 2.7 and ``filter_eta`` 2.4 keep 98 %, while 68 % and 33 % pass:
    ``validation/closure.md``.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    veto, veto_eta
        Drop events with photon or parton beyond :math:`|\eta|` = ``veto_eta``.
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
    veto_eta: float = 1.7
    filter: bool = True
    # hadrons that the detector sees bring clusters up: looser than for real photons
    filter_et: float = 12.0
    filter_mass: float = 60.0
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
