"""Events of five large jets and random hits: multijet studies at toy size."""

from __future__ import annotations

import awkward as ak
import numpy as np

from toy_events import toy_events

__all__ = ["multijets"]


def multijets(
    number: int, seed: int, mass: float, *, weights: bool = False, first_id: int = 0
) -> ak.Array:
    """Events that pass the preselection of multijet studies.

    Parameters
    ----------
    number, seed : int
        How many, and from which random stream.
    mass : float
        Mean mass of the jets; also the more hits there are.
    weights : bool
        Give events weights between 0 and 1.
    first_id : int
        Number of the first event.
    """
    rng = np.random.default_rng([seed, 6])
    events = toy_events(number, seed, jets=5, mean=int(mass / 4), first_id=first_id)
    pt = -np.sort(-rng.uniform(210, 600, (number, 5)), axis=1)
    jet = ak.with_field(events.FatJet, ak.from_regular(ak.Array(pt.astype(np.float32))), "pt")
    masses = rng.gamma(4.0, mass / 4.0, (number, 5)).astype(np.float32)
    jet = ak.with_field(jet, ak.from_regular(ak.Array(masses)), "mass")
    events = ak.with_field(events, jet, "FatJet")
    if weights:
        events = ak.with_field(events, rng.uniform(0.01, 1.0, number) ** 3, "weight")
    return events
