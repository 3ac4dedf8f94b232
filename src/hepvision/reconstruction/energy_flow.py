"""Energy flow: one list of particles from tracks and calorimeters, without pile-up's tracks."""

from __future__ import annotations

from typing import Any, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import flat
from hepvision.reconstruction._flow_kernel import (
    CHARGED,
    ELECTRON,
    MUON,
    NEUTRAL,
    PHOTON,
    unexplained,
)
from hepvision.reconstruction._primary import primary_z, vertex_of_tracks
from hepvision.reconstruction.photons import shower_point

__all__ = ["CHARGED", "ELECTRON", "MUON", "NEUTRAL", "PHOTON", "Candidates", "energy_flow"]

Array = NDArray[Any]

#: Hits below four widths of their noise are none: barrel, endcaps, towers.
LEAST = (0.16, 0.60, 0.80)  # GeV
MASSES = (0.13957, 0.000511, 0.105658, 0.0, 0.0)  # GeV, by kind
#: Patches in which the density of pile-up is counted: |η| < 3 and all φ.
_ETA_PATCHES, _PHI_PATCHES, _ETA_MAX = 6, 8, 3.0


class Candidates(NamedTuple):
    """Particles of a batch of events, as far as the detector tells them apart.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of each event.
    pt, eta, phi, mass : arrays, shape (N,), GeV, -, rad, GeV
        Momenta as seen from the primary vertex.
    kind : array of int8, shape (N,)
        ``CHARGED``, ``ELECTRON``, ``MUON``, ``PHOTON`` or ``NEUTRAL``.
    track : array of int64, shape (N,)
        Row of all tracks of the batch, −1 for neutral ones.
    density : array, shape (B,), GeV
        Median pT of neutral ones in a unit of η and φ: what pile-up adds.

    Examples
    --------
    >>> "density" in Candidates._fields
    True
    """

    offsets: NDArray[np.int64]
    pt: NDArray[np.float64]
    eta: NDArray[np.float64]
    phi: NDArray[np.float64]
    mass: NDArray[np.float64]
    kind: NDArray[np.int8]
    track: NDArray[np.int64]
    density: NDArray[np.float64]

    @property
    def event(self) -> NDArray[np.int64]:
        """Event of each row, shape (N,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def momenta(self) -> NDArray[np.float64]:
        """px, py, pz and energy, shape (N, 4), GeV."""
        pz = self.pt * np.sinh(self.eta)
        energy = np.sqrt(self.pt**2 + pz**2 + self.mass**2)
        return np.stack(
            [self.pt * np.cos(self.phi), self.pt * np.sin(self.phi), pz, energy], axis=1
        )


def energy_flow(events: ak.Array, roles: NDArray[np.int8] | None = None) -> Candidates:
    """Put tracks and calorimeters together to one list of particles.

    Tracks of the primary vertex are charged particles. All tracks that belong to a vertex explain
    energy in the towers where they enter, the hardest first; those of pile-up are then dropped.
    What is left in the crystals before a tower is a photon, what is left in the tower a neutral
    hadron, and each forward tower is one. Tracks that belong to no vertex, such as those of
    conversions, explain nothing: the calorimeters tell their energy.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        With ``EcalBarrelHit``, ``EcalEndcapHit``, ``HcalHit``, ``Track``, ``Vertex`` and
        ``Tower`` (the forward calorimeter) as far as they are there.
    roles : array of int8, shape (T,), optional
        What each track is: ``ELECTRON``, ``MUON``, or ``CHARGED`` (the default).

    Returns
    -------
    Candidates
        Charged ones first in each event.

    References
    ----------
    CMS Collaboration, Particle-flow reconstruction and global event description with the CMS
    detector, JINST 12 (2017) P10003, arXiv:1706.04965. M. Cacciari, G. P. Salam, Pileup
    subtraction using jet areas, Phys. Lett. B 659 (2008) 119, arXiv:0707.1378.

    Examples
    --------
    >>> crystal = [{"ieta": 1, "iphi": 11, "energy": 30.0}]
    >>> found = energy_flow(ak.Array([{"EcalBarrelHit": crystal}]))
    >>> found.kind.tolist() == [PHOTON], found.pt.round(2).tolist()
    (True, [30.0])
    """
    number = len(events)
    offsets, track = _collection(events, "Track")
    count = int(offsets[-1])
    role = np.zeros(count, np.int8) if roles is None else np.asarray(roles, np.int8).copy()
    vertex = vertex_of_tracks(events, offsets, track)
    table = np.zeros((count, 3))
    if count:
        place = track["etaEcal"], track["phiEcal"], track["pt"] * np.cosh(track["eta"])
        table = np.stack([column.astype(float) for column in place], axis=1)
    found_offsets, found = unexplained(
        (offsets, table, np.where(vertex < 0, -1, role).astype(np.int64)),
        _cells(events, (EcalBarrel(), EcalEndcap()), LEAST[:2]),
        _cells(events, (Hcal(),), LEAST[2:]),
        _centres(),
    )
    kept = np.flatnonzero(vertex == 0)
    event = np.repeat(np.arange(number), np.diff(offsets))[kept]
    charged = [track[name][kept].astype(float) if count else np.zeros(0) for name in _MOMENTUM]
    neutral_event = np.repeat(np.arange(number), np.diff(found_offsets))
    neutral = _from_vertex(found, primary_z(events)[neutral_event])
    forward_event, forward = _forward(events)
    every = np.concatenate([event, neutral_event, forward_event])
    order = np.argsort(every, kind="stable")
    kind = np.concatenate(
        [role[kept], found[:, 3].astype(np.int8), np.full(len(forward_event), NEUTRAL, np.int8)]
    )[order]
    rows = np.concatenate([kept, np.full(len(every) - len(kept), -1, np.int64)])[order]
    pt, eta, phi = (
        np.concatenate(parts)[order] for parts in zip(charged, neutral, forward, strict=True)
    )
    ends = np.concatenate([[0], np.cumsum(np.bincount(every, minlength=number))])
    density = _density(number, every[order], pt, eta, phi, kind)
    return Candidates(ends, pt, eta, phi, np.take(MASSES, kind), kind, rows, density)


_MOMENTUM = ("pt", "eta", "phi")


def _collection(events: ak.Array, name: str) -> tuple[NDArray[np.int64], dict[str, Array]]:
    """A collection taken apart; without objects if the events lack it."""
    if name in events.fields:
        return flat(events[name])
    return np.zeros(len(events) + 1, np.int64), {}


def _centres() -> NDArray[np.float64]:
    hcal = Hcal()
    eta, phi = hcal.eta_phi(*hcal.numbers(np.arange(hcal.shape[0] * hcal.shape[1])))
    return np.stack([eta, phi], axis=1)


def _cells(events: ak.Array, parts: tuple[Any, ...], least: tuple[float, ...]) -> tuple[Any, ...]:
    """Hits above the noise of parts of a calorimeter, event by event, and their towers."""
    hcal = Hcal()
    owners, rows = [np.zeros(0, np.int64)], [np.zeros((0, 3))]
    for part, threshold in zip(parts, least, strict=True):
        offsets, hits = _collection(events, part.collection)
        if not hits:
            continue
        seen = np.flatnonzero(hits["energy"] > threshold)
        eta, phi = part.eta_phi(*(hits[name][seen] for name in part.fields))
        owners.append(np.searchsorted(offsets, seen, side="right") - 1)
        rows.append(np.stack([hits["energy"][seen].astype(float), eta, phi], axis=1))
    owner, table = np.concatenate(owners), np.concatenate(rows)
    order = np.argsort(owner, kind="stable")
    table = table[order]
    edge = np.nextafter(_ETA_MAX, 0.0)  # the innermost crystals reach a little beyond the towers
    ieta, iphi, _ = hcal.locate(np.clip(table[:, 1], -edge, edge), table[:, 2])
    tower = hcal.flat_index(ieta, iphi).astype(np.int64)
    counts = np.bincount(owner, minlength=len(events))
    return np.concatenate([[0], np.cumsum(counts)]), table, tower


def _from_vertex(found: Array, z: Array) -> tuple[Array, Array, Array]:
    """pt, η and φ from the primary vertex of what is seen from the centre."""
    energy, eta, phi, _ = found.T
    x, y, away = shower_point(energy, eta, phi, np.abs(eta) < EcalBarrel().eta_edges[-1]).T
    across = np.hypot(x, y)
    seen = np.arcsinh((away - z) / across)
    return energy / np.cosh(seen), seen, phi


def _forward(events: ak.Array) -> tuple[NDArray[np.int64], tuple[Array, Array, Array]]:
    """Event of each forward tower; its pt, η and φ."""
    offsets, tower = _collection(events, "Tower")
    none = np.zeros(0)
    event = np.repeat(np.arange(len(events)), np.diff(offsets))
    if not len(event):
        return event, (none, none, none)
    eta, phi = tower["eta"].astype(float), tower["phi"].astype(float)
    return event, (tower["energy"] / np.cosh(eta), eta, phi)


def _density(
    events: int, event: Array, pt: Array, eta: Array, phi: Array, kind: Array
) -> NDArray[np.float64]:
    """Median over patches of the neutral pT in a unit of η and φ."""
    rows = np.flatnonzero((kind >= PHOTON) & (np.abs(eta) < _ETA_MAX))
    width = 2.0 * _ETA_MAX / _ETA_PATCHES
    step = 2.0 * np.pi / _PHI_PATCHES
    row = ((eta[rows] + _ETA_MAX) / width).astype(np.int64)
    column = np.floor((phi[rows] + np.pi) / step).astype(np.int64) % _PHI_PATCHES
    patches = _ETA_PATCHES * _PHI_PATCHES
    place = (event[rows] * _ETA_PATCHES + row) * _PHI_PATCHES + column
    sums = np.bincount(place, pt[rows], minlength=events * patches).reshape(events, patches)
    found: NDArray[np.float64] = np.median(sums, axis=1) / (width * step)
    return found
