"""Fit a learner: one call, no epochs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs, taken
from hepvision.models.layers.learner import Learner
from hepvision.training.data import balanced_weights
from hepvision.training.fit import Fitted
from hepvision.training.options import Options

__all__ = ["fit_learner"]


def fit_learner(
    learner: Learner,
    task: Any,
    inputs: Inputs,
    target: Mapping[str, NDArray[Any]],
    weight: NDArray[Any],
    split: NDArray[Any],
    options: Options | None = None,
    *,
    seed: int = 0,
) -> Fitted:
    """Fit a learner on the training split; it may stop by the validation split.

    Parameters
    ----------
    learner : Learner
        Fitted in place.
    task : object
        A component of ``tasks``.
    inputs : Inputs
        B examples of all splits.
    target : mapping of array, shape (B,)
        What the task's ``target`` gave.
    weight : array, shape (B,)
        Weights of the events.
    split : array of int, shape (B,)
        0 train, 1 validation; others are left alone.
    options : Options, optional
        Only ``balance`` and ``threads`` are read.
    seed : int
        Of what the learner draws.

    Returns
    -------
    Fitted
        The learner and its losses after each round.

    Raises
    ------
    ValueError
        There is nothing to train on, or a class has no weight.

    Examples
    --------
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> from hepvision.models.boosted_trees import BoostedTrees
    >>> from hepvision.tasks.classification import Classification
    >>> spec = {"x": PartSpec("vector", (1,), ("x",), ("",), (1.0,))}
    >>> x = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]
    >>> target, split = {"class": (x[:, 0] > 0).astype(np.int64)}, np.arange(60) % 2
    >>> trees = BoostedTrees(rounds=5).from_spec(spec, 2)
    >>> made = fit_learner(trees, Classification(), {"x": Dense(x)}, target, np.ones(60), split)
    >>> made.best_epoch
    5
    """
    options = options or Options()
    (name,) = [task.balance_by] if task.balance_by else list(target)
    labels = np.asarray(target[name])

    def part(number: int) -> tuple[Inputs, NDArray[Any], NDArray[Any]]:
        rows = np.flatnonzero(np.asarray(split) == number)
        group = None if options.balance == "none" else labels[rows]
        weights = balanced_weights(np.asarray(weight)[rows], group)
        return taken(inputs, rows), labels[rows], weights

    if not (np.asarray(split) == 0).any():
        raise ValueError("training: needs examples of the training split, got none.")
    threads = options.threads or 1
    validation = part(1) if (np.asarray(split) == 1).any() else None
    history = learner.fit(*part(0), validation, seed=seed, threads=threads)
    rows = [{"epoch": float(k + 1), **row} for k, row in enumerate(history)]
    losses = [row.get("validation", -k) for k, row in enumerate(rows)]
    best = losses.index(min(losses)) + 1
    return Fitted(learner, rows, best, "float32", threads)
