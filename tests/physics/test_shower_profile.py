"""Published shower shape along the axis: its integrals and its maximum."""

import numpy as np
import pytest
from scipy.integrate import quad

from hepvision.physics.shower_profile import (
    LEAD_TUNGSTATE,
    contained_fraction,
    depth_fluctuation,
    longitudinal_profile,
    mean_alpha,
    mean_maximum,
)

Z = LEAD_TUNGSTATE.atomic_number


def log_y(energy: float) -> float:
    return float(np.log(energy / LEAD_TUNGSTATE.critical_energy))


@pytest.mark.parametrize("energy", [1.0, 10.0, 100.0])
def test_profile_holds_the_energy_and_peaks_at_its_maximum(energy: float) -> None:
    maximum, alpha = mean_maximum(log_y(energy)), mean_alpha(log_y(energy), Z)
    integral, _ = quad(lambda t: float(longitudinal_profile(t, maximum, alpha)), 0.0, 200.0)
    assert integral == pytest.approx(1.0, abs=1e-6)
    depth = np.linspace(0.0, 40.0, 40_001)
    profile = longitudinal_profile(depth, maximum, alpha)
    assert depth[profile.argmax()] == pytest.approx(maximum, abs=2e-3)
    assert longitudinal_profile(-1.0, maximum, alpha) == 0.0


def test_contained_fraction_is_the_integral_of_the_profile() -> None:
    for depth in (3.0, 10.0, 25.8):
        integral, _ = quad(lambda t: float(longitudinal_profile(t, 6.2, 4.3)), 0.0, depth)
        assert contained_fraction(depth, 6.2, 4.3) == pytest.approx(integral, abs=1e-9)
    assert contained_fraction(-2.0, 6.2, 4.3) == 0.0


def test_maximum_moves_by_one_radiation_length_an_e_fold() -> None:
    assert mean_maximum(log_y(np.e)) - mean_maximum(log_y(1.0)) == pytest.approx(1.0)


def test_harder_showers_fluctuate_less() -> None:
    soft, hard = depth_fluctuation(log_y(2.0)), depth_fluctuation(log_y(100.0))
    assert soft[0] > hard[0] > 0.0
    assert soft[1] > hard[1] > 0.0
    assert 0.0 < hard[2] < soft[2] < 1.0


@pytest.mark.parametrize(("maximum", "alpha"), [(5.0, 1.0), (0.0, 3.0)])
def test_impossible_shapes_are_refused(maximum: float, alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must be above 1"):
        longitudinal_profile(2.0, maximum, alpha)
