"""Confusion matrix and accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation._samples import Array, Integers, checked_weight
from hepvision.physics.intervals import LEVEL, Interval, weighted_efficiency

__all__ = ["Confusion", "checked_classes", "confusion"]


@dataclass(frozen=True, eq=False)
class Confusion:
    """Where the events of each true class end up.

    Parameters
    ----------
    class_names : tuple of str
        The K classes.
    weight : array, shape (K, K)
        Summed weights; row: true class, column: predicted class.
    fraction, low, high : array, shape (K, K)
        Each row divided by its sum, with the ends of the intervals.
    accuracy : Interval
        Weighted share of events predicted rightly.

    Examples
    --------
    >>> confusion([0, 0, 1], [0, 1, 1], ("photon", "jet")).fraction
    array([[0.5, 0.5],
           [0. , 1. ]])
    """

    class_names: tuple[str, ...]
    weight: Array
    fraction: Array
    low: Array
    high: Array
    accuracy: Interval

    def to_dict(self) -> dict[str, Any]:
        """As a nested dict of lists.

        Returns
        -------
        dict
            ``class_names, weight, fraction, low, high``; the accuracy is a measure of its own.

        Examples
        --------
        >>> confusion([0, 1], [0, 1], ("a", "b")).to_dict()["weight"]
        [[1.0, 0.0], [0.0, 1.0]]
        """
        return {
            "class_names": list(self.class_names),
            "weight": self.weight.tolist(),
            "fraction": self.fraction.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }


def checked_classes(
    name: str, values: npt.ArrayLike, class_names: tuple[str, ...], *, complete: bool = True
) -> Integers:
    """Class numbers that have been checked.

    Parameters
    ----------
    name : str
        What the column is, for the message.
    values : array, shape (B,)
        Class numbers, 0 to K − 1.
    class_names : tuple of str
        The K classes.
    complete : bool
        Whether every class must be present.

    Returns
    -------
    array of int, shape (B,)
        The same.

    Raises
    ------
    ValueError
        If it is not one-dimensional, a number is not a class, or a class is absent.

    Examples
    --------
    >>> checked_classes("target", [1, 0], ("photon", "jet"))
    array([1, 0])
    """
    column = np.asarray(values)
    if column.ndim != 1:
        raise ValueError(
            f"{name}: must have shape (B,), got {column.shape}. Give one class number an event."
        )
    numbers = column.astype(np.int64)
    known = (numbers == column) & (numbers >= 0) & (numbers < len(class_names))
    if not known.all():
        raise ValueError(
            f"{name}: must be class numbers 0 to {len(class_names) - 1}, got "
            f"{column[~known][0]}. Check the classes."
        )
    absent = np.bincount(numbers, minlength=len(class_names)) == 0
    if complete and absent.any():
        missing = ", ".join(str(class_names[k]) for k in np.flatnonzero(absent))
        raise ValueError(
            f"{name}: every class must be present, got no {missing}. Add events of that class."
        )
    return numbers


def confusion(
    target: npt.ArrayLike,
    predicted: npt.ArrayLike,
    class_names: tuple[str, ...],
    weight: npt.ArrayLike | None = None,
    level: float = LEVEL,
    *,
    replicas: int = 200,
    seed: int = 0,
) -> Confusion:
    """Weighted confusion matrix, rows normalised, with Clopper–Pearson intervals.

    Parameters
    ----------
    target, predicted : array, shape (B,)
        True and predicted class numbers.
    class_names : tuple of str
        The K classes.
    weight : array, shape (B,), optional
        Event weights; ones if not given.
    level : float
        Confidence level.
    replicas, seed : int
        Of the bootstrap that negative weights ask for.

    Returns
    -------
    Confusion
        The matrix and the accuracy.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not a class, or a class is absent from ``target``.

    Examples
    --------
    >>> print(confusion([0] * 50 + [1] * 50, [0] * 40 + [1] * 60, ("photon", "jet")).accuracy)
    0.90 +0.03 −0.04
    """
    names = tuple(class_names)
    true = checked_classes("target", target, names)
    guess = checked_classes("predicted", predicted, names, complete=False)
    if guess.shape != true.shape:
        raise ValueError(
            f"predicted: must have the target's shape {true.shape}, got {guess.shape}. "
            "Give one class an event."
        )
    weights = checked_weight(weight, true.size)
    size = len(names)
    matrix = np.zeros((size, size))
    np.add.at(matrix, (true, guess), weights)
    fraction, low, high = np.zeros((3, size, size))
    for row in range(size):
        chosen = true == row
        own = None if weight is None else weights[chosen]
        for column in range(size):
            share = weighted_efficiency(
                guess[chosen] == column, own, level, replicas=replicas, seed=seed
            )
            fraction[row, column] = share.value
            low[row, column], high[row, column] = share.low, share.high
    right = weighted_efficiency(
        guess == true, None if weight is None else weights, level, replicas=replicas, seed=seed
    )
    return Confusion(names, matrix, fraction, low, high, right)
