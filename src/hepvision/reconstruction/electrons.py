"""Electrons: super-clusters with a track."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.schema import flat
from hepvision.physics.kinematics import delta_phi
from hepvision.reconstruction._lepton_kernel import tracks_of_clusters
from hepvision.reconstruction._primary import distances
from hepvision.reconstruction.photons import photons

__all__ = ["electrons"]

Columns = dict[str, NDArray[Any]]

ELECTRON_MASS = 0.000511  # GeV
#: Identification in barrel and endcaps: |Δη|, |Δφ| between track and cluster, σ_iηiη, H/E.
_TIGHT = {
    "deta": (0.006, 0.008),
    "dphi": (0.06, 0.05),
    "sieie": (0.0105, 0.03),
    "hoe": (0.08, 0.08),
}
#: Energy of the cluster over momentum of the track.
_EOVERP = (0.75, 1.33)
#: Tracks further from the primary vertex are those of conversions and pile-up: across, along.
_DXY, _DZ = 0.3, 2.0  # mm
_GAP = (1.4442, 1.566)
_LEAST_TRACK = 3.0  # GeV


def electrons(events: ak.Array, least_pt: float = 7.0) -> Columns:
    r"""Find electrons: super-clusters to which a track of the primary vertex points.

    Energy is the cluster's, direction and charge are the track's. ``tightId`` asks for a narrow
    shower, little energy behind it, a track that enters where the shower is, E/p between 0.75 and
    1.33, and no place in the gap of barrel and endcaps.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        With ``EcalBarrelHit``, ``EcalEndcapHit``, ``HcalHit``, ``Track`` and ``Vertex`` as far
        as they are there.
    least_pt : float, GeV
        Softer ones are left out.

    Returns
    -------
    dict of arrays, shape (N,)
        Fields of ``Electron``; ``event`` and ``track``, the row of all tracks of the batch.

    References
    ----------
    CMS Collaboration, Performance of electron reconstruction and selection with the CMS detector
    in proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P06005, arXiv:1502.02701.

    Examples
    --------
    >>> crystal = [{"ieta": 1, "iphi": 11, "energy": 30.0}]
    >>> len(electrons(ak.Array([{"EcalBarrelHit": crystal}]))["pt"])
    0
    """
    offsets, track = flat(events["Track"]) if "Track" in events.fields else (None, {})
    if offsets is None:
        offsets = np.zeros(len(events) + 1, np.int64)
        track = {name: np.zeros(0) for name in ("pt", "eta", "phi", "dz", "dxy", "charge")}
        track |= {"etaEcal": np.zeros(0), "phiEcal": np.zeros(0)}
    ends, found = flat(photons(events, least_pt))
    event = np.repeat(np.arange(len(events)), np.diff(ends))
    dz = distances(events, offsets, track["dz"])
    own = (np.abs(track["dxy"]) < _DXY) & (np.abs(dz) < _DZ)
    table = np.stack([np.where(own, track["pt"], 0.0), track["etaEcal"], track["phiEcal"]], axis=1)
    place = np.stack([found["superclusterEta"], found["superclusterPhi"]], axis=1).astype(float)
    row = tracks_of_clusters(event, place, offsets, table.astype(float), _LEAST_TRACK)
    row, kept = _each_once(row, found["energyCorrected"])
    energy = found["energyCorrected"][kept].astype(float)
    eta = track["eta"][row].astype(float)
    step = found["superclusterEta"][kept] - track["etaEcal"][row]
    turn = delta_phi(found["superclusterPhi"][kept], track["phiEcal"][row])
    made: Columns = {
        "pt": energy / np.cosh(eta),
        "eta": eta,
        "phi": track["phi"][row].astype(float),
        "mass": np.full(len(row), ELECTRON_MASS),
        "charge": track["charge"][row],
        "dxy": track["dxy"][row],
        "dz": dz[row],
        **{name: found[name][kept] for name in ("r9", "sieie", "hoe")},
        "deltaEtaSC": found["superclusterEta"][kept] - eta,
    }
    ratio = energy / (track["pt"][row] * np.cosh(eta))
    tight = _tight(found["superclusterEta"][kept], {**made, "deta": step, "dphi": turn}, ratio)
    made |= {"tightId": tight, "cutBased": np.where(tight, 4, 0)}
    made |= {"event": event[kept], "track": row}
    return {name: column[made["pt"] >= least_pt] for name, column in made.items()}


def _each_once(row: NDArray[np.int64], energy: NDArray[Any]) -> tuple[Any, Any]:
    """Tracks, each for the hardest of its clusters; clusters without a track are left out."""
    order = np.argsort(-energy, kind="stable")
    order = order[row[order] >= 0]
    _, first = np.unique(row[order], return_index=True)
    kept = np.sort(order[first])
    return row[kept], kept


def _tight(eta: NDArray[Any], found: Columns, ratio: NDArray[Any]) -> NDArray[np.bool_]:
    a = np.abs(eta)
    forward = (a > _GAP[0]).astype(np.int64)
    passed = (ratio > _EOVERP[0]) & (ratio < _EOVERP[1]) & ((a < _GAP[0]) | (a > _GAP[1]))
    for name, cuts in _TIGHT.items():
        passed &= np.abs(found[name]) < np.take(cuts, forward)
    return passed & (a < 2.5)
