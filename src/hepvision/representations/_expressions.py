"""Observables that images are divided by, for events that may lack the objects."""

import re

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.observables import OBSERVABLES, observable
from hepvision.events.schema import FIELDS
from hepvision.events.selection import names_in

__all__ = ["fields_of", "value_where_possible"]

_INDEX = re.compile(r"(\w+)\[:, *(\d+)\]")
_ATTRIBUTE = re.compile(r"\.(\w+)")


def fields_of(name: str) -> tuple[str, ...]:
    """Schema fields that an observable reads.

    Parameters
    ----------
    name : str
        A named observable, or an expression.

    Returns
    -------
    tuple of str
        As ``Collection.field``, or names of scalars.

    Examples
    --------
    >>> fields_of("diphoton_mass")
    ('Photon.pt', 'Photon.eta', 'Photon.phi', 'Photon.mass')
    """
    expression = OBSERVABLES.get(name, name)
    attributes = _ATTRIBUTE.findall(expression)
    found = []
    for one in names_in(expression):
        fields = FIELDS.get(one)
        if fields is None:
            found.append(one)
            continue
        vector = [key for key in ("pt", "eta", "phi", "mass") if key in fields]
        wanted = [*vector, *(key for key in attributes if key in fields and key not in vector)]
        found += [f"{one}.{key}" for key in wanted]
    return tuple(found)


def value_where_possible(name: str, events: ak.Array) -> NDArray[np.float64]:
    """An observable, NaN for events that have too few objects for it.

    Parameters
    ----------
    name : str
        A named observable, or an expression.
    events : ak.Array
        B events.

    Returns
    -------
    array, shape (B,)
        In GeV, rad or mm.

    Examples
    --------
    >>> value_where_possible("Photon[:, 0].pt", ak.Array([{"Photon": [{"pt": 3.0}]}])).tolist()
    [3.0]
    """
    enough = np.ones(len(events), bool)
    for collection, index in _INDEX.findall(OBSERVABLES.get(name, name)):
        enough &= ak.to_numpy(ak.num(events[collection], axis=1)) > int(index)
    value = np.full(len(events), np.nan)
    if enough.any():
        value[enough] = observable(name, events[enough])
    return value
