"""Interleaved measurements: what is compared runs in turn, so that load hits all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

__all__ = ["interleaved", "ratio", "spread"]


def interleaved(
    functions: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, np.ndarray]:
    """Seconds that each function takes in each round, after one round that is not counted.

    Parameters
    ----------
    functions : mapping of callable
        By name; called in this order, forwards and backwards in turn.
    rounds : int
        How often.
    clock : callable
        Seconds; ``time.process_time`` leaves out what other programs take, where all functions
        calculate in one thread of this one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 1):
        for name in list(functions)[:: 1 if number % 2 else -1]:
            start = clock()
            functions[name]()
            if number:
                seconds[name].append(clock() - start)
    return {name: np.array(one) for name, one in seconds.items()}


def spread(values: np.ndarray, unit: str = "") -> str:
    """Median with the middle 68 % and the extremes.

    Parameters
    ----------
    values : array
        One a round.
    unit : str
        Written behind.
    """
    low, middle, high = np.quantile(values, [0.16, 0.5, 0.84])
    number = "{:,.0f}" if middle >= 100 else "{:.2f}"
    low, middle, high, least, most = (
        number.format(one) for one in (low, middle, high, values.min(), values.max())
    )
    return f"{middle}{unit} (68 %: {low} to {high}; all: {least} to {most})"


def ratio(slow: np.ndarray, fast: np.ndarray) -> np.ndarray:
    """How many times as fast, pair by pair.

    Parameters
    ----------
    slow, fast : array
        Seconds of the same rounds.
    """
    return slow / fast
