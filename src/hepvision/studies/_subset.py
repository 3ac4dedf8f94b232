"""Fewer training examples, for learning curves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CardError
from hepvision.events.split import hashed

__all__ = ["UNUSED", "fewer"]

#: Part of the split that no one looks at.
UNUSED = -1
#: Unlike those of the split, so that the order within a part is random.
_SEED = 1_000_003


def fewer(
    split: NDArray[Any], label: NDArray[Any], event_id: NDArray[Any], examples: int | None
) -> NDArray[Any]:
    """Leave so many training examples of each class.

    Which ones is decided by their numbers, so that fewer examples are a part of more, and neither
    their order nor other events matter.

    Parameters
    ----------
    split : array of int, shape (B,)
        0 train, 1 validation, 2 test.
    label : array of int, shape (B,)
        Class of each example.
    event_id : array of int, shape (B,)
        Unique numbers of the events.
    examples : int or None
        Of each class; None for all there are.

    Returns
    -------
    array of int, shape (B,)
        The split, with −1 for training examples that are left out.

    Raises
    ------
    CardError
        There are fewer.

    Examples
    --------
    >>> split, label = np.zeros(6, int), np.array([0, 0, 0, 1, 1, 1])
    >>> left = fewer(split, label, np.arange(6), 2)
    >>> [int((left[label == k] == 0).sum()) for k in (0, 1)]
    [2, 2]
    """
    if examples is None:
        return split
    left = np.array(split)
    for number in np.unique(label):
        rows = np.flatnonzero((left == 0) & (label == number))
        if len(rows) < examples:
            raise CardError(
                f"training.examples: must be at most what there is of each class, {len(rows)}, "
                f"got {examples}. Take more events."
            )
        order = np.argsort(hashed(event_id[rows], _SEED), kind="stable")
        left[rows[order[examples:]]] = UNUSED
    return left
