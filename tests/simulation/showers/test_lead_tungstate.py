"""The tuned shape stays near the published one and sane at every energy."""

import numpy as np
import pytest

from hepvision.physics.shower_profile import LEAD_TUNGSTATE, mean_alpha, mean_maximum
from hepvision.simulation.showers.lead_tungstate import (
    draw_profile,
    early_share,
    front_loss,
    radial_shape,
)


@pytest.mark.parametrize("energy", [1.0, 10.0, 100.0, 500.0])
def test_tuned_depth_is_close_to_the_published(rng: np.random.Generator, energy: float) -> None:
    drawn = np.array([draw_profile(rng, energy) for _ in range(4000)])
    log_y = np.log(energy / LEAD_TUNGSTATE.critical_energy)
    maximum, alpha = np.exp(np.log(drawn[:, :2]).mean(axis=0))
    assert maximum == pytest.approx(mean_maximum(log_y), abs=0.15)
    assert alpha == pytest.approx(mean_alpha(log_y, LEAD_TUNGSTATE.atomic_number), rel=0.08)
    assert (drawn[:, 2] > 0.0).all()


@pytest.mark.parametrize("energy", [0.005, 0.1, 5.0, 300.0, 5000.0])
def test_radial_shape_is_sane_everywhere(energy: float) -> None:
    rows = np.array([radial_shape(depth, np.log(energy)) for depth in np.linspace(0.0, 12.0, 300)])
    core, halo, tail, in_core, in_tail = rows.T
    assert (rows > 0.0).all()
    assert (core < halo).all()
    assert (tail < 10.0).all()
    assert (in_core + in_tail < 1.0).all()
    late = np.linspace(0.0, 12.0, 300) > 2.0
    assert (np.diff(core) > 0.0)[: late.argmax()].all()
    assert in_core[0] > in_core[late].max()


def test_shape_varies_smoothly_with_energy() -> None:
    """No step between the energies it was tuned at."""
    energies = np.log(np.geomspace(0.2, 1000.0, 200))
    for depth in (0.3, 1.0, 2.5):
        rows = np.log([radial_shape(depth, energy) for energy in energies])
        assert np.abs(np.diff(rows, axis=0)).max() < 0.03


def test_losses_are_small_and_less_at_high_energy(rng: np.random.Generator) -> None:
    soft, hard = ([front_loss(rng, e, 0.0) for _ in range(4000)] for e in (2.0, 50.0))
    assert 0.003 < np.mean(hard) < np.mean(soft) < 0.006
    assert np.std(hard) < 0.5 * np.std(soft)
    assert np.mean([front_loss(rng, 2.0, 4.0) for _ in range(4000)]) < 0.7 * np.mean(soft)
    assert early_share(100.0) < early_share(1.0) <= early_share(0.001) <= 0.3
