"""Processes that end in two photons, or in what passes for them: veto and filter they share."""

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

__all__ = ["FilteredProcess", "VetoedProcess"]


@dataclass(frozen=True)
class FilteredProcess(PythiaProcess):
    r"""A hard process with a filter in front of the detector.

    The filter changes only events that a diphoton selection would drop anyhow: ``filter_eta``
    must lie a little beyond the region that the selection covers, 1.5 for the barrel.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    filter : bool
        Keep only events with two electromagnetic clusters.
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

    Examples
    --------
    >>> FilteredProcess(energy=13000.0).settings()
    ('Beams:eCM = 13000.0',)
    """

    energy: float = 8000.0
    filter: bool = False
    filter_et: float = 16.0
    filter_eta: float = 1.5
    filter_mass: float = 80.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        check_between("energy", self.energy, 500.0, 200_000.0)
        check_between("filter_et", self.filter_et, 1.0, self.energy / 4)
        check_between("filter_eta", self.filter_eta, 0.5, 10.0, "")
        check_between("filter_mass", self.filter_mass, 0.0, self.energy / 4)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads, the beams' energy first."""
        return (f"Beams:eCM = {self.energy}",)

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


@dataclass(frozen=True)
class VetoedProcess(FilteredProcess):
    r"""A hard process with a veto in front of showers and hadronisation as well.

    Parameters
    ----------
    veto : bool
        Drop hard processes with an outgoing particle beyond ``veto_eta``.
    veto_eta : float
        Largest :math:`|\eta|` before showers, a little beyond ``filter_eta``.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    Examples
    --------
    >>> VetoedProcess(veto=True).hooks().vetoed
    0
    """

    veto: bool = False
    veto_eta: float = 1.6

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        super().__post_init__()
        check_between("veto_eta", self.veto_eta, 0.5, 10.0, "")

    def hooks(self) -> Any:
        """The veto of the hard process, if it is on."""
        return eta_veto(self.veto_eta) if self.veto else None
