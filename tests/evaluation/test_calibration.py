"""Log loss and reliability: right for calibrated predictions, seen where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.evaluation.calibration import log_loss, reliability, weighted_mean


def test_calibrated_predictions_lie_on_the_diagonal(rng: np.random.Generator) -> None:
    chance = rng.random(20_000)
    table = reliability(chance, rng.random(20_000) < chance, level=0.9999)
    for mean, share in zip(table.predicted, table.observed, strict=True):
        assert share.contains(mean)
    assert table.error < 0.02


def test_overconfidence_is_seen(rng: np.random.Generator) -> None:
    chance = rng.random(20_000)
    table = reliability(chance**2, rng.random(20_000) < chance)
    assert table.error > 0.1


def test_weights_change_what_is_observed() -> None:
    table = reliability([0.7] * 4, [1, 1, 0, 0], [3.0, 3.0, 1.0, 1.0], bins=1)
    assert table.observed[0].value == pytest.approx(0.75)
    assert table.error == pytest.approx(0.05)


def test_empty_bins_are_none_and_left_out() -> None:
    table = reliability([0.05, 1.0], [0, 1], bins=10)
    assert table.observed[4] is None
    rows = table.to_dict()["bins"]
    assert [row["from"] for row in rows] == pytest.approx([0.0, 0.9])


@pytest.mark.parametrize("probability", [[-0.1, 0.5], [0.5, 1.2]])
def test_probabilities_are_checked(probability: list[float]) -> None:
    with pytest.raises(ValueError, match=r"probability: must lie in \[0, 1\]"):
        reliability(probability, [0, 1])


def test_log_loss_of_a_coin() -> None:
    result = log_loss(np.full((50, 2), 0.5), np.arange(50) % 2)
    assert result.value == pytest.approx(np.log(2))
    assert result.high - result.low < 1e-12


def test_log_loss_of_certainty_in_the_wrong_is_finite() -> None:
    assert log_loss(np.float32([[1.0, 0.0]]), [1]).value == pytest.approx(
        -np.log(np.finfo(np.float32).eps)
    )


def test_log_loss_refuses() -> None:
    with pytest.raises(ValueError, match="target must lie in 0 to 1, got 0 to 2"):
        log_loss([[0.5, 0.5], [0.5, 0.5]], [0, 2])
    with pytest.raises(ValueError, match=r"needs probabilities \(B, K\)"):
        log_loss([0.5, 0.5], [0, 1])
    with pytest.raises(ValueError, match="must be finite"):
        log_loss([[np.nan, 0.5]], [0])


def test_mean_covers(rng: np.random.Generator) -> None:
    """Also where the weights follow the values: weights exp(x) shift a Gaussian to 1."""
    inside = []
    for _ in range(300):
        values = rng.normal(size=400)
        inside.append(weighted_mean(values, np.exp(0.5 * values)).contains(0.5))
    assert np.mean(inside) == pytest.approx(0.6827, abs=0.09)


def test_mean_with_negative_weights(rng: np.random.Generator) -> None:
    values = rng.normal(size=2000)
    weight = rng.choice([1.0, 1.0, -0.5], 2000)
    assert weighted_mean(values, weight, 0.9973, seed=1).contains(0.0)


def test_bin_that_negative_weights_empty_is_none() -> None:
    """Its share could be anything, and most of its replicas have none."""
    chance = np.array([0.1] * 30 + [0.9] * 30)
    weight = np.concatenate((np.tile([1.0, -0.99], 15), np.ones(30)))
    labels = np.arange(60) % 3 == 0
    table = reliability(chance, labels, weight, bins=2)
    assert table.observed[0] is None
    assert table.observed[1] is not None
