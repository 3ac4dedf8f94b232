"""Numbers of an event that studies divide by, plot and decorrelate from."""

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.events.selection import evaluate

__all__ = ["OBSERVABLES", "observable"]

#: Name: the expression that gives it. Any other expression may stand where a name may.
OBSERVABLES = {
    "diphoton_mass": "(Photon[:, 0] + Photon[:, 1]).mass",
    "diphoton_pt": "(Photon[:, 0] + Photon[:, 1]).pt",
    "leading_photon_pt": "Photon[:, 0].pt",
    "jet_mass": "Jet[:, 0].mass",
    "jet_pt": "Jet[:, 0].pt",
    "fatjet_mass": "FatJet[:, 0].mass",
    "fatjet_pt": "FatJet[:, 0].pt",
    "ht": "sum(Jet.pt)",
    "met_pt": "sum(MET.pt)",
    "sum_of_masses": "sum(FatJet[:, :4].mass)",
    "pileup": "pileup",
}


def observable(name: str, events: ak.Array) -> NDArray[np.float64]:
    """Value of a named observable, or of an expression, for each event.

    Parameters
    ----------
    name : str
        A key of ``OBSERVABLES``, or an expression.
    events : ak.Array
        Events that have the objects it needs.

    Returns
    -------
    array, shape (B,)
        In GeV, rad or mm.

    Raises
    ------
    SchemaError
        The expression does not give one number an event, or one is not finite.

    Examples
    --------
    >>> observable("2 * weight", ak.Array([{"weight": 1.5}])).tolist()
    [3.0]
    """
    value = np.asarray(ak.to_numpy(evaluate(OBSERVABLES.get(name, name), events)), np.float64)
    if value.shape != (len(events),):
        raise SchemaError(
            f"observable {name!r}: must be one number an event, got shape {value.shape}."
        )
    bad = np.flatnonzero(~np.isfinite(value))
    if bad.size:
        raise SchemaError(
            f"observable {name!r}: must be finite, got {value[bad[0]]} for {bad.size:,} of "
            f"{len(events):,} events, the first at {bad[0]:,}. Select the events that have it."
        )
    return value
