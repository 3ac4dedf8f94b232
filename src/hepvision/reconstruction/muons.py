"""Muons: tracks that the muon chambers confirm."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.schema import flat
from hepvision.reconstruction._lepton_kernel import tracks_of_muons
from hepvision.reconstruction._primary import distances

__all__ = ["EFFICIENCY", "muons"]

#: Of the chambers; with that of the tracker, 0.99, muons have 0.96.
EFFICIENCY = 0.97
_ETA_MAX, _MASS = 2.4, 0.105658
_DXY, _DZ = 2.0, 5.0  # mm


def muons(
    events: ak.Array, rng: np.random.Generator, least_pt: float = 5.0
) -> dict[str, NDArray[Any]]:
    r"""Find muons: tracks of generated muons within :math:`|\eta|` < 2.4.

    There are no chambers in the detector: which track is a muon's is known from ``GenPart``, and
    seen with an efficiency of 0.97. So no hadron passes for a muon, and muons of pile-up, softer
    ones and those that pions and kaons decay to in flight are missing. ``tightId`` asks for a track
    that comes from the primary vertex, within 2 mm across and 5 mm along the beam.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        With ``Track``, ``Vertex`` and ``GenPart`` as far as they are there.
    rng : Generator
        Draws which are seen.
    least_pt : float, GeV
        Softer ones are left out.

    Returns
    -------
    dict of arrays, shape (N,)
        Fields of ``Muon``; ``event`` and ``track``, the row of all tracks of the batch.

    References
    ----------
    CMS Collaboration, Performance of CMS muon reconstruction in pp collision events at √s = 7
    TeV, JINST 7 (2012) P10002, arXiv:1206.4071.

    Examples
    --------
    >>> len(muons(ak.Array([{"weight": 1.0}]), np.random.default_rng(1))["pt"])
    0
    """
    names = ("pt", "eta", "phi", "charge", "dxy")
    event, row, dz = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    track: dict[str, NDArray[Any]] = {name: np.zeros(0) for name in names}
    if "GenPart" in events.fields and "Track" in events.fields:
        offsets, track = flat(events["Track"])
        starts, gen = flat(events["GenPart"])
        seen = (np.abs(gen["pdgId"]) == 13) & (gen["status"] == 1)
        seen &= np.abs(gen["eta"]) < _ETA_MAX
        rows = np.flatnonzero(seen)
        rows = rows[rng.random(len(rows)) < EFFICIENCY]
        event = np.searchsorted(starts, rows, side="right") - 1
        directions = [
            np.stack([one[name] for name in ("pt", "eta", "phi")], axis=1).astype(float)
            for one in ({name: column[rows] for name, column in gen.items()}, track)
        ]
        row = tracks_of_muons(event, directions[0], offsets, directions[1])
        dz = distances(events, offsets, track["dz"])
        _, first = np.unique(row, return_index=True)
        first = first[row[first] >= 0]
        event, row = event[first], row[first]
        dz = dz[row]
    made = {name: track[name][row] for name in names}
    tight = (np.abs(made["dxy"]) < _DXY) & (np.abs(dz) < _DZ)
    made |= {"mass": np.full(len(row), _MASS), "dz": dz, "event": event, "track": row}
    made |= {name: np.ones(len(row), np.bool_) for name in ("isGlobal", "looseId", "mediumId")}
    made["tightId"] = tight
    return {name: column[made["pt"] >= least_pt] for name, column in made.items()}
