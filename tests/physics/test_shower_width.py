"""Published shower shape around the axis: its core, its tail, the Molière radius."""

import numba
import numpy as np
import pytest

from hepvision.physics.shower_profile import (
    LEAD_TUNGSTATE,
    longitudinal_profile,
    mean_alpha,
    mean_maximum,
)
from hepvision.physics.shower_width import (
    core_radius,
    core_weight,
    radial_containment,
    spot_count,
    tail_radius,
)

Z = LEAD_TUNGSTATE.atomic_number


def test_half_lies_within_the_median_radius_and_all_within_a_large_one() -> None:
    assert radial_containment(0.3, 0.3, 0.3, 0.4) == pytest.approx(0.5)
    assert radial_containment(1e4, 0.3, 2.0, 0.4) == pytest.approx(1.0, abs=1e-6)
    radius = np.linspace(0.0, 20.0, 400)
    assert (np.diff(radial_containment(radius, 0.2, 1.1, 0.8)) > 0.0).all()


@pytest.mark.parametrize("energy", [2.0, 10.0, 50.0])
def test_nine_tenths_lie_within_a_moliere_radius(energy: float) -> None:
    """That is what the radius is defined by, to the precision of the parametrisation."""
    log_y = float(np.log(energy / LEAD_TUNGSTATE.critical_energy))
    maximum, alpha = mean_maximum(log_y), mean_alpha(log_y, Z)
    depth = np.linspace(0.05, 25.8, 500)
    tau, log_energy = depth / maximum, np.log(energy)
    weight = longitudinal_profile(depth, maximum, alpha)
    inside = radial_containment(
        np.ones_like(depth),
        core_radius(tau, log_energy, Z),
        tail_radius(tau, log_energy, Z),
        core_weight(tau, log_energy, Z),
    )
    assert (weight * inside).sum() / weight.sum() == pytest.approx(0.9, abs=0.03)


def test_core_is_narrower_than_tail_and_never_more_than_all() -> None:
    tau = np.linspace(0.01, 4.0, 200)
    for log_energy in (0.0, 2.3, 4.6):
        core, tail = core_radius(tau, log_energy, Z), tail_radius(tau, log_energy, Z)
        weight = core_weight(tau, log_energy, Z)
        assert (core < tail).all()
        assert (core > 0.0).all()
        assert ((weight > 0.0) & (weight < 1.0)).all()


def test_spots_grow_slower_than_the_energy() -> None:
    assert spot_count(1.0, Z) == pytest.approx(93.0 * np.log(Z))
    assert spot_count(20.0, Z) < 2.0 * spot_count(10.0, Z)


def test_the_same_numbers_within_a_kernel() -> None:
    @numba.njit
    def inside(tau: float) -> float:
        return tail_radius(tau, 1.0, 68.4) + core_weight(tau, 1.0, 68.4)

    tau = np.array([0.4, 1.3])
    outside = tail_radius(tau, 1.0, 68.4) + core_weight(tau, 1.0, 68.4)
    assert [inside(value) for value in tau] == pytest.approx(outside)
