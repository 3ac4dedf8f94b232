"""Events of one jet each, with chosen constituents."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np

from hepvision.events.schema import build, from_columns

__all__ = ["jets_of"]


def jets_of(*jets: dict[str, Any], **jet: float) -> ak.Array:
    """Events of one ``FatJet`` each.

    Parameters
    ----------
    *jets : dict of list
        Columns of the constituents: pt, eta, phi; mass, charge, pdgId and jetIdx are 0 if not
        given.
    **jet : float
        pt, eta, phi, mass of all jets; 100 GeV along x, without mass, if not given.
    """
    counts = [len(one["pt"]) for one in jets]
    parts = {
        key: np.concatenate([one.get(key, np.zeros(len(one["pt"]))) for one in jets])
        for key in ("pt", "eta", "phi", "mass", "charge", "pdgId", "jetIdx")
    }
    axis = {"pt": 100.0, "eta": 0.0, "phi": 0.0, "mass": 0.0} | jet
    number = np.arange(len(jets))
    names = ("event_id", "weight", "run", "luminosityBlock", "event", "pileup")
    lines = np.arange(len(jets) + 1)
    axes = {key: np.full(len(jets), value) for key, value in axis.items()}
    collections = {
        "FatJet": from_columns(lines, axes, "FatJet"),
        "Particle": from_columns(np.concatenate([[0], np.cumsum(counts)]), parts, "Particle"),
    }
    return build({**dict.fromkeys(names, number), "sample": "toy"}, collections)
