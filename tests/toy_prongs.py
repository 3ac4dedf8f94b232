"""Jets of one or three prongs, drawn from a seed: what studies of jets are tried on."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np

from hepvision.events.schema import build, from_columns
from hepvision.events.store import Store, write_store
from hepvision.simulation.jets import _polar

__all__ = ["prongs", "store_of"]


def prongs(
    number: int, seed: int, count: int, *, jet: str = "FatJet", label: int = 0, first: int = 0
) -> ak.Array:
    """Jets of about 600 GeV whose particles lie around so many axes.

    Parameters
    ----------
    number, seed : int
        How many, and from which random stream.
    count : int
        Prongs of each jet.
    jet : str
        Collection of the jet.
    label : int
        Scalar of the event.
    first : int
        Number of the first event.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.integers(12, 30, number)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    event = np.repeat(np.arange(number), sizes)
    total = int(offsets[-1])
    axes = rng.normal(0.0, 0.25 if count > 1 else 0.0, (2, number, count))
    which = rng.integers(0, count, total)
    share = rng.exponential(1.0, total) + 0.05
    share *= 600.0 / np.bincount(event, share)[event]
    place = rng.normal(0.0, 0.06, (2, total)) + axes[:, event, which]
    eta, phi = place[0] + rng.uniform(-1, 1, number)[event], place[1]
    phi = phi + rng.uniform(-2, 2, number)[event]
    momenta = share * np.stack([np.cos(phi), np.sin(phi), np.sinh(eta), np.cosh(eta)])
    sums = np.stack([np.bincount(event, one) for one in momenta], axis=1)
    columns = dict(zip(("pt", "eta", "phi", "mass"), _polar(sums), strict=True))
    kind = rng.choice([211, -211, 22, 130], total, p=[0.3, 0.3, 0.3, 0.1])
    order = np.lexsort((-share, event))
    parts = {"pt": share, "eta": eta, "phi": phi, "mass": np.zeros(total), "pdgId": kind}
    parts |= {"charge": np.where(np.abs(kind) == 211, np.sign(kind), 0)}
    parts = {key: one[order] for key, one in parts.items()} | {"jetIdx": np.zeros(total)}
    ids = np.arange(first, first + number)
    scalars = {"event_id": ids, "sample": "toy", "label": np.full(number, label), "event": ids}
    scalars |= dict.fromkeys(("weight", "run", "luminosityBlock"), np.ones(number))
    lines = np.arange(number + 1)
    collections = {
        jet: from_columns(lines, {**columns, "nConstituents": sizes}, jet),
        "Particle": from_columns(offsets, parts, "Particle"),
    }
    return build({**scalars, "pileup": np.zeros(number)}, collections)


def store_of(folder: Path, *events: ak.Array) -> Store:
    """One store of all these events.

    Parameters
    ----------
    folder : Path
        Where to.
    *events : ak.Array
        As ``prongs`` gives them.
    """
    return write_store(folder, ak.concatenate(events))
