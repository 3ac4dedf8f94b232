"""What a network would have given whose last epoch had been kept, whatever it knows of the mass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from _record import Record, Row
from numpy.typing import NDArray

from hepvision.deploy._scorer import stream_for
from hepvision.deploy.bundle import Bundle, load_bundle
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.correlation import background_correlation
from hepvision.evaluation.roc import auc
from hepvision.events.selection import selected
from hepvision.events.store import Store
from hepvision.training.checkpoints import read_checkpoint

__all__ = ["last_epoch"]

#: How far scores of the same network may lie apart: batches are cut elsewhere.
CLOSE = 5e-3


def last_epoch(
    record: Record, row: Row, stores: Mapping[str, Store], observable: str
) -> dict[str, Any]:
    """AUCs and distance correlations of the last network on the test events, if it is there.

    ValueError if the network that was kept does not give the scores that the row was judged by:
    then these are other events, or another code makes their images.
    """
    folder = record.home / "rows" / row.key / row.entry / str(row.seed)
    files = sorted((folder / "checkpoints").glob("epoch-*.ckpt"))
    state = read_checkpoint(files[-1]) if files else None
    if state is None:
        return {}
    names = [f"score_{key}" for key in stores]
    table = record.predictions(row, 2, *names, observable)
    bundle = load_bundle(folder / "bundle")
    known = np.stack([table[name] for name in names], axis=1)
    if np.nanmax(np.abs(_scores(bundle, stores, table, most=64) - known)) > CLOSE:
        raise ValueError(f"{row.key}: the bundle must give its own scores. Begin the row anew.")
    bundle.model.load_state_dict(state["network"])
    scores = _scores(bundle, stores, table)
    target = np.array([list(stores).index(key) for key in table["sample"]])
    found: dict[str, Any] = {"epoch": state["epoch"], "versus": {}, "distance": {}}
    score = signal_versus(scores, target, 0).score
    for k, key in enumerate(stores):
        name = key if k else "rest"
        against = signal_versus(scores, target, 0, k or "rest")
        found["versus"][name] = auc(against.score, against.is_signal).to_dict()
        rows = np.isin(target, (0, k)) if k else np.full(len(target), True)
        known_of = background_correlation(score[rows], table[observable][rows], target[rows] == 0)
        found["distance"][name] = known_of.distance.to_dict()
    return found


def _scores(
    bundle: Bundle, stores: Mapping[str, Store], table: Mapping[str, Any], most: int | None = None
) -> NDArray[np.float64]:
    """Scores by the rows of the table, NaN but for the first events of each store with ``most``."""
    made = np.full((len(table["sample"]), len(stores)), np.nan)
    for key, store in stores.items():
        mine = np.flatnonzero(table["sample"] == key)
        ids = table["event_id"][mine]  # in rising order
        left = len(mine) if most is None else most
        for events in stream_for(store.path, bundle):
            events, _ = selected(events, bundle.select)
            found = events["event_id"].to_numpy()
            chosen = np.flatnonzero(np.isin(found, ids))[:left]
            if len(chosen):
                where = mine[np.searchsorted(ids, found[chosen])]
                made[where] = bundle.scores(events[chosen], threads=1)
            left -= len(chosen)
            if left == 0:
                break
    return made
