"""The bootstrap is seeded, right in spread, and honest about replicas without a value."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.physics.resampling import bootstrap, bootstrap_interval


def test_same_seed_same_replicas() -> None:
    weight = np.arange(1.0, 50.0)
    first = bootstrap(lambda w: float(w.sum()), weight, 20, seed=3)
    assert np.array_equal(first, bootstrap(lambda w: float(w.sum()), weight, 20, seed=3))
    assert not np.array_equal(first, bootstrap(lambda w: float(w.sum()), weight, 20, seed=4))


def test_spread_of_a_weighted_sum() -> None:
    """The variance of a weighted Poisson sum is the sum of squared weights."""
    weight = np.array([3.0, -1.0, 2.0] * 100)
    sums = bootstrap(lambda w: float(w.sum()), weight, 2000, seed=1)
    assert sums.std() == pytest.approx(np.sqrt((weight**2).sum()), rel=0.06)
    assert sums.mean() == pytest.approx(weight.sum(), abs=4 * sums.std() / np.sqrt(2000))


def test_interval_holds_its_value() -> None:
    interval = bootstrap_interval(2.0, np.linspace(0.0, 1.0, 100))
    assert interval.value == interval.high == 2.0


def test_undefined_replicas_do_not_count() -> None:
    replicas = np.concatenate((np.full(40, np.nan), np.linspace(0, 1, 60)))
    clean = bootstrap_interval(0.5, np.linspace(0, 1, 60))
    assert bootstrap_interval(0.5, replicas) == clean


def test_mostly_undefined_is_refused() -> None:
    with pytest.raises(ValueError, match="must be finite in half of the replicas, got 3 of 10"):
        bootstrap_interval(0.5, [np.nan] * 7 + [0.1, 0.2, 0.3])


def test_one_replica_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 replicas, got 1"):
        bootstrap(lambda w: float(w.sum()), np.ones(3), 1)
