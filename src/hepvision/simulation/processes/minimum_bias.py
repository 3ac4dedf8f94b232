"""Inelastic proton–proton collisions: what pile-up is made of."""

from dataclasses import dataclass
from typing import Any

from hepvision.simulation.processes._pythia import PythiaProcess, check_between

__all__ = ["MinimumBias"]


@dataclass(frozen=True)
class MinimumBias(PythiaProcess):
    """Soft inelastic collisions: non-diffractive and diffractive.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy of the proton–proton collision.
    diffractive : bool
        Also single, double and central diffraction.

    Raises
    ------
    ValueError
        The energy lies outside its range.

    References
    ----------
    P. Skands, S. Carrazza, J. Rojo, "Tuning PYTHIA 8.1: the Monash 2013 tune", arXiv:1404.5630.

    Examples
    --------
    >>> MinimumBias().settings()
    ('Beams:eCM = 8000.0', 'SoftQCD:inelastic = on')
    """

    energy: float = 8000.0
    diffractive: bool = True

    # Starting costs as much as a thousand events, and no event changes what it prepares.
    reusable = True

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        check_between("energy", self.energy, 500.0, 200_000.0)

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        kind = "inelastic" if self.diffractive else "nonDiffractive"
        return (f"Beams:eCM = {self.energy}", f"SoftQCD:{kind} = on")

    def known_cross_section_pb(self, pythia: Any) -> float:
        """Cross-section of the chosen parts; Pythia numbers them, 2 is elastic."""
        parts = (1, 3, 4, 5, 6) if self.diffractive else (1,)
        return 1e9 * sum(pythia.getSigmaPartial(part) for part in parts)
