"""One event as flat arrays for the display: deposits, tracks, photons, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import awkward as ak
import numba
import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.physics.propagation import LOST, advance, curvature, way_to_face

__all__ = ["Contents", "Deposits", "Floors", "contents", "track_paths"]

Array = npt.NDArray[np.float64]
GEOMETRIES = (("EcalBarrelHit", EcalBarrel()), ("EcalEndcapHit", EcalEndcap()), ("HcalHit", Hcal()))
MOST_TRACKS = 1500
"""More tracks than this make a page slow; those with the largest pT are drawn."""


@dataclass(frozen=True)
class Floors:
    """Smallest signals that are drawn; fainter ones are noise for the most part.

    Parameters
    ----------
    ecal, hcal : float, GeV
        Energy of a crystal and of a tower.
    track : float, GeV
        Transverse momentum of a track.

    Examples
    --------
    >>> Floors().track
    0.5
    """

    ecal: float = 0.2
    hcal: float = 0.5
    track: float = 0.5


@dataclass(frozen=True, eq=False)
class Deposits:
    """Hits of one calorimeter, drawn ones only.

    Parameters
    ----------
    eta, phi, energy, et : array, shape (N,), -, rad, GeV, GeV
        Centre of the channel seen from the centre of the detector, and its signal.
    numbers : array of int, shape (N, I)
        Index fields of the channel, in the order of its geometry.
    time : array, shape (N,), ns
        NaN where it is not known.
    found : int
        Hits in the event, faint ones included.

    Examples
    --------
    >>> Deposits.none().found
    0
    """

    eta: Array
    phi: Array
    energy: Array
    et: Array
    numbers: npt.NDArray[np.int64]
    time: Array
    found: int

    @classmethod
    def none(cls, indices: int = 2) -> Deposits:
        """No hits at all.

        Parameters
        ----------
        indices : int
            Number of index fields.

        Returns
        -------
        Deposits
            Empty.

        Examples
        --------
        >>> Deposits.none(3).numbers.shape
        (0, 3)
        """
        nothing = np.zeros(0)
        return cls(nothing, nothing, nothing, nothing, np.zeros((0, indices), int), nothing, 0)


@dataclass(frozen=True, eq=False)
class Contents:
    """What the display draws of one event.

    Parameters
    ----------
    scalars : mapping
        ``sample``, ``run``, ``luminosityBlock``, ``event``, ``pileup`` …, as far as known.
    barrel, endcap, towers : Deposits
        EcalBarrelHit, EcalEndcapHit, HcalHit.
    tracks, photons, particles : mapping of array
        Flat columns of Track, Photon and GenPart; empty if the event has none.
    vertices : array, shape (N, 3), mm
        Of the event; the first is the primary one.
    met : tuple of float, optional
        Missing transverse momentum (GeV) and its azimuth.

    Examples
    --------
    >>> Contents({}, Deposits.none(), Deposits.none(3), Deposits.none()).tracks
    {}
    """

    scalars: Mapping[str, Any]
    barrel: Deposits
    endcap: Deposits
    towers: Deposits
    tracks: Mapping[str, Array] = field(default_factory=dict)
    photons: Mapping[str, Array] = field(default_factory=dict)
    particles: Mapping[str, Array] = field(default_factory=dict)
    vertices: Array = field(default_factory=lambda: np.zeros((0, 3)))
    met: tuple[float, float] | None = None
    found_tracks: int = 0


def _columns(event: Any, name: str) -> dict[str, npt.NDArray[Any]]:
    if name not in event.fields:
        return {}
    collection = event[name]
    return {key: ak.to_numpy(collection[key]) for key in collection.fields}


def _deposits(event: Any, name: str, geometry: Any, floor: float) -> Deposits:
    columns = _columns(event, name)
    if not columns:
        return Deposits.none(len(geometry.fields))
    energy = columns["energy"].astype(np.float64)
    kept = energy >= floor
    numbers = [columns[key][kept].astype(np.int64) for key in geometry.fields]
    eta, phi = geometry.eta_phi(*numbers)
    time = columns["time"][kept].astype(np.float64) if "time" in columns else None
    return Deposits(
        np.asarray(eta, float),
        np.asarray(phi, float),
        energy[kept],
        energy[kept] / np.cosh(eta),
        np.stack(numbers, axis=1),
        np.full(int(kept.sum()), np.nan) if time is None else time,
        int(energy.size),
    )


def _hardest(columns: dict[str, Array], floor: float, most: int) -> dict[str, Array]:
    """Rows with pT above a floor, the hardest first, not more than ``most``."""
    if "pt" not in columns:
        return {}
    order = np.argsort(columns["pt"], kind="stable")[::-1][:most]
    order = order[columns["pt"][order] >= floor]
    return {key: values[order] for key, values in columns.items()}


def contents(event: Any, floors: Floors | None = None) -> Contents:
    """Take one event apart.

    Parameters
    ----------
    event : ak.Record
        One event; any collection may be absent.
    floors : Floors, optional
        Smallest signals to keep.

    Returns
    -------
    Contents
        Flat arrays.

    Examples
    --------
    >>> event = ak.Array(
    ...     [{"event_id": 7, "EcalBarrelHit": [{"ieta": 1, "iphi": 1, "energy": 2.0}]}]
    ... )
    >>> found = contents(event[0])
    >>> found.barrel.energy.tolist(), found.towers.found, int(found.scalars["event_id"])
    ([2.0], 0, 7)
    """
    floors = floors or Floors()
    barrel, endcap, towers = (
        _deposits(event, name, geometry, floors.hcal if name == "HcalHit" else floors.ecal)
        for name, geometry in GEOMETRIES
    )
    scalars = {
        name: event[name]
        for name in event.fields
        if isinstance(event[name], str | int | float | np.number | np.bool_)
    }
    tracks = _columns(event, "Track")
    vertex = _columns(event, "Vertex")
    met = _columns(event, "MET") if "MET" in event.fields else {}
    pair = [np.ravel(met[key]) for key in ("pt", "phi")] if {"pt", "phi"} <= set(met) else []
    particles = _columns(event, "GenPart")
    return Contents(
        scalars,
        barrel,
        endcap,
        towers,
        _hardest(tracks, floors.track, MOST_TRACKS),
        _hardest(_columns(event, "Photon"), 0.0, 50),
        _hardest(particles, 5.0, 60),
        np.stack([vertex[key] for key in "xyz"], axis=1).astype(float)
        if vertex
        else np.zeros((0, 3)),
        (float(pair[0][0]), float(pair[1][0])) if pair and pair[0].size else None,
        int(tracks["pt"].size) if "pt" in tracks else 0,
    )


@numba.njit(cache=True)
def _sample_paths(pt, slope, phi, charge, dxy, dz, points):  # type: ignore[no-untyped-def]
    paths = np.full((pt.size, points, 3), np.nan)
    for row in range(pt.size):
        kappa = curvature(pt[row], charge[row])
        cosine, sine = np.cos(phi[row]), np.sin(phi[row])
        x, y, z = -dxy[row] * sine, dxy[row] * cosine, dz[row]
        where, length = way_to_face(x, y, z, cosine, sine, slope[row], kappa)
        if where == LOST:
            # circles inside the tracker: half a turn shows it
            length = np.pi / abs(kappa) if kappa != 0.0 else 0.0
        elif kappa != 0.0:
            length = min(length, np.pi / abs(kappa))
        for step in range(points):
            path = length * step / (points - 1)
            place = advance(x, y, z, cosine, sine, slope[row], kappa, path)
            paths[row, step, 0], paths[row, step, 1], paths[row, step, 2] = place[:3]
    return paths


def track_paths(tracks: Mapping[str, npt.NDArray[Any]], points: int = 16) -> Array:
    """Points along the helix of each track, from closest approach to the calorimeter's face.

    Parameters
    ----------
    tracks : mapping of array, shape (N,)
        ``pt`` (GeV), ``eta``, ``phi`` (rad) and ``charge``; ``dxy`` and ``dz`` (mm) if known.
    points : int
        Points a track.

    Returns
    -------
    array, shape (N, points, 3), mm
        x, y, z; tracks that curl end after half a turn.

    Examples
    --------
    >>> straight = {
    ...     "pt": np.array([1e4]),
    ...     "eta": np.zeros(1),
    ...     "phi": np.zeros(1),
    ...     "charge": np.ones(1),
    ... }
    >>> track_paths(straight, 2)[0, 1].round().tolist()
    [1290.0, -0.0, 0.0]
    """
    if not tracks:
        return np.zeros((0, points, 3))
    pt, eta, phi, charge = (
        np.asarray(tracks[key], float) for key in ("pt", "eta", "phi", "charge")
    )
    dxy, dz = (np.asarray(tracks.get(key, np.zeros(pt.size)), float) for key in ("dxy", "dz"))
    paths: Array = _sample_paths(pt, np.sinh(eta), phi, charge, dxy, dz, points)
    return paths
