"""Single particles of chosen momenta, without a generator."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hepvision.simulation.processes._pythia import PythiaProcess, check_between
from hepvision.simulation.processes._record import Record

__all__ = ["ParticleGun"]

# GeV; what the detector can take, and the neutral pion, which decays here
MASSES = {
    22: 0.0,
    11: 0.000510999,
    13: 0.105658,
    111: 0.134977,
    130: 0.497611,
    211: 0.139570,
    321: 0.493677,
    2112: 0.939565,
    2212: 0.938272,
}
#: The short-lived half of neutral kaons is not made.
OWN_ANTIPARTICLE = (22, 111, 130)


@dataclass(frozen=True)
class ParticleGun(PythiaProcess):
    r"""Particles with flat momentum, :math:`\eta` and :math:`\phi`.

    Neutral pions decay to two photons at once.

    Parameters
    ----------
    pdg_id : int
        Particle; the negative number is the antiparticle.
    quantity : {"pt", "energy"}
        What is flat between ``low`` and ``high``.
    low, high : float, GeV
        Range of that quantity.
    eta_min, eta_max : float
        Range of pseudorapidity.
    per_event : int
        Particles an event.
    both_charges : bool
        Make a random half of the particles the antiparticle, so that the way the field bends them
        tells nothing of the class.

    Raises
    ------
    ValueError
        The particle is unknown, or a range is empty or absurd.

    Examples
    --------
    >>> gun = ParticleGun(pdg_id=11, low=50.0, high=50.0)
    >>> gun.draw(1, np.random.default_rng(1)).pdg_id[1:]
    array([11], dtype=int32)
    """

    pdg_id: int = 22
    quantity: Literal["pt", "energy"] = "pt"
    low: float = 20.0
    high: float = 100.0
    eta_min: float = -1.4
    eta_max: float = 1.4
    per_event: int = 1
    both_charges: bool = False

    def __post_init__(self) -> None:
        """Refuse unknown particles and empty ranges."""
        if abs(self.pdg_id) not in MASSES:
            known = ", ".join(str(number) for number in MASSES)
            raise ValueError(f"pdg_id: must be one of ±{known}, got {self.pdg_id}. Take one.")
        if self.quantity not in ("pt", "energy"):
            raise ValueError(f"quantity: must be 'pt' or 'energy', got {self.quantity!r}.")
        if self.both_charges and self.pdg_id in OWN_ANTIPARTICLE:
            raise ValueError(
                f"both_charges: {self.pdg_id} is its own antiparticle, got true. Leave it out."
            )
        least = MASSES[abs(self.pdg_id)] if self.quantity == "energy" else 0.0
        check_between("low", self.low, max(0.001, 1.0001 * least), 1e5)
        check_between("high", self.high, self.low, 1e5)
        check_between("eta_min", self.eta_min, -6.0, 6.0, "")
        check_between("eta_max", self.eta_max, self.eta_min, 6.0, "")
        check_between("per_event", self.per_event, 1, 10_000, "")

    def draw(self, events: int, rng: np.random.Generator) -> Record:
        """Draw events.

        Parameters
        ----------
        events : int
            How many.
        rng : numpy.random.Generator
            Where the numbers come from.

        Returns
        -------
        Record
            All particles, a decayed pion in front of its two photons.
        """
        n = events * self.per_event
        mass = MASSES[abs(self.pdg_id)]
        amount = rng.uniform(self.low, self.high, n)
        eta = rng.uniform(self.eta_min, self.eta_max, n)
        phi = rng.uniform(-np.pi, np.pi, n)
        p = amount * np.cosh(eta) if self.quantity == "pt" else np.sqrt(amount**2 - mass**2)
        way = np.stack([np.cos(phi) / np.cosh(eta), np.sin(phi) / np.cosh(eta), np.tanh(eta)])
        four = np.stack([*(p * way), np.hypot(p, mass)])
        if self.pdg_id == 111:
            four = np.stack([four, *_two_photons(four, way, mass, rng)], axis=-1)
            kinds, states, depth = [111, 22, 22], [-22, 91, 91], [0, 1, 1]
        else:
            four, kinds, states, depth = four[..., None], [self.pdg_id], [23], [0]
        made = self._record(events, four, kinds, states, depth)
        if not self.both_charges:
            return made
        # drawn last: without it nothing else changes
        sign = np.ones((events, self.per_event + 1), np.int32)
        sign[:, 1:] = rng.choice(np.array([-1, 1], np.int32), (events, self.per_event))
        return made._replace(pdg_id=made.pdg_id * sign.ravel())

    def _record(
        self,
        events: int,
        four: npt.NDArray[np.float64],
        kinds: list[int],
        states: list[int],
        depth: list[int],
    ) -> Record:
        """Rows of each event: one in front, as in Pythia, so that 0 is no mother."""
        each = len(kinds)
        rows = self.per_event * each + 1
        momentum = np.zeros((4, events, rows))
        momentum[:, :, 1:] = four.reshape(4, events, rows - 1)
        place = 1 + each * np.repeat(np.arange(self.per_event), each)
        mother = np.where(np.tile(depth, self.per_event) > 0, place, 0)
        masses = [MASSES[abs(kind)] for kind in kinds]

        def whole(column: npt.NDArray[np.int32], front: int) -> npt.NDArray[np.int32]:
            return np.tile(np.concatenate([[front], column]).astype(np.int32), events)

        mass = np.concatenate([[0.0], np.tile(masses, self.per_event)])
        return Record(
            np.arange(events + 1, dtype=np.int64) * rows,
            whole(np.tile(kinds, self.per_event), 90),
            whole(np.tile(states, self.per_event), -11),
            whole(mother, 0),
            tuple(part.ravel() for part in momentum),
            np.tile(mass, events),
            tuple(np.zeros((4, events * rows))),
        )


def _two_photons(
    four: npt.NDArray[np.float64],
    way: npt.NDArray[np.float64],
    mass: float,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Isotropic decay in the rest frame, boosted along the flight."""
    n = four.shape[1]
    cosine, turn = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
    # two directions across the flight; z × way never vanishes away from the beam
    across = np.cross([0.0, 0.0, 1.0], way, axisb=0)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    other = np.cross(way, across, axisa=0)
    side = mass / 2 * np.sqrt(1 - cosine**2)
    p, energy = np.linalg.norm(four[:3], axis=0), four[3]
    along = (energy * cosine + p) / 2
    first = along * way + side * (np.cos(turn) * across.T + np.sin(turn) * other.T)
    photon = np.stack([*first, (energy + p * cosine) / 2])
    return photon, four - photon
