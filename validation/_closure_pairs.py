"""Which selected events veto and filter would have dropped: the same events, generated again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
from _shared import head, row

from hepvision.core.card import component
from hepvision.core.chunks import each_chunk
from hepvision.events.store import Store
from hepvision.physics.intervals import Interval, clopper_pearson
from hepvision.simulation.generation import generate
from hepvision.simulation.simulate import ATTEMPTS

__all__ = ["Fate", "fates", "kept"]


class Fate(NamedTuple):
    """What becomes of selected events with veto and filter, shape (B,) each."""

    vetoed: np.ndarray
    filtered: np.ndarray


def _outgoing(store: Store) -> np.ndarray:
    """Largest abs(η) among the two outgoing particles of the hard process."""
    particles = store.read(["GenPart"])["GenPart"]
    hard = particles[particles.status == 23]
    if not ak.all(ak.num(hard) == 2):
        raise SystemExit("GenPart: must hold the two particles of the hard process.")
    return ak.to_numpy(ak.max(abs(hard.eta), axis=1))


def _accepted(item: tuple[int, int, Mapping[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Decision of the filter on every event of a chunk; hardest truth as a fingerprint."""
    seed, chunk, parameters = item
    off = component("processes", {"name": "photon_jet", "veto": False, "filter": False})
    on = component("processes", {"name": "photon_jet", **parameters})
    made = generate(off, ATTEMPTS, seed=seed, sample="photon_jet", chunk=chunk)
    pt = ak.unflatten(made.truth["pt"], np.diff(made.truth_offsets))
    return on.accepts(made.offsets, made.particles), ak.to_numpy(ak.max(pt, axis=1))


def fates(store: Store, parameters: Mapping[str, Any], workers: int) -> Fate:
    """Generate the store's chunks again and let veto and filter judge.

    Parameters
    ----------
    store : Store
        Selected γ+jet events, made without veto and filter.
    parameters : mapping
        Of the process, with veto and filter.
    workers : int
        Processes.

    Returns
    -------
    Fate
        One flag an event of the store.
    """
    ids = ak.to_numpy(store.read(["event_id"])["event_id"]).astype(np.int64)
    chunk, index = ids >> 20, ids & 0xFFFFF
    numbers = np.unique(chunk)
    seed = int(store.manifest["provenance"]["seed"])
    items = [(seed, int(number), dict(parameters)) for number in numbers]
    passed = np.zeros(len(ids), np.bool_)
    hardest = np.zeros(len(ids))
    for number, (accepted, pt) in zip(
        numbers, each_chunk(_accepted, items, workers=workers), strict=True
    ):
        rows = chunk == number
        passed[rows], hardest[rows] = accepted[index[rows]], pt[index[rows]]
    stored = ak.to_numpy(ak.max(store.read(["GenPart"])["GenPart"].pt, axis=1))
    if not np.allclose(stored, hardest, rtol=1e-5):
        raise SystemExit("generate: must give the events of the store. Delete it and start anew.")
    limit = component("processes", {"name": "photon_jet", **parameters}).veto_eta
    return Fate(_outgoing(store) > limit, ~passed)


def kept(fate: Fate) -> list[str]:
    """Shares of the selected events that veto, filter and both keep, as a table."""
    lines = head("of the selected events without either", "keeps")
    for title, lost in (
        ("veto", fate.vetoed),
        ("filter", fate.filtered),
        ("both", fate.vetoed | fate.filtered),
    ):
        low, high = clopper_pearson(int((~lost).sum()), len(lost))
        lines.append(row(title, Interval(float(np.mean(~lost)), float(low), float(high))))
    return [*lines, ""]
