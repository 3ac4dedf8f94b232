"""Photons from the crystals, towers, tracks and vertices of a batch of events."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import flat, from_columns
from hepvision.reconstruction._truth import match
from hepvision.reconstruction.clusters import Clusters, superclusters
from hepvision.reconstruction.energy_correction import corrected_energy
from hepvision.reconstruction.isolation import crystal_sum, tower_sums, track_sum

__all__ = ["photons", "shower_point"]

Columns = dict[str, NDArray[Any]]

RADIATION_LENGTH = 8.9  # mm, lead tungstate
SHOWER_DEPTH = 7.4  # radiation lengths of the mean depth at 1 GeV; it grows with ln(E/GeV)
PRESHOWER = 3.0  # radiation lengths before the endcap crystals of 1.65 < |η| < 2.6
BARREL_ACCEPTANCE = 1.4442  # CMS's |η| of the last super-cluster fully in the barrel


def shower_point(energy: Any, eta: Any, phi: Any, barrel: Any) -> NDArray[np.float64]:
    r"""Where a shower's energy lies, at its mean depth in the crystals.

    .. math:: t = X_0\,(7.4 + \ln(E/\mathrm{GeV})),

    less the preshower's 3 :math:`X_0` in front of the endcaps. Seen from a vertex off the
    centre of the detector the depth changes the photon's direction.

    Parameters
    ----------
    energy : array, shape (N,), GeV
        Energy of the super-cluster.
    eta, phi : array, shape (N,), -, rad
        Its place seen from the centre of the detector.
    barrel : array of bool, shape (N,)
        Whether in the barrel.

    Returns
    -------
    array, shape (N, 3), mm
        x, y, z.

    References
    ----------
    CMS Collaboration, Performance of photon reconstruction and identification with the CMS
    detector in proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P08010,
    arXiv:1502.02702.

    Examples
    --------
    >>> shower_point([np.e], [0.0], [0.0], [True]).round(2).tolist()
    [[1364.76, 0.0, 0.0]]
    """
    energy, eta, phi = (np.asarray(value, float) for value in (energy, eta, phi))
    barrel = np.asarray(barrel, bool)
    behind = ~barrel & (np.abs(eta) > 1.65) & (np.abs(eta) < 2.6)
    depth = SHOWER_DEPTH + np.log(np.maximum(energy, 0.1)) - np.where(behind, PRESHOWER, 0.0)
    depth = RADIATION_LENGTH * np.maximum(depth, 0.0)
    sine = 1.0 / np.cosh(eta)
    cosine = np.maximum(np.abs(np.tanh(eta)), 1e-6)
    face = np.where(barrel, EcalBarrel.radius / sine, EcalEndcap.face / cosine)
    radius = (face + depth) * sine
    return np.stack([radius * np.cos(phi), radius * np.sin(phi), radius * np.sinh(eta)], axis=-1)


def _hits(events: ak.Array, name: str) -> tuple[NDArray[np.int64], Columns]:
    """A collection taken apart; without objects if the events lack it."""
    if name in events.fields:
        return flat(events[name])
    return np.zeros(len(events) + 1, np.int64), {}


def _placed(columns: Columns, geometry: Any) -> NDArray[np.float64]:
    """Energy, η and φ of hits, shape (H, 3)."""
    if not columns:
        return np.zeros((0, 3))
    eta, phi = geometry.eta_phi(*(columns[field] for field in geometry.fields))
    return np.stack([columns["energy"].astype(float), eta, phi], axis=-1)


def _primary(events: ak.Array) -> NDArray[np.float64]:
    """First vertex of each event, shape (B, 3), mm; the origin if there is none."""
    place = np.zeros((len(events), 3))
    offsets, vertices = _hits(events, "Vertex")
    some = np.flatnonzero(np.diff(offsets))
    for axis, name in enumerate("xyz"):
        if name in vertices:
            place[some, axis] = vertices[name][offsets[some]]
    return place


def _momenta(
    clusters: Clusters,
    primary: NDArray[np.float64],
    vertices: NDArray[np.int64],
) -> Columns:
    r9 = clusters.e3x3 / clusters.raw
    shapes = (r9, clusters.sieie, clusters.sipip)
    seen = (clusters.barrel, vertices[clusters.event])
    energy = corrected_energy(clusters.raw, clusters.eta, *shapes, *seen)
    point = shower_point(energy, clusters.eta, clusters.phi, clusters.barrel)
    x, y, z = (point - primary[clusters.event]).T
    distance = np.hypot(np.hypot(x, y), z)
    return {
        "pt": energy * np.hypot(x, y) / distance,
        "eta": np.arcsinh(z / np.hypot(x, y)),
        "phi": np.arctan2(y, x),
        "mass": np.zeros(len(energy)),
        "energyRaw": clusters.raw,
        "energyCorrected": energy,
        "r9": r9,
        "sieie": clusters.sieie,
        "sipip": clusters.sipip,
        "superclusterEta": clusters.eta,
        "superclusterPhi": clusters.phi,
        "isScEtaEB": np.abs(clusters.eta) < BARREL_ACCEPTANCE,
    }


def _surroundings(
    events: ak.Array, clusters: Clusters, photon: Columns, primary: NDArray[np.float64]
) -> Columns:
    at = (clusters.event, clusters.eta, clusters.phi)
    towers, tower = _hits(events, "HcalHit")
    behind, around = tower_sums(*at, towers, _placed(tower, Hcal()))
    crystals = np.zeros(len(clusters.event))
    for geometry, in_barrel in ((EcalBarrel(), True), (EcalEndcap(), False)):
        offsets, hits = _hits(events, geometry.collection)
        crystals += crystal_sum(*at, offsets, _placed(hits, geometry), in_barrel)
    offsets, track = _hits(events, "Track")
    number = int(offsets[-1])
    names = ("pt", "eta", "phi", "dz", "dxy")
    tracks = np.stack(
        [np.asarray(track.get(name, np.zeros(number)), float) for name in names], axis=-1
    )
    seen = (clusters.event, photon["eta"], photon["phi"])
    return {
        "hoe": behind / clusters.raw,
        "trkSumPtHollowConeDR03": track_sum(*seen, offsets, tracks, primary[:, 2].copy()),
        "ecalRecHitSumEtDR03": crystals,
        "hcalTowerSumEtDR03": around,
    }


def _truth(events: ak.Array, clusters: Clusters, photon: Columns) -> Columns:
    names = ("genPartFlav", "genPartIdx", "fakePdgId")
    if "GenPart" not in events.fields:
        number = len(clusters.event)
        return dict(zip(names, (np.zeros(number), -np.ones(number), np.zeros(number)), strict=True))
    offsets, gen = flat(events["GenPart"])
    directions = np.stack([gen[key].astype(float) for key in ("pt", "eta", "phi")], axis=-1)
    kinds = (gen[key].astype(np.int64) for key in ("pdgId", "status", "genPartIdxMother"))
    momentum = (photon["pt"], photon["eta"], photon["phi"])
    found = match(clusters.event, *momentum, offsets, directions, *kinds)
    return dict(zip(names, found.T, strict=True))


def photons(events: ak.Array, least_et: float = 10.0) -> ak.Array:
    """Reconstruct photons: every super-cluster, as a photon from the primary vertex.

    No identification and no electron veto is applied. Collections that the events do not have
    count as empty: without towers H/E is 0, without vertices photons come from the origin,
    without ``GenPart`` there is no truth.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        With ``EcalBarrelHit``, ``EcalEndcapHit``, ``HcalHit``, ``Track``, ``Vertex``,
        ``GenPart`` as far as they are there.
    least_et : float, GeV
        Corrected transverse energy of a super-cluster, seen from the centre of the detector.

    Returns
    -------
    ak.Array
        B lists of ``Photon`` records, highest pt first.

    References
    ----------
    CMS Collaboration, Performance of photon reconstruction and identification with the CMS
    detector in proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P08010,
    arXiv:1502.02702.

    Examples
    --------
    >>> import awkward as ak
    >>> hits = [{"ieta": 1, "iphi": 11, "energy": 50.0}, {"ieta": 2, "iphi": 11, "energy": 2.0}]
    >>> events = ak.Array([{"EcalBarrelHit": hits}, {"EcalBarrelHit": []}])
    >>> found = photons(events)
    >>> ak.num(found).tolist(), found.energyRaw[0].tolist()
    ([1, 0], [52.0])
    """
    clusters = superclusters(events, 0.8 * least_et)
    primary = _primary(events)
    vertices = np.diff(_hits(events, "Vertex")[0])
    photon = _momenta(clusters, primary, vertices)
    photon |= _surroundings(events, clusters, photon, primary)
    photon |= _truth(events, clusters, photon)
    kept = photon["energyCorrected"] / np.cosh(clusters.eta) >= least_et
    order = np.lexsort((-photon["pt"], clusters.event))
    order = order[kept[order]]
    counts = np.bincount(clusters.event[order], minlength=len(events))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return from_columns(offsets, {key: value[order] for key, value in photon.items()}, "Photon")
