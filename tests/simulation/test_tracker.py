"""Tracks: efficiency, resolution and place."""

import math

import numpy as np
import pytest

from hepvision.simulation._kinds import ELECTRON, HADRON, MUON
from hepvision.simulation.tracker import COLUMNS, efficiency, measure, relative_resolution


def tracks(
    rng: np.random.Generator, kind: int, pt: float, eta: float, charge: float = 1.0, n: int = 4000
) -> dict[str, np.ndarray]:
    out, found = np.zeros(8), []
    for _ in range(n):
        momentum = (pt * math.cos(0.4), pt * math.sin(0.4), pt * math.sinh(eta))
        if measure(rng, kind, (0.0, 0.0, 25.0), momentum, charge, out):
            found.append(out.copy())
    return dict(zip(COLUMNS, np.array(found).reshape(-1, 8).T, strict=True))


def width(values: np.ndarray) -> float:
    low, high = np.percentile(values, [15.87, 84.13])
    return float(0.5 * (high - low))


def test_efficiency_of_pions_and_muons() -> None:
    pions = [efficiency(HADRON, 5.0, eta, 0.0) for eta in np.linspace(0, 2.49, 20)]
    assert max(pions) == pytest.approx(0.95) and min(pions) == pytest.approx(0.85, abs=0.001)
    assert efficiency(MUON, 5.0, 1.0, 0.0) == pytest.approx(0.99)
    assert efficiency(HADRON, 5.0, 2.6, 0.0) == 0.0


def test_far_conversions_leave_no_track() -> None:
    near, far = (efficiency(ELECTRON, 5.0, 0.0, birth) for birth in (50.0, 300.0))
    assert near > 0.7 > 0.1 > far


def test_measured_efficiency(rng: np.random.Generator) -> None:
    found = len(tracks(rng, HADRON, 2.0, 2.0)["pt"])
    expected = 4000 * efficiency(HADRON, 2.0, 2.0, 0.0)
    assert abs(found - expected) < 4 * math.sqrt(expected)


@pytest.mark.parametrize("pt", [2.0, 10.0, 100.0])
@pytest.mark.parametrize("eta", [0.0, 2.2])
def test_momentum_resolution(rng: np.random.Generator, pt: float, eta: float) -> None:
    found = tracks(rng, MUON, pt, eta)
    assert found["pt"].mean() == pytest.approx(pt, rel=0.005)
    assert width(found["pt"] / pt) == pytest.approx(relative_resolution(pt, eta), rel=0.08)


def test_resolution_is_that_of_the_barrel() -> None:
    assert relative_resolution(3.0, 0.0) == pytest.approx(0.007, rel=0.03)
    assert 0.015 <= relative_resolution(100.0, 0.0) <= 0.02
    assert relative_resolution(100.0, 2.4) > 2 * relative_resolution(100.0, 0.0)


def test_origin_and_direction(rng: np.random.Generator) -> None:
    found = tracks(rng, MUON, 20.0, 1.0)
    assert np.median(found["dz"]) == pytest.approx(25.0, abs=0.01)
    assert np.median(found["phi"]) == pytest.approx(0.4, abs=1e-4)
    assert np.median(found["eta"]) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("charge", [-1.0, 1.0])
def test_place_on_the_calorimeter_is_bent(rng: np.random.Generator, charge: float) -> None:
    """A positive particle bends to lower azimuth, by asin(r / 2R)."""
    found = tracks(rng, MUON, 3.0, 0.0, charge)
    bend = math.asin(1290.0 / (2 * 3.0 * 1000.0 / (0.299792458 * 3.8)))
    shift = np.median(found["phiEcal"] - found["phi"])
    assert shift == pytest.approx(-charge * bend, rel=1e-3)


def test_curlers_keep_their_direction(rng: np.random.Generator) -> None:
    found = tracks(rng, MUON, 0.5, 0.0)
    np.testing.assert_array_equal(found["etaEcal"], found["eta"])
    np.testing.assert_array_equal(found["phiEcal"], found["phi"])
