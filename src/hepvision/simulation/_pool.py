"""A pool: minimum-bias events that pile-up is drawn from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.core.seeds import generator
from hepvision.simulation.detector import Response, respond
from hepvision.simulation.forward import SHAPE, forward_energy
from hepvision.simulation.generation import generate
from hepvision.simulation.processes.minimum_bias import MinimumBias

__all__ = ["Pool", "joined", "pool_chunk"]

Array = npt.NDArray[Any]

#: Parts of the pool for train, validation and test.
FRACTIONS = (0.6, 0.2, 0.2)
#: Deposits below are not kept in a pool.
THRESHOLD = 0.0005  # GeV


@dataclasses.dataclass(frozen=True)
class Pool:
    """Minimum-bias events as the detector sees them, without noise.

    Parameters
    ----------
    response : Response
        Deposits and tracks of N events.
    vertex : array of float32, shape (N, 3), mm
        Where they happened.
    forward : array of float32, shape (N, 24, 36), GeV
        What they leave in the forward calorimeter.

    Examples
    --------
    >>> none = np.zeros(0, np.float32)
    >>> ends = np.zeros(11, np.int64)
    >>> empty = Response(ends, none, none, none, ends, none.reshape(0, 8), none.astype(bool))
    >>> Pool(empty, np.zeros((10, 3), np.float32)).part(1)
    (6, 8)
    """

    response: Response
    vertex: npt.NDArray[np.float32]
    forward: npt.NDArray[np.float32] = dataclasses.field(
        default_factory=lambda: np.zeros((0, *SHAPE), np.float32)
    )

    def __len__(self) -> int:
        """Number of events."""
        return len(self.response)

    def part(self, split: int) -> tuple[int, int]:
        """Rows that events of one part of the split may use.

        Parameters
        ----------
        split : int
            0 train, 1 validation, 2 test.

        Returns
        -------
        start, stop : int
            Disjoint between parts.
        """
        edges = np.rint(np.cumsum([0.0, *FRACTIONS]) * len(self)).astype(int)
        return int(edges[split]), int(edges[split + 1])


def pool_chunk(energy: float, events: int, seed: int, chunk: int) -> Pool:
    """Simulate some events of a pool.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy.
    events : int
        How many.
    seed, chunk : int
        They decide the random numbers.

    Returns
    -------
    Pool
        These events.

    Raises
    ------
    MissingExtraError
        Pythia is not installed.

    Examples
    --------
    >>> len(pool_chunk(8000.0, 5, seed=1, chunk=0))
    5
    """
    made = generate(
        MinimumBias(energy=energy), events, seed=seed, sample="minimum_bias", chunk=chunk
    )
    rng = generator(seed, "pool", "minimum_bias", chunk)
    response = respond(made.offsets, made.particles, rng, threshold=THRESHOLD)
    vertex = np.stack([made.vertex[axis] for axis in "xyz"], axis=1).astype(np.float32)
    rng = generator(seed, "pool", "minimum_bias forward", chunk)
    forward = forward_energy(made.offsets, made.particles, rng)
    return Pool(dataclasses.replace(response, converted=np.zeros(0, np.bool_)), vertex, forward)


def joined(parts: list[Pool]) -> Pool:
    """Several pools as one.

    Parameters
    ----------
    parts : list of Pool
        In order.

    Returns
    -------
    Pool
        All their events.
    """

    def ends(offsets: Callable[[Response], Array]) -> Array:
        counts = np.concatenate([np.diff(offsets(part.response)) for part in parts])
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    response = Response(
        ends(lambda response: response.offsets),
        np.concatenate([part.response.channel for part in parts]),
        np.concatenate([part.response.energy for part in parts]),
        np.concatenate([part.response.time for part in parts]),
        ends(lambda response: response.track_offsets),
        np.concatenate([part.response.tracks for part in parts]),
        np.zeros(0, np.bool_),
    )
    vertex = np.concatenate([part.vertex for part in parts])
    return Pool(response, vertex, np.concatenate([part.forward for part in parts]))
