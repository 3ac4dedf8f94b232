"""Two classifiers on the same events: correlation makes the difference sharper."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.evaluation.paired import paired_auc, paired_bootstrap
from hepvision.evaluation.roc import auc
from hepvision.physics.intervals import LEVEL


def toy(
    rng: np.random.Generator, size: int = 600
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    labels = np.arange(size) % 2 == 0
    first = rng.normal(size=size) + labels
    return first, first + rng.normal(size=size), labels, rng.exponential(size=size)


def test_exchange_turns_the_sign(rng: np.random.Generator) -> None:
    first, second, labels, weight = toy(rng)
    there, back = (
        paired_auc(first, second, labels, weight),
        paired_auc(second, first, labels, weight),
    )
    assert there.difference.value == pytest.approx(-back.difference.value)
    assert there.difference.low == pytest.approx(-back.difference.high)
    assert there.p_value == pytest.approx(back.p_value)


def test_parts_are_the_single_aucs(rng: np.random.Generator) -> None:
    first, second, labels, weight = toy(rng)
    pair = paired_auc(first, second, labels, weight)
    assert pair.first == auc(first, labels, weight)
    assert pair.second == auc(second, labels, weight)
    assert pair.difference.value == pytest.approx(pair.first.value - pair.second.value)


def test_correlation_sharpens(rng: np.random.Generator) -> None:
    first, second, labels, _ = toy(rng, 4000)
    pair = paired_auc(first, second, labels)
    widths = [i.high - i.low for i in (pair.first, pair.second, pair.difference)]
    assert 0.5 < pair.correlation < 0.9
    expected = widths[0] ** 2 + widths[1] ** 2 - 2 * pair.correlation * widths[0] * widths[1]
    assert widths[2] ** 2 == pytest.approx(expected, rel=0.02)
    assert widths[2] < np.hypot(widths[0], widths[1])


def test_bootstrap_agrees_with_delong(rng: np.random.Generator) -> None:
    first, second, labels, weight = toy(rng, 2000)
    for weights in (None, weight):
        exact = paired_auc(first, second, labels, weights).difference
        drawn = paired_bootstrap(first, second, labels, weights, replicas=400, seed=1)
        assert drawn.value == pytest.approx(exact.value)
        assert drawn.high - drawn.low == pytest.approx(exact.high - exact.low, rel=0.2)


def test_interval_covers_and_p_value_is_flat(rng: np.random.Generator) -> None:
    """Two equally good classifiers with independent noise."""
    labels = np.arange(300) % 2 == 0
    inside, chances = [], []
    for _ in range(300):
        core = rng.normal(size=300) + labels
        pair = paired_auc(core + rng.normal(size=300), core + rng.normal(size=300), labels)
        inside.append(pair.difference.contains(0.0))
        chances.append(pair.p_value)
    assert np.mean(inside) == pytest.approx(LEVEL, abs=0.09)
    assert np.mean(np.array(chances) < 0.1) == pytest.approx(0.1, abs=0.06)


def test_same_classifier_does_not_differ(rng: np.random.Generator) -> None:
    first, _, labels, _ = toy(rng)
    pair = paired_auc(first, 3 * first + 1, labels)
    assert (pair.difference.value, pair.difference.low, pair.p_value) == (0.0, 0.0, 1.0)
    assert pair.correlation == pytest.approx(1.0)


def test_negative_weights(rng: np.random.Generator) -> None:
    first, second, labels, _ = toy(rng, 3000)
    weight = rng.choice([1.0, 1.0, 1.0, -0.5], 3000)
    pair = paired_auc(first, second, labels, weight, seed=4)
    assert pair == paired_auc(first, second, labels, weight, seed=4)
    assert pair.difference.low > 0
    assert pair.p_value < 1e-4


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"score_second: must have shape \(2,\), got \(3,\)"):
        paired_auc([0.1, 0.2], [0.1, 0.2, 0.3], [0, 1])
    with pytest.raises(ValueError, match="score_second: must be finite"):
        paired_bootstrap([0.1, 0.2], [0.1, np.nan], [0, 1])


def test_a_handful_of_events_is_no_certainty() -> None:
    """Perfect and perfectly wrong on two events: exchanging them, event by event, does as well."""
    pair = paired_auc([0.9, 0.1], [0.1, 0.9], [1, 0])
    assert (pair.difference.value, pair.p_value) == (1.0, 0.5)
    assert pair.difference.low is not None and pair.difference.low < 0.6
    many = np.arange(40) % 2
    assert paired_auc(many, 1 - many, many).p_value == pytest.approx(2.0**-39)
