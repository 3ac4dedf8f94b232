"""Calorimeter and track images of RPV-SUSY and QCD events, from NERSC."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._account import Account
from hepvision.readers._dense import pixels
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
from hepvision.readers._rows import Piece, Table, classes

__all__ = ["RpvImages"]

SIDES = (64, 224)
SPLITS = {"train": 0, "val": 1, "valid": 1, "validation": 1, "test": 2}


@dataclass(frozen=True)
class RpvImages(Reader):
    """Events of gluino pairs that decay without R parity, against QCD, as whole-detector images.

    - one channel, HDF5: group ``all_events`` with ``hist`` (N, 64, 64), ``y``, ``weight``;
    - three channels, HDF5: ``data`` (N, 3, 64, 64) or (N, 3, 224, 224), ``label``,
      ``normweight``, ``weight``, ``psr``.

    Each picture in η and φ becomes the event's ``Pixel``; signal is class 1. ``psr`` says which
    events the cuts of the ATLAS analysis select; it becomes ``signalRegion``.

    Parameters
    ----------
    weights : "weight", "normweight" or "none"
        What becomes the event's weight. ``weight`` carries the cross-section: a result in physics
        needs it. ``normweight``, of the three-channel files only, was made for training; it says
        nothing of how often an event happens.
    channels : tuple of str
        Names of the three channels. The files do not tell them; the paper lists energies of the
        electromagnetic and hadronic calorimeters, then tracks.
    split : "file_name" or "none"
        Whether a file whose name has the word train, val or test is that part of the published
        split.

    References
    ----------
    W. Bhimji, S. A. Farrell, T. Kurth, M. Paganini, Prabhat, E. Racah, J. Phys. Conf. Ser. 1085
    (2018) 042034, arXiv:1711.03573.

    Examples
    --------
    >>> RpvImages(weights="normweight").recognises("absent.h5")
    False
    """

    weights: Literal["weight", "normweight", "none"] = "weight"
    channels: tuple[str, str, str] = ("ecal", "hcal", "tracks")
    split: Literal["file_name", "none"] = "file_name"

    suffixes: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")
    collections: ClassVar[tuple[str, ...]] = ("Pixel",)
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a whole HDF5 file with all_events/hist or data"

    def _knows(self, path: Path) -> bool:
        found = listing(path)
        if {"all_events/hist", "all_events/y"} <= set(found):
            return True
        return {"data", "label", "weight"} <= set(found) and found["data"][1:2] == (3,)

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with open_hdf5(path) as file:
            single = "all_events" in file
            stem = "all_events/" if single else ""
            shape = (SIDES, SIDES) if single else (3, SIDES, SIDES)
            images = needed(file, f"{stem}hist" if single else "data", shape)
            if images.shape[-1] != images.shape[-2]:
                raise SchemaError(f"{path}: pictures must be square, got {images.shape[1:]}.")
            label = needed(file, f"{stem}y" if single else "label", ())
            found = {"label": label}
            if self.weights != "none":
                found["weight"] = needed(file, f"{stem}{self.weights}", ())
            chosen = None if single else dataset(file, "psr", ())
            if chosen is not None:
                found["psr"] = chosen
            split = self._split(path)

            def take(start: int, stop: int, account: Account) -> Piece:
                values = {key: column(one, start, stop) for key, one in found.items()}
                block = images[start:stop].reshape(stop - start, *size)
                scalars = _scalars(values, str(path))
                if split is not None:
                    scalars["split"] = np.full(stop - start, split, np.int8)
                return Piece(scalars, {"Pixel": pixels(block, account)})

            size = [1 if single else 3, *images.shape[-2:]]
            names = ["calorimeter"] if single else list(self.channels)
            about = {
                "image": {"shape": size, "channels": names, "unit": ""},
                "labels": {"0": "QCD", "1": "RPV gluinos"},
            }
            yield Table(rows_of(images, *found.values()), row_bytes(images), take, about)

    def _split(self, path: Path) -> int | None:
        """Part of the published split, by a word of the file's name."""
        if self.split == "none":
            return None
        words = re.split(r"[^a-z]+", path.stem.lower())
        return next((SPLITS[word] for word in words if word in SPLITS), None)


def _scalars(values: dict[str, NDArray[np.float64]], where: str) -> dict[str, NDArray[Any]]:
    scalars: dict[str, NDArray[Any]] = {"label": classes(values["label"], 2, f"{where}: label")}
    if "weight" in values:
        scalars["weight"] = values["weight"]
        bad = int((~np.isfinite(values["weight"])).sum())
        if bad:
            raise CorruptFileError(f"{where}: weights must be finite, got {bad} that are not.")
    if "psr" in values:
        scalars["signalRegion"] = classes(values["psr"], 2, f"{where}: psr").astype(bool)
    return scalars
