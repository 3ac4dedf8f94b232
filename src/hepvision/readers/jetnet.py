"""JetNet: gluon, quark, top, W and Z jets with up to 30 or 150 constituents."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from hepvision.readers._account import Account
from hepvision.readers._dense import azimuth, numbers, unpadded
from hepvision.readers._hdf5 import listing, needed, open_hdf5, row_bytes, rows_of
from hepvision.readers._reader import Reader
from hepvision.readers._rows import Piece, Table

__all__ = ["Jetnet"]

JETS = {"g": "gluon", "q": "light quark", "t": "top", "w": "W", "z": "Z"}
STEM = re.compile(r"([gqtwz])(?:30|150)?(?:[^a-z].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Jetnet(Reader):
    """Jets of one kind a file, pT about 1 TeV, as a ``FatJet`` and its ``Particle``.

    HDF5: ``particle_features`` (N, 30 or 150, 4) = η and φ relative to the jet's, pT over the
    jet's, mask; ``jet_features`` (N, 4) = pT [GeV], η, mass [GeV], number of particles.
    Constituents carry the published ``deltaEta``, ``deltaPhi`` and ``relPt`` beside their
    four-vectors, which are massless. No azimuth is published: jets lie at φ = 0.

    Parameters
    ----------
    jets : "file_name", "g", "q", "t", "w" or "z"
        Kind of the jets. The files do not tell it but by their names, ``g.hdf5`` or
        ``t150.hdf5``; a file under another name has no label unless it is given here.

    References
    ----------
    R. Kansal et al., Particle Cloud Generation with Message Passing Generative Adversarial
    Networks, NeurIPS 2021, arXiv:2106.11535; data: doi:10.5281/zenodo.6975118.

    Examples
    --------
    >>> Jetnet(jets="t").recognises("absent.hdf5")
    False
    """

    jets: Literal["file_name", "g", "q", "t", "w", "z"] = "file_name"

    suffixes: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")
    collections: ClassVar[tuple[str, ...]] = ("FatJet", "Particle")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole HDF5 file with particle_features and jet_features"

    def _knows(self, path: Path) -> bool:
        found = listing(path)
        return found.get("particle_features", ())[2:] == (4,) and "jet_features" in found

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with open_hdf5(path) as file:
            particles = needed(file, "particle_features", (None, 4))
            jets = needed(file, "jet_features", (4,))
            label = self._label(path)

            def take(start: int, stop: int, account: Account) -> Piece:
                pt, eta, mass, _ = np.asarray(jets[start:stop], np.float64).T
                block = np.asarray(particles[start:stop], np.float64)
                delta_eta, delta_phi, rel_pt, mask = np.moveaxis(block, -1, 0)
                with np.errstate(invalid="ignore", over="ignore"):
                    particle_pt = rel_pt * pt[:, None]
                columns = {
                    "pt": particle_pt,
                    "eta": delta_eta + eta[:, None],
                    "phi": azimuth(delta_phi),
                    "mass": np.zeros_like(rel_pt),
                    "deltaEta": delta_eta,
                    "deltaPhi": delta_phi,
                    "relPt": rel_pt,
                    "jetIdx": np.zeros(rel_pt.shape, np.int16),
                }
                found = unpadded(~(mask <= 0), columns, account, "Particle")
                jet = {"pt": pt, "eta": eta, "phi": np.zeros_like(pt), "mass": mass}
                counts, flat = numbers(jet, account, "FatJet")
                flat["nConstituents"] = found[0][counts > 0]
                made = {"FatJet": (counts, flat), "Particle": found}
                if label is None:
                    account.missing["label"] += stop - start
                    return Piece({}, made)
                return Piece({"label": np.full(stop - start, label, np.int32)}, made)

            about = {"labels": {str(k): name for k, name in enumerate(JETS.values())}}
            yield Table(rows_of(particles, jets), row_bytes(particles, jets) * 8, take, about)

    def _label(self, path: Path) -> int | None:
        """Class of all jets of a file."""
        match = STEM.fullmatch(path.stem)
        kind = match.group(1).lower() if match else None
        kind = kind if self.jets == "file_name" else self.jets
        return None if kind is None else list(JETS).index(kind)
