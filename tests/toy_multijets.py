"""Events of four to six large jets and random hits: multijet studies at toy size."""

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
        Mean mass of the jets; also the more hits there are, and jets.
    weights : bool
        Give events weights between 0 and 1.
    first_id : int
        Number of the first event.
    """
    rng = np.random.default_rng([seed, 6])
    events = toy_events(number, seed, jets=6, mean=int(mass / 4), first_id=first_id)
    pt = -np.sort(-rng.uniform(210, 600, (number, 6)), axis=1)
    jet = ak.with_field(events.FatJet, ak.from_regular(ak.Array(pt.astype(np.float32))), "pt")
    masses = rng.gamma(4.0, mass / 4.0, (number, 6)).astype(np.float32)
    jet = ak.with_field(jet, ak.from_regular(ak.Array(masses)), "mass")
    there = np.arange(6) < 4 + rng.binomial(2, mass / 300.0, number)[:, None]
    events = ak.with_field(events, jet[ak.from_regular(ak.Array(there))], "FatJet")
    if weights:
        events = ak.with_field(events, rng.uniform(0.01, 1.0, number) ** 3, "weight")
    return events
