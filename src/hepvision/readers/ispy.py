"""CMS event displays (.ig): real collisions with their hits and tracks."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.events.schema import FIELDS, from_columns
from hepvision.readers._account import Account
from hepvision.readers._ig_file import IgEvent, member_numbers, members, open_events
from hepvision.readers._ig_hits import barrel_hits, endcap_hits, tower_hits
from hepvision.readers._ig_objects import (
    identity,
    missing_energy,
    stored_photons,
    tracks,
    vertices,
)
from hepvision.readers._reader import Made, Opened, Reader
from hepvision.reconstruction.photons import photons

__all__ = ["Ispy"]

Columns = dict[str, NDArray[Any]]
COLLECTIONS = (
    "EcalBarrelHit",
    "EcalEndcapHit",
    "HcalHit",
    "Track",
    "Vertex",
    "StoredPhoton",
    "MET",
)


@dataclass(frozen=True)
class Ispy(Reader):
    """Real CMS collisions from event-display files (.ig).

    A file is a zip of one JSON text an event: crystals and towers by detector id, tracks,
    vertices in metres, and what CMS reconstructed. Photons are reconstructed here from the
    crystals, by the code that simulation uses; CMS's own are kept as ``StoredPhoton``. An electron
    whose crystals make a photon is one of ``Photon`` too. CMS's jets, electrons, muons and taus,
    preshower and forward hits are not read. Hits are those kept for display, the `reduced`
    readout; energies can be negative. The first vertex is the file's own first, its primary.

    Collections and columns are found by their names in the file's own table of types, in every
    version since 2009 (``EcalRecHits_V1``, ``EBRecHits_V1``, ``Tracks_V1`` … ``Tracks_V4``), and
    detector ids in both kinds of HCAL numbering. Where hits have no id, they are placed by their η
    and φ or their corners. Only barrel crystals must be there. What is missing, was left out (not
    finite, no such channel, a vertex that is no fit) or put right is counted in
    ``events.attrs["hepvision"]`` under ``missing``, ``left_out`` and ``repaired``, and logged;
    ``collections`` says what was read. Energies that cannot be in GeV are refused.

    One file is one run, so the name of a data set is no label for training: it is confounded
    with the conditions of the run.

    Checked on the 63,834 hits of four 2012 files against the corners that the files give: crystals
    and towers lie within half a cell of their place here (within 0.6 at the endcaps' rim, where
    the real crystals outgrow a plane grid), energies sum to the file's, the images of ECAL and
    HCAL correlate best unshifted, and barrel photons agree with CMS's own in energy to 3 %, in R9
    and widths to a few per cent. The real barrel's crystals lean by 3° in azimuth, which is not
    taken out: directions are off by up to 0.003 rad, with the sign of z.

    References
    ----------
    T. McCauley, A browser-based event display for the CMS Experiment at the LHC using WebGL,
    J. Phys. Conf. Ser. 898 (2017) 072030.

    Examples
    --------
    >>> Ispy().recognises("absent.ig"), Ispy().checked
    (False, 'real sample')
    """

    suffixes: ClassVar[tuple[str, ...]] = (".ig",)
    collections: ClassVar[tuple[str, ...]] = (*COLLECTIONS, "Photon")
    checked: ClassVar[str] = "real sample"
    by_suffix: ClassVar[bool] = False
    simulated: ClassVar[bool | None] = False
    size: ClassVar[int] = 100

    def _knows(self, path: Path) -> bool:
        if path.suffix.lower() in self.suffixes:
            return True
        with zipfile.ZipFile(path) as archive:
            return any(member_numbers(name) is not None for name in archive.namelist())

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[_Members]:
        yield _Members(path, members(path))

    def _events(
        self, path: Path, places: NDArray[np.int64], made: Made, account: Account
    ) -> ak.Array:
        events = super()._events(path, places, made, account)
        return ak.with_field(events, photons(events), "Photon")


@dataclass(frozen=True)
class _Members(Opened):
    """A file whose members are events."""

    path: Path
    infos: list[zipfile.ZipInfo]

    def count(self) -> int:
        return len(self.infos)

    def take(self, rows: NDArray[np.int64], account: Account) -> Made:
        return _made(self.path, [self.infos[row] for row in rows], account)


def _made(path: Path, infos: list[zipfile.ZipInfo], account: Account) -> Made:
    """Read some members of a file."""
    scalars: list[tuple[int, int, int]] = []
    parts: dict[str, list[Columns]] = {name: [] for name in COLLECTIONS}
    for event in open_events(path, infos):
        scalars.append(_numbers(event))
        place = vertices(event, account)
        parts["EcalBarrelHit"].append(barrel_hits(event, account))
        parts["EcalEndcapHit"].append(endcap_hits(event, account))
        parts["HcalHit"].append(tower_hits(event, account))
        parts["Track"].append(tracks(event, place, account))
        parts["Vertex"].append(place)
        parts["StoredPhoton"].append(stored_photons(event, account))
        parts["MET"].append(missing_energy(event, account))
    run, block, number = np.array(scalars, np.uint64).reshape(-1, 3).T
    return Made(
        {
            "event_id": (run << np.uint64(40)) | number,
            "run": run,
            "luminosityBlock": block,
            "event": number,
        },
        {name: _joined(name, pieces) for name, pieces in parts.items()},
        {"readout": "reduced", "lacks": account.lacks()},
    )


def _numbers(event: IgEvent) -> tuple[int, int, int]:
    run, block, number = identity(event)
    if run >= 2**24 or number >= 2**40:
        raise CorruptFileError(f"{event.where}: must be a run and event of CMS, got others.")
    return run, block, number


def _joined(name: str, pieces: list[Columns]) -> ak.Array:
    """One collection of all events, with the fields that every event has."""
    if not pieces:
        columns = {key: np.zeros(0, field.dtype) for key, field in FIELDS[name].items()}
        return from_columns([0], columns, name)
    counts = [len(next(iter(piece.values()))) for piece in pieces]
    keys = [key for key in pieces[0] if all(key in piece for piece in pieces)]
    joined = {key: np.concatenate([piece[key] for piece in pieces]) for key in keys}
    return from_columns(np.cumsum([0, *counts]), joined, name)
