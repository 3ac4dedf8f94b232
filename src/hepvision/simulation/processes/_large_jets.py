"""Processes of many hard jets: beams, and a filter on large jets in front of the detector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepvision.physics.jets import anti_kt
from hepvision.simulation.processes._pythia import Particles, PythiaProcess, check_between

__all__ = ["LargeJetsProcess"]

#: Pseudorapidity up to which particles are clustered: what a calorimeter without HF covers.
_COVERAGE = 3.0
_NEUTRINOS = (12, 14, 16)


@dataclass(frozen=True)
class LargeJetsProcess(PythiaProcess):
    r"""A hard process with a filter on jets of R = 1.0 of its particles.

    The filter changes only events that a selection of reconstructed jets would drop anyhow:
    ``filter_pt`` must lie below the cut by more than the resolution of jets, and ``filter_eta``
    a little beyond.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    multiparton : bool
        Whether more partons of the same protons scatter; on, it takes four times as long.
    filter : bool
        Keep only events with enough jets.
    filter_jets : int
        How many.
    filter_pt : float, GeV
        Smallest transverse momentum of a jet.
    filter_eta : float
        Largest :math:`|\eta|` of its axis.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    Examples
    --------
    >>> LargeJetsProcess().settings()
    ('Beams:eCM = 13000.0', 'PartonLevel:MPI = off')
    """

    energy: float = 13000.0
    multiparton: bool = False
    filter: bool = False
    filter_jets: int = 4
    filter_pt: float = 150.0
    filter_eta: float = 2.2

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        check_between("energy", self.energy, 500.0, 200_000.0)
        check_between("filter_jets", self.filter_jets, 1, 20, "")
        check_between("filter_pt", self.filter_pt, 5.0, self.energy / 4)
        check_between("filter_eta", self.filter_eta, 0.1, _COVERAGE, "")

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads, the beams' energy first."""
        return (
            f"Beams:eCM = {self.energy}",
            f"PartonLevel:MPI = {'on' if self.multiparton else 'off'}",
        )

    def accepts(
        self, offsets: npt.NDArray[np.int64], particles: Particles
    ) -> npt.NDArray[np.bool_]:
        """Events with enough jets, if the filter is on."""
        if not self.filter:
            return super().accepts(offsets, particles)
        px, py, pz = (particles[name] for name in ("px", "py", "pz"))
        seen = ~np.isin(np.abs(particles["pdgId"]), _NEUTRINOS)
        seen &= np.abs(pz) < np.hypot(px, py) * np.sinh(_COVERAGE)
        before = np.concatenate([[0], np.cumsum(seen)]).astype(np.int64)
        momenta = np.stack([px, py, pz, particles["energy"]], axis=1)[seen]
        jets = anti_kt(before[offsets], momenta, 1.0, self.filter_pt)
        pt = np.hypot(jets.momenta[:, 0], jets.momenta[:, 1])
        central = np.abs(jets.momenta[:, 2]) < pt * np.sinh(self.filter_eta)
        event = np.repeat(np.arange(len(offsets) - 1), np.diff(jets.offsets))
        found: npt.NDArray[np.int64] = np.bincount(event[central], minlength=len(offsets) - 1)
        return found >= self.filter_jets
