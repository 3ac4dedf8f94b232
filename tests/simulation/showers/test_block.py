"""The block of crystals: nothing is lost, quantities mean what they say."""

import numpy as np
import pytest

from hepvision.simulation.showers.block import RADIAL_EDGES, SLABS, measure, quantities


def test_shares_add_up(rng: np.random.Generator) -> None:
    block = measure(rng, 10.0, True, 100)
    assert block.energy.shape == (100, 5, 5)
    assert block.radial.shape == (len(SLABS), len(RADIAL_EDGES) - 1)
    assert block.radial.sum(axis=1) == pytest.approx(1.0)
    assert 0.99 < block.longitudinal.sum() <= 1.0
    assert (block.energy.sum(axis=(1, 2)) / 10.0 < block.contained + 1e-6).all()
    assert (np.abs(block.impact) <= 1.1).all()


def test_quantities_of_a_known_array() -> None:
    cells = np.zeros((2, 5, 5))
    cells[:, 2, 2], cells[0, 3, 2], cells[1, 2, 4] = 6.0, 2.0, 2.0
    found = quantities(cells, np.array([[0.5, 0.0], [0.0, 0.0]]), 16.0)
    assert found["E1_over_E25"] == pytest.approx(0.75)
    assert found["E9_over_E25"] == pytest.approx([1.0, 0.75])
    assert found["E25_over_E"] == pytest.approx(0.5)
    assert found["E1_over_E25_impact_within_3mm_of_centre"] == pytest.approx([0.75])
    weights = 4.7 + np.log([0.75, 0.25])
    mean = weights[1] / weights.sum()
    residual = found["log_weight_position_residual_mm"]
    assert residual == pytest.approx([5.0 - 22.0 * mean, 0.0])
    width = found["log_weighted_width_crystals"]
    assert width == pytest.approx([np.sqrt(mean - mean**2), 0.0])


@pytest.mark.parametrize(("energy", "showers"), [(0.0, 5), (float("nan"), 5), (3.0, 0)])
def test_nonsense_is_refused(rng: np.random.Generator, energy: float, showers: int) -> None:
    with pytest.raises(ValueError, match="got"):
        measure(rng, energy, False, showers)


def test_energies_between_and_beyond_the_tuned_ones_are_in_line() -> None:
    """From 1 to 200 GeV containment and lateral shape hardly move, the depth grows steadily."""
    depths = []
    for energy in (1.0, 5.0, 20.0, 100.0, 200.0):
        block = measure(np.random.default_rng(2), energy, False, 400)
        found = quantities(block.energy, block.impact, energy)
        assert found["E9_over_E25"].mean() == pytest.approx(0.9605, abs=0.003), energy
        assert found["E25_over_E"].mean() == pytest.approx(0.971, abs=0.006), energy
        assert found["log_weighted_width_crystals"].mean() == pytest.approx(0.55, abs=0.03)
        depths.append(block.mean_depth.mean())
    slopes = np.diff(depths) / np.diff(np.log([1.0, 5.0, 20.0, 100.0, 200.0]))
    assert slopes == pytest.approx(0.97, abs=0.15)
