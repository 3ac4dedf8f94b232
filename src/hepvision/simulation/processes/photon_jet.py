"""A prompt photon and a jet that may pass for a second one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.simulation.processes._clusters import two_clusters
from hepvision.simulation.processes._pythia import (
    Particles,
    PythiaProcess,
    check_between,
    eta_veto,
)

__all__ = ["PhotonJet"]


@dataclass(frozen=True)
class PhotonJet(PythiaProcess):
    r"""The reducible background, :math:`qg \to q\gamma` and :math:`q\bar q \to g\gamma`.

    One jet in a hundred is reconstructed as a photon, so events that cannot end that way are
    dropped early: by the veto before hadronisation, by the filter before the detector.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    pt_hat_min : float, GeV
        Smallest transverse momentum of the hard process.
    veto : bool
        Drop events with an outgoing parton beyond ``veto_eta`` (for a selection in the barrel).
    veto_eta : float
        Largest :math:`|\eta|` of photon and parton.
    filter : bool
        Keep events with two electromagnetic clusters only.
    filter_et : float, GeV
        Smallest transverse energy of a cluster.
    filter_eta : float
        Largest :math:`|\eta|` of a cluster.
    filter_mass : float, GeV
        Smallest mass of the two clusters.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    References
    ----------
    CMS Collaboration, "Performance of photon reconstruction and identification",
    arXiv:1502.02702.

    Examples
    --------
    >>> PhotonJet(veto=False).hooks() is None
    True
    """

    energy: float = 8000.0
    pt_hat_min: float = 40.0
    veto: bool = True
    veto_eta: float = 1.6
    filter: bool = True
    filter_et: float = 15.0
    filter_eta: float = 1.55
    filter_mass: float = 70.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        check_between("energy", self.energy, 500.0, 200_000.0)
        check_between("pt_hat_min", self.pt_hat_min, 5.0, self.energy / 4)
        check_between("veto_eta", self.veto_eta, 0.5, 10.0, "")
        check_between("filter_et", self.filter_et, 1.0, self.energy / 4)
        check_between("filter_eta", self.filter_eta, 0.5, 10.0, "")
        check_between("filter_mass", self.filter_mass, 0.0, self.energy / 4)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            f"Beams:eCM = {self.energy}",
            "PromptPhoton:qg2qgamma = on",
            "PromptPhoton:qqbar2ggamma = on",
            f"PhaseSpace:pTHatMin = {self.pt_hat_min}",
        )

    def hooks(self) -> Any:
        """The veto of the hard process, if it is on."""
        return eta_veto(self.veto_eta) if self.veto else None

    def accepts(
        self, offsets: npt.NDArray[np.int64], particles: Particles
    ) -> npt.NDArray[np.bool_]:
        """Events with two electromagnetic clusters, if the filter is on."""
        if not self.filter:
            return super().accepts(offsets, particles)
        return two_clusters(
            offsets,
            particles,
            et_min=self.filter_et,
            eta_max=self.filter_eta,
            mass_min=self.filter_mass,
        )
