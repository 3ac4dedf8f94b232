"""Toy events for the tests of this folder."""

import numpy as np
import pytest

from hepvision.events.schema import build, from_columns


@pytest.fixture
def toy(rng):
    """600 events with hits and photons, no physics in them."""
    events = 600
    offsets = np.concatenate([[0], np.cumsum(rng.poisson(3, events))])
    many = offsets[-1]
    hits = from_columns(
        offsets,
        {
            "ieta": rng.integers(1, 86, many),
            "iphi": rng.integers(1, 361, many),
            "energy": rng.normal(size=many),
            "time": rng.normal(size=many),
        },
        "EcalBarrelHit",
    )
    pt = np.sort(rng.exponential(40, many))[::-1]
    photons = from_columns(
        offsets,
        {
            "pt": pt,
            "eta": rng.uniform(-2, 2, many),
            "phi": rng.uniform(-np.pi, np.pi, many),
            "mass": np.zeros(many),
        },
        "Photon",
    )
    one = np.ones(events)
    scalars = {"event_id": np.arange(events), "sample": "toy", "weight": rng.random(events)}
    scalars |= {"run": one, "luminosityBlock": one, "event": one, "pileup": one}
    return build(scalars, {"EcalBarrelHit": hits, "Photon": photons})
