"""Les Houches events: the hard processes of matrix-element generators."""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.core.names import hint, require
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._lhe_blocks import Text, texts
from hepvision.readers._listing import Listing
from hepvision.readers._momenta import finite, transverse
from hepvision.readers._packed import beginning
from hepvision.readers._reader import Made, Reader
from hepvision.readers._reading import said

__all__ = ["Lhe"]

FIELDS = ("px", "py", "pz", "m", "id", "status", "mother1")
WHOLE = ("id", "status", "mother1")


@dataclass(frozen=True)
class Lhe(Reader):
    """Hard processes from Les Houches event files (LHE), plain or gzip.

    Every particle of the record becomes a ``GenPart`` with its first mother, in the file's order;
    the incoming ones have status −1, and along the beam they are given a pseudorapidity of ±20 and
    the transverse momentum that leaves their pz as it was. The format's unit is GeV. It has no
    vertices, so there are no production points. ``process`` is the generator's number of the
    process; ``events.attrs["hepvision"]`` has, for each, its cross-section in pb and its error
    under ``processes``, and the beams.

    The file is cut into its elements, and each is parsed alone, with no document type and so no
    entities of its own: no file can make much of little. It must end as the format does.

    Parameters
    ----------
    weight : text or whole number
        Id of one of the weights of ``<rwgt>`` to be an event's weight; the nominal one without.

    References
    ----------
    J. Alwall et al., A standard format for Les Houches event files, Comput. Phys. Commun. 176
    (2007) 300, arXiv:hep-ph/0609017.

    Examples
    --------
    >>> import tempfile
    >>> text = (
    ...     "<LesHouchesEvents version='1.0'>\\n<init>\\n11 -11 45.6 45.6 0 0 0 0 3 1\\n"
    ...     "40000 200 1 9\\n</init>\\n<event>\\n1 9 0.5 91.2 0.01 0.1\\n"
    ...     "13 1 0 0 0 0 3 4 0 5 0 0 9\\n</event>\\n</LesHouchesEvents>\\n"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "one.lhe")
    ...     _ = file.write_text(text)
    ...     events = Lhe().read(file)
    >>> events.GenPart.pt.tolist(), events.process.tolist(), events.weight.tolist()
    ([[5.0]], [9], [0.5])
    """

    weight: str | int = ""

    suffixes: ClassVar[tuple[str, ...]] = (".lhe", ".gz", ".xml", ".txt")
    collections: ClassVar[tuple[str, ...]] = ("GenPart",)
    checked: ClassVar[str] = "real sample"
    simulated: ClassVar[bool | None] = True
    by_suffix: ClassVar[bool] = False
    sequential: ClassVar[bool] = True
    whole: ClassVar[str] = "a Les Houches event file"

    def _knows(self, path: Path) -> bool:
        if path.name.lower().removesuffix(".gz").endswith(".lhe"):
            return True
        return b"<LesHouchesEvents" in beginning(path)

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Listing[Text]]:
        init = _init(path, next(texts(path)))
        yield Listing(lambda: islice(texts(path), 1, None), partial(self._made, path, init))

    def _made(
        self, path: Path, init: dict[str, Any], found: Iterable[Text], account: Account
    ) -> Made:
        read = [_event(path, one, str(self.weight)) for one in found]
        columns = {
            key: np.concatenate([np.zeros(0), *(one.columns[key] for one in read)])
            for key in (*_columns(np.zeros((0, len(FIELDS)))), "genPartIdxMother")
        }
        offsets = np.cumsum([0, *(len(one.columns["pt"]) for one in read)])
        scalars = {
            "weight": [event.weight for event in read],
            "process": [event.process for event in read],
        }
        return Made(scalars, {"GenPart": from_columns(offsets, columns, "GenPart")}, init)


class Event(NamedTuple):
    """One event."""

    process: int
    weight: float
    columns: dict[str, NDArray[Any]]


def _columns(rows: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    values = dict(zip(FIELDS, rows.T, strict=True))
    momentum = transverse(values["px"], values["py"], values["pz"])
    return {**momentum, "mass": values["m"], "pdgId": values["id"], "status": values["status"]}


def _element(content: bytes, where: str) -> ET.Element:
    """Parse one element; it cannot define entities."""
    try:
        return ET.fromstring(content)
    except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
        raise CorruptFileError(
            f"{where}: must be well-formed XML, got {said(error)}. Fetch the file again."
        ) from error


def _init(path: Path, text: Text) -> dict[str, Any]:
    """Beams and processes, as attributes."""
    pylhe = require("pylhe", extra="files")
    element = _element(text.content, f"{path}, <init>")
    lines = [line for line in (element.text or "").split("\n") if line.split("#")[0].strip()]
    try:
        beams = pylhe.LHEInitInfo.fromstring(lines[0])
        known = [pylhe.LHEProcInfo.fromstring(line) for line in lines[1:]]
        if len(known) != beams.numProcesses:
            raise ValueError(f"{len(known)} processes for {beams.numProcesses}")
        values = [beams.energyA, beams.energyB]
        if not finite(
            values + [one.xSection for one in known] + [one.error for one in known]
        ).all():
            raise ValueError("numbers that are not finite")
    except (ValueError, IndexError, OverflowError) as error:
        raise CorruptFileError(
            f"{path}, <init>: must hold the beams and a line for each process, got {said(error)}. "
            "Fetch the file again."
        ) from error
    return {
        "beams": {"pdgId": [beams.beamA, beams.beamB], "energy": values},
        "weighting": beams.weightingStrategy,
        "processes": {
            str(one.procId): {"cross_section": one.xSection, "error": one.error, "unit": "pb"}
            for one in known
        },
    }


def _event(path: Path, text: Text, weight: str) -> Event:
    where = f"{path}, event {text.number}"
    pylhe = require("pylhe", extra="files")
    element = _element(text.content, where)
    lines = [line for line in (element.text or "").split("\n") if line.split("#")[0].strip()]
    try:
        if {len(line.split()) for line in lines[1:]} - {13} or len(lines[0].split()) != 6:
            raise ValueError("lines of other lengths")
        head = pylhe.LHEEventInfo.fromstring(lines[0])
        particles = [pylhe.LHEParticle.fromstring(line) for line in lines[1:]]
        if len(particles) != head.nparticles:
            raise ValueError(f"{len(particles)} particles for {head.nparticles}")
        rows = np.array(
            [[getattr(one, key) for key in FIELDS] for one in particles], np.float64
        ).reshape(-1, len(FIELDS))
        taken = head.weight if not weight else _weight(element, weight, where)
        mother = rows[:, FIELDS.index("mother1")]
        whole = rows[:, [FIELDS.index(key) for key in WHOLE]]
        if not finite(*rows.T, *whole.T).all() or not finite([taken]).all():
            raise ValueError("numbers that are not finite")
        if (np.abs(whole) >= 2**31).any() or abs(head.pid) >= 2**31:
            raise ValueError("numbers of particles or processes that are too large")
        if (mother < 0).any() or (mother > len(rows)).any():
            raise ValueError("a mother that is not there")
    except UserError:
        raise
    except (ValueError, IndexError, OverflowError) as error:
        raise CorruptFileError(
            f"{where}: must hold a line of numbers for each particle, got {said(error)}. "
            "Fetch the file again."
        ) from error
    return Event(head.pid, taken, {**_columns(rows), "genPartIdxMother": mother - 1})


def _weight(element: ET.Element, wanted: str, where: str) -> float:
    """One of the weights of ``<rwgt>``, by its id."""
    found = {one.get("id", ""): one.text or "" for one in element.iterfind("rwgt/wgt")}
    if wanted not in found:
        advice = hint(wanted, found, f"Got {len(found)} weights.")
        raise SchemaError(f"{where}: must have the weight {wanted!r}, got none. {advice}")
    return float(found[wanted])
