"""TrackML: hits of a tracker, with their cells, particles and truth."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._csv_table import csv_table, header
from hepvision.readers._momenta import finite, transverse
from hepvision.readers._packed import beginning
from hepvision.readers._reader import Made, Reader, Single

__all__ = ["Trackml"]

Columns = dict[str, NDArray[Any]]
NAME = re.compile(r"(?P<stem>.*)-hits(?P<end>\.csv(?:\.gz)?)", re.IGNORECASE)
HITS = {"hit_id": "i8", "x": "f8", "y": "f8", "z": "f8"}
HITS |= {"volume_id": "i4", "layer_id": "i4", "module_id": "i4"}
CELLS = {"hit_id": "i8", "value": "f8"}
PARTICLES = {"particle_id": "i8", "q": "i4"}
PARTICLES |= dict.fromkeys(("vx", "vy", "vz", "px", "py", "pz"), "f8")
TRUTH = {"hit_id": "i8", "particle_id": "i8", "weight": "f8"}
BESIDE = ("cells", "truth", "particles")
OTHERS = re.compile(NAME.pattern.replace("hits", f"(?:{'|'.join(BESIDE)})"), re.IGNORECASE)
DETECTORS = ("detectors.csv", "detectors.csv.gz")


class Generated(NamedTuple):
    """Generated particles of a table; ``kept`` says which are finite."""

    path: Path
    ids: NDArray[np.int64]
    kept: NDArray[np.bool_]
    columns: Columns


@dataclass(frozen=True)
class Trackml(Reader):
    """Hits of a silicon tracker as the TrackML challenge publishes them.

    An event is four tables of numbers, plain or gzip: ``event000000001-hits.csv`` and, beside it,
    ``-cells.csv``, ``-particles.csv``, ``-truth.csv``. The path of the hits is given; what is
    there of the others is read along, and what is not is counted under ``missing``. The published
    positions are in mm and momenta in GeV. Nothing gives a mass, so ``GenPart`` has none; its
    PDG id is there where the table has ``particle_type``, as the throughput phase has.

    ``TrackerHit.charge`` is the sum over the cells of a hit, ``channels`` their number, ``weight``
    the published one of the challenge's score (in a reduced event they do not sum to 1).
    ``genPartIdx`` is −1 for noise, whose published momentum of 10⁶ GeV is not read. Without
    truth or particles the field is left out.

    Where cells and truth are there, they must be of the same hits, and every hit that is not noise
    must have its particle: a table that is cut off is refused. Hits and particles that are not
    finite are left out and counted.

    References
    ----------
    S. Amrouche et al., The Tracking Machine Learning challenge: Accuracy phase, arXiv:1904.06778.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "event000000007-hits.csv")
    ...     _ = file.write_text("hit_id,x,y,z,volume_id,layer_id,module_id\\n1,3,4,5,7,2,1\\n")
    ...     Trackml().read(file).TrackerHit.z.tolist()
    [[5.0]]
    """

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".gz")
    collections: ClassVar[tuple[str, ...]] = ("TrackerHit", "GenPart")
    checked: ClassVar[str] = "real sample"
    simulated: ClassVar[bool | None] = True
    by_suffix: ClassVar[bool] = False
    size: ClassVar[int] = 100
    whole: ClassVar[str] = "a table of hits"

    def _knows(self, path: Path) -> bool:
        return set(HITS) <= set(header(beginning(path)))

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Single]:
        if not self._knows(path):
            csv_table(path, HITS)  # says what is missing
        yield Single(partial(_made, path))

    def companions(self, path: str | Path) -> tuple[Path, ...]:
        """Files that belong to the table of hits.

        Parameters
        ----------
        path : path
            The table of hits.

        Returns
        -------
        tuple of Path
            Those of cells, truth and particles that are there and read along; and the table of the
            detector's modules, which holds no events and is not read.
        """
        path = Path(path)
        found = [_beside(path, name) for name in BESIDE]
        found += [one for one in map(path.with_name, DETECTORS) if one.exists()]
        return tuple(one for one in found if one is not None)

    def main_file(self, path: str | Path) -> Path | None:
        """Table of hits that another file belongs to.

        Parameters
        ----------
        path : path
            Any file.

        Returns
        -------
        Path or None
            The hits of the same event, or the first ones of the folder for the detector's modules.
            None if there are none, or the file is of another kind.
        """
        path = Path(path)
        if path.name in DETECTORS:
            return next(filter(self.recognises, sorted(path.parent.glob("*-hits.csv*"))), None)
        return _beside(path, "hits", OTHERS)


def _made(path: Path, account: Account) -> Made:
    hits = _hits(path)
    ids = hits.pop("hit_id")
    good = finite(*(hits[key] for key in "xyz"))
    account.left_out["TrackerHit"] += int((~good).sum())
    cells, truth, particles = (_beside(path, name) for name in BESIDE)
    for name, file in zip(BESIDE, (cells, truth, particles), strict=True):
        if file is None:
            account.missing[name] += 1
    if cells is not None:
        hits |= _cells(cells, path, ids, account)
    collections = {}
    made = None if particles is None else _particles(particles, account)
    if truth is not None:
        hits |= _truth(truth, path, ids, made, account)
    if made is not None:
        columns = {name: values[made.kept] for name, values in made.columns.items()}
        collections["GenPart"] = from_columns([0, int(made.kept.sum())], columns, "GenPart")
    hits = {name: values[good] for name, values in hits.items()}
    collections["TrackerHit"] = from_columns([0, int(good.sum())], hits, "TrackerHit")
    number = re.search(r"(\d{1,18})-hits", path.name)
    event = np.array([int(number.group(1)) if number else 0], np.uint64)
    return Made(
        {"event_id": event, "sample": path.name.split(".")[0], "event": event}, collections, {}
    )


def _beside(path: Path, name: str, known: re.Pattern[str] = NAME) -> Path | None:
    """Another table of the same event, packed or not."""
    match = known.fullmatch(path.name)
    if match is not None:
        ends = sorted((".csv", ".csv.gz"), key=lambda end: end != match["end"].lower())
        for end in ends:
            other = path.with_name(f"{match['stem']}-{name}{end}")
            if other.exists():
                return other
    return None


def _hits(path: Path) -> Columns:
    table = csv_table(path, HITS)
    if len(np.unique(table["hit_id"])) != len(table["hit_id"]):
        raise CorruptFileError(f"{path}: must hold a hit_id once, got repeats. Fetch it again.")
    if len(table["hit_id"]) == 0:
        raise CorruptFileError(f"{path}: must hold hits, got none. Fetch the file again.")
    return {
        name.removesuffix("_id") if name != "hit_id" else name: values
        for name, values in table.items()
    }


def _cells(path: Path, of: Path, hits: NDArray[np.int64], account: Account) -> Columns:
    """Summed signal and number of channels of each hit."""
    table = csv_table(path, CELLS)
    ids, of_row = np.unique(table["hit_id"], return_inverse=True)
    value, good = table["value"], finite(table["value"])
    account.repaired["TrackerHit.charge"] += int((~good).sum())
    charge = np.bincount(of_row, np.where(good, value, 0.0), len(ids))
    channels = np.bincount(of_row, minlength=len(ids))
    place = _same_hits(path, ids, of, hits)
    return {"charge": charge[place], "channels": channels[place]}


def _particles(path: Path, account: Account) -> Generated:
    table = csv_table(path, PARTICLES, {"particle_type": "i4"})
    momentum = [table[name] for name in ("px", "py", "pz")]
    place = {name: table[name] for name in ("vx", "vy", "vz")}
    kept = finite(*momentum, *place.values()) & (abs(table["q"]) < 128)
    account.left_out["GenPart"] += int((~kept).sum())
    columns: Columns = transverse(*(np.where(kept, one, 0.0) for one in momentum)) | place
    if "particle_type" in table:
        columns["pdgId"] = table["particle_type"]
    return Generated(path, table["particle_id"], kept, columns | {"charge": table["q"]})


def _truth(
    path: Path,
    of: Path,
    hits: NDArray[np.int64],
    made: Generated | None,
    account: Account,
) -> Columns:
    """Weight of each hit, and the particle that made it."""
    table = csv_table(path, TRUTH)
    place = _same_hits(path, table["hit_id"], of, hits)
    weight = table["weight"][place]
    good = finite(weight)
    account.repaired["TrackerHit.weight"] += int((~good).sum())
    columns: Columns = {"weight": np.where(good, weight, 0.0)}
    if made is not None:
        maker = table["particle_id"][place]
        index = np.full(len(maker), -1)
        rows = _places(made.path, made.ids, maker[maker != 0], "particle")
        index[maker != 0] = np.where(made.kept, np.cumsum(made.kept) - 1, -1)[rows]
        columns["genPartIdx"] = index
    return columns


def _same_hits(
    path: Path, known: NDArray[np.int64], of: Path, hits: NDArray[np.int64]
) -> NDArray[np.intp]:
    place = _places(path, known, hits, "hit")
    if len(known) > len(hits):
        raise CorruptFileError(
            f"{of}: must hold the hits of {path.name}, got {len(hits)} of {len(known)}. "
            "Fetch the file again."
        )
    return place


def _places(
    path: Path, known: NDArray[np.int64], wanted: NDArray[np.int64], what: str
) -> NDArray[np.intp]:
    """Row of each wanted id in a table; every one must be there, once."""
    order = np.argsort(known, kind="stable")
    sorted_ids = known[order]
    if (sorted_ids[1:] == sorted_ids[:-1]).any():
        raise CorruptFileError(f"{path}: must hold a {what}_id once, got repeats. Fetch it again.")
    at = np.searchsorted(sorted_ids, wanted)
    found = np.zeros(len(wanted), bool)
    inside = at < len(known)
    found[inside] = sorted_ids[at[inside]] == wanted[inside]
    if not found.all():
        raise CorruptFileError(
            f"{path}: must have a row for each {what}, got none for {int((~found).sum())} of "
            f"{len(wanted)}. Fetch the file again, or take it away."
        )
    return order[at]
