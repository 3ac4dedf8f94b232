"""Fitting of ``cuts``: the best box, the steps that lead to it and on, and odds of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from hepvision.core.errors import CorruptFileError
from hepvision.core.inputs import Inputs
from hepvision.evaluation.significance import counting_significance
from hepvision.models._columns_learned import (
    Array,
    checked_labels,
    checked_weights,
    columns_of,
    log_loss,
    taken_arrays,
)
from hepvision.models._nested_boxes import Box, Boxes
from hepvision.models.layers.learner import Labelled

__all__ = ["CutsLearner"]

#: Log-odds that each step adds where the training examples tell no difference.
_SLOPE = 1e-4


class _Sizes(Protocol):
    """What is read of the component."""

    @property
    def significance(self) -> Literal["simple", "asimov"]: ...
    @property
    def uncertainty(self) -> float: ...
    @property
    def signal_events(self) -> float: ...
    @property
    def background_events(self) -> float: ...
    @property
    def signal(self) -> int: ...
    @property
    def step(self) -> float: ...
    @property
    def least(self) -> float: ...
    @property
    def fewest(self) -> int: ...
    @property
    def bins(self) -> int: ...


class CutsLearner:
    """Steps in order, each a side of a box; an example's depth is how many it passes."""

    def __init__(
        self,
        sizes: _Sizes,
        parts: tuple[str, ...],
        columns: list[int],
        about: list[tuple[str, str, float]],
        outputs: int,
    ):
        self.sizes, self.parts, self.columns = sizes, parts, columns
        self.about, self.outputs = about, outputs
        self.arrays: dict[str, NDArray[Any]] = {}
        self.examples_used = 0

    @property
    def parameters_total(self) -> int:
        """Cuts of the best box, or of the deepest where that has none."""
        if not self.arrays:
            return 0
        best = int(self.arrays["best"][0]) or len(self.arrays["feature"])
        sides = zip(self.arrays["feature"][:best], self.arrays["upper"][:best], strict=True)
        return len(set(sides)) + len(self.arrays["odds"])

    @property
    def box(self) -> tuple[str, ...]:
        """The best box in words, with units."""
        best: dict[tuple[int, int], float] = {}
        if self.arrays:
            for k in range(int(self.arrays["best"][0])):
                side = (int(self.arrays["feature"][k]), int(self.arrays["upper"][k]))
                best[side] = float(self.arrays["value"][k])
        return tuple(
            f"{name} {'<' if upper else '>='} {value * scale:.3g} {unit}".rstrip()
            for (number, upper), value in sorted(best.items())
            for name, unit, scale in [self.about[number]]
        )

    def _significance(self, signal: Array, background: Array) -> Array:
        """Of shares of signal and background that pass; 0 where no background is left."""
        s = signal * self.sizes.signal_events
        b = background * self.sizes.background_events
        some = b > 0
        safe = np.where(some, b, 1.0)
        if self.sizes.significance == "simple":
            found = s / np.sqrt(s + safe)
        else:
            found = counting_significance(s, safe, self.sizes.uncertainty)
        return np.where(some, found, 0.0)

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
        """Find the box on the training examples; nothing is drawn, the seed changes nothing."""
        weights = checked_weights("cuts", weight)
        labels = checked_labels("cuts", target, weights, self.outputs)
        rows = np.flatnonzero(weights > 0)
        labels, weights = labels[rows], weights[rows]
        self.examples_used = len(rows)
        columns = columns_of(inputs, self.parts)[rows][:, self.columns]
        signal = labels == self.sizes.signal
        boxes = Boxes(columns, signal, weights, self.sizes.bins)
        best = self._best(boxes)
        steps = boxes.steps(boxes.whole, self.sizes.step, 0.0, best)
        inside = boxes.steps(best, self.sizes.step, self.sizes.least)
        every = [*steps, *inside]
        if not every:
            raise ValueError(
                "cuts: need a feature that tells signal from background, got none. Name others."
            )
        self.arrays = {
            "feature": np.array([one.feature for one in every], np.int32),
            "upper": np.array([one.upper for one in every], np.int8),
            "value": np.array([one.value for one in every], np.float64),
            "best": np.array([len(steps)], np.int32),
        }
        self.arrays["odds"] = self._odds(self._depth(columns), labels, weights)
        passing = boxes.passing(best)
        found = {
            "train": log_loss(self._outputs(columns), labels, weights),
            "significance": float(self._significance(*(np.array([x]) for x in passing))[0]),
        }
        if validation is not None:
            later = checked_weights("cuts", validation[2])
            found["validation"] = log_loss(self.predict(validation[0]), validation[1], later)
        return [found]

    def _best(self, boxes: Boxes) -> Box:
        """The box of most significance: the best of the patient steps, then side by side."""
        best, most = boxes.whole, -np.inf
        for box in boxes.boxes(boxes.whole, self.sizes.step, self.sizes.least):
            if boxes.background_count(box) >= self.sizes.fewest:
                value = float(self._significance(*(np.array([x]) for x in boxes.passing(box)))[0])
                if value > most * (1 + 1e-12):
                    best, most = box, value
        for _ in range(20):
            moved = False
            for feature in range(boxes.features):
                low, high, signal, background, count = boxes.intervals(best, feature)
                found = self._significance(signal, background)
                found = np.where(count >= self.sizes.fewest, found, -np.inf)
                k = int(np.argmax(found))
                if found[k] > most * (1 + 1e-9):
                    best, most = best.moved(feature, int(low[k]), int(high[k])), float(found[k])
                    moved = True
            if not moved:
                break
        return best

    def _odds(self, depth: NDArray[Any], labels: NDArray[Any], weight: Array) -> Array:
        """Log-odds of all classes at each depth, the signal's rising with it."""
        many = len(self.arrays["feature"]) + 1
        signal = labels == self.sizes.signal
        inside = np.bincount(depth[signal], weight[signal], many)
        outside = np.bincount(depth[~signal], weight[~signal], many)
        # one average example, shared like all of them: no depth is certain
        share = weight[signal].sum() / weight.sum()
        total = inside + outside + weight.mean()
        purity = (inside + share * weight.mean()) / total
        rising = optimize.isotonic_regression(purity, weights=total).x
        rising = np.clip(rising, 1e-9, 1 - 1e-9)
        sums = np.bincount(labels, weight, self.outputs)
        others = sums[np.arange(self.outputs) != self.sizes.signal].sum()
        table = np.tile(np.log(sums / others), (many, 1))
        table[:, self.sizes.signal] = np.log(rising / (1 - rising)) + _SLOPE * np.arange(many)
        return table

    def _depth(self, columns: Array) -> NDArray[np.int64]:
        depth = np.zeros(len(columns), np.int64)
        rows = np.arange(len(columns))
        for feature, upper, value in zip(
            self.arrays["feature"], self.arrays["upper"], self.arrays["value"], strict=True
        ):
            own = columns[rows, feature]
            rows = rows[own < value if upper else own >= value]
            depth[rows] += 1
        return depth

    def _outputs(self, columns: Array) -> NDArray[np.float32]:
        return np.asarray(self.arrays["odds"][self._depth(columns)], np.float32)

    def predict(self, inputs: Inputs) -> NDArray[np.float32]:
        """Log-odds, shape (B, outputs)."""
        if not self.arrays:
            raise ValueError("cuts: must be fitted first, got none. Call fit or load.")
        if not len(inputs[self.parts[0]]):
            return np.zeros((0, self.outputs), np.float32)
        return self._outputs(columns_of(inputs, self.parts)[:, self.columns])

    def state(self) -> dict[str, NDArray[Any]]:
        """Steps, the number of those that lead to the best box, odds of each depth."""
        return dict(self.arrays)

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what was learned."""
        steps: dict[str, Sequence[Any]] = {"feature": (None,), "upper": (None,), "value": (None,)}
        shapes = {key: tuple(shape) for key, shape in steps.items()}
        found = taken_arrays("cuts", state, shapes)
        many = len(found["feature"])
        found |= taken_arrays("cuts", state, {"best": (1,), "odds": (many + 1, self.outputs)})
        feature, best = found["feature"], int(found["best"][0])
        if feature.min() < 0 or feature.max() >= len(self.columns) or not 0 <= best <= many:
            raise CorruptFileError(
                f"weights: cuts must be on {len(self.columns)} features, got another. "
                "Use the features that they were made with."
            )
        self.arrays = found
