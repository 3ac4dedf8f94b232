"""Electrons: a cluster with its track; photons, pions and conversions are none that are tight."""

import awkward as ak
import numpy as np
import pytest

from hepvision.reconstruction.electrons import electrons
from made_up_detector import event_of, shower

ETA, PHI, _ = shower(0.305, 1.0, 1.0)[4]  # the crystal in the middle
TRACK = {"pt": 38.0, "eta": 0.31, "phi": 0.95, "charge": -1, "etaEcal": ETA, "phiEcal": PHI}


def found(energy: float = 42.0, towers=(), **track: float):
    return electrons(event_of(shower(ETA, PHI, energy), towers, [{**TRACK, **track}]))


def test_energy_is_the_clusters_and_direction_the_tracks():
    one = found()
    assert one["tightId"].tolist() == [True]
    assert one["eta"][0] == pytest.approx(0.31)
    assert one["phi"][0] == pytest.approx(0.95)
    assert one["charge"][0] == -1
    assert one["pt"][0] == pytest.approx(42.0 / np.cosh(0.31), rel=0.05)
    assert one["deltaEtaSC"][0] == pytest.approx(ETA - 0.31, abs=0.002)


def test_a_photon_is_no_electron():
    assert len(electrons(event_of(shower(ETA, PHI, 40.0)))["pt"]) == 0
    assert len(found(phiEcal=1.3)["pt"]) == 0


@pytest.mark.parametrize(
    "other", [{"pt": 90.0}, {"pt": 20.0}, {"etaEcal": ETA + 0.01}, {"towers": [(ETA, PHI, 9.0)]}]
)
def test_what_a_hadron_would_leave_is_not_tight(other):
    one = found(**other)
    assert one["tightId"].tolist() == [False]


@pytest.mark.parametrize("far", [{"dxy": 1.0}, {"dz": 9.0}])
def test_conversions_and_pile_up_are_left_out(far):
    assert len(found(**far)["pt"]) == 0


def test_a_track_belongs_to_one_cluster():
    crystals = [*shower(ETA, PHI, 42.0), *shower(ETA, PHI + 0.08, 20.0)]
    one = electrons(event_of(crystals, [], [TRACK]))
    assert len(one["track"]) == len(set(one["track"].tolist())) == 1


def test_events_without_tracks_or_hits():
    assert len(electrons(ak.concatenate([event_of(), event_of()]))["pt"]) == 0
    assert len(electrons(ak.Array([{"weight": 1.0}]))["pt"]) == 0
