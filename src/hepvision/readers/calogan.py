"""CaloGAN showers in a three-layer electromagnetic calorimeter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from hepvision.core.errors import SchemaError
from hepvision.readers._account import Account
from hepvision.readers._dense import cells, merged, numbers
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

__all__ = ["Calogan"]

LAYERS = {"layer_0": (3, 96), "layer_1": (12, 12), "layer_2": (12, 6)}
PDG = {"gamma": 22, "eplus": -11, "piplus": 211}
MEV = 1e-3  # GeV
#: A deposit of more than this times the energy of the particle is another unit.
MOST = 1.5


@dataclass(frozen=True)
class Calogan(Reader):
    """Photons, positrons and charged pions of 1 to 100 GeV, as ``Cell`` and ``Primary``.

    HDF5: ``energy`` (N, 1) in **GeV**, ``layer_0`` (N, 3, 96), ``layer_1`` (N, 12, 12), ``layer_2``
    (N, 12, 6) in **MeV**, turned into GeV here, and ``overflow`` (N, 3) in MeV: what a layer has
    outside its cells. Each layer is a part of its own.

    Parameters
    ----------
    particle : "file_name", "gamma", "eplus" or "piplus"
        What made the showers; the files tell it only by their names, ``gamma.hdf5`` and so on.
        Under another name it is 0.
    overflow : "leave_out" or "cells"
        Whether the energy outside the cells is left out, as in the paper, or kept as one cell a
        layer with row and column −1.
    unit : "MeV" or "GeV"
        Unit of the layers; showers made by a network may come in GeV.

    References
    ----------
    M. Paganini, L. de Oliveira, B. Nachman, Phys. Rev. D 97 (2018) 014021, arXiv:1712.10321;
    data: doi:10.17632/pvn3xc3wy5.1.

    Examples
    --------
    >>> Calogan(particle="gamma").recognises("absent.hdf5")
    False
    """

    particle: Literal["file_name", "gamma", "eplus", "piplus"] = "file_name"
    overflow: Literal["leave_out", "cells"] = "leave_out"
    unit: Literal["MeV", "GeV"] = "MeV"

    suffixes: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")
    collections: ClassVar[tuple[str, ...]] = ("Cell", "Primary")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole HDF5 file with energy and layer_0 to layer_2"

    def _knows(self, path: Path) -> bool:
        found = listing(path)
        return "energy" in found and all(found.get(k, ())[1:] == v for k, v in LAYERS.items())

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with open_hdf5(path) as file:
            energy = needed(file, "energy", ())
            layers = [needed(file, name, shape) for name, shape in LAYERS.items()]
            outside = dataset(file, "overflow", (len(LAYERS),))
            pdg = self._pdg(path)

            def take(start: int, stop: int, account: Account) -> Piece:
                blocks = [np.asarray(one[start:stop], np.float64) for one in layers]
                total = column(energy, start, stop)
                parts = self._parts(blocks, total, str(path), account)
                if outside is not None:
                    parts += self._outside(outside[start:stop], account)
                elif self.overflow == "cells":
                    account.missing["overflow"] += stop - start
                primary = {"energy": total, "pdgId": np.full(stop - start, pdg, np.int32)}
                made = {"Cell": merged(parts), "Primary": numbers(primary, account, "Primary")}
                return Piece({}, made)

            shapes = {
                name: {"part": k, "shape": list(shape), "axes": ["row", "column"]}
                for k, (name, shape) in enumerate(LAYERS.items())
            }
            every = (energy, *layers, outside)
            yield Table(rows_of(*every), 2 * row_bytes(*every), take, {"cells": shapes})

    def _pdg(self, path: Path) -> int:
        if self.particle != "file_name":
            return PDG[self.particle]
        stem = path.stem.lower()
        return next((pdg for name, pdg in PDG.items() if stem.startswith(name)), 0)

    def _parts(
        self, blocks: list[Any], energy: Any, where: str, account: Account
    ) -> list[tuple[Any, Any]]:
        """Cells of the layers, in GeV."""
        factor = MEV if self.unit == "MeV" else 1.0
        sums = sum(block.sum(axis=(1, 2)) for block in blocks)
        high = factor * sums > MOST * energy + 0.1
        if high.any():
            raise SchemaError(
                f"{where}: a shower must not hold more than its particle, got "
                f"{factor * sums[high][0]:.4g} of {energy[high][0]:.4g} GeV in {int(high.sum())} "
                "rows. Are layers in MeV and energy in GeV? Give unit, or mend the file."
            )
        return [
            cells(factor * block, ("row", "column"), account, part=k, layer=k)
            for k, block in enumerate(blocks)
        ]

    def _outside(self, block: Any, account: Account) -> list[tuple[Any, Any]]:
        """What lies outside the cells, one cell a layer."""
        factor = MEV if self.unit == "MeV" else 1.0
        made = []
        for k in range(len(LAYERS)):
            deposit = factor * np.asarray(block[:, k : k + 1, None], np.float64)
            counts, columns = cells(deposit, ("row", "column"), account, part=k, layer=k)
            if self.overflow == "cells":
                outside = np.full(len(columns["energy"]), -1, np.int16)
                made.append((counts, columns | {"row": outside, "column": outside}))
            else:
                account.left_out["deposits outside the cells"] += int(counts.sum())
        return made
