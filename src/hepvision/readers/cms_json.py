"""CMS object JSON: jets, leptons and missing energy of open data, plain or gzip."""

from __future__ import annotations

import itertools
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.events.schema import build, from_columns
from hepvision.physics.kinematics import wrap_phi
from hepvision.readers._account import Account
from hepvision.readers._json_objects import JETS, LEPTONS, Objects
from hepvision.readers._json_text import first_text, members
from hepvision.readers._reading import looking, reading

__all__ = ["CmsJson"]

_LOG = logging.getLogger(__name__)
KEY = "Event"
BEGINS = re.compile(r'\s*\{(?:\s*"\w{1,80}"\s*:\s*[^{}\[\]]{0,200},)*\s*"Event"\s*:\s*\{\s*["}]')
FINITE = 1e30
#: Scalars of an event: name in the file, and the largest number there may be.
NUMBERS = {"run": 2**32, "lumi": 2**32}
VALUES = ("met", "met_phi", "sumet", "xsec", "isMC")

Member = tuple[int, str, dict[str, Any]]


@dataclass(frozen=True)
class CmsJson:
    """Objects of CMS open data from JSON (.json, .json.gz).

    A file is ``{"Event": {"<number>": {"jet": {"0": {…}, …}, "electron", "muon", "met", …}}}``,
    read event by event. ``Jet`` has no mass, for the files have none; ``btagCSV`` is as
    published, -100 where there is no value (0.679 is the medium working point of 2011 and 2012);
    ``jetId`` is 2 for a tight jet, as NanoAOD has it. ``Electron`` and ``Muon`` get the masses of
    their kind; the files hold no charge. An event is numbered by its place in the file; ``event``
    is the file's number.

    Known defects are put right and counted in ``events.attrs["hepvision"]``: electrons with a φ
    of 0.0 take it from px, py (``repaired``). Objects with values that are not finite, or a pT
    that is not positive, are left out (``left_out``). Objects whose pt, eta, phi and px, py, pz
    differ by more than 1 % are kept as published and counted (``disagree``): the pT of electrons
    is of the calorimeter, their px, py of the track. Where the first event has no ``met_phi``,
    ``MET`` has no phi in the whole file; where a later one lacks what the first has, it has no
    ``MET``. Counts beside the objects that are not their number are refused.

    Parameters
    ----------
    weight : {"one", "cross_section"}
        Weight of an event: 1, or the file's ``xsec`` in pb, to be divided by the number of events
        that were generated, which the files do not say.

    References
    ----------
    CMS collaboration, CMS Open Data 2011, opendata.cern.ch; L. Huertas et al.,
    laramaktub/json-collisions.

    Examples
    --------
    >>> CmsJson().recognises("absent.json"), CmsJson(weight="one").collections
    (False, ('Jet', 'Electron', 'Muon', 'MET'))
    """

    weight: Literal["one", "cross_section"] = "one"

    suffixes: ClassVar[tuple[str, ...]] = (".json", ".json.gz")
    collections: ClassVar[tuple[str, ...]] = ("Jet", "Electron", "Muon", "MET")
    checked: ClassVar[str] = "real sample"

    def recognises(self, path: str | Path) -> bool:
        """Whether a file is of this format, by how its text begins.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        bool
            False also for what cannot be opened.
        """
        with looking():
            return Path(path).is_file() and BEGINS.match(first_text(Path(path))) is not None
        return False

    def count(self, path: str | Path) -> int:
        """Number of events; the whole text is read.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        int
            Number of events.

        Raises
        ------
        CorruptFileError
            The file is damaged.
        """
        with reading(path, "JSON of CMS objects") as file:
            return sum(1 for _ in members(file, KEY))

    def read(self, path: str | Path, rows: slice | NDArray[np.integer[Any]] | None = None) -> Any:
        """Events of a file.

        Parameters
        ----------
        path : path
            The file.
        rows : slice or array of int, optional
            Which events, in the file's order; all by default.

        Returns
        -------
        ak.Array
            Events of the schema.

        Raises
        ------
        CorruptFileError, SchemaError
            The file is damaged, or holds no events.
        IndexError
            There are no such events.
        """
        if rows is None:
            with reading(path, "JSON of CMS objects") as file:
                return _joined(list(self._pieces(file, 5000)))
        wanted = np.arange(self.count(path))[rows]
        unique, back = np.unique(wanted, return_inverse=True)
        with reading(path, "JSON of CMS objects") as file:
            events = _joined(list(self._pieces(file, 5000, set(unique.tolist()))))
            return events if np.array_equal(unique, wanted) else events[back]

    def stream(self, path: str | Path, size: int = 5000) -> Iterator[Any]:
        """Events of a file in pieces.

        Parameters
        ----------
        path : path
            The file.
        size : int
            Events a piece.

        Yields
        ------
        ak.Array
            Events of the schema, ``size`` or fewer.

        Raises
        ------
        ValueError
            The size is not positive.
        CorruptFileError, SchemaError
            As of ``read``.
        """
        if size < 1:
            raise ValueError(f"stream: size must be 1 or more, got {size}.")
        with reading(path, "JSON of CMS objects") as file:
            yield from self._pieces(file, size)

    def _pieces(self, path: Path, size: int, wanted: set[int] | None = None) -> Iterator[Any]:
        every = _checked(path)
        first = next(every, None)
        if first is None:
            raise CorruptFileError(f"{path}: must hold events, got none. Fetch the file again.")
        _number(first[2].get("xsec"), "xsec", f"{path}, event {first[1]}")
        chosen = itertools.chain([first], every)
        if wanted is not None:
            chosen = (one for one in chosen if one[0] in wanted)  # type: ignore[assignment]
        some = list(itertools.islice(chosen, size))
        yield _events(path, some, first[2], self.weight)
        while some := list(itertools.islice(chosen, size)):
            yield _events(path, some, first[2], self.weight)


def _joined(pieces: list[Any]) -> Any:
    """Pieces as one, with the counts of all."""
    if len(pieces) == 1:
        return pieces[0]
    events = ak.concatenate(pieces)
    kept = [piece.attrs["hepvision"] for piece in pieces]
    attrs = dict(kept[0])
    for kind in (*Account().attrs(), "disagree"):
        attrs[kind] = dict(sum((Counter(one[kind]) for one in kept), Counter()))
    events.attrs["hepvision"] = attrs
    return events


def _checked(path: Path) -> Iterator[Member]:
    """Place, number and content of each event."""
    for place, (number, event) in enumerate(members(path, KEY)):
        if not (number.isascii() and number.isdigit() and len(number) < 20):
            raise CorruptFileError(
                f"{path}, event {number!r:.40}: must be named by its number. Mend the file."
            )
        if not isinstance(event, dict):
            raise CorruptFileError(
                f"{path}, event {number}: must be an object, got {type(event).__name__}. "
                "Fetch the file again."
            )
        yield place, number, event


def _events(path: Path, some: list[Member], first: dict[str, Any], weight: str) -> ak.Array:
    account, disagree = Account(), Counter[str]()
    kinds = [Objects(kind) for kind in (JETS, *LEPTONS)]
    scalars: dict[str, list[Any]] = {name: [] for name in (*NUMBERS, *VALUES)}
    for _, number, event in some:
        where = f"{path}, event {number}"
        for kind in kinds:
            kind.add(event, where, account)
        for name, values in scalars.items():
            values.append(_number(event.get(name), name, where))
    collections = {}
    for kind in kinds:
        offsets, columns = kind.finish(str(path), account, disagree)
        collections[kind.kind.ours] = from_columns(offsets, columns, kind.kind.ours)
    found = {name: np.array(values, np.float64) for name, values in scalars.items()}
    collections["MET"] = _missing_energy(found, "met_phi" in first, account)
    for name in ("run", "lumi", *(["xsec"] if weight == "cross_section" else [])):
        account.missing[name] += int(np.isnan(found[name]).sum())
    if weight == "cross_section" and account.missing["xsec"]:
        raise SchemaError(f"{path}: need 'xsec' in every event, got none in some. Weight by one.")
    account.missing = +account.missing
    one = np.ones(len(some))
    try:
        events = build(
            {
                "event_id": np.array([place for place, _, _ in some], np.uint64),
                "sample": path.name.split(".")[0],
                "weight": found["xsec"] if weight == "cross_section" else one,
                "run": np.nan_to_num(found["run"]),
                "luminosityBlock": np.nan_to_num(found["lumi"]),
                "event": np.array([int(number) for _, number, _ in some], np.uint64),
                "pileup": -one,
            },
            collections,
            {
                "reader": "cms_json",
                "file": path.name,
                "simulation": bool(first.get("isMC", True)),
                "cross_section": first.get("xsec"),
                "disagree": dict(+disagree),
                **account.attrs(),
            },
        )
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}") from error
    account.say(str(path), len(some))
    for name, count in disagree.items():
        if count:
            _LOG.warning("%s: %d %s differ from their px, py, pz by over 1 %%.", path, count, name)
    return events


def _number(value: Any, name: str, where: str) -> float:
    """A number of an event, NaN where there is none."""
    if value is None:
        return float("nan")
    largest = NUMBERS.get(name)
    fine = isinstance(value, int | float)
    if largest is not None:
        fine = isinstance(value, int) and 0 <= value < largest
    if not fine:
        rule = "a number" if largest is None else f"a whole number below {largest}"
        raise CorruptFileError(
            f"{where}: {name!r} must be {rule}, got {value!r:.40}. Fetch the file again."
        )
    return float(value)


def _missing_energy(
    found: dict[str, NDArray[np.float64]], with_phi: bool, account: Account
) -> ak.Array:
    """``MET`` of the events that have it; without phi if the file has none."""
    there = (found["met"] >= 0) & (found["met"] < FINITE)  # of NaN false
    account.missing["MET"] += int((~there).sum())
    has_phi = np.abs(found["met_phi"]) < FINITE
    account.missing["MET.phi"] += int((there & ~has_phi).sum())
    if with_phi:
        there &= has_phi
    else:
        account.left_out["MET.phi"] += int((there & has_phi).sum())
    sum_et = np.where(np.abs(found["sumet"]) < FINITE, found["sumet"], 0.0)
    account.missing["MET.sumEt"] += int((there & ~(np.abs(found["sumet"]) < FINITE)).sum())
    columns = {"pt": found["met"][there], "sumEt": sum_et[there]}
    if with_phi:
        phi = found["met_phi"][there]
        columns["phi"] = np.where(np.abs(phi) > np.pi + 1e-6, wrap_phi(phi), phi)
    return from_columns(np.concatenate([[0], np.cumsum(there)]), columns, "MET")
