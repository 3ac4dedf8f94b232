"""Names, kinds and colours of particles by their PDG ids."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["KINDS", "kinds", "particle"]

#: Kinds in the order in which they are drawn: name, colour, symbol of the marks.
KINDS = (
    ("charged hadrons", "#ffa90e", "circle"),
    ("neutral hadrons", "#8a8f98", "square"),
    ("photons", "#1750c8", "diamond"),
    ("electrons", "#bd1f01", "star-diamond"),
    ("muons", "#111111", "cross"),
    ("taus", "#a96b59", "triangle-down"),
    ("neutrinos", "#832db6", "x"),
    ("quarks and gluons", "#00838f", "hexagon"),
    ("bosons", "#b9ac70", "star"),
    ("other particles", "#717581", "circle-open"),
    ("forward calorimeter", "#94a4a2", "square-open"),
)
_NAMES = {
    1: "d", 2: "u", 3: "s", 4: "c", 5: "b", 6: "t",
    11: "e⁻", 12: "νe", 13: "μ⁻", 14: "νμ", 15: "τ⁻", 16: "ντ",
    21: "g", 22: "γ", 23: "Z", 24: "W⁺", 25: "H",
    111: "π⁰", 113: "ρ⁰", 130: "K⁰L", 211: "π⁺", 213: "ρ⁺", 221: "η", 223: "ω", 310: "K⁰S",
    311: "K⁰", 321: "K⁺", 331: "η′", 333: "φ", 411: "D⁺", 421: "D⁰", 431: "Ds⁺", 443: "J/ψ",
    511: "B⁰", 521: "B⁺", 531: "Bs⁰", 553: "Υ",
    2112: "n", 2212: "p", 3112: "Σ⁻", 3122: "Λ", 3212: "Σ⁰", 3222: "Σ⁺", 3312: "Ξ⁻", 3322: "Ξ⁰",
    3334: "Ω⁻", 5122: "Λb", 1114: "Δ⁻", 2114: "Δ⁰", 2214: "Δ⁺", 2224: "Δ⁺⁺",
    91: "cluster", 92: "string",
}  # fmt: skip
_CHARGES = "⁺⁻"
_SIGN = str.maketrans("⁺⁻", "⁻⁺")


def particle(pdg: int) -> str:
    """Name of a particle in the field's symbols.

    Parameters
    ----------
    pdg : int
        PDG id.

    Returns
    -------
    str
        The id itself where it is a rare one.

    Examples
    --------
    >>> [particle(one) for one in (-11, 22, -6, 2212, -3222, 1000022)]
    ['e⁺', 'γ', 't̅', 'p', 'Σ̅⁻', '1000022']
    """
    name = _NAMES.get(abs(int(pdg)))
    if name is None:
        return str(int(pdg)).replace("-", "−")
    if pdg > 0:
        return name
    barred = f"{name[0]}\u0305{name[1:]}"
    if name[-1] not in _CHARGES:
        return barred
    # an antibaryon of the same charge as a baryon is another particle
    return (barred if abs(pdg) > 1000 else name).translate(_SIGN)


def kinds(
    pdg: npt.NDArray[Any], charge: npt.NDArray[Any] | None = None, recorded: bool = False
) -> npt.NDArray[np.int64]:
    """Kind of each particle.

    Parameters
    ----------
    pdg : array of int, shape (N,)
        PDG ids, 0 where not known.
    charge : array, shape (N,), optional
        Decides for hadrons; from the quarks of the id if not given.
    recorded : bool
        Whether a detector saw them: ids 1 and 2 are then what CMS calls energy in the forward
        calorimeter, hadronic and electromagnetic, and no quarks.

    Returns
    -------
    array of int, shape (N,)
        Index into ``KINDS``.

    Examples
    --------
    >>> [KINDS[k][0] for k in kinds(np.array([211, 130, 22, -13, 2112, 0]))]
    ['charged hadrons', 'neutral hadrons', 'photons', 'muons', 'neutral hadrons', 'other particles']
    """
    size = np.abs(np.asarray(pdg, np.int64))
    charged = _charged(size) if charge is None else np.asarray(charge) != 0
    hadron = (size > 100) & (size < 1_000_000)
    found = np.full(size.shape, 9)
    found[hadron] = np.where(charged[hadron], 0, 1)
    for kind, ids in ((2, (22,)), (3, (11,)), (4, (13,)), (5, (15,)), (6, (12, 14, 16))):
        found[np.isin(size, ids)] = kind
    found[((size > 0) & (size < 7)) | (size == 21)] = 7
    found[np.isin(size, (23, 24, 25))] = 8
    if recorded:
        found[np.isin(size, (1, 2))] = 10
    return found


def _charged(size: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether the quarks of hadrons leave a charge; size is the absolute PDG id."""
    thirds = np.array([0, -1, 2, -1, 2, -1, 2, 0, 0, 0])
    first, second, third = (size // 1000) % 10, (size // 100) % 10, (size // 10) % 10
    meson = thirds[second] - thirds[third]
    baryon = thirds[first] + thirds[second] + thirds[third]
    # K0L and K0S have ids of their own
    neutral = np.isin(size, (130, 310))
    return np.asarray((np.where(first == 0, meson, baryon) != 0) & ~neutral)
