"""Jets of the top-tagging reference set: constituents of top and QCD jets (HDF5 of pandas)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._constituents import Momenta, four_vectors, gather
from hepvision.readers._pytables import Frame, open_frame
from hepvision.readers._reader import Made, Opened, Reader

__all__ = ["TopTagging"]

BLOCK = 2**22  # bytes of rows read at a time
PARTS = ("E", "PX", "PY", "PZ")
TRUTH = tuple(f"truth{part}" for part in PARTS)
#: The schema's numbers of the file's 0 train, 1 test, 2 validation.
SPLIT = np.array([0, 2, 1], np.int8)
TOP = 6


@dataclass(frozen=True)
class TopTagging(Reader):
    """Jets of the top-tagging reference set, one an event.

    A row of the table is a jet: up to 200 constituents ``E_i, PX_i, PY_i, PZ_i`` in GeV, padded
    with zeros, ``is_signal_new`` (1 top, 0 QCD), ``ttv`` and, in the published files,
    ``truthE`` … of the top quark. It becomes an event with one ``FatJet``, the sum of its
    constituents, and its ``Particle``; ``label`` is the published class and ``split`` the
    published split. Mind that the file's ``ttv`` counts 0 train, 1 test, 2 validation, and the
    schema 0 train, 1 validation, 2 test. The quark becomes a ``GenPart`` with the number 6,
    whatever its sign; QCD jets have none, so it gives the label away.

    Constituents are massless in the published files: masses that four-momenta in float32 do not
    tell from 0 are 0. Constituents that are not finite, or fly along the beam, are left out and
    counted. Tables that pandas wrote in its *table* or *fixed* layout are read, packed
    by zlib or Blosc; pickled attributes are never unpickled.

    Parameters
    ----------
    labelled : bool
        Whether the jets must have ``is_signal_new``. False for jets without truth.

    References
    ----------
    A. Butter et al., The Machine Learning Landscape of Top Taggers, SciPost Phys. 7 (2019) 014,
    arXiv:1902.09914. G. Kasieczka, T. Plehn, J. Thompson, M. Russell, Top Quark Tagging
    Reference Dataset, zenodo 2603256.

    Examples
    --------
    >>> TopTagging().recognises("absent.h5"), TopTagging().collections
    (False, ('FatJet', 'Particle', 'GenPart'))
    """

    labelled: bool = True

    suffixes: ClassVar[tuple[str, ...]] = (".h5", ".hdf5", ".hdf")
    collections: ClassVar[tuple[str, ...]] = ("FatJet", "Particle", "GenPart")
    checked: ClassVar[str] = "real sample"
    simulated: ClassVar[bool | None] = True
    by_suffix: ClassVar[bool] = False
    size: ClassVar[int] = 10_000
    whole: ClassVar[str] = "an HDF5 file with a table of pandas"

    def _knows(self, path: Path) -> bool:
        with path.open("rb") as file:
            if file.read(4) != b"\x89HDF":
                return False
        with open_frame(path) as frame:
            return all(f"{part}_0" in frame.columns for part in PARTS)

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[_Table]:
        with open_frame(path) as frame:
            yield _Table(frame, path, self.labelled)


class _Table(Opened):
    """What of a table is read, decided once."""

    def __init__(self, frame: Frame, path: Path, labelled: bool) -> None:
        self.frame, self.path = frame, path
        if not frame.rows:
            raise CorruptFileError(f"{path}: must hold jets, got none. Fetch the file again.")
        numbers = sorted(
            int(match.group(1))
            for name in frame.columns
            if (match := re.fullmatch(r"E_(\d{1,6})", name))
        )
        self.names = [f"{part}_{number}" for number in numbers or [0] for part in PARTS]
        self.others = [name for name in ("is_signal_new", "ttv") if name in frame.columns]
        self.truth = [name for name in TRUTH if name in frame.columns]
        needed = [*self.names, *(["is_signal_new"] if labelled else [])]
        needed += self.others + (list(TRUTH) if self.truth else [])
        for name in needed:
            frame.need(name)
        self.missing = sorted({"is_signal_new", "ttv"} - set(self.others))

    def count(self) -> int:
        return self.frame.rows

    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        account.missing.update(dict.fromkeys(self.missing, len(rows)))
        size = max(1, BLOCK // self.frame.row_bytes)
        blocks = np.split(rows, np.flatnonzero(np.diff(rows // size)) + 1)
        pieces = [self._block(block, account) for block in blocks]
        joined = {
            name: {key: np.concatenate([piece[name][key] for piece in pieces]) for key in columns}
            for name, columns in pieces[0].items()
        }
        if account.left_out["Particle"] and not len(joined["Particle"]["pt"]):
            raise CorruptFileError(
                f"{self.path}: must hold finite momenta, got none in {len(rows)} rows. "
                "Fetch the file again."
            )
        scalars = joined.pop("scalars")
        collections = {
            name: from_columns(
                np.concatenate([[0], np.cumsum(columns.pop("counts"))]), columns, name
            )
            for name, columns in joined.items()
        }
        attrs = {"labels": {"0": "QCD", "1": "top"}} if "label" in scalars else {}
        return Made(scalars, collections, attrs)

    def _block(self, rows: NDArray[np.int64], account: Account) -> dict[str, dict[str, Any]]:
        """Scalars and collections of rows that lie near to each other."""
        start, stop = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
        inside = slice(None) if len(rows) == stop - start else rows - start
        loaded = self.frame.load(start, stop)
        loaded = {name: values[inside] for name, values in loaded.items()}
        scalars: dict[str, NDArray[Any]] = {}
        if "is_signal_new" in self.others:
            scalars["label"] = self._choice(loaded, "is_signal_new", 2, rows)
        if "ttv" in self.others:
            scalars["split"] = SPLIT[self._choice(loaded, "ttv", 3, rows)]
        found = {"scalars": scalars, **self._jets(loaded, rows, account)}
        if self.truth:
            found["GenPart"] = self._quarks(loaded, rows)
        return found

    def _choice(self, loaded: Any, name: str, choices: int, rows: Any) -> NDArray[np.int64]:
        values = self.frame.column(loaded, name)
        good = np.isin(values, np.arange(choices))
        if not good.all():
            first = int(np.argmin(good))
            raise SchemaError(
                f"{self.path}, row {rows[first]}: {name} must be one of 0 to {choices - 1}, "
                f"got {values[first]}. Mend the table."
            )
        return values.astype(np.int64)

    def _momenta(self, loaded: Any, names: list[str], rows: Any) -> tuple[Momenta, Any]:
        values, place = self.frame.pick(loaded, names)
        found = gather(values, place.reshape(-1, 4))
        columns, impossible = four_vectors(found.vectors)
        if impossible:
            raise CorruptFileError(
                f"{self.path}, rows {rows[0]} to {rows[-1]}: momenta must not exceed energies, "
                f"got {impossible} that do. Fetch the file again."
            )
        return found, columns

    def _jets(self, loaded: Any, rows: Any, account: Account) -> dict[str, Any]:
        found, particles = self._momenta(loaded, self.names, rows)
        counts = np.diff(found.offsets)
        there = (found.sums[:, 1] != 0) | (found.sums[:, 2] != 0)
        jets, _ = four_vectors(found.sums[there].T)
        account.left_out["Particle"] += found.odd
        account.left_out["FatJet without constituents"] += int((~there).sum())
        index = np.zeros(found.offsets[-1], np.int16)
        return {
            "FatJet": {**jets, "nConstituents": counts[there], "counts": there.astype(np.int64)},
            "Particle": {**particles, "jetIdx": index, "counts": counts},
        }

    def _quarks(self, loaded: Any, rows: Any) -> dict[str, Any]:
        """The top quark that a jet came of; none where all its columns are 0."""
        found, columns = self._momenta(loaded, list(TRUTH), rows)
        number = len(columns["pt"])
        return {**columns, "pdgId": np.full(number, TOP), "counts": np.diff(found.offsets)}
