"""hls4ml LHC jets: constituents, features and images of gluon, quark, W, Z and top jets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.readers._account import Account
from hepvision.readers._dense import azimuth, numbers, pixels, unpadded
from hepvision.readers._hdf5 import (
    dataset,
    listing,
    needed,
    open_hdf5,
    row_bytes,
    rows_of,
    texts,
)
from hepvision.readers._reader import Reader
from hepvision.readers._rows import Piece, Table

__all__ = ["Hls4mlJets"]

#: Published places of the columns that are read, for files that do not name them.
JET = {"pt": 1, "eta": 2, "mass": 3, "tau1": 4, "tau2": 5, "tau3": 6, "msoftdrop": 48}
JET_NAMES = {
    "pt": "j_pt",
    "eta": "j_eta",
    "mass": "j_mass",
    "tau1": "j_tau1_b1",
    "tau2": "j_tau2_b1",
    "tau3": "j_tau3_b1",
    "msoftdrop": "j_mass_mmdt",
}
CLASSES = {"j_g": 53, "j_q": 54, "j_w": 55, "j_z": 56, "j_t": 57, "j_undef": 58}
LABELS = ("gluon", "quark", "W", "Z", "top", "undefined")
PARTICLE = {
    "pt": 5,
    "eta": 7,
    "phi": 10,
    "energy": 3,
    "relPt": 6,
    "deltaEta": 8,
    "deltaPhi": 11,
}
PARTICLE_NAMES = {
    "pt": "j1_pt",
    "eta": "j1_eta",
    "phi": "j1_phi",
    "energy": "j1_e",
    "relPt": "j1_ptrel",
    "deltaEta": "j1_etarel",
    "deltaPhi": "j1_phirel",
}
IMAGES = {"jetImage": "all", "jetImageECAL": "ecal", "jetImageHCAL": "hcal"}
SIDE, FEATURES, JET_COLUMNS = 100, 16, 59


@dataclass(frozen=True)
class Hls4mlJets(Reader):
    """Jets of about 1 TeV of five kinds, as ``FatJet``, ``Particle`` and ``Pixel``.

    HDF5, 10,000 jets a file: ``jetConstituentList`` (N, 30, 50, 100 or 150, 16), ``jets``
    (N, 59), ``jetImage``, ``jetImageECAL``, ``jetImageHCAL`` (N, 100, 100). Columns are found by
    ``jetFeatureNames`` and ``particleFeatureNames`` where the file has them, else by their
    published places; the class is the one of ``j_g, j_q, j_w, j_z, j_t`` (columns 53 to 57) that
    is 1, or ``j_undef``. Images that are there are the channels of one picture.

    ``msoftdrop`` is the published mass of the modified mass-drop tagger, which is soft drop with
    β = 0. The azimuth of a jet is not published: it is that of the sum of the constituents that
    the file holds, 0 for a jet without any. Features that are not finite, which the published
    files have, become 0 and are counted.

    Parameters
    ----------
    images : bool
        Read the pictures too; they are nine tenths of a file.

    References
    ----------
    J. Duarte et al., JINST 13 (2018) P07027, arXiv:1804.06913; E. Moreno et al., Eur. Phys. J. C
    80 (2020) 58, arXiv:1908.05318; data: doi:10.5281/zenodo.3602260.

    Examples
    --------
    >>> Hls4mlJets(images=False).recognises("absent.h5")
    False
    """

    images: bool = True

    suffixes: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")
    collections: ClassVar[tuple[str, ...]] = ("FatJet", "Particle", "Pixel")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole HDF5 file with jets and jetConstituentList"

    def _knows(self, path: Path) -> bool:
        found = listing(path)
        return found.get("jets", ())[1:] == (JET_COLUMNS,) and bool(
            {"jetConstituentList", *IMAGES} & set(found)
        )

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with open_hdf5(path) as file:
            jets = needed(file, "jets", (JET_COLUMNS,))
            parts = dataset(file, "jetConstituentList", (None, FEATURES))
            wanted = IMAGES if self.images else {}
            images = {key: dataset(file, key, (SIDE, SIDE)) for key in wanted}
            there = {key: one for key, one in images.items() if one is not None}
            jet = _places(file, "jetFeatureNames", JET_NAMES, JET)
            kinds = list(
                _places(file, "jetFeatureNames", {k: k for k in CLASSES}, CLASSES).values()
            )
            inside = _places(file, "particleFeatureNames", PARTICLE_NAMES, PARTICLE)

            def take(start: int, stop: int, account: Account) -> Piece:
                table = np.asarray(jets[start:stop], np.float64)
                label = _label(table[:, kinds], str(path))
                made = {}
                phi = None
                if parts is not None:
                    made["Particle"], phi = _particles(parts[start:stop], inside, account)
                made["FatJet"] = _jets(table, jet, phi, account)
                if there:
                    block = np.stack([one[start:stop] for one in there.values()], axis=1)
                    made["Pixel"] = pixels(block, account)
                return Piece({"label": label}, made)

            about: dict[str, Any] = {"labels": {str(k): name for k, name in enumerate(LABELS)}}
            if there:
                names = [IMAGES[key] for key in there]
                shape = [len(there), SIDE, SIDE]
                about["image"] = {"shape": shape, "channels": names, "unit": "GeV"}
            found = (jets, parts, *there.values())
            yield Table(rows_of(*found), 4 * row_bytes(*found), take, about)


def _places(
    file: h5py.File, key: str, names: dict[str, str], published: dict[str, int]
) -> dict[str, int]:
    """Columns by the file's own names, else by their published places."""
    known = texts(file, key)
    if known is None:
        return published
    lost = [name for name in names.values() if name not in known]
    longest = FEATURES if key.startswith("particle") else JET_COLUMNS
    if lost or max(known.index(name) for name in names.values()) >= longest:
        raise CorruptFileError(
            f"{file.filename}: {key} must name {lost[0] if lost else 'the columns'}, got others. "
            "Fetch the file again."
        )
    return {field: known.index(name) for field, name in names.items()}


def _label(table: NDArray[np.float64], where: str) -> NDArray[np.int32]:
    """Which of the six columns is 1."""
    good = np.isin(table, (0, 1)).all(axis=1) & (table.sum(axis=1) == 1)
    if not good.all():
        raise CorruptFileError(
            f"{where}: jets: one class of a row must be 1 and the others 0, got others in "
            f"{int((~good).sum())} rows. Fetch the file again."
        )
    return table.argmax(axis=1).astype(np.int32)


def _particles(block: Any, inside: dict[str, int], account: Account) -> tuple[Any, Any]:
    """Constituents, and the azimuth of their sum."""
    block = np.asarray(block, np.float64)
    columns = {key: block[..., place] for key, place in inside.items()}
    columns["phi"] = azimuth(columns["phi"])
    there = columns["pt"] != 0
    columns["jetIdx"] = np.zeros(there.shape, np.int16)
    counts, flat = unpadded(there, columns, account, "Particle")
    owner = np.repeat(np.arange(len(counts)), counts)
    px, py = (
        np.bincount(owner, flat["pt"] * turn(flat["phi"]), len(counts)) for turn in (np.cos, np.sin)
    )
    return (counts, flat), azimuth(np.arctan2(py, px))


def _jets(
    table: NDArray[np.float64], places: dict[str, int], phi: Any, account: Account
) -> tuple[Any, Any]:
    columns = {key: table[:, place] for key, place in places.items()}
    for key in ("tau1", "tau2", "tau3", "msoftdrop"):
        good = np.abs(columns[key]) < np.finfo(np.float32).max
        account.repaired[f"FatJet.{key}"] += int((~good).sum())
        columns[key] = np.where(good, columns[key], 0.0)
    if phi is not None:
        columns["phi"] = phi
    return numbers(columns, account, "FatJet")
