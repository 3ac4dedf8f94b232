"""CLIC calorimeter showers of single particles, in ECAL and HCAL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from hepvision.readers._account import Account
from hepvision.readers._dense import azimuth, cells, merged, numbers
from hepvision.readers._hdf5 import (
    column,
    dataset,
    listing,
    needed,
    open_hdf5,
    row_bytes,
    rows_of,
)
from hepvision.readers._reader import Reader
from hepvision.readers._rows import Piece, Table

__all__ = ["ClicLcd"]

AXES = ("row", "column", "layer")
#: Class by |PDG id|; others are the last.
CLASSES = {22: "photon", 11: "electron", 111: "neutral pion", 211: "charged pion"}
NAMES = (*CLASSES.values(), "other")


@dataclass(frozen=True)
class ClicLcd(Reader):
    """Windows of a CLIC-like calorimeter around one particle, as ``Cell`` and ``Primary``.

    HDF5: ``ECAL`` (N, 51, 51, 25) or (N, 25, 25, 25), ``HCAL`` (N, 11, 11, 60), each two
    transverse axes and the depth, in GeV; ``pdgID``, ``energy`` [GeV], ``eta``, ``phi``. Cells of
    ECAL have part 0, of HCAL part 1. ``label`` is the kind of the particle. What was calculated
    from the cells (``ECAL_E``, ``recoEta``, ``R9``, …) and the opening angle of the photons of a
    π⁰ are not read. Files without directions have a ``Primary`` without them.

    Parameters
    ----------
    parts : "both", "ecal" or "hcal"
        Which calorimeters are read.

    References
    ----------
    D. Belayneh et al., Eur. Phys. J. C 80 (2020) 688, arXiv:1912.06794.

    Examples
    --------
    >>> ClicLcd(parts="ecal").recognises("absent.h5")
    False
    """

    parts: Literal["both", "ecal", "hcal"] = "both"

    suffixes: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")
    collections: ClassVar[tuple[str, ...]] = ("Cell", "Primary")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole HDF5 file with ECAL and energy"

    def _knows(self, path: Path) -> bool:
        found = listing(path)
        ecal = found.get("ECAL") or found.get("ECAL/ECAL") or ()
        return len(ecal) == 4 and bool({"energy", "pdgID", "HCAL", "HCAL/HCAL"} & set(found))

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with open_hdf5(path) as file:
            volume = (None, None, None)
            found = {}
            if self.parts != "hcal":
                found["ECAL"] = needed(file, ("ECAL", "ECAL/ECAL"), volume)
            hcal = dataset(file, ("HCAL", "HCAL/HCAL"), volume)
            if self.parts == "hcal":
                hcal = needed(file, ("HCAL", "HCAL/HCAL"), volume)
            if self.parts != "ecal" and hcal is not None:
                found["HCAL"] = hcal
            about = {"energy": needed(file, "energy", ())}
            for key in ("pdgID", "eta", "phi"):
                one = dataset(file, key, ())
                if one is not None:
                    about[key] = one
            lost = self.parts == "both" and hcal is None

            def take(start: int, stop: int, account: Account) -> Piece:
                if lost:
                    account.missing["HCAL"] += stop - start
                parts = [
                    cells(one[start:stop], AXES, account, part=("ECAL", "HCAL").index(name))
                    for name, one in found.items()
                ]
                values = {key: column(one, start, stop) for key, one in about.items()}
                return _piece(values, merged(parts), account)

            shapes = {
                name: {
                    "part": ("ECAL", "HCAL").index(name),
                    "shape": [int(size) for size in one.shape[1:]],
                    "axes": list(AXES),
                }
                for name, one in found.items()
            }
            attrs: dict[str, Any] = {"cells": shapes, "direction": "flies to"}
            if "pdgID" in about:
                attrs["labels"] = {str(k): name for k, name in enumerate(NAMES)}
            every = (*found.values(), *about.values())
            yield Table(rows_of(*every), row_bytes(*every), take, attrs)


def _piece(values: dict[str, Any], made: Any, account: Account) -> Piece:
    scalars = {}
    primary = {"energy": values["energy"]}
    if "pdgID" in values:
        with np.errstate(invalid="ignore"):
            pdg = np.where(np.abs(values["pdgID"]) < 2**31, values["pdgID"], 0).astype(np.int64)
        primary["pdgId"] = pdg
        ids = np.array(list(CLASSES))
        match = np.abs(pdg)[:, None] == ids
        scalars["label"] = np.where(match.any(axis=1), match.argmax(axis=1), len(ids))
    if "eta" in values:
        with np.errstate(over="ignore", under="ignore"):
            primary["theta"] = 2 * np.arctan(np.exp(-values["eta"]))
    if "phi" in values:
        primary["phi"] = azimuth(values["phi"])
    return Piece(scalars, {"Cell": made, "Primary": numbers(primary, account, "Primary")})
