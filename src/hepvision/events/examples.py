"""Examples: one row of a study, an event or one of its objects."""

import awkward as ak
import numpy as np

from hepvision.core.errors import UnknownNameError
from hepvision.core.names import hint

__all__ = ["examples", "of_sample"]


def examples(events: ak.Array, per: str = "event") -> ak.Array:
    """One row an event, or one an object.

    Parameters
    ----------
    events : ak.Array
        B events.
    per : str
        ``event``, or a collection: ``Photon``, ``FatJet`` …

    Returns
    -------
    ak.Array
        Rows with all fields of their event, ``object_index`` (0 for events) and, for objects,
        the object itself as ``object``.

    Raises
    ------
    UnknownNameError
        The events have no such collection.

    Examples
    --------
    >>> events = ak.Array([{"event_id": 7, "Photon": [{"pt": 30.0}, {"pt": 20.0}]}])
    >>> rows = examples(events, per="Photon")
    >>> rows.event_id.tolist(), rows.object_index.tolist(), rows.object.pt.tolist()
    ([7, 7], [0, 1], [30.0, 20.0])
    """
    if per == "event":
        return ak.with_field(events, np.zeros(len(events), np.int32), "object_index")
    if per not in events.fields or not events[per].fields:
        raise UnknownNameError(f"per: no collection {per!r}. {hint(per, events.fields)}")
    counts = ak.to_numpy(ak.num(events[per], axis=1))
    rows = events[np.repeat(np.arange(len(events)), counts)]
    index = ak.to_numpy(ak.flatten(ak.local_index(events[per], axis=1))).astype(np.int32)
    rows = ak.with_field(rows, index, "object_index")
    return ak.with_field(rows, ak.flatten(events[per], axis=1), "object")


def of_sample(events: ak.Array, name: str) -> ak.Array:
    """The same events or examples, as those of a sample.

    Parameters
    ----------
    events : ak.Array
        B events.
    name : str
        What they are called from now on.

    Returns
    -------
    ak.Array
        With this ``sample``.

    Examples
    --------
    >>> of_sample(ak.Array([{"sample": "data"}, {"sample": "data"}]), "top").sample.tolist()
    ['top', 'top']
    """
    layout = ak.Array([name]).layout
    index = ak.index.Index64(np.zeros(len(events), np.int64))
    return ak.with_field(events, ak.Array(ak.contents.IndexedArray(index, layout)), "sample")
