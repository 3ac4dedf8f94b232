"""Processes whose leading jet is an example: which jet it is, and what it must have come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hepvision.physics.kinematics import delta_r
from hepvision.simulation.processes._pythia import PythiaProcess, check_between

__all__ = ["HADRONIC_W", "UNSEEN_Z", "JetProcess", "contained"]

Columns = dict[str, npt.NDArray[Any]]
#: Lines that Pythia reads: W bosons decay to quarks, Z bosons to neutrinos.
HADRONIC_W = ("24:onMode = off", "24:onIfAny = 1 2 3 4 5")
UNSEEN_Z = ("23:onMode = off", "23:onIfAny = 12 14 16")
#: Status of the outgoing partons of a hard process and of the decays of its resonances.
_HARD = 23
#: Jets of at least this radius are a ``FatJet``.
_FAT = 0.6


@dataclass(frozen=True)
class JetProcess(PythiaProcess):
    r"""A process of which the readout ``particles`` keeps the leading jet.

    Jets are clustered by anti-:math:`k_T` from all generated particles within
    :math:`|\eta| < 5` but neutrinos, as a perfect detector would see them. The hardest jet of an
    event is kept if it lies in the range of pT and :math:`|\eta|` and matches the process.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    radius : float
        R of the jets; up to 0.6 they are a ``Jet``, from there on a ``FatJet``.
    jet_pt_min, jet_pt_max : float, GeV
        Range of the jet's transverse momentum.
    jet_eta_max : float
        Largest :math:`|\eta|` of its axis.
    multiparton : bool
        Whether more partons of the same protons scatter. Off, as in the published samples of
        boosted jets; on, it takes four times as long.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    Examples
    --------
    >>> JetProcess().collection, JetProcess(radius=0.4).collection
    ('FatJet', 'Jet')
    """

    energy: float = 13000.0
    radius: float = 0.8
    jet_pt_min: float = 550.0
    jet_pt_max: float = 650.0
    jet_eta_max: float = 2.0
    multiparton: bool = False

    #: Range of the hard process's pT over that of the jets. Of the jets a few per cent come from
    #: beyond, where they recoil against hard radiation; there nine events in ten give none.
    reach: ClassVar[tuple[float, float]] = (0.8, 1.2)

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        check_between("energy", self.energy, 500.0, 200_000.0)
        check_between("radius", self.radius, 0.1, 2.0, "")
        check_between("jet_pt_min", self.jet_pt_min, 20.0, self.energy / 4)
        check_between("jet_pt_max", self.jet_pt_max, self.jet_pt_min, self.energy / 2)
        check_between("jet_eta_max", self.jet_eta_max, 0.1, 4.5, "")

    @property
    def collection(self) -> str:
        """Name of the collection that the jet is stored in."""
        return "FatJet" if self.radius >= _FAT else "Jet"

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads: the beams, and the range in which jets may come from."""
        low, high = self.reach
        return (
            f"Beams:eCM = {self.energy}",
            f"PartonLevel:MPI = {'on' if self.multiparton else 'off'}",
            f"PhaseSpace:pTHatMin = {low * self.jet_pt_min:g}",
            f"PhaseSpace:pTHatMax = {high * self.jet_pt_max:g}",
        )

    def matched(
        self,
        truth_offsets: npt.NDArray[np.int64],
        truth: Columns,
        eta: npt.NDArray[np.float64],
        phi: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.bool_]:
        """Whether the jet of each event is what the process is about; all are by default.

        Parameters
        ----------
        truth_offsets : array of int64, shape (B + 1,)
            ``GenPart`` of each event.
        truth : dict of arrays, shape (M,)
            Columns of ``GenPart``.
        eta, phi : array, shape (B,)
            Axis of the jet.

        Returns
        -------
        array of bool, shape (B,)
            True where it is.
        """
        return np.ones(len(eta), np.bool_)


def contained(
    truth_offsets: npt.NDArray[np.int64],
    truth: Columns,
    eta: npt.NDArray[np.float64],
    phi: npt.NDArray[np.float64],
    *,
    pdg_id: int,
    quarks: int,
    radius: float,
) -> npt.NDArray[np.bool_]:
    r"""Whether a jet holds a resonance and all the quarks of its decay.

    Parameters
    ----------
    truth_offsets : array of int64, shape (B + 1,)
        ``GenPart`` of each event.
    truth : dict of arrays, shape (M,)
        Columns of ``GenPart``.
    eta, phi : array, shape (B,)
        Axis of the jet.
    pdg_id : int
        Of the resonance, without its sign.
    quarks : int
        How many its decay gives.
    radius : float
        All must lie within this :math:`\Delta R` of the axis.

    Returns
    -------
    array of bool, shape (B,)
        True where one resonance does.

    Examples
    --------
    >>> w = {"pdgId": np.array([24, 1, -2]), "genPartIdxMother": np.array([-1, 0, 0])}
    >>> w |= {"status": np.array([22, 23, 23]), "eta": np.zeros(3), "phi": np.array([0, 0.1, -0.1])}
    >>> axis = np.zeros(1)
    >>> contained(np.array([0, 3]), w, axis, axis, pdg_id=24, quarks=2, radius=0.8)
    array([ True])
    """
    counts = np.diff(truth_offsets)
    event = np.repeat(np.arange(len(counts)), counts)
    first = np.repeat(truth_offsets[:-1], counts)
    kind = np.abs(truth["pdgId"])
    mother = np.where(truth["genPartIdxMother"] >= 0, first + truth["genPartIdxMother"], -1)
    near = delta_r(truth["eta"], truth["phi"], eta[event], phi[event]) < radius
    quark = (kind >= 1) & (kind <= 5) & (truth["status"] == _HARD)
    origin = np.full(len(kind), -1)  # row of the resonance that a quark comes from
    above = np.where(quark, mother, -1)
    while (above >= 0).any():
        there = above >= 0
        hit = there & (kind[above] == pdg_id)
        origin[hit] = above[hit]
        above = np.where(there & ~hit, mother[above], -1)
    inside = np.bincount(origin[(origin >= 0) & near], minlength=len(kind))
    whole = near & (kind == pdg_id) & (inside == quarks)
    found: npt.NDArray[np.bool_] = np.bincount(event[whole], minlength=len(counts)) > 0
    return found
