"""EnergyFlow's quark and gluon jets of Pythia and Herwig, as NumPy archives."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._account import Account
from hepvision.readers._dense import azimuth, unpadded
from hepvision.readers._momenta import transverse
from hepvision.readers._npz import NpzArray, npz_listing, open_npz
from hepvision.readers._reader import Reader
from hepvision.readers._rows import Piece, Table, classes

__all__ = ["EnergyflowNpz"]

#: Masses in GeV and charges of what a detector sees, by |PDG id|; charge of the particle.
PARTICLES = {
    11: (0.000511, -1),
    12: (0.0, 0),
    13: (0.105658, -1),
    14: (0.0, 0),
    16: (0.0, 0),
    22: (0.0, 0),
    130: (0.497611, 0),
    211: (0.139570, 1),
    310: (0.497611, 0),
    321: (0.493677, 1),
    2112: (0.939565, 0),
    2212: (0.938272, 1),
    3112: (1.197449, -1),
    3122: (1.115683, 0),
    3222: (1.18937, 1),
    3312: (1.32171, -1),
    3322: (1.31486, 0),
    3334: (1.67245, -1),
}
STEEPEST = 20.0  # rapidity beyond which nothing is measured


@dataclass(frozen=True)
class EnergyflowNpz(Reader):
    """Quark and gluon jets of 500 to 550 GeV, as a ``Jet`` and its ``Particle``.

    npz: ``X`` (N, M, 4) = pT [GeV], rapidity, φ, PDG id, padded with zeros; ``y``: quark 1,
    gluon 0. Rapidity is not pseudorapidity: it is turned into η with the particle's mass. The
    jet, which is not published, is the sum of its constituents. Rows are unpacked as they are
    asked for.

    Parameters
    ----------
    masses : "pdg" or "zero"
        Masses of the constituents: those of their PDG ids, with which the published rapidities
        were calculated, or none, as networks without identification take them. An id that is
        not known has mass 0 and is counted.

    References
    ----------
    P. T. Komiske, E. M. Metodiev, J. Thaler, JHEP 01 (2019) 121, arXiv:1810.05165; data:
    doi:10.5281/zenodo.3164691.

    Examples
    --------
    >>> EnergyflowNpz(masses="zero").recognises("absent.npz")
    False
    """

    masses: Literal["pdg", "zero"] = "pdg"

    suffixes: ClassVar[tuple[str, ...]] = (".npz",)
    collections: ClassVar[tuple[str, ...]] = ("Jet", "Particle")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole archive with X and y"

    def _knows(self, path: Path) -> bool:
        found = npz_listing(path)
        shape = found.get("X", ())
        return len(shape) == 3 and shape[2] == 4 and len(found.get("y", (0, 0))) == 1

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with open_npz(path) as archive:
            names = archive.namelist()
            if "X.npy" not in names:
                raise SchemaError(f"{path}: needs X, got {', '.join(names)[:60]}. Another format?")
            jets = NpzArray(archive, "X")
            kinds = NpzArray(archive, "y") if "y.npy" in names else None
            if len(jets.shape) != 3 or jets.shape[2] != 4 or jets.row > 2**26:
                raise SchemaError(f"{path}: X must have shape (N, M, 4), got {jets.shape}.")
            if kinds is not None and kinds.shape != jets.shape[:1]:
                raise CorruptFileError(
                    f"{path}: y must be as long as X ({jets.shape[0]}), got shape {kinds.shape}. "
                    "Fetch the file again."
                )

            def take(start: int, stop: int, account: Account) -> Piece:
                scalars: dict[str, NDArray[Any]] = {}
                if kinds is not None:
                    scalars["label"] = classes(kinds.rows(start, stop), 2, f"{path}: y")
                else:
                    account.missing["label"] += stop - start
                return Piece(scalars, self._made(jets.rows(start, stop), account))

            about = {"labels": {"0": "gluon", "1": "quark"}}
            yield Table(jets.shape[0], jets.row * 4, take, about)

    def _made(self, block: NDArray[Any], account: Account) -> dict[str, Any]:
        pt, rapidity, phi, pdg = np.moveaxis(np.asarray(block, np.float64), -1, 0)
        with np.errstate(invalid="ignore"):
            pdg = np.where(np.abs(pdg) < 2**31, np.rint(pdg), 0).astype(np.int64)
            good = np.abs(rapidity) < STEEPEST
        there = pt != 0
        mass, charge, known = _properties(pdg)
        account.repaired["Particle.mass of unknown pdgId"] += int((there & ~known).sum())
        if self.masses == "zero":
            mass = np.zeros_like(mass)
        safe = np.where(good, rapidity, 0.0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            along = np.hypot(pt, mass) * np.sinh(safe)
            eta = np.where(good & (pt > 0), np.arcsinh(along / pt), np.nan)
        columns = {
            "pt": pt,
            "eta": eta,
            "phi": azimuth(phi),
            "mass": mass,
            "pdgId": pdg,
            "charge": charge,
            "jetIdx": np.zeros(pt.shape, np.int16),
        }
        found = unpadded(there, columns, account, "Particle")
        return {"Jet": _jets(*found), "Particle": found}


def _properties(pdg: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """Mass, charge, and whether the id is known."""
    ids = np.array(sorted(PARTICLES))
    table = np.array([PARTICLES[int(one)] for one in ids])
    place = np.minimum(np.searchsorted(ids, np.abs(pdg)), len(ids) - 1)
    known = ids[place] == np.abs(pdg)
    mass = np.where(known, table[place, 0], 0.0)
    charge = np.where(known, table[place, 1] * np.sign(pdg), 0).astype(np.int8)
    return mass, charge, known


def _jets(counts: NDArray[np.int64], flat: dict[str, NDArray[Any]]) -> tuple[NDArray[Any], Any]:
    """Sums of the constituents; none where there is no constituent."""
    pt, eta, phi = (np.asarray(flat[key], np.float64) for key in ("pt", "eta", "phi"))
    parts = (
        pt * np.cos(phi),
        pt * np.sin(phi),
        pt * np.sinh(eta),
        np.hypot(pt * np.cosh(eta), flat["mass"]),
    )
    owner = np.repeat(np.arange(len(counts)), counts)
    px, py, pz, energy = (np.bincount(owner, one, len(counts)) for one in parts)
    full = (counts > 0) & (np.hypot(px, py) > 0)
    square = energy**2 - px**2 - py**2 - pz**2
    # a jet of one massless particle has mass² 0 up to rounding
    mass = np.sqrt(np.maximum(square, 0.0))
    made = transverse(px[full], py[full], pz[full]) | {"mass": mass[full]}
    return full.astype(np.int64), made | {"nConstituents": counts[full]}
