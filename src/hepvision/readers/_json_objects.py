"""Objects of the CMS object JSON as columns, with what is known to be wrong in them put right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.physics.kinematics import delta_phi, wrap_phi
from hepvision.readers._account import Account

__all__ = ["JETS", "LEPTONS", "Kind", "Objects"]

FINITE = 1e30  # larger numbers are taken for infinite
NO_TAG = -100.0  # what the files write for a jet without a b tag
TIGHT = 2  # NanoAOD's bit of Jet.jetId
CLOSE = 0.01  # of φ, η and relative pT, within which an object agrees with its px, py, pz


class Kind(NamedTuple):
    """One kind of object: name in the file and here, columns, and the count beside it."""

    theirs: str
    ours: str
    columns: tuple[str, ...]
    counted: str


MOMENTUM = ("pt", "eta", "phi")
VECTOR = ("px", "py", "pz")
JETS = Kind("jet", "Jet", (*MOMENTUM, "CSV", "tightID"), "njet")
LEPTONS = (
    Kind("electron", "Electron", (*MOMENTUM, *VECTOR, "tightID", "tightIso"), "numel"),
    Kind("muon", "Muon", (*MOMENTUM, *VECTOR, "tightID", "tightIso"), "nummu"),
)
MASS = {"Electron": 0.000511, "Muon": 0.105658}  # GeV
#: What stands for a column that an object lacks; others must be there.
WITHOUT = {"CSV": NO_TAG, "tightID": 0.0, "tightIso": 0.0, "px": 0.0, "py": 0.0, "pz": 0.0}


class Objects:
    """Collects one kind of object, event by event.

    Examples
    --------
    >>> jets = Objects(JETS)
    >>> jets.add({"jet": {"0": {"pt": 30.0, "eta": 0.0, "phi": 1.0}}}, "x", Account())
    >>> offsets, columns = jets.finish("x", Account(), Counter())
    >>> columns["pt"].tolist(), columns["btagCSV"].tolist()
    ([30.0], [-100.0])
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.rows: list[tuple[Any, ...]] = []
        self.ends = [0]
        self.places: list[str] = []
        self._row = itemgetter(*kind.columns)

    def add(self, event: dict[str, Any], where: str, account: Account) -> None:
        """Take the objects of one event.

        Parameters
        ----------
        event : dict
            As the file has it.
        where : str
            File and event.
        account : Account
            Where lacking columns are counted.

        Raises
        ------
        CorruptFileError
            They are no objects with numbers, or not as many as the event says.
        """
        objects = self._objects(event, where)
        try:
            self.rows += map(self._row, objects)
        except (KeyError, TypeError):
            del self.rows[self.ends[-1] :]  # those of this event that were taken
            self._add_with_gaps(objects, where, account)
        said = event.get(self.kind.counted)
        if said is not None and said != len(objects):
            raise CorruptFileError(
                f"{where}: {self.kind.counted} must be the number of objects in "
                f"{self.kind.theirs!r}, got {said!r:.20} for {len(objects)}. "
                "Fetch the file again."
            )
        self.ends.append(len(self.rows))
        self.places.append(where)

    def _objects(self, event: dict[str, Any], where: str) -> list[Any]:
        """In the order of their numbers: as texts, "10" comes before "2"."""
        found = event.get(self.kind.theirs)
        if found is None:
            return []
        if not isinstance(found, dict):
            raise CorruptFileError(
                f"{where}: {self.kind.theirs!r} must hold numbered objects, got "
                f"{type(found).__name__}. Fetch the file again."
            )
        if len(found) < 2:
            return list(found.values())
        try:
            return [found[key] for key in sorted(found, key=int)]
        except ValueError:
            raise CorruptFileError(
                f"{where}: {self.kind.theirs!r} must number its objects, got others. "
                "Fetch the file again."
            ) from None

    def _add_with_gaps(self, objects: Iterable[Any], where: str, account: Account) -> None:
        lacking = set()
        for one in objects:
            if not isinstance(one, dict):
                raise CorruptFileError(
                    f"{where}: {self.kind.theirs!r} must hold objects, got "
                    f"{type(one).__name__}. Fetch the file again."
                )
            filled = WITHOUT | one
            if "phi" not in one and {"px", "py"} <= set(one):
                filled["phi"] = 0.0  # put right below
            for name in self.kind.columns:
                if name not in one:
                    lacking.add(name)
                if name not in filled:
                    raise CorruptFileError(
                        f"{where}: {self.kind.theirs!r} must have {name!r}, got none. "
                        "Fetch the file again."
                    )
            self.rows.append(self._row(filled))
        account.missing.update(f"{self.kind.ours}.{name}" for name in lacking)

    def finish(
        self, file: str, account: Account, disagree: Counter[str]
    ) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
        """Columns of all that was added.

        Parameters
        ----------
        file : str
            For messages.
        account : Account
            Where repairs and what is left out are counted.
        disagree : Counter
            Where objects are counted whose pt, eta, phi and px, py, pz tell two stories.

        Returns
        -------
        offsets : array of int64, shape (B+1,)
            Objects an event.
        columns : dict of array, shape (N,)
            Fields of the collection.

        Raises
        ------
        CorruptFileError
            Something that must be a number is none.
        """
        values = dict(zip(self.kind.columns, self._matrix(file), strict=True))
        name = self.kind.ours
        good = (values["pt"] > 0) & (np.abs(values["eta"]) < 100)
        for key in self.kind.columns:
            if key != "CSV":
                good &= np.abs(values[key]) < FINITE  # also of NaN false
        account.left_out[name] += int((~good).sum())
        offsets = np.concatenate([[0], np.cumsum(good)])[self.ends]
        values = {key: column[good] for key, column in values.items()}
        if name == "Jet":
            return offsets, _jets(values, account)
        return offsets, _leptons(values, name, account, disagree)

    def _matrix(self, file: str) -> NDArray[np.float64]:
        """Columns by objects; texts are refused, which NumPy would turn into numbers."""
        columns = []
        for name, column in zip(self.kind.columns, zip(*self.rows, strict=True), strict=False):
            try:
                values = np.array(column)
            except ValueError:  # lists of unequal length
                values = np.array(None)
            if values.dtype.kind not in "fiub" or values.ndim != 1:
                kinds = (isinstance(value, bool | int | float) for value in column)
                number = next((k for k, fine in enumerate(kinds) if not fine), 0)
                event = int(np.searchsorted(self.ends, number, side="right")) - 1
                raise CorruptFileError(
                    f"{self.places[event]}: {self.kind.theirs}.{name} must be a number, got "
                    f"{column[number]!r:.40}. Fetch the file again."
                )
            columns.append(values.astype(np.float64))
        return np.array(columns) if columns else np.zeros((len(self.kind.columns), 0))


def _turned(phi: NDArray[np.float64], name: str, account: Account) -> NDArray[np.float64]:
    """φ within one turn; float32 is what the files were made of."""
    far = np.abs(phi) > np.pi + 1e-6
    account.repaired[f"{name}.phi"] += int(far.sum())
    return np.where(far, wrap_phi(phi), phi)


def _jets(values: dict[str, NDArray[np.float64]], account: Account) -> dict[str, NDArray[Any]]:
    tag = values["CSV"]
    odd = ~(np.abs(tag) < FINITE)
    account.repaired["Jet.btagCSV"] += int(odd.sum())
    return {
        "pt": values["pt"],
        "eta": values["eta"],
        "phi": _turned(values["phi"], "Jet", account),
        "btagCSV": np.where(odd, NO_TAG, tag),
        "jetId": np.where(values["tightID"] != 0, TIGHT, 0),
    }


def _leptons(
    values: dict[str, NDArray[np.float64]],
    name: str,
    account: Account,
    disagree: Counter[str],
) -> dict[str, NDArray[Any]]:
    px, py, pz = (values[key] for key in VECTOR)
    across = np.hypot(px, py)
    told = across > 0
    azimuth = np.arctan2(py, px)
    wrong = told & (values["phi"] == 0) & (np.abs(azimuth) > CLOSE)
    account.repaired[f"{name}.phi"] += int(wrong.sum())
    phi = np.where(wrong, azimuth, _turned(values["phi"], name, account))
    near = np.maximum(across, 1e-9)
    differs = (
        (np.abs(delta_phi(phi, azimuth)) > CLOSE)
        | (np.abs(np.arcsinh(pz / near) - values["eta"]) > CLOSE)
        | (np.abs(values["pt"] / near - 1) > CLOSE)
    )
    disagree[name] += int((told & differs).sum())
    return {
        "pt": values["pt"],
        "eta": values["eta"],
        "phi": phi,
        "mass": np.full(len(phi), MASS[name]),
        "tightId": values["tightID"] != 0,
        "tightIso": values["tightIso"] != 0,
    }
