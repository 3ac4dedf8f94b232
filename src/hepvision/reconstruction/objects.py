"""Electrons, muons, jets and missing momentum of simulated events, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.names import hint
from hepvision.events.schema import flat, from_columns
from hepvision.physics.kinematics import delta_phi
from hepvision.reconstruction._lepton_kernel import cone_sums, origins
from hepvision.reconstruction.electrons import electrons
from hepvision.reconstruction.energy_flow import (
    ELECTRON,
    MUON,
    PHOTON,
    Candidates,
    energy_flow,
)
from hepvision.reconstruction.fat_jets import fat_jets
from hepvision.reconstruction.jets import jets
from hepvision.reconstruction.missing_momentum import missing_momentum
from hepvision.reconstruction.muons import muons

__all__ = ["OBJECTS", "check_objects", "no_objects", "reconstructed"]

Columns = dict[str, NDArray[Any]]

_MOMENTUM = ("pt", "eta", "phi", "mass")
_LEPTON = (*_MOMENTUM, "charge", "dxy", "dz", "pfRelIso03_all", "tightId", "tightIso")
_TRUTH = ("genPartFlav", "genPartIdx")
#: What can be reconstructed beside photons, and its fields.
OBJECTS: dict[str, tuple[str, ...]] = {
    "Electron": (*_LEPTON, *_TRUTH, "r9", "sieie", "hoe", "deltaEtaSC", "cutBased"),
    "Muon": (*_LEPTON, *_TRUTH, "isGlobal", "looseId", "mediumId"),
    "Jet": (
        *(*_MOMENTUM, "area", "rawFactor", "nConstituents", "chHEF", "chEmEF", "neEmEF", "neHEF"),
        *("jetId", "hadronFlavour", "genJetIdx", "bTag"),
    ),
    "MET": ("pt", "phi", "sumEt"),
    "FatJet": (*_MOMENTUM, "area", "nConstituents", "msoftdrop"),
}
#: What comes with any of them.
_BESIDE = {
    "Tower": ("eta", "phi", "et", "energy"),
    "GenJet": (*_MOMENTUM, "hadronFlavour"),
}
_CONE = 0.3
#: Neutral candidates within this in η and φ belong to the lepton: radiation spreads over φ.
_HOLES = {"Electron": (0.06, 0.30), "Muon": (0.05, 0.05)}
#: Largest isolation of ``tightIso``, and least pT of leptons that are no part of a jet.
_ISOLATED, _LEAST_LEPTON = 0.15, 10.0  # -, GeV
_KINDS = {"Electron": 11, "Muon": 13}


def check_objects(names: Sequence[str]) -> tuple[str, ...]:
    """Refuse what cannot be reconstructed.

    Parameters
    ----------
    names : sequence of str
        Collections.

    Returns
    -------
    tuple of str
        The same without Photon, which is always there.

    Raises
    ------
    ValueError
        One is none of Electron, Muon, Jet, FatJet, MET and Photon, or comes twice.

    Examples
    --------
    >>> check_objects(["Electron", "Jte"])
    Traceback (most recent call last):
    ...
    ValueError: reconstruct: no objects 'Jte'. Did you mean 'Jet'?
    """
    known = (*OBJECTS, "Photon")
    for name in names:
        if name not in known:
            raise ValueError(f"reconstruct: no objects {name!r}. {hint(name, known)}")
    if len(set(names)) < len(names):
        raise ValueError(f"reconstruct: must differ, got {list(names)}. Name each once.")
    return tuple(name for name in names if name in OBJECTS)


def no_objects(names: Sequence[str]) -> dict[str, ak.Array]:
    """Collections of no event with the fields that are made: to try out cuts on them.

    Parameters
    ----------
    names : sequence of str
        As ``check_objects`` takes them.

    Returns
    -------
    dict of ak.Array
        Of length 0; with what simulated events hold beside them.

    Examples
    --------
    >>> sorted(no_objects(["MET"]))
    ['GenJet', 'MET', 'Tower']
    """
    wanted = check_objects(names)
    made = {name: OBJECTS[name] for name in wanted} | (_BESIDE if wanted else {})
    return {
        name: from_columns([0], {key: np.zeros(0) for key in fields}, name)
        for name, fields in made.items()
    }


def reconstructed(
    events: ak.Array, names: Sequence[str], rng: np.random.Generator
) -> dict[str, ak.Array]:
    """Reconstruct objects from hits, tracks and vertices.

    Leptons are isolated by the candidates within ΔR < 0.3, charged ones of the primary vertex and
    neutral ones less the event's pile-up, over their pT: ``pfRelIso03_all``. Leptons with
    ``tightId``, an isolation below 0.15 (``tightIso``) and a pT above 10 GeV are no part of a jet.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        As simulated; collections that are not there count as empty.
    names : sequence of str
        As ``check_objects`` takes them.
    rng : Generator
        Draws which muons the chambers see, and the b tags.

    Returns
    -------
    dict of ak.Array
        B lists of records a name.

    Raises
    ------
    ValueError
        There are no such objects.
    MissingExtraError
        Jets need FastJet.

    Examples
    --------
    >>> crystal = [{"ieta": 1, "iphi": 11, "energy": 30.0}]
    >>> events = ak.Array([{"EcalBarrelHit": crystal}])
    >>> found = reconstructed(events, ["Muon", "MET"], np.random.default_rng(1))
    >>> found["MET"].sumEt.tolist(), found["Muon"].pt.tolist()
    ([[30.0]], [[]])
    """
    made: dict[str, ak.Array] = {}
    wanted = check_objects(names)
    if "FatJet" in wanted:
        made["FatJet"] = fat_jets(events)
    others = set(wanted) - {"FatJet"}
    if not others:
        return made
    found = {"Electron": electrons(events), "Muon": muons(events, rng)}
    flow = energy_flow(events, _roles(events, found))
    used = np.zeros(len(flow.pt), np.bool_)
    for name, lepton in found.items():
        isolated = _isolate(lepton, flow, name)
        used |= _own(flow, {key: column[isolated] for key, column in lepton.items()}, name)
        made[name] = _collection(events, lepton, name)
    if "Jet" in others or "MET" in others:
        made["Jet"] = jets(events, flow, used, rng)
        made["MET"] = missing_momentum(flow, made["Jet"])
    return {name: made[name] for name in wanted}


def _roles(events: ak.Array, found: dict[str, Columns]) -> NDArray[np.int8] | None:
    """What each track is."""
    if "Track" not in events.fields:
        return None
    roles = np.zeros(int(flat(events["Track"])[0][-1]), np.int8)
    electron = found["Electron"]
    roles[electron["track"][electron["tightId"]]] = ELECTRON
    roles[found["Muon"]["track"]] = MUON
    return roles


def _isolate(lepton: Columns, flow: Candidates, name: str) -> NDArray[np.bool_]:
    """Fill in the isolation; which leptons are no part of a jet."""
    sums = cone_sums(
        lepton["event"],
        np.stack([lepton["eta"], lepton["phi"]], axis=1).astype(float),
        lepton["track"],
        flow.offsets,
        np.stack([flow.pt, flow.eta, flow.phi], axis=1),
        flow.kind,
        flow.track,
        _CONE,
        np.array(_HOLES[name]),
    )
    pileup = flow.density[lepton["event"]] * np.pi * _CONE**2
    around = sums[:, 0] + np.maximum(sums[:, 1] - pileup, 0.0)
    lepton["pfRelIso03_all"] = around / np.maximum(lepton["pt"], 1e-9)
    lepton["tightIso"] = lepton["pfRelIso03_all"] < _ISOLATED
    return np.asarray(lepton["tightId"] & lepton["tightIso"] & (lepton["pt"] > _LEAST_LEPTON))


def _own(flow: Candidates, lepton: Columns, name: str) -> NDArray[np.bool_]:
    """Candidates that are leptons themselves, or what these left in the calorimeters."""
    mine = np.isin(flow.track, lepton["track"]) & (flow.track >= 0)
    hole = _HOLES[name]
    # one row a pair of a lepton and a neutral candidate of its event
    counts = np.diff(flow.offsets)[lepton["event"]]
    pair = np.repeat(np.arange(len(counts)), counts)
    begin = np.cumsum(counts) - counts
    row = flow.offsets[lepton["event"]][pair] + np.arange(len(pair)) - begin[pair]
    step = np.abs(flow.eta[row] - lepton["eta"][pair])
    turn = np.abs(delta_phi(flow.phi[row], lepton["phi"][pair]))
    near = (flow.kind[row] == PHOTON) & (step < hole[0]) & (turn < hole[1])
    mine[row[near]] = True
    return mine


def _collection(events: ak.Array, lepton: Columns, name: str) -> ak.Array:
    """Leptons as a collection, with what they were."""
    columns = dict(lepton)
    if "GenPart" in events.fields:
        offsets, gen = flat(events["GenPart"])
        directions = np.stack([gen[key] for key in ("pt", "eta", "phi")], axis=1).astype(float)
        kinds = (gen[key].astype(np.int64) for key in ("pdgId", "status", "genPartIdxMother"))
        momenta = np.stack([lepton[key] for key in ("pt", "eta", "phi")], axis=1).astype(float)
        found = origins(lepton["event"], momenta, _KINDS[name], offsets, directions, *kinds)
        columns["genPartFlav"], columns["genPartIdx"] = found.T
    event = columns.pop("event")
    columns.pop("track")
    order = np.lexsort((-columns["pt"], event))
    counts = np.bincount(event, minlength=len(events))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return from_columns(offsets, {key: one[order] for key, one in columns.items()}, name)
