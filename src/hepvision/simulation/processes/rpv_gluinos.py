"""Pairs of gluinos that decay to three quarks each: supersymmetry without R parity."""

from dataclasses import dataclass
from typing import Literal

from hepvision.simulation.processes._large_jets import LargeJetsProcess
from hepvision.simulation.processes._pythia import check_between

__all__ = ["RpvGluinos"]

#: Everything else of supersymmetry is out of reach of any collider.
_HEAVY = (
    *(1_000_001, 1_000_002, 1_000_003, 1_000_004, 1_000_005, 1_000_006),
    *(2_000_001, 2_000_002, 2_000_003, 2_000_004, 2_000_005, 2_000_006),
    *(1_000_022, 1_000_023, 1_000_025, 1_000_035, 1_000_024, 1_000_037, 1_000_039),
)
_FAR = 2.0e5  # GeV
_GLUINO = 1_000_021
#: Pairs of down quarks of different generations, which couple to any up quark.
_PAIRS = {"light": ((1, 3),), "bottom": ((1, 5), (3, 5)), "all": ((1, 3), (1, 5), (3, 5))}


@dataclass(frozen=True)
class RpvGluinos(LargeJetsProcess):
    r"""Signal of the search in multijets, :math:`gg, q\bar q \to \tilde g \tilde g \to 6q`.

    The coupling :math:`\lambda''_{ijk} U_i D_j D_k`, antisymmetric in j and k, lets a gluino
    decay through a squark far above its mass to three quarks, or to three antiquarks, as it is
    its own antiparticle. All allowed channels with u and c are equally frequent. The quarks fly
    off as phase space lets them. Pythia reads masses and decays from a file of the SUSY Les
    Houches Accord, which :meth:`slha` writes.

    Parameters
    ----------
    energy, multiparton, filter, filter_jets, filter_pt, filter_eta
        As of all processes of large jets: GeV, GeV, :math:`|\eta|`.
    mass : float, GeV
        Of the gluino.
    width : float, GeV
        Of the gluino.
    flavours : {"light", "bottom", "all"}
        Pairs of down quarks: d s; d b and s b; or all three.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    References
    ----------
    ATLAS Collaboration, ATLAS-CONF-2016-057. P. Skands et al., "SUSY Les Houches accord", JHEP 07
    (2004) 036, arXiv:hep-ph/0311123. R. Barbier et al., "R-parity violating supersymmetry", Phys.
    Rept. 420 (2005) 1, arXiv:hep-ph/0406039.

    Examples
    --------
    >>> [line for line in RpvGluinos(flavours="light").slha().splitlines() if " 3 " in line]
    ['0.25 3 2 1 3', '0.25 3 4 1 3', '0.25 3 -2 -1 -3', '0.25 3 -4 -1 -3']
    """

    mass: float = 1000.0
    width: float = 1.0
    flavours: Literal["light", "bottom", "all"] = "all"

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        super().__post_init__()
        check_between("mass", self.mass, 100.0, self.energy / 2.1)
        check_between("width", self.width, 0.01, self.mass / 10)
        if self.flavours not in _PAIRS:
            raise ValueError(f"flavours: must be one of {tuple(_PAIRS)}, got {self.flavours!r}.")

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "SUSY:gg2gluinogluino = on",
            "SUSY:qqbar2gluinogluino = on",
        )

    def slha(self) -> str:
        """Masses, and the decays of the gluino.

        Returns
        -------
        str
            Content of a file of the SUSY Les Houches Accord.
        """
        quarks = [(up, *pair) for pair in _PAIRS[self.flavours] for up in (2, 4)]
        share = 0.5 / len(quarks)
        channels = [
            f"{share:.10g} 3 {sign * one[0]} {sign * one[1]} {sign * one[2]}"
            for sign in (1, -1)
            for one in quarks
        ]
        masses = [f"{_GLUINO} {self.mass:.8g}", *(f"{one} {_FAR:.8g}" for one in _HEAVY)]
        decay = f"DECAY {_GLUINO} {self.width:.8g}"
        # without MODSEL Pythia takes the file for one of no supersymmetry
        return "\n".join(["BLOCK MODSEL", "1 0", "BLOCK MASS", *masses, decay, *channels, ""])
