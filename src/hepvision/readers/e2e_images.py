"""CMS end-to-end images: electrons and photons, quark and gluon jets, boosted tops."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.readers._account import Account
from hepvision.readers._dense import numbers, pixels
from hepvision.readers._hdf5 import column, dataset, listing, open_hdf5, row_bytes, rows_of
from hepvision.readers._parquet_rows import ParquetRows, nested
from hepvision.readers._reader import Reader
from hepvision.readers._rows import Piece, Table, classes

__all__ = ["E2eImages"]

Names = tuple[str, ...]
IMAGES, SIDE = ("X_jets", "X_jet"), 125
LABEL, MASS, PT = ("y", "Y"), ("m0", "m", "mass", "am", "jetM"), ("pt", "pT", "apt", "jetPt")
TRACKS_FIRST, ECAL_FIRST = ("tracks", "ecal", "hcal"), ("ecal", "hcal", "tracks")
FIVE = ("tracks", "dz", "d0", "ecal", "hcal")
CHANNELS = {2: ("energy", "time"), 5: FIVE, 8: (*FIVE, "pixel1", "pixel2", "pixel3")}


@dataclass(frozen=True)
class E2eImages(Reader):
    """Detector images of the CMS end-to-end group, in all their published layouts.

    - electrons and photons, HDF5: ``X`` (N, 32, 32, 2) = energy, time; ``y``: photon 0,
      electron 1;
    - quark and gluon jets, Parquet: ``X_jets`` (3, 125, 125), ``m0``, ``pt``, ``y``; or HDF5:
      ``X_jets`` (N, 125, 125, 3);
    - boosted tops, Parquet: ``X_jet`` (C, 125, 125) with C = 3, 5 or 8, ``m``, ``mass``, ``m0`` or
      ``am``, ``pt``, and ``y`` where there is one;
    - jets of 2025, HDF5: ``jet`` (N, 125, 125, 8), ``Y``, ``m``, ``pT``.

    Each picture becomes the event's ``Pixel``, channels first, with the values as published:
    several of these sets were scaled before they were published, by factors that the files do not
    tell, so the unit is not given. Seeds ``ieta`` and ``iphi`` are not read: some files count
    towers, others crystals. Jets come without a direction: ``Jet`` (or ``FatJet`` of boosted tops)
    has the mass and the transverse momentum. Files have no weights.

    Parameters
    ----------
    order : "tracks_first" or "ecal_first"
        Names of the three channels of quark and gluon jets. The code that made the files stacks
        track pT, ECAL, HCAL (``tracks_first``); notes that go round with the files list ECAL,
        HCAL, tracks (``ecal_first``). The pictures are the same either way, only the names differ:
        HCAL is the channel in which blocks of 5 × 5 pixels are equal.
    class_one : "quark" or "gluon"
        Which jets have ``y`` = 1: quarks in the code that made the files, gluons by third-party
        notes. Gluon jets have more tracks: compare the mean number of lit pixels of both classes.
    tops_class_one : "top" or "other"
        Which jets of the boosted tops and of 2025 have label 1; their files do not say.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, Comput. Softw. Big Sci. 4 (2020) 6,
    arXiv:1807.11916. M. Andrews et al., Nucl. Instrum. Meth. A 977 (2020) 164304,
    arXiv:1902.08276. M. Andrews et al., Phys. Rev. D 105 (2022) 052008, arXiv:2104.14659.

    Examples
    --------
    >>> E2eImages(class_one="gluon").recognises("absent.parquet")
    False
    """

    order: Literal["tracks_first", "ecal_first"] = "tracks_first"
    class_one: Literal["quark", "gluon"] = "quark"
    tops_class_one: Literal["top", "other"] = "top"

    suffixes: ClassVar[tuple[str, ...]] = (".h5", ".hdf5", ".parquet")
    collections: ClassVar[tuple[str, ...]] = ("Pixel", "Jet", "FatJet")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole file of detector images"

    def _knows(self, path: Path) -> bool:
        if path.suffix.lower() == ".parquet":
            return bool(set(IMAGES) & set(pq.read_schema(path).names))
        found = listing(path)
        plane = (SIDE, SIDE)
        return (
            ("y" in found and found.get("X", ())[1:] == (32, 32, 2))
            or found.get("X_jets", ())[1:3] == plane
            or found.get("jet", ())[1:] == (*plane, 8)
        )

    def _open(self, path: Path) -> contextlib.AbstractContextManager[Table]:
        if path.suffix.lower() == ".parquet":
            return self._open_parquet(path)
        return self._open_hdf5(path)

    @contextlib.contextmanager
    def _open_hdf5(self, path: Path) -> Iterator[Table]:
        with open_hdf5(path) as file:
            small = dataset(file, "X", (32, 32, 2))
            jets = dataset(file, IMAGES, (SIDE, SIDE, (3, 5, 8)))
            late = dataset(file, "jet", (SIDE, SIDE, 8))
            images = next((one for one in (small, jets, late) if one is not None), None)
            if images is None:
                raise SchemaError(
                    f"{path}: needs X, X_jets or jet, got none. Is it another format?"
                )
            scalars = {"label": LABEL, "mass": MASS, "pt": PT}
            there = {key: dataset(file, names, ()) for key, names in scalars.items()}
            found = {key: one for key, one in there.items() if one is not None}
            number = rows_of(images, *found.values())
            about, jet = self._about(images.name.strip("/"), images.shape[-1])

            def take(start: int, stop: int, account: Account) -> Piece:
                block = np.moveaxis(images[start:stop], -1, 1)
                values = {key: column(one, start, stop) for key, one in found.items()}
                return _piece(block, values, jet, str(path), account)

            yield Table(number, row_bytes(images), take, about)

    @contextlib.contextmanager
    def _open_parquet(self, path: Path) -> Iterator[Table]:
        there = pq.read_schema(path).names
        wanted = {"image": IMAGES, "label": LABEL, "mass": MASS, "pt": PT}
        found = {
            key: next((name for name in names if name in there), None)
            for key, names in wanted.items()
        }
        chosen = {key: name for key, name in found.items() if name is not None}
        if "image" not in chosen:
            raise SchemaError(f"{path}: needs the column X_jets or X_jet, got {there[:4]}.")
        rows = ParquetRows(path, list(chosen.values()))
        try:
            shape = nested(rows.take(0, min(1, rows.number)), chosen["image"], str(path)).shape
            if rows.number and (shape[1] not in {3, 5, 8} or shape[2:] != (SIDE, SIDE)):
                raise SchemaError(
                    f"{path}: {chosen['image']}: must have shape (3|5|8, {SIDE}, {SIDE}), "
                    f"got {shape[1:]}. Is it another format?"
                )
            about, jet = self._about(chosen["image"], shape[1] or 3)

            def take(start: int, stop: int, account: Account) -> Piece:
                table = rows.take(start, stop)
                values = {key: nested(table, one, str(path)) for key, one in chosen.items()}
                block = values.pop("image").reshape(stop - start, *about["image"]["shape"])
                flat = {key: _flat(one, key, str(path)) for key, one in values.items()}
                return _piece(block, flat, jet, str(path), account)

            yield Table(rows.number, 8 * rows.width, take, about)
        finally:
            rows.close()

    def _about(self, name: str, channels: int) -> tuple[dict[str, Any], str]:
        """What the attributes say of the pictures and classes, and which jets there are."""
        three = TRACKS_FIRST if self.order == "tracks_first" else ECAL_FIRST
        side = 32 if channels == 2 else SIDE
        if channels == 2:
            label = {"0": "photon", "1": "electron"}
        elif name == "X_jets" and channels == 3:
            other = "gluon" if self.class_one == "quark" else "quark"
            label = {"0": other, "1": self.class_one}
        else:
            label = {
                "0": "other" if self.tops_class_one == "top" else "top",
                "1": self.tops_class_one,
            }
        image = {
            "shape": [channels, side, side],
            "channels": list(CHANNELS.get(channels, three)),
            "unit": "",
        }
        jet = "" if channels == 2 else "Jet" if name == "X_jets" and channels == 3 else "FatJet"
        return {"image": image, "labels": label}, jet


def _flat(values: NDArray[Any], name: str, where: str) -> NDArray[np.float64]:
    """One number a row, also where it is wrapped in a list."""
    if values.size != len(values):
        raise SchemaError(f"{where}: {name}: must be one number a row, got {values.shape[1:]}.")
    return values.reshape(len(values)).astype(np.float64)


def _piece(
    block: NDArray[Any],
    values: dict[str, NDArray[np.float64]],
    jet: str,
    where: str,
    account: Account,
) -> Piece:
    scalars: dict[str, NDArray[Any]] = {}
    if "label" in values:
        scalars["label"] = classes(values["label"], 2, f"{where}: y")
    else:
        account.missing["label"] += len(block)
    made = {"Pixel": pixels(block, account)}
    plain: tuple[str, ...] = ("pt", "mass")
    columns = {key: values[key] for key in plain if key in values}
    if jet and columns:
        made[jet] = numbers(columns, account, jet)
    return Piece(scalars, made)
