"""What a model said about examples, next to what they are."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Predictions"]


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """Scores and truth of B examples; the columns of ``predictions.parquet``.

    Parameters
    ----------
    scores : array, shape (B, K)
        What the task's ``scores`` gave.
    target : dict of array, shape (B, ...)
        What the task's ``target`` gave.
    weight : array, shape (B,)
        Weights of the events.
    split : array of int, shape (B,), optional
        0 train, 1 validation, 2 test; all are test if not given.
    event_id, object_index, sample : array, shape (B,), optional
        Which examples they are.
    observables : dict of array, shape (B,)
        For plots and decorrelation.
    """

    scores: NDArray[Any]
    target: dict[str, NDArray[Any]]
    weight: NDArray[Any]
    split: NDArray[Any] | None = None
    event_id: NDArray[Any] | None = None
    object_index: NDArray[Any] | None = None
    sample: NDArray[Any] | None = None
    observables: dict[str, NDArray[Any]] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.scores)

    def of_split(self, number: int) -> "Predictions":
        """Examples of one part of the split.

        Parameters
        ----------
        number : int
            0 train, 1 validation, 2 test.

        Returns
        -------
        Predictions
            None of them may be left.
        """
        split = np.full(len(self), 2) if self.split is None else self.split
        return self.take(np.flatnonzero(split == number))

    def take(self, rows: NDArray[Any]) -> "Predictions":
        """The given rows, in the given order.

        Parameters
        ----------
        rows : array of int, shape (b,)
            Row numbers.

        Returns
        -------
        Predictions
            b examples.
        """

        def taken(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: one[rows] for key, one in value.items()}
            return None if value is None else value[rows]

        fields = dataclasses.fields(self)
        return Predictions(**{one.name: taken(getattr(self, one.name)) for one in fields})
