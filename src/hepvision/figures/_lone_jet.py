"""Whether an event is one published jet and nothing else."""

from __future__ import annotations

import numpy as np

from hepvision.figures._event import Event
from hepvision.figures._traces import wrapped

__all__ = ["lone_jet"]

FAR = 2.0
"""Particles beyond this distance from the axis are no constituents of one jet."""
OTHERS = ("Track", "Tower", "EcalBarrelHit", "HcalHit", "Electron", "Muon", "Photon", "MET")


def lone_jet(event: Event) -> str | None:
    """The collection that holds the only jet of an event which is nothing but that jet.

    Parameters
    ----------
    event : Event
        Any event.

    Returns
    -------
    str or None
        "Jet" or "FatJet"; None for an event with more, or with particles far from the jet.

    Examples
    --------
    >>> one = {key: np.array([0.5]) for key in ("pt", "eta", "phi")}
    >>> lone_jet(Event({}, {"FatJet": one, "Particle": one})), lone_jet(Event({}, {"Jet": one}))
    ('FatJet', None)
    """
    found = [name for name in ("Jet", "FatJet") if event.count(name)]
    if len(found) != 1 or event.count(found[0]) != 1 or any(map(event.count, OTHERS)):
        return None
    jet, inside = (event.columns(name, "pt", "eta", "phi") for name in (found[0], "Particle"))
    if not jet or not inside:
        return None
    apart = np.hypot(inside["eta"] - jet["eta"], wrapped(inside["phi"] - jet["phi"]))
    return found[0] if bool((apart < FAR).all()) else None
