"""Examples dealt out in seeded, balanced batches."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs, taken
from hepvision.core.seeds import generator
from hepvision.models.layers.batches import Buffers
from hepvision.tasks._batch import Batch
from hepvision.training.turns import Turns
from hepvision.training.windows import Windows

__all__ = ["Dealer", "balanced_weights", "epoch_rows", "training_weights"]

Rows = NDArray[np.int64]


def balanced_weights(weight: NDArray[Any], group: NDArray[Any] | None) -> NDArray[np.float64]:
    r"""Weights scaled so that all groups have the same sum and the mean is 1.

    .. math:: w'_i = w_i \frac{N}{K \sum_{j \in g(i)} w_j}

    Parameters
    ----------
    weight : array, shape (B,)
        Weights of the examples.
    group : array of int, shape (B,), optional
        Class of each; only the mean is set if not given.

    Returns
    -------
    array, shape (B,)
        Scaled weights.

    Raises
    ------
    ValueError
        The weights of a group do not sum to more than 0.

    Examples
    --------
    >>> balanced_weights(np.ones(3), np.array([0, 0, 1])).tolist()
    [0.75, 0.75, 1.5]
    """
    weight = np.asarray(weight, np.float64)
    numbers = np.zeros(len(weight), np.int64) if group is None else np.asarray(group)
    made = np.zeros_like(weight)
    found = np.unique(numbers)
    for one in found:
        members = numbers == one
        total = weight[members].sum()
        if total <= 0:
            raise ValueError(
                f"training: weights of class {one} must sum to more than 0, got {total:g}. "
                "Check the sample."
            )
        made[members] = weight[members] * len(weight) / (len(found) * total)
    return made


def training_weights(
    weight: NDArray[Any],
    group: NDArray[Any] | None,
    rows: Rows,
    later: Rows,
    balance: Literal["weights", "counts", "none"],
) -> NDArray[np.float64]:
    """Weights as training and validation use them, each split balanced by itself.

    Parameters
    ----------
    weight : array, shape (B,)
        Of the events.
    group : array of int, shape (B,), optional
        Class of each.
    rows, later : array of int
        Rows of the training and of the validation split.
    balance : "weights", "counts" or "none"
        As the card's ``training`` says.

    Returns
    -------
    array, shape (B,)
        0 for other rows.

    Raises
    ------
    ValueError
        The weights of a class do not sum to more than 0.

    Examples
    --------
    >>> group = np.array([0, 0, 1, 0, 1])
    >>> training_weights(np.ones(5), group, np.arange(3), np.arange(3, 5), "weights").tolist()
    [0.75, 0.75, 1.5, 1.0, 1.0]
    """
    made = np.zeros(len(weight))
    for part in (rows, later):
        kept = None if balance == "none" or group is None else group[part]
        if len(part):
            made[part] = balanced_weights(np.asarray(weight)[part], kept)
    if balance == "counts" and group is not None:
        # classes are balanced by how many are drawn, so each has a mean weight of 1
        sizes = np.bincount(group[rows])
        made[rows] *= sizes[group[rows]] * np.count_nonzero(sizes) / len(rows)
    return made


def epoch_rows(
    rows: Rows, group: NDArray[Any] | None, seed: int, epoch: int, *, counts: bool = False
) -> Rows:
    """Rows of one epoch, shuffled; the same for the same seed and epoch, whatever ran before.

    Parameters
    ----------
    rows : array of int, shape (B,)
        Rows of the training split.
    group : array of int, shape (B,), optional
        Class of each.
    seed, epoch : int
        Of the training, and from 0.
    counts : bool
        Take as many of each class as the smallest has, others every epoch.

    Returns
    -------
    array of int, shape (b,)
        Rows in the order of training.

    Examples
    --------
    >>> sorted(epoch_rows(np.arange(4), None, seed=1, epoch=0).tolist())
    [0, 1, 2, 3]
    """
    rng = generator(seed, "train", "order", epoch)
    order = rng.permutation(len(rows))
    if counts and group is not None:
        shuffled = np.asarray(group)[order]
        smallest = np.unique(shuffled, return_counts=True)[1].min()
        # rank of each example within its class, in shuffled order
        by_class = np.argsort(shuffled, kind="stable")
        starts = np.searchsorted(shuffled[by_class], shuffled[by_class])
        rank = np.empty(len(order), np.int64)
        rank[by_class] = np.arange(len(order)) - starts
        order = order[rank < smallest]
    return rows[order]


@dataclasses.dataclass(frozen=True, eq=False)
class Dealer:
    """Batches of given rows, all through the same memory.

    Parameters
    ----------
    buffers : Buffers
        Memory of one batch.
    inputs : Inputs
        All examples.
    target, observables : mapping of array, shape (B, ...)
        By name.
    weight : array, shape (B,)
        As training uses them.
    rows : array of int, shape (b,)
        Which examples, in this order.
    size : int
        Examples a batch.
    turns : Turns, optional
        Of the epoch; images are not turned if not given.
    windows : Windows, optional
        Where the inputs are read from if they do not fit into memory.
    done : int
        Batches at the start that are left out: they were dealt before an interruption. Where all
        were, one None takes their place.

    Examples
    --------
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> spec = {"x": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}
    >>> x = {"x": Dense(np.ones((5, 1), np.float32))}
    >>> target = {"class": np.zeros(5, np.int64)}
    >>> dealer = Dealer(Buffers(spec, 2), x, target, np.ones(5), np.arange(5), size=2)
    >>> [len(batch.weight) for batch in dealer]
    [2, 2, 1]
    """

    buffers: Buffers
    inputs: Inputs
    target: Mapping[str, NDArray[Any]]
    weight: NDArray[Any]
    rows: Rows
    size: int
    observables: Mapping[str, NDArray[Any]] = dataclasses.field(default_factory=dict)
    turns: Turns | None = None
    done: int = 0
    windows: Windows | None = None

    def __len__(self) -> int:
        batches = -(-len(self.rows) // self.size)
        return max(batches - self.done, min(batches, 1))

    def __iter__(self) -> Iterator[Batch | None]:
        rng = None if self.turns is None else self.turns.generator()
        begun = min(self.done * self.size, len(self.rows))
        for start in range(0, begun, self.size):
            self._pass(min(self.size, begun - start), rng)
        if begun and begun == len(self.rows):
            yield None
        for rows, inputs, at in self._located(self.rows[begun:]):
            tensors = self._tensors(inputs, at, rng)
            del inputs  # a window that no batch is left of
            yield Batch(
                tensors,
                {key: torch.from_numpy(one[rows]) for key, one in self.target.items()},
                torch.from_numpy(np.asarray(self.weight[rows], np.float32)),
                {
                    key: torch.from_numpy(np.asarray(one[rows], np.float32))
                    for key, one in self.observables.items()
                },
            )

    def _located(self, rows: Rows) -> Iterator[tuple[Rows, Inputs, Rows]]:
        """Rows of each batch, examples that are in memory, and where those of the batch are."""
        if self.windows is not None:
            yield from self.windows.batches(rows, self.size)
            return
        for start in range(0, len(rows), self.size):
            mine = rows[start : start + self.size]
            yield mine, self.inputs, mine

    def _pass(self, events: int, rng: np.random.Generator | None) -> None:
        """Draw the random numbers of a batch that is left out."""
        if self.turns is not None and rng is not None and self.turns.images:
            self.turns.drawn(rng, events)
            self.turns.warp(rng, events)

    def _tensors(
        self, inputs: Inputs, rows: Rows, rng: np.random.Generator | None
    ) -> dict[str, Any]:
        if self.turns is None or rng is None or not self.turns.images:
            return self.buffers.tensors(inputs, rows)
        turned = self.turns.augmented(taken(inputs, rows), rng)
        return self.buffers.tensors(turned, np.arange(len(rows)))
