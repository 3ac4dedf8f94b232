"""One batch of examples, as a task's loss sees it."""

from typing import Any, NamedTuple

__all__ = ["Batch"]


class Batch(NamedTuple):
    """Tensors of one batch.

    Parameters
    ----------
    inputs : dict
        A tensor a part, or a tensor and a mask.
    target : dict of Tensor, shape (B, ...)
        What the task's ``target`` gave.
    weight : Tensor, shape (B,)
        Weights.
    observables : dict of Tensor, shape (B,)
        For losses that decorrelate.
    """

    inputs: dict[str, Any]
    target: dict[str, Any]
    weight: Any
    observables: dict[str, Any]
