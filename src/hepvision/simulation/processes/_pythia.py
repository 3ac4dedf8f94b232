"""What a Pythia process promises the generation, and the checks that they share."""

import math
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hepvision.core.names import require

__all__ = ["DrawnProcess", "PythiaProcess", "VetoCounter", "check_between", "eta_veto"]

Particles = dict[str, npt.NDArray[Any]]


class VetoCounter(Protocol):
    """A Pythia user hook that counts what it saw and what it refused."""

    vetoed: int


class DrawnProcess(Protocol):
    """A process that draws its own particles, without Pythia."""

    def draw(self, events: int, rng: np.random.Generator) -> Any:
        """An event record of so many events."""


class PythiaProcess:
    """Defaults of a process that Pythia generates; a process overrides what it needs.

    Examples
    --------
    >>> process = PythiaProcess()
    >>> process.hooks() is None, process.reusable
    (True, False)
    """

    #: One initialised generator may serve many chunks: only if no event changes its state.
    reusable = False

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads.

        Returns
        -------
        tuple of str
            In the order in which they are read.
        """
        return ()

    def slha(self) -> str:
        """Masses and decays of new particles.

        Returns
        -------
        str
            Content of a file of the SUSY Les Houches Accord; empty if there is nothing new.
        """
        return ""

    def hooks(self) -> Any:
        """A fresh Pythia user hook that counts its vetoes.

        Returns
        -------
        UserHooks or None
            None if the process vetoes nothing.
        """
        return None

    def known_cross_section_pb(self, pythia: Any) -> float | None:
        """Cross-section that Pythia knows without generating events.

        Parameters
        ----------
        pythia : pythia8mc.Pythia
            Initialised.

        Returns
        -------
        float or None, pb
            None where it comes out of the generation.
        """
        return None

    def accepts(
        self, offsets: npt.NDArray[np.int64], particles: Particles
    ) -> npt.NDArray[np.bool_]:
        """Which events go on to the detector, judged by their final-state particles.

        Parameters
        ----------
        offsets : array of int64, shape (B + 1,)
            Rows of each event.
        particles : dict of arrays, shape (N,)
            Columns as in ``Generated.particles``; GeV.

        Returns
        -------
        array of bool, shape (B,)
            True where the event is kept.
        """
        return np.ones(len(offsets) - 1, dtype=np.bool_)


def check_between(what: str, value: float, low: float, high: float, unit: str = "GeV") -> None:
    """Refuse a parameter outside its range.

    Parameters
    ----------
    what : str
        Name of the parameter.
    value, low, high : float
        The value and the range it must lie in, both ends allowed.
    unit : str
        For the message.

    Raises
    ------
    ValueError
        The value lies outside or is not finite.

    Examples
    --------
    >>> check_between("mass", 125.0, 10.0, 1000.0)
    >>> check_between("mass", -125.0, 10.0, 1000.0)
    Traceback (most recent call last):
    ...
    ValueError: mass: must lie between 10 and 1000 GeV, got -125.0. Give a value in that range.
    """
    if not (math.isfinite(value) and low <= value <= high):
        rule = f"must lie between {low:g} and {high:g} {unit}".rstrip()
        raise ValueError(f"{what}: {rule}, got {value}. Give a value in that range.")


def eta_veto(eta_max: float) -> Any:
    r"""A veto of hard processes with an outgoing parton beyond some :math:`|\eta|`.

    It acts on the hard process alone, before showers and hadronisation, which cost most time.

    Parameters
    ----------
    eta_max : float
        Largest :math:`|\eta|` of the outgoing particles.

    Returns
    -------
    pythia8mc.UserHooks
        Counts in ``vetoed``.

    Raises
    ------
    MissingExtraError
        Pythia is not installed.

    Examples
    --------
    >>> eta_veto(1.6).vetoed
    0
    """
    pythia8 = require("pythia8mc", extra="simulate")

    class EtaVeto(pythia8.UserHooks):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.vetoed = 0

        def canVetoProcessLevel(self) -> bool:
            return True

        def doVetoProcessLevel(self, process: Any) -> bool:
            outgoing = (process[i] for i in range(3, process.size()))
            far = any(p.isFinal() and abs(p.eta()) > eta_max for p in outgoing)
            self.vetoed += far
            return far

    return EtaVeto()
