"""One event as flat arrays for the display: deposits, tracks, photons, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.figures._event import Event
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
    barrel, endcap, towers : Deposits
        EcalBarrelHit, EcalEndcapHit, HcalHit.
    tracks, photons : mapping of array
        Flat columns of Track and Photon, the hardest first; empty if the event has none.
    vertices : array, shape (N, 3), mm
        Of the event; the first is the primary one.
    met : tuple of float, optional
        Missing transverse momentum (GeV) and its azimuth.
    found_tracks : int
        Tracks in the event, soft ones included.

    Examples
    --------
    >>> Contents(Deposits.none(), Deposits.none(3), Deposits.none()).tracks
    {}
    """

    barrel: Deposits
    endcap: Deposits
    towers: Deposits
    tracks: Mapping[str, Array] = field(default_factory=dict)
    photons: Mapping[str, Array] = field(default_factory=dict)
    vertices: Array = field(default_factory=lambda: np.zeros((0, 3)))
    met: tuple[float, float] | None = None
    found_tracks: int = 0


def _deposits(event: Event, name: str, geometry: Any, floor: float) -> Deposits:
    columns = event.columns(name, "energy", *geometry.fields)
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


def _hardest(event: Event, name: str, floor: float, most: int) -> dict[str, Array]:
    """Rows with pT above a floor, the hardest first, not more than ``most``."""
    columns = event.columns(name, "pt", "eta", "phi")
    if not columns:
        return {}
    order = np.argsort(columns["pt"], kind="stable")[::-1][:most]
    order = order[columns["pt"][order] >= floor]
    return {key: values[order] for key, values in columns.items()} if order.size else {}


def contents(event: Event, floors: Floors | None = None) -> Contents:
    """What the views of a CMS-like detector draw of an event.

    Parameters
    ----------
    event : Event
        Any collection may be absent.
    floors : Floors, optional
        Smallest signals to keep.

    Returns
    -------
    Contents
        Flat arrays.

    Examples
    --------
    >>> hits = {"ieta": np.ones(1, int), "iphi": np.ones(1, int), "energy": np.full(1, 2.0)}
    >>> found = contents(Event({}, {"EcalBarrelHit": hits}))
    >>> found.barrel.energy.tolist(), found.towers.found
    ([2.0], 0)
    """
    floors = floors or Floors()
    barrel, endcap, towers = (
        _deposits(event, name, geometry, floors.hcal if name == "HcalHit" else floors.ecal)
        for name, geometry in GEOMETRIES
    )
    vertex = event.columns("Vertex", "x", "y", "z")
    met = event.columns("MET", "pt", "phi")
    return Contents(
        barrel,
        endcap,
        towers,
        _hardest(event, "Track", floors.track, MOST_TRACKS),
        _hardest(event, "Photon", 0.0, 50),
        np.stack([vertex[key] for key in "xyz"], axis=1).astype(float)
        if vertex
        else np.zeros((0, 3)),
        (float(met["pt"][0]), float(met["phi"][0])) if met else None,
        event.count("Track") if event.columns("Track", "pt", "eta", "phi") else 0,
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
