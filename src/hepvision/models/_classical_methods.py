"""The four learners of ``classical``: fitted by scikit-learn, kept as plain numbers."""

from __future__ import annotations

import abc
import logging
import warnings
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs
from hepvision.core.names import require
from hepvision.core.seeds import generator
from hepvision.models._columns_learned import (
    Array,
    Integers,
    Scaling,
    checked_labels,
    checked_weights,
    columns_of,
    log_loss,
    taken_arrays,
)
from hepvision.models.layers.learner import Labelled

__all__ = ["METHODS"]

_LOG = logging.getLogger(__name__)
#: Kernel values at a time.
_AT_ONCE = 4_000_000


class _Sizes(Protocol):
    """What is read of the component."""

    @property
    def method(self) -> str: ...
    @property
    def standardise(self) -> bool: ...
    @property
    def components(self) -> int: ...
    @property
    def strength(self) -> float: ...
    @property
    def neighbours(self) -> int: ...
    @property
    def kernel_width(self) -> float: ...
    @property
    def examples(self) -> int: ...


class _Learned(abc.ABC):
    """What the four share."""

    #: Whether the cost of fitting or scoring grows with all training examples.
    costly = False

    def __init__(self, sizes: _Sizes, parts: tuple[str, ...], columns: int, outputs: int):
        self.sizes, self.parts, self.columns, self.outputs = sizes, parts, columns, outputs
        self.scaling = Scaling(sizes.standardise, sizes.components)
        self.arrays: dict[str, NDArray[Any]] = {}
        self.examples_used = 0

    @property
    def name(self) -> str:
        return f"classical {self.sizes.method}"

    @property
    def parameters_total(self) -> int:
        return sum(one.size for one in self.state().values()) if self.arrays else 0

    def fit(
        self,
        inputs: Inputs,
        target: NDArray[Any],
        weight: NDArray[Any],
        validation: Labelled | None = None,
        *,
        seed: int = 0,
        threads: int = 1,
    ) -> list[dict[str, float]]:
        weights = checked_weights(self.name, weight)
        later = None
        if validation is not None:
            checked_weights(self.name, validation[2])
            later = (columns_of(validation[0], self.parts), *validation[1:])
        columns = columns_of(inputs, self.parts)
        labels = checked_labels(self.name, target, weights, self.outputs)
        rows = self._thinned(weights, seed)
        columns, labels, weights = columns[rows], labels[rows], weights[rows]
        checked_labels(self.name, labels, weights, self.outputs)
        self.examples_used = len(rows)
        self.scaling.learn(columns, weights)
        scaled = None if later is None else (self.scaling(later[0]), *later[1:])
        self.arrays = self._learn(self.scaling(columns), labels, weights, scaled, seed)
        found = {"train": log_loss(self._odds(self.scaling(columns)), labels, weights)}
        if scaled is not None:
            found["validation"] = log_loss(self._odds(scaled[0]), scaled[1], scaled[2])
        return [found]

    def _thinned(self, weight: Array, seed: int) -> Integers:
        rows = np.flatnonzero(weight > 0)
        most = self.sizes.examples
        if not self.costly or len(rows) <= most:
            return rows
        _LOG.warning(
            "%s: learns from %d of %d training examples, since its cost grows with all of them. "
            "Set examples for more.",
            self.name,
            most,
            len(rows),
        )
        return np.sort(generator(seed, "train", "thinned").choice(rows, most, replace=False))

    @abc.abstractmethod
    def _learn(
        self, columns: Array, labels: Integers, weight: Array, later: Any, seed: int
    ) -> dict[str, NDArray[Any]]:
        """What is learned from scaled columns."""

    @abc.abstractmethod
    def _odds(self, columns: Array) -> Array:
        """Log-odds of scaled columns, shape (B, outputs)."""

    @abc.abstractmethod
    def _shapes(self) -> dict[str, tuple[int | None, ...]]:
        """Shapes of what is learned; None for one length that is not fixed."""

    def predict(self, inputs: Inputs) -> NDArray[np.float32]:
        if not self.arrays:
            raise ValueError(f"{self.name}: must be fitted first, got none. Call fit or load.")
        if not len(inputs[self.parts[0]]):
            return np.zeros((0, self.outputs), np.float32)
        return self._odds(self.scaling(columns_of(inputs, self.parts))).astype(np.float32)

    def state(self) -> dict[str, NDArray[Any]]:
        return {**self.scaling.arrays, **self.arrays}

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        self.scaling.load(self.name, state, self.columns)
        self.arrays = taken_arrays(self.name, state, self._shapes())

    @property
    def _width(self) -> int:
        return self.scaling.width(self.columns)


def _logistic(
    columns: Array, labels: Integers, weight: Array, strength: float, outputs: int
) -> tuple[Array, Array]:
    """Slopes (columns, outputs) and offsets (outputs,) of a logistic regression."""
    model = require("sklearn.linear_model", "classical").LogisticRegression(
        C=strength, max_iter=2000, tol=1e-6
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the loss tells how far it came
        model.fit(columns, labels, sample_weight=weight)
    slopes, offsets = np.asarray(model.coef_), np.asarray(model.intercept_)
    if outputs == 2:  # log-odds of the second class
        slopes = np.concatenate([-slopes, slopes]) / 2
        offsets = np.concatenate([-offsets, offsets]) / 2
    return np.ascontiguousarray(slopes.T), offsets


class _Logistic(_Learned):
    def _learn(self, columns: Array, labels: Integers, weight: Array, later: Any, seed: int) -> Any:
        slopes, offsets = _logistic(columns, labels, weight, self.sizes.strength, self.outputs)
        return {"slopes": slopes, "offsets": offsets}

    def _odds(self, columns: Array) -> Array:
        return np.asarray(columns @ self.arrays["slopes"] + self.arrays["offsets"])

    def _shapes(self) -> dict[str, tuple[int | None, ...]]:
        return {"slopes": (self._width, self.outputs), "offsets": (self.outputs,)}


class _Bayes(_Learned):
    def _learn(self, columns: Array, labels: Integers, weight: Array, later: Any, seed: int) -> Any:
        model = require("sklearn.naive_bayes", "classical").GaussianNB()
        model.fit(columns, labels, sample_weight=weight)
        prior = np.log(np.asarray(model.class_prior_))
        return {"means": model.theta_, "variances": model.var_, "priors": prior}

    def _odds(self, columns: Array) -> Array:
        odds = np.tile(self.arrays["priors"], (len(columns), 1))
        for k, (mean, variance) in enumerate(
            zip(self.arrays["means"], self.arrays["variances"], strict=True)
        ):
            pull = (columns - mean) ** 2 / variance + np.log(2 * np.pi * variance)
            odds[:, k] -= 0.5 * pull.sum(axis=1)
        return odds

    def _shapes(self) -> dict[str, tuple[int | None, ...]]:
        shape = (self.outputs, self._width)
        return {"means": shape, "variances": shape, "priors": (self.outputs,)}


class _Neighbours(_Learned):
    costly = True

    def _learn(self, columns: Array, labels: Integers, weight: Array, later: Any, seed: int) -> Any:
        return {"points": columns, "labels": labels, "weights": weight}

    def _odds(self, columns: Array) -> Array:
        search = require("sklearn.neighbors", "classical").NearestNeighbors(
            n_neighbors=min(self.sizes.neighbours, len(self.arrays["points"]))
        )
        near = search.fit(self.arrays["points"]).kneighbors(columns, return_distance=False)
        weight, label = self.arrays["weights"][near], self.arrays["labels"][near]
        total = np.stack([(weight * (label == k)).sum(axis=1) for k in range(self.outputs)], 1)
        # as many more as the classes, one of each: no class is ever ruled out
        return np.asarray(np.log(total + weight.mean(axis=1, keepdims=True)))

    def _shapes(self) -> dict[str, tuple[int | None, ...]]:
        return {"points": (None, self._width), "labels": (None,), "weights": (None,)}


class _Vectors(_Learned):
    """One machine a class against the rest, their distances made odds by a logistic regression."""

    costly = True

    def _learn(self, columns: Array, labels: Integers, weight: Array, later: Any, seed: int) -> Any:
        make = require("sklearn.svm", "classical").SVC
        width = self.sizes.kernel_width or 1.0 / columns.shape[1]
        kept = np.ones(len(labels), bool)
        if later is None:
            # odds must not be learned from what the machines were fitted to
            kept[generator(seed, "train", "odds").permutation(len(labels))[::5]] = False
            later = (columns[~kept], labels[~kept], weight[~kept])
        machines = []
        for k in self._machines:
            model = make(C=self.sizes.strength, gamma=width, cache_size=200)
            model.fit(columns[kept], labels[kept] == k, sample_weight=weight[kept])
            full = np.zeros(int(kept.sum()))
            full[model.support_] = model.dual_coef_[0]
            machines.append((full, float(model.intercept_[0])))
        factors = np.stack([full for full, _ in machines], axis=1)
        used = (factors != 0).any(axis=1)
        self.arrays = {
            "vectors": columns[kept][used],
            "factors": factors[used],
            "thresholds": np.array([offset for _, offset in machines]),
            "width": np.array([width]),
        }
        apart = self._distances(later[0])
        if len(np.unique(later[1])) < self.outputs:
            raise ValueError(
                f"{self.name}: needs validation examples of every class, got fewer classes. "
                "Take more events."
            )
        slopes, offsets = _logistic(
            apart, np.asarray(later[1]), np.asarray(later[2]), 1e3, self.outputs
        )
        return {**self.arrays, "slopes": slopes, "offsets": offsets}

    @property
    def _machines(self) -> range:
        return range(1, 2) if self.outputs == 2 else range(self.outputs)

    def _distances(self, columns: Array) -> Array:
        kernel = require("sklearn.metrics.pairwise", "classical").rbf_kernel
        vectors, factors = self.arrays["vectors"], self.arrays["factors"]
        step = max(1, _AT_ONCE // max(len(vectors), 1))
        found = [
            kernel(columns[start : start + step], vectors, gamma=float(self.arrays["width"][0]))
            @ factors
            for start in range(0, len(columns), step)
        ]
        return np.concatenate(found) + np.asarray(self.arrays["thresholds"])

    def _odds(self, columns: Array) -> Array:
        return np.asarray(self._distances(columns) @ self.arrays["slopes"] + self.arrays["offsets"])

    def _shapes(self) -> dict[str, tuple[int | None, ...]]:
        machines = len(self._machines)
        return {
            "vectors": (None, self._width),
            "factors": (None, machines),
            "thresholds": (machines,),
            "width": (1,),
            "slopes": (machines, self.outputs),
            "offsets": (self.outputs,),
        }


METHODS: dict[str, type[_Learned]] = {
    "logistic_regression": _Logistic,
    "k_nearest_neighbours": _Neighbours,
    "support_vector_machine": _Vectors,
    "naive_bayes": _Bayes,
}
