"""CMS event displays (.ig): real collisions with their hits and tracks."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.events.schema import FIELDS, build, from_columns
from hepvision.physics.propagation import LOST, calorimeter_face
from hepvision.readers._detector_id import barrel_numbers, endcap_numbers, tower_numbers
from hepvision.readers._ig_file import MEMBER, IgEvent, columns, members, open_events
from hepvision.reconstruction.energy_correction import CMS_CALIBRATION
from hepvision.reconstruction.photons import photons

__all__ = ["Ispy"]

Columns = dict[str, NDArray[Any]]

METRE = 1000.0  # mm
LARGEST = 1e30  # larger numbers are taken for infinite
NEAR = 2.0  # mm along the beam within which a track belongs to a vertex
HIT = {"energy": 1, "time": 1, "detid": 1}
TRACK = {"pos": 3, "pt": 1, "eta": 1, "phi": 1, "charge": 1}
VERTEX = {"pos": 3, "isValid": 1, "isFake": 1}
#: Ours: the file's, for photons that the file itself stores.
STORED = {
    "pt": "et",
    "eta": "eta",
    "phi": "phi",
    "energyCorrected": "energy",
    "r9": "r9",
    "sieie": "sigmaIetaIeta",
    "hoe": "hadronicOverEm",
    "trkSumPtHollowConeDR03": "trkSumPtHollowConeDR03",
    "ecalRecHitSumEtDR03": "ecalRecHitSumEtDR03",
    "hcalTowerSumEtDR03": "hcalTowerSumEtDR03",
}


@dataclass(frozen=True)
class Ispy:
    """Real CMS collisions from event-display files (.ig).

    A file is a zip of one JSON text an event: crystals and towers by detector id, tracks,
    vertices in metres, and what CMS reconstructed. Photons are reconstructed here from the
    crystals, by the code that simulation uses; CMS's own are kept as ``StoredPhoton``. Hits are
    those kept for display, the `reduced` readout; energies can be negative. The first vertex is
    the file's own first, its primary. Values that are not finite, and vertices that are no fits,
    are left out and counted in ``events.attrs["hepvision"]["left_out"]``.

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
    >>> Ispy().recognises("display.ig"), Ispy().recognises("table.csv")
    (True, False)
    """

    suffixes: ClassVar[tuple[str, ...]] = (".ig",)

    def recognises(self, path: str | Path) -> bool:
        """Whether a file seems to be of this format.

        Parameters
        ----------
        path : path
            The file; by its suffix, else by its members if it is a zip.

        Returns
        -------
        bool
            Says nothing about whether the file is whole.
        """
        path = Path(path)
        if path.suffix.lower() in self.suffixes:
            return True
        if not path.is_file() or not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            return any(MEMBER.fullmatch(name) for name in archive.namelist())

    def count(self, path: str | Path) -> int:
        """Number of events, without reading them.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        int
            Number of events.
        """
        return len(members(Path(path)))

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
            The file is damaged, or lacks a collection.
        """
        path = Path(path)
        found = members(path)
        index = np.arange(len(found))[slice(None) if rows is None else rows]
        return _events(path, [found[int(k)] for k in index])

    def stream(self, path: str | Path, size: int = 100) -> Iterator[Any]:
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
        """
        if size < 1:
            raise ValueError(f"stream: size must be 1 or more, got {size}.")
        path = Path(path)
        found = members(path)
        for start in range(0, len(found), size):
            yield _events(path, found[start : start + size])


def _events(path: Path, infos: list[zipfile.ZipInfo]) -> ak.Array:
    """Read some members of a file into events with photons."""
    left_out: Counter[str] = Counter()
    scalars: list[tuple[int, int, int]] = []
    parts: dict[str, list[Columns]] = {
        name: [] for name in (*_PARTS, "Track", "Vertex", "StoredPhoton", "MET")
    }
    for event in open_events(path, infos):
        scalars.append(_identity(event))
        for name, part in _PARTS.items():
            parts[name].append(part(event, left_out))
        vertices = _vertices(event, left_out)
        parts["Track"].append(_tracks(event, vertices, left_out))
        parts["Vertex"].append(vertices)
        parts["StoredPhoton"].append(_stored(event, left_out))
        parts["MET"].append(_met(event, left_out))
    run, block, number = np.array(scalars, np.uint64).reshape(-1, 3).T
    try:
        events = build(
            {
                "event_id": (run << np.uint64(40)) | (number & np.uint64(2**40 - 1)),
                "sample": path.stem,
                "weight": np.ones(len(run)),
                "run": run,
                "luminosityBlock": block,
                "event": number,
                "pileup": np.full(len(run), -1),
            },
            {name: _joined(name, pieces) for name, pieces in parts.items()},
            {"reader": "ispy", "file": path.name, "readout": "reduced", "left_out": dict(left_out)},
        )
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}") from error
    return ak.with_field(events, photons(events, calibration=CMS_CALIBRATION), "Photon")


def _joined(name: str, pieces: list[Columns]) -> ak.Array:
    if not pieces:
        return from_columns([0], _no_columns(name), name)
    counts = [len(next(iter(piece.values()))) for piece in pieces]
    joined = {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}
    return from_columns(np.cumsum([0, *counts]), joined, name)


def _no_columns(name: str) -> Columns:
    return {key: np.zeros(0, field.dtype) for key, field in FIELDS[name].items()}


def _finite(values: Columns, name: str, left_out: Counter[str]) -> Columns:
    """Leave out rows with a value that is not finite, and tracks that no detector can see."""
    good = np.ones(len(next(iter(values.values()))), bool)
    for value in values.values():
        finite = np.abs(value) < LARGEST  # also of NaN false
        good &= finite.all(axis=1) if finite.ndim > 1 else finite
    if name == "Tracks":
        good &= (values["pt"] > 0) & (np.abs(values["eta"]) < 10) & (np.abs(values["charge"]) < 4)
    if good.all():
        return values
    left_out[name] += int((~good).sum())
    return {key: value[good] for key, value in values.items()}


def _hits(event: IgEvent, name: str, left_out: Counter[str]) -> Columns:
    return _finite(columns(event, name, HIT), name, left_out)


def _barrel(event: IgEvent, left_out: Counter[str]) -> Columns:
    hits = _hits(event, "EBRecHits", left_out)
    ieta, iphi = barrel_numbers(hits["detid"], f"{event.where}: ")
    return {"ieta": ieta, "iphi": iphi, "energy": hits["energy"], "time": hits["time"]}


def _endcap(event: IgEvent, left_out: Counter[str]) -> Columns:
    hits = _hits(event, "EERecHits", left_out)
    ix, iy, side = endcap_numbers(hits["detid"], f"{event.where}: ")
    return {"ix": ix, "iy": iy, "side": side, "energy": hits["energy"], "time": hits["time"]}


def _towers(event: IgEvent, left_out: Counter[str]) -> Columns:
    both = [_hits(event, name, left_out) for name in ("HBRecHits", "HERecHits")]
    ids = np.concatenate([hits["detid"] for hits in both])
    ieta, iphi, depth = tower_numbers(ids, f"{event.where}: ")
    energy = np.concatenate([hits["energy"] for hits in both])
    return {"ieta": ieta, "iphi": iphi, "depth": depth, "energy": energy}


_PARTS = {"EcalBarrelHit": _barrel, "EcalEndcapHit": _endcap, "HcalHit": _towers}


def _vertices(event: IgEvent, left_out: Counter[str]) -> Columns:
    found = _finite(columns(event, "Vertices", VERTEX, required=False), "Vertices", left_out)
    good = (found["isValid"] != 0) & (found["isFake"] == 0)
    left_out["Vertices that are no fits"] += int((~good).sum())
    x, y, z = METRE * found["pos"][good].T
    return {"x": x, "y": y, "z": z, "sumPt2": np.zeros(len(x))}


def _tracks(event: IgEvent, vertices: Columns, left_out: Counter[str]) -> Columns:
    """Tracks with their vertex and their place on the ECAL; adds up the vertices' pt²."""
    found = _finite(columns(event, "Tracks", TRACK), "Tracks", left_out)
    place, pt, phi = METRE * found["pos"], found["pt"], found["phi"]
    momentum = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(found["eta"])], axis=-1)
    surface, face, _ = calorimeter_face(place, momentum, found["charge"])
    transverse = np.maximum(np.hypot(face[:, 0], face[:, 1]), 1e-9)
    lost = surface == LOST
    index = np.full(len(pt), -1)
    beam = np.zeros(2)
    if len(vertices["z"]):
        distance = np.abs(place[:, 2, None] - vertices["z"])
        index = np.where(distance.min(axis=1) < NEAR, distance.argmin(axis=1), -1)
        beam = np.array([vertices["x"][0], vertices["y"][0]])
        own = index >= 0
        vertices["sumPt2"][:] = np.bincount(index[own], pt[own] ** 2, minlength=len(vertices["z"]))
    dx, dy = (place[:, :2] - beam).T
    return {
        "pt": pt,
        "eta": found["eta"],
        "phi": phi,
        "charge": found["charge"],
        "dz": place[:, 2],
        "dxy": dy * np.cos(phi) - dx * np.sin(phi),
        "etaEcal": np.where(lost, found["eta"], np.arcsinh(face[:, 2] / transverse)),
        "phiEcal": np.where(lost, phi, np.arctan2(face[:, 1], face[:, 0])),
        "vertexIdx": index,
    }


def _stored(event: IgEvent, left_out: Counter[str]) -> Columns:
    wanted = dict.fromkeys(STORED.values(), 1)
    found = _finite(columns(event, "Photons", wanted, required=False), "Photons", left_out)
    return {ours: found[theirs] for ours, theirs in STORED.items()} | {
        "mass": np.zeros(len(found["et"]))
    }


def _met(event: IgEvent, left_out: Counter[str]) -> Columns:
    return _finite(
        columns(event, "PFMETs", {"pt": 1, "phi": 1}, required=False), "PFMETs", left_out
    )


def _identity(event: IgEvent) -> tuple[int, int, int]:
    """Run, luminosity block and event; the block is 0 if the file does not say."""
    found = columns(event, "Event", {"run": 1, "ls": 1, "event": 1}, required=False)["ls"]
    known = len(found) > 0 and 0 <= found[0] < 2**32
    return event.run, int(found[0]) if known else 0, event.event
