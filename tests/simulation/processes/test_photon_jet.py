"""Photon and jet: the filter's clusters, and what veto and filter cost."""

import numpy as np
import pytest

from hepvision.simulation.processes._clusters import two_clusters
from hepvision.simulation.processes.photon_jet import PhotonJet


def event(*rows):
    """Particles (pdgId, pt, eta, phi) of one event."""
    kind, pt, eta, phi = (np.array(column) for column in zip(*rows, strict=True))
    momenta = {"px": pt * np.cos(phi), "py": pt * np.sin(phi), "pz": pt * np.sinh(eta)}
    return np.array([0, len(kind)]), {"pdgId": kind, **momenta}


CUTS = {"et_min": 20.0, "eta_max": 1.5, "mass_min": 80.0}


@pytest.mark.parametrize(
    ("rows", "passes"),
    [
        (((22, 60.0, 0.0, 0.0), (22, 60.0, 0.0, 3.0)), True),
        (((22, 60.0, 0.0, 0.0), (211, 60.0, 0.0, 3.0)), False),
        (((22, 60.0, 0.0, 0.0), (22, 15.0, 0.0, 3.0), (-11, 45.0, 0.03, 3.02)), True),
        (((22, 60.0, 0.0, 0.0), (22, 12.0, 0.0, 3.0), (22, 12.0, 0.3, 3.0)), False),
        (((22, 60.0, 0.0, 0.0), (22, 60.0, 1.6, 3.0)), False),
        (((22, 60.0, 0.0, 0.0), (22, 60.0, 0.5, 0.5)), False),
        # across ±π a cluster is whole
        (((22, 60.0, 0.0, 0.0), (22, 35.0, 0.0, 3.13), (22, 12.0, 0.0, -3.13)), True),
    ],
)
def test_two_clusters(rows, passes):
    assert two_clusters(*event(*rows), **CUTS).tolist() == [passes]


def test_events_are_judged_one_by_one():
    good = ((22, 60.0, 0.0, 0.0), (22, 60.0, 0.0, 3.0))
    rows = (*good, (22, 60.0, 0.0, 0.0), *good)
    _, particles = event(*rows)
    offsets = np.array([0, 2, 2, 3, 5])
    assert two_clusters(offsets, particles, **CUTS).tolist() == [True, False, False, True]


def test_no_events_and_no_photons():
    _, particles = event((211, 5.0, 0.0, 0.0))
    assert two_clusters(np.array([0, 1]), particles, **CUTS).tolist() == [False]


def test_switches():
    assert PhotonJet(filter=False).accepts(np.array([0, 0, 0]), {}).tolist() == [True, True]
    assert PhotonJet(veto=False).hooks() is None
