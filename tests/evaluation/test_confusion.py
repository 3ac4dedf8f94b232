"""The confusion matrix: rows are true classes, weights count, absent classes are refused."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.evaluation.confusion import confusion

NAMES = ("signal", "diphoton", "jet")


def test_rows_are_true_classes() -> None:
    matrix = confusion([0, 0, 1, 2], [0, 2, 1, 1], NAMES)
    assert matrix.weight.tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert matrix.fraction[0].tolist() == [0.5, 0.0, 0.5]
    assert matrix.accuracy.value == 0.5


def test_weights_count(rng: np.random.Generator) -> None:
    target, guess = rng.integers(0, 3, 600), rng.integers(0, 3, 600)
    weight = rng.exponential(size=600)
    matrix = confusion(target, guess, NAMES, weight)
    assert matrix.weight.sum() == pytest.approx(weight.sum())
    assert matrix.fraction.sum(axis=1) == pytest.approx(1.0)
    assert matrix.accuracy.value == pytest.approx(np.average(guess == target, weights=weight))
    plain = confusion(target, guess, NAMES)
    assert ((matrix.high - matrix.low) > 1.1 * (plain.high - plain.low)).all()


def test_intervals_hold_the_fractions(rng: np.random.Generator) -> None:
    matrix = confusion(rng.integers(0, 3, 60), rng.integers(0, 3, 60), NAMES)
    assert (matrix.low <= matrix.fraction).all()
    assert (matrix.fraction <= matrix.high).all()


def test_negative_weights(rng: np.random.Generator) -> None:
    target = rng.integers(0, 3, 900)
    weight = rng.choice([1.0, 1.0, -0.5], 900)
    first = confusion(target, target, NAMES, weight, seed=3)
    assert first.fraction == pytest.approx(np.eye(3))
    assert first.accuracy.value == 1.0


@pytest.mark.parametrize(
    ("target", "guess", "weight", "message"),
    [
        ([0, 1, 1], [0, 1, 2], None, "target: every class must be present, got no jet"),
        ([0, 1, 3], [0, 1, 2], None, "target: must be class numbers 0 to 2, got 3"),
        ([0, 1, 2], [0, 1, -1], None, "predicted: must be class numbers 0 to 2, got -1"),
        ([0, 1, 2], [0, 1], None, r"must have the target's shape \(3,\), got \(2,\)"),
        ([0, 1, 2], [0, 1, 2], [1.0], "weight: must have shape"),
        ([[0, 1, 2]], [0, 1, 2], None, r"target: must have shape \(B,\)"),
        ([0, 1, 1.5], [0, 1, 2], None, "must be class numbers 0 to 2, got 1.5"),
    ],
)
def test_wrong_input_is_refused(
    target: object, guess: object, weight: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        confusion(target, guess, NAMES, weight)
