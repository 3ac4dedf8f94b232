"""CMS object JSON: jets, leptons and missing energy of open data, plain or gzip."""

from __future__ import annotations

import contextlib
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.events.schema import from_columns
from hepvision.physics.kinematics import wrap_phi
from hepvision.readers._account import Account
from hepvision.readers._json_objects import JETS, LEPTONS, Objects
from hepvision.readers._json_text import members
from hepvision.readers._listing import Listing
from hepvision.readers._packed import beginning
from hepvision.readers._reader import Made, Reader

__all__ = ["CmsJson"]

_LOG = logging.getLogger(__name__)
KEY = "Event"
BEGINS = re.compile(r'\s*\{(?:\s*"\w{1,80}"\s*:\s*[^{}\[\]]{0,200},)*\s*"Event"\s*:\s*\{\s*["}]')
FINITE = 1e30
#: Scalars of an event: name in the file, and the largest number there may be.
NUMBERS = {"run": 2**32, "lumi": 2**32}
VALUES = ("met", "met_phi", "sumet", "xsec", "isMC")

Member = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class CmsJson(Reader):
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
    by_suffix: ClassVar[bool] = False
    sequential: ClassVar[bool] = True
    size: ClassVar[int] = 5000
    whole: ClassVar[str] = "JSON of CMS objects"

    def _knows(self, path: Path) -> bool:
        return BEGINS.match(beginning(path).decode("utf-8-sig", "replace")) is not None

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Listing[Member]]:
        number, first = next(_checked(path), ("", {}))
        _number(first.get("xsec"), "xsec", f"{path}, event {number}")
        yield Listing(partial(_checked, path), partial(_made, path, first, self.weight))


def _checked(path: Path) -> Iterator[Member]:
    """Number and content of each event."""
    for number, event in members(path, KEY):
        if not (number.isascii() and number.isdigit() and len(number) < 20):
            raise CorruptFileError(
                f"{path}, event {number!r:.40}: must be named by its number. Mend the file."
            )
        if not isinstance(event, dict):
            raise CorruptFileError(
                f"{path}, event {number}: must be an object, got {type(event).__name__}. "
                "Fetch the file again."
            )
        yield number, event


def _made(
    path: Path, first: dict[str, Any], weight: str, some: Iterable[Member], account: Account
) -> Made:
    disagree, numbers = Counter[str](), []
    kinds = [Objects(kind) for kind in (JETS, *LEPTONS)]
    values: dict[str, list[Any]] = {name: [] for name in (*NUMBERS, *VALUES)}
    for number, event in some:
        where = f"{path}, event {number}"
        numbers.append(int(number))
        for kind in kinds:
            kind.add(event, where, account)
        for name, each in values.items():
            each.append(_number(event.get(name), name, where))
    collections = {}
    for kind in kinds:
        offsets, columns = kind.finish(str(path), account, disagree)
        collections[kind.kind.ours] = from_columns(offsets, columns, kind.kind.ours)
    found = {name: np.array(each, np.float64) for name, each in values.items()}
    collections["MET"] = _missing_energy(found, "met_phi" in first, account)
    for name in ("run", "lumi", *(["xsec"] if weight == "cross_section" else [])):
        account.missing[name] += int(np.isnan(found[name]).sum())
    if weight == "cross_section" and account.missing["xsec"]:
        raise SchemaError(f"{path}: need 'xsec' in every event, got none in some. Weight by one.")
    account.missing = +account.missing
    for name, count in disagree.items():
        if count:
            _LOG.warning("%s: %d %s differ from their px, py, pz by over 1 %%.", path, count, name)
    scalars = {
        "run": np.nan_to_num(found["run"]),
        "luminosityBlock": np.nan_to_num(found["lumi"]),
        "event": np.array(numbers, np.uint64),
    }
    if weight == "cross_section":
        scalars["weight"] = found["xsec"]
    attrs = {
        "simulation": bool(first.get("isMC", True)),
        "cross_section": first.get("xsec"),
        "disagree": dict(+disagree),
    }
    return Made(scalars, collections, attrs)


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
