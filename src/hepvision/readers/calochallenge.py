"""Calorimeter showers of the CaloChallenge, all four detectors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.readers._account import Account
from hepvision.readers._dense import cells, merged, numbers
from hepvision.readers._hdf5 import column, listing, needed, open_hdf5, row_bytes, rows_of
from hepvision.readers._reader import Reader
from hepvision.readers._rows import Piece, Table

__all__ = ["Calochallenge"]

AXES = ("layer", "row", "column")
#: MeV; no published shower has less.
LEAST = 250.0


class Detector(NamedTuple):
    """Particle, and layers in order: name, bins in α, bins in r, how many alike follow."""

    pdg: int
    layers: tuple[tuple[str, int, int, int], ...]


def _alone(*layers: tuple[int, int, int]) -> tuple[tuple[str, int, int, int], ...]:
    return tuple((f"layer_{number}", alpha, radial, 1) for number, alpha, radial in layers)


PHOTONS = _alone((0, 1, 8), (1, 10, 16), (2, 10, 19), (3, 1, 5), (12, 1, 5))
PIONS = _alone(
    (0, 1, 8), (1, 10, 10), (2, 10, 10), (3, 1, 5), (12, 10, 15), (13, 10, 16), (14, 1, 10)
)
#: By the number of voxels.
DETECTORS = {
    368: Detector(22, PHOTONS),
    533: Detector(211, PIONS),
    6480: Detector(11, (("cylinder", 16, 9, 45),)),
    40500: Detector(11, (("cylinder", 50, 18, 45),)),
}


@dataclass(frozen=True)
class Calochallenge(Reader):
    """Showers in voxels of depth, angle and radius, as ``Cell`` and ``Primary``.

    HDF5: ``incident_energies`` (N, 1) and ``showers`` (N, V), both in **MeV**, turned into GeV
    here. V tells the detector: 368 photons and 533 pions in ATLAS-like layers of unequal cells
    (set 1), 6480 = 45 × 16 × 9 and 40500 = 45 × 50 × 18 electrons in a regular cylinder (sets 2
    and 3). Voxels are in the order layer, α, r, the radius running fastest: ``layer`` counts
    layers from 0, ``row`` is the bin in α, ``column`` the bin in r. Each layer of set 1 is a part,
    under the number that ATLAS gives it; sets 2 and 3 are one part.

    Parameters
    ----------
    unit : "published", "MeV" or "GeV"
        Unit of both data sets. ``published`` is MeV, and energies below 250, where no published
        shower lies, are refused: such a file is likely in GeV.

    References
    ----------
    C. Krause et al., CaloChallenge 2022, arXiv:2410.21611; data: doi:10.5281/zenodo.6234054,
    doi:10.5281/zenodo.6366271, doi:10.5281/zenodo.6366324.

    Examples
    --------
    >>> {size: sum(a * r * n for _, a, r, n in one.layers) for size, one in DETECTORS.items()}
    {368: 368, 533: 533, 6480: 6480, 40500: 40500}
    """

    unit: Literal["published", "MeV", "GeV"] = "published"

    suffixes: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")
    collections: ClassVar[tuple[str, ...]] = ("Cell", "Primary")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole HDF5 file with incident_energies and showers"

    def _knows(self, path: Path) -> bool:
        found = listing(path)
        return "incident_energies" in found and found.get("showers", (0, 0))[-1] in DETECTORS

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with open_hdf5(path) as file:
            energies = needed(file, "incident_energies", ())
            showers = needed(file, "showers", (tuple(DETECTORS),))
            detector = DETECTORS[showers.shape[1]]
            factor = 1.0 if self.unit == "GeV" else 1e-3

            def take(start: int, stop: int, account: Account) -> Piece:
                energy = column(energies, start, stop)
                if self.unit == "published" and (low := energy < LEAST).any():
                    raise SchemaError(
                        f"{path}: energies must be in MeV, 250 or more, got {energy[low][0]:.4g} "
                        f"in {int(low.sum())} rows. Give unit GeV, or MeV if it is so."
                    )
                pdg = np.full(stop - start, detector.pdg, np.int32)
                primary: dict[str, NDArray[Any]] = {"energy": factor * energy, "pdgId": pdg}
                block = factor * np.asarray(showers[start:stop], np.float64)
                made = {
                    "Cell": _cells(block, detector, account),
                    "Primary": numbers(primary, account, "Primary"),
                }
                return Piece({}, made)

            width = 2 * row_bytes(energies, showers)
            yield Table(rows_of(energies, showers), width, take, {"cells": _shapes(detector)})


def _shapes(detector: Detector) -> dict[str, Any]:
    return {
        name: {
            "part": part,
            "shape": [alike, alpha, radial],
            "axes": list(AXES),
            "names": ["layer", "alpha", "r"],
        }
        for part, (name, alpha, radial, alike) in enumerate(detector.layers)
    }


def _cells(block: NDArray[np.float64], detector: Detector, account: Account) -> Any:
    parts, first = [], 0
    for part, (_, alpha, radial, alike) in enumerate(detector.layers):
        size = alike * alpha * radial
        shaped = block[:, first : first + size].reshape(len(block), alike, alpha, radial)
        counts, columns = cells(shaped, AXES, account, part=part)
        if alike == 1:
            columns["layer"] = np.full_like(columns["layer"], part)
        parts.append((counts, columns))
        first += size
    return merged(parts)
