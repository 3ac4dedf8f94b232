"""What learners on columns share: the columns, weights that they allow, scales, and losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hepvision.core.errors import CorruptFileError
from hepvision.core.inputs import Dense, Inputs

__all__ = ["Scaling", "checked_labels", "checked_weights", "columns_of", "log_loss", "taken_arrays"]

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


def columns_of(inputs: Inputs, parts: tuple[str, ...]) -> Array:
    """All parts side by side, shape (B, F)."""
    found = [inputs[part] for part in parts]
    return np.concatenate([one.values for one in found if isinstance(one, Dense)], axis=1).astype(
        np.float64
    )


def checked_weights(model: str, weight: NDArray[Any]) -> Array:
    """Weights with a mean of 1, refused where one is negative, shape (B,)."""
    found = np.asarray(weight, np.float64)
    below = np.count_nonzero(found < 0)
    if below:
        raise ValueError(
            f"{model}: weights must be 0 or more, got {below} of {len(found)} below. "
            "Take a network for these samples."
        )
    if not found.sum() > 0:
        raise ValueError(
            f"{model}: weights must sum to more than 0, got {found.sum():g}. Check the samples."
        )
    return found * (len(found) / found.sum())


def checked_labels(model: str, target: NDArray[Any], weight: Array, outputs: int) -> Integers:
    """Class numbers of the training, each of which must have weight, shape (B,)."""
    labels = np.asarray(target, np.int64)
    lost = np.flatnonzero(np.bincount(labels, weight, minlength=outputs) <= 0)
    if lost.size:
        raise ValueError(
            f"{model}: needs training examples of all {outputs} classes, got none of class "
            f"{lost[0]}. Take more events."
        )
    return labels


def log_loss(outputs: NDArray[Any], target: NDArray[Any], weight: NDArray[Any]) -> float:
    """Weighted cross-entropy of log-odds."""
    odds = np.asarray(outputs, np.float64)
    own = odds[np.arange(len(odds)), np.asarray(target, np.int64)]
    return float(np.average(special.logsumexp(odds, axis=1) - own, weights=weight))


def taken_arrays(
    model: str, state: Mapping[str, NDArray[Any]], wanted: Mapping[str, tuple[int | None, ...]]
) -> dict[str, NDArray[Any]]:
    """Arrays of a stored state, finite and of the wanted shapes; None is one length for all."""
    found: dict[str, NDArray[Any]] = {}
    free: int | None = None
    for key, shape in wanted.items():
        if key not in state:
            raise CorruptFileError(f"weights: must be {model}, got no {key}. Train anew.")
        one = np.asarray(state[key])
        if free is None and one.ndim and shape[0] is None:
            free = len(one)
        shape = tuple(free if length is None else length for length in shape)
        fits = one.ndim == len(shape) and one.shape == shape and 0 not in shape
        if not fits or not np.isfinite(one).all():
            raise CorruptFileError(
                f"weights: {key} of {model} must be finite and of shape {shape}, got {one.shape}. "
                "Use the sizes that the model was trained with."
            )
        found[key] = one
    return found


class Scaling:
    """Columns with mean 0 and deviation 1, then turned to their principal axes, both if wanted.

    Parameters
    ----------
    standardise : bool
        Whether columns are shifted and divided.
    components : int
        Principal axes that are kept; 0 for the columns as they are.
    """

    def __init__(self, standardise: bool, components: int):
        self.standardise, self.components = standardise, components
        self.arrays: dict[str, NDArray[Any]] = {}

    def width(self, columns: int) -> int:
        """Columns that come out."""
        return self.components or columns

    def learn(self, columns: Array, weight: Array) -> None:
        """Measure mean, deviation and axes, all with weights."""
        mean = np.average(columns, axis=0, weights=weight)
        spread = np.sqrt(np.average((columns - mean) ** 2, axis=0, weights=weight))
        # a constant column says nothing, whatever it is divided by
        dead = spread <= 1e-12 * np.maximum(np.abs(mean), 1.0)
        spread = np.where(dead | (not self.standardise), 1.0, spread)
        mean = mean if self.standardise or self.components else np.zeros_like(mean)
        self.arrays = {"mean": mean, "spread": spread}
        if self.components:
            scaled = (columns - mean) / spread
            _, axes = np.linalg.eigh((scaled * weight[:, None]).T @ scaled / weight.sum())
            axes = axes[:, ::-1][:, : self.components]
            # an axis has no direction: its largest entry shall be positive
            largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
            self.arrays["axes"] = axes * np.where(largest < 0, -1.0, 1.0)

    def __call__(self, columns: Array) -> Array:
        made = (columns - self.arrays["mean"]) / self.arrays["spread"]
        return np.asarray(made @ self.arrays["axes"] if self.components else made)

    def load(self, model: str, state: Mapping[str, NDArray[Any]], columns: int) -> None:
        """Take what was measured."""
        wanted: dict[str, tuple[int | None, ...]] = {"mean": (columns,), "spread": (columns,)}
        if self.components:
            wanted["axes"] = (columns, self.components)
        self.arrays = taken_arrays(model, state, wanted)
