"""Energy flow: nothing is counted twice, pile-up's tracks take their energy with them."""

import awkward as ak
import numpy as np
import pytest

from hepvision.reconstruction._flow_kernel import expected
from hepvision.reconstruction.energy_flow import (
    CHARGED,
    ELECTRON,
    MUON,
    NEUTRAL,
    PHOTON,
    energy_flow,
)
from made_up_detector import event_of, shower


def hadron(pt: float, eta: float = 0.3, phi: float = 1.0, **more: float) -> dict[str, float]:
    return {"pt": pt, "eta": eta, "phi": phi, "charge": 1, **more}


def test_a_photon_and_a_tower_keep_energy_and_direction():
    found = energy_flow(event_of(shower(0.3, 1.0, 40.0), [(-1.0, -2.0, 30.0)]))
    assert sorted(found.kind.tolist()) == [PHOTON, NEUTRAL]
    photon = found.kind == PHOTON
    energy = found.momenta()[:, 3]
    assert energy[photon][0] == pytest.approx(40.0, rel=1e-6)
    assert energy[~photon][0] == pytest.approx(30.0, rel=1e-6)
    assert found.eta[photon][0] == pytest.approx(0.3, abs=0.02)
    assert found.phi[photon][0] == pytest.approx(1.0, abs=0.02)


def test_a_hadron_is_its_track_alone():
    """What it leaves in the calorimeters is explained, fluctuations upwards of half a width too."""
    seen = expected(CHARGED, 30.0 * np.cosh(0.3))
    event = event_of(shower(0.3, 1.0, 0.4 * seen), [(0.3, 1.0, 0.6 * seen)], [hadron(30.0)])
    found = energy_flow(event)
    assert found.kind.tolist() == [CHARGED]
    assert found.pt[0] == pytest.approx(30.0)
    assert found.track.tolist() == [0]


def test_energy_far_beyond_the_tracks_is_neutral():
    event = event_of(shower(0.3, 1.0, 20.0), [(0.3, 1.0, 90.0)], [hadron(30.0)])
    found = energy_flow(event)
    total = found.momenta()[:, 3].sum()
    track = np.hypot(30.0 * np.cosh(0.3), 0.13957)
    left = 110.0 - expected(CHARGED, 30.0 * np.cosh(0.3))
    assert total == pytest.approx(track + left, rel=1e-6)


def test_pile_up_takes_its_energy_with_it():
    event = event_of([], [(0.3, 1.0, 20.0)], [hadron(30.0, vertexIdx=2)])
    found = energy_flow(event)
    assert len(found.pt) == 0


def test_tracks_of_no_vertex_explain_nothing():
    event = event_of(shower(0.3, 1.0, 30.0), [], [hadron(29.0, vertexIdx=-1)])
    assert energy_flow(event).kind.tolist() == [PHOTON]


def test_an_electron_explains_what_it_radiates():
    """Crystals 0.2 rad away in φ belong to an electron's track, and not to a hadron's."""
    crystals = [*shower(0.3, 1.0, 30.0), *shower(0.3, 1.2, 9.0)]
    event = event_of(crystals, [], [hadron(40.0)])
    assert len(energy_flow(event, np.array([ELECTRON], np.int8)).pt) == 1
    assert len(energy_flow(event).pt) == 2


def test_a_muon_explains_little():
    event = event_of([], [(0.3, 1.0, 30.0)], [hadron(40.0)])
    found = energy_flow(event, np.array([MUON], np.int8))
    assert sorted(found.kind.tolist()) == [MUON, NEUTRAL]
    assert found.momenta()[found.kind == NEUTRAL, 3][0] == pytest.approx(26.0)


def test_noise_is_left_out():
    event = event_of([(0.5, 0.5, 0.12)] * 3, [(1.0, 2.0, 0.5)])
    assert len(energy_flow(event).pt) == 0


def test_forward_towers_are_candidates():
    event = event_of(forward=[{"eta": 4.0, "phi": 1.0, "energy": 100.0}])
    found = energy_flow(event)
    assert found.kind.tolist() == [NEUTRAL]
    assert found.pt[0] == pytest.approx(100.0 / np.cosh(4.0), rel=1e-5)


def test_phi_has_no_seam_and_wide_towers_have_their_track():
    """Towers of 10° beyond |η| = 1.74 and the seam at ±π: hadrons are explained everywhere."""
    for eta in (0.02, 1.1, 1.70, 1.80, -2.2, 2.9):
        for phi in (-np.pi + 0.001, 0.0, np.pi - 0.001):
            seen = 0.9 * expected(CHARGED, 40.0 * np.cosh(eta))
            event = event_of([], [(eta, phi, seen)], [hadron(40.0, eta, phi)])
            assert energy_flow(event).kind.tolist() == [CHARGED], (eta, phi)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_track_in_a_wide_tower_explains_both_narrow_ones_beside_it(side):
    """Towers of 10° lie beside two of 5°: a shower on the edge leaks into either."""
    for phi in np.deg2rad(np.arange(-177.5, 180.0, 5.0)):
        event = event_of([], [(1.70 * side, phi, 20.0)], [hadron(30.0, 1.76 * side, phi)])
        assert energy_flow(event).kind.tolist() == [CHARGED], phi


def test_pile_up_density_is_what_is_spread_evenly():
    rng = np.random.default_rng(1)
    cells = [
        (eta, phi, 2.0 * np.cosh(eta))
        for eta in np.linspace(-2.4, 2.4, 49)
        for phi in rng.uniform(-np.pi, np.pi, 30)
    ]
    found = energy_flow(event_of([], cells))
    assert found.density[0] == pytest.approx(found.pt.sum() / (4.9 * 2 * np.pi), rel=0.25)


def test_empty_events_and_events_without_collections():
    events = ak.concatenate([event_of(), event_of(shower(0.3, 1.0, 30.0))])
    assert np.diff(energy_flow(events).offsets).tolist() == [0, 1]
    assert energy_flow(ak.Array([{"weight": 1.0}])).offsets.tolist() == [0, 0]
