"""Processes with leptons from W and Z bosons, and a filter on one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.simulation.processes._pythia import PythiaProcess, check_between

__all__ = ["LeptonProcess"]

_SEEN = (11, 13)


@dataclass(frozen=True)
class LeptonProcess(PythiaProcess):
    r"""A process with electrons, muons and taus, in proton–proton collisions.

    The filter, off by default, spares the detector events without an electron or muon, whatever
    that came from: jets that pass for a lepton are then missing from such events.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    filter : bool
        Keep only events with an electron or muon.
    filter_pt : float, GeV
        Its smallest transverse momentum, somewhat below that of the selection.
    filter_eta : float
        Its largest :math:`|\eta|`.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    Examples
    --------
    >>> LeptonProcess(energy=8000.0).settings()
    ('Beams:eCM = 8000.0',)
    """

    energy: float = 7000.0
    filter: bool = False
    filter_pt: float = 15.0
    filter_eta: float = 2.6

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        check_between("energy", self.energy, 500.0, 200_000.0)
        check_between("filter_pt", self.filter_pt, 0.0, self.energy / 4)
        check_between("filter_eta", self.filter_eta, 0.1, 10.0, "")

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads, the beams' energy first."""
        return (f"Beams:eCM = {self.energy}",)

    def accepts(
        self, offsets: npt.NDArray[np.int64], particles: dict[str, npt.NDArray[Any]]
    ) -> npt.NDArray[np.bool_]:
        """Events with an electron or muon in range, if the filter is on."""
        if not self.filter:
            return super().accepts(offsets, particles)
        pt = np.hypot(particles["px"], particles["py"])
        central = np.abs(particles["pz"]) < pt * np.sinh(self.filter_eta)
        lepton = np.isin(np.abs(particles["pdgId"]), _SEEN) & (pt > self.filter_pt) & central
        before = np.concatenate([[0], np.cumsum(lepton)])
        found: npt.NDArray[np.bool_] = np.diff(before[offsets]) > 0
        return found
