"""The object of each example that a picture or features are made of."""

from typing import Any, Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.events.schema import flat

__all__ = ["Around", "chosen_object", "fields_of_object"]

Around = Literal["Photon", "Electron", "Jet", "FatJet"]
#: Fields that say where an object meets the calorimeter, seen from the centre of the detector.
#: Electrons have the place of their super-cluster in η alone; jets have none of their own.
_PLACE = {
    "Photon": ("superclusterEta", "superclusterPhi"),
    "Electron": ("eta", "phi", "deltaEtaSC"),
    "Jet": ("eta", "phi"),
    "FatJet": ("eta", "phi"),
}


def fields_of_object(around: Around, fields: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Schema fields that ``chosen_object`` reads.

    Parameters
    ----------
    around : str
        A collection.
    fields : tuple of str
        More of its fields.

    Returns
    -------
    tuple of str
        As ``Collection.field``, each once.

    Examples
    --------
    >>> fields_of_object("Photon", ("r9",))[2:]
    ('Photon.superclusterPhi', 'Photon.r9')
    """
    return tuple(f"{around}.{key}" for key in dict.fromkeys(("pt", *_PLACE[around], *fields)))


def chosen_object(
    examples: ak.Array, around: Around, which: int = 0, fields: tuple[str, ...] = ()
) -> tuple[NDArray[np.bool_], dict[str, NDArray[Any]]]:
    """One object an example: that of a rank in pT, or the one that the example is.

    Parameters
    ----------
    examples : ak.Array
        B events, or as many objects of them.
    around : str
        Its collection.
    which : int
        Rank in falling pT of the object of an event; 0 is the leading one. Equal ones stay in
        order. Examples that are objects have no rank.
    fields : tuple of str
        More of its fields.

    Returns
    -------
    there : array of bool, shape (B,)
        Whether the example has it.
    columns : dict of array, shape (B,), GeV, -, rad
        pt, where it meets the calorimeter as eta and phi, and the other fields by their names; 0
        where there is none.

    Raises
    ------
    SchemaError
        The examples are objects of another collection.

    Examples
    --------
    >>> place = {"superclusterEta": 0.1, "superclusterPhi": 0.2}
    >>> events = ak.Array([{"Photon": [{"pt": 9.0, **place}]}, {"Photon": []}])
    >>> there, photon = chosen_object(events, "Photon")
    >>> there.tolist(), photon["eta"].tolist()
    ([True, False], [0.1, 0.0])
    """
    names = [name.partition(".")[2] for name in fields_of_object(around, fields)]
    offsets, columns = flat(examples[around][names])
    counts = np.diff(offsets)
    if "object" in examples.fields:
        rank = ak.to_numpy(examples["object_index"]).astype(np.int64)
        place = offsets[:-1] + rank
        _same_objects(examples, around, rank < counts, place, columns["pt"])
    else:
        event = np.repeat(np.arange(len(counts)), counts)
        order = np.lexsort((-columns["pt"].astype(float), event))
        rank = np.full(len(counts), which, np.int64)
        last = max(len(order) - 1, 0)
        place = order[np.minimum(offsets[:-1] + rank, last)] if len(order) else offsets[:-1]
    there = rank < counts
    found = {key: np.zeros(len(counts), values.dtype) for key, values in columns.items()}
    for key, values in columns.items():
        found[key][there] = values[place[there]]
    eta, phi, *more = (found[key].astype(float) for key in _PLACE[around])
    return there, {**found, "eta": eta + sum(more), "phi": phi}


def _same_objects(
    examples: ak.Array,
    around: Around,
    there: NDArray[np.bool_],
    place: NDArray[np.int64],
    pt: NDArray[Any],
) -> None:
    """Refuse examples that are objects of another collection."""
    same = bool(there.all()) and "pt" in examples["object"].fields
    if not same or (pt[place] != ak.to_numpy(examples["object"].pt)).any():
        raise SchemaError(
            f"representation: reads {around}, got examples of other objects. "
            f"Use per: event or per: {around}."
        )
