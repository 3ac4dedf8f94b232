"""Boxes in the space of features, moved side by side over histograms of quantile bins."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "Boxes", "Step"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Box:
    """First and last bin of each feature."""

    low: tuple[int, ...]
    high: tuple[int, ...]

    def moved(self, feature: int, low: int, high: int) -> Box:
        """With another range of one feature."""
        lows, highs = list(self.low), list(self.high)
        lows[feature], highs[feature] = low, high
        return Box(tuple(lows), tuple(highs))


@dataclasses.dataclass(frozen=True)
class Step:
    """A side of a box that moves to a value: ``<`` if it is the upper one, else ``>=``."""

    feature: int
    upper: bool
    value: float


class Boxes:
    """Training examples in bins.

    Parameters
    ----------
    columns : array, shape (B, F)
        Features.
    signal : array of bool, shape (B,)
        True for signal.
    weight : array, shape (B,)
        Not negative.
    bins : int
        Bins a feature, about as many examples in each.
    """

    def __init__(self, columns: Array, signal: Mask, weight: Array, bins: int):
        self.features = columns.shape[1]
        self.signal = signal
        self.weights = [np.where(m, weight, 0.0) / weight[m].sum() for m in (signal, ~signal)]
        places = np.linspace(0.0, 1.0, bins + 1)[1:-1]
        self.edges, codes = [], []
        for column in columns.T:
            # a cut lies on a value that occurs, so that float32 inputs fall on the same side
            edges = np.unique(np.quantile(column, places, method="higher"))
            edges = edges[edges > column.min()]
            self.edges.append(edges)
            codes.append(np.searchsorted(edges, column, side="right"))
        self.codes = np.stack(codes)
        last = tuple(len(edges) for edges in self.edges)
        self.whole = Box((0,) * self.features, last)

    def inside(self, box: Box, without: int | None = None) -> Mask:
        """Which examples lie in a box, one feature left out if wanted, shape (B,)."""
        kept = np.ones(self.codes.shape[1], bool)
        for feature in range(self.features):
            cut = box.low[feature] > 0 or box.high[feature] < self.whole.high[feature]
            if cut and feature != without:
                codes = self.codes[feature]
                kept &= (codes >= box.low[feature]) & (codes <= box.high[feature])
        return kept

    def passing(self, box: Box) -> tuple[float, float]:
        """Shares of signal and background in a box."""
        kept = self.inside(box)
        return float(self.weights[0][kept].sum()), float(self.weights[1][kept].sum())

    def background_count(self, box: Box) -> int:
        """Background examples in a box."""
        return int((self.inside(box) & ~self.signal).sum())

    def _histogram(self, feature: int, kept: Mask, weight: Array) -> Array:
        size = len(self.edges[feature]) + 1
        return np.bincount(self.codes[feature][kept], weight[kept], size).astype(np.float64)

    def intervals(self, box: Box, feature: int) -> tuple[NDArray[Any], ...]:
        """All ranges of one feature, the others as in the box: low, high, shares, background."""
        kept = self.inside(box, without=feature)
        counted = (*self.weights, (~self.signal).astype(float))
        filled = (self._histogram(feature, kept, weight) for weight in counted)
        sums = [np.concatenate([[0.0], np.cumsum(one)]) for one in filled]
        low, high = np.triu_indices(len(sums[0]) - 1)
        return (low, high, *(one[high + 1] - one[low] for one in sums))

    def boxes(self, start: Box, share: float, least: float) -> Iterator[Box]:
        """The start, and what each patient step leaves."""
        yield start
        for _, box in self._moves(start, share, least, None):
            yield box

    def steps(self, start: Box, share: float, least: float, limit: Box | None = None) -> list[Step]:
        """Patient steps from a box on, to a limit if there is one, which is then reached."""
        found, box = [], start
        for step, left in self._moves(start, share, least, limit):
            found.append(step)
            box = left
        if limit is not None:  # sides that no training example tells from where they are
            for feature in range(self.features):
                if box.low[feature] < limit.low[feature]:
                    found.append(self._step(feature, False, limit.low[feature]))
                if box.high[feature] > limit.high[feature]:
                    found.append(self._step(feature, True, limit.high[feature]))
        return found

    def _step(self, feature: int, upper: bool, place: int) -> Step:
        return Step(feature, upper, float(self.edges[feature][place if upper else place - 1]))

    def _moves(
        self, start: Box, share: float, least: float, limit: Box | None
    ) -> Iterator[tuple[Step, Box]]:
        box, kept = start, self.inside(start)
        while True:
            totals = [float(weight[kept].sum()) for weight in self.weights]
            if totals[0] <= least or totals[1] <= 0.0:
                return
            best: tuple[float, int, bool, int] | None = None
            for feature in range(self.features):
                filled = [self._histogram(feature, kept, weight) for weight in self.weights]
                for upper in (False, True):
                    found = self._side(box, limit, feature, upper, filled, totals, share)
                    if found is not None and (best is None or found[0] > best[0] * (1 + 1e-9)):
                        best = (found[0], feature, upper, found[1])
            if best is None:
                return
            _, feature, upper, place = best
            codes = self.codes[feature]
            kept &= codes <= place if upper else codes >= place
            low = box.low[feature] if upper else place
            box = box.moved(feature, low, place if upper else box.high[feature])
            if float(self.weights[0][kept].sum()) <= 0.0:
                return
            yield self._step(feature, upper, place), box

    def _side(
        self,
        box: Box,
        limit: Box | None,
        feature: int,
        upper: bool,
        filled: list[Array],
        totals: list[float],
        share: float,
    ) -> tuple[float, int] | None:
        """How much background a side's step costs for its signal, and where the side then is."""
        low, high = box.low[feature], box.high[feature]
        end = high if limit is None else limit.low[feature]
        if upper:
            end = low if limit is None else limit.high[feature]
        room = (high - end) if upper else (end - low)
        if room <= 0:
            return None
        cuts = slice(high, high - room, -1) if upper else slice(low, low + room)
        if upper and high - room < 0:
            cuts = slice(high, None, -1)
        lost = [np.cumsum(one[cuts]) for one in filled]
        # at least as far as the first bin that holds anything, then as far as the share goes
        first = int(np.argmax((lost[0] > 0) | (lost[1] > 0)))
        far = int(np.searchsorted(lost[0], share * totals[0] * (1 + 1e-12), side="right")) - 1
        k = max(first, far)
        gone = [float(one[k]) / total for one, total in zip(lost, totals, strict=True)]
        if gone[1] <= 1e-12:
            return None
        gain = -np.log(max(1.0 - gone[1], 1e-12)) / max(-np.log(max(1.0 - gone[0], 1e-12)), 1e-12)
        return float(gain), (high - k - 1 if upper else low + k + 1)
