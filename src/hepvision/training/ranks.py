"""Processes that train one network together, on one machine or on several."""

import dataclasses
import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hepvision.core.errors import UserError

__all__ = ["Ranks", "ranks_of"]


@dataclasses.dataclass(frozen=True)
class Ranks:
    """Which of several processes this one is.

    Every process of a training has the network, and examples of its own in each step; gradients
    are summed, so that the step is that of all their examples together. Statistics that a network
    takes of a batch, such as those of a batch normalisation, are of a process alone.

    Parameters
    ----------
    devices : int
        Processes a machine.
    nodes : int
        Machines.
    node, local : int
        Which machine this is, and which process of it, from 0.
    address : str
        Of the first machine.
    port : int
        Where its first process listens; any that is free if 0, which is known on one machine only.
    kind : str
        Type of the device that each process trains on, as PyTorch calls it.

    Raises
    ------
    ValueError
        There are no processes, or this is none of them.

    Examples
    --------
    >>> second = Ranks(devices=2, local=1)
    >>> second.number, second.rank, second.main
    (2, 1, False)
    """

    devices: int = 1
    nodes: int = 1
    node: int = 0
    local: int = 0
    address: str = "127.0.0.1"
    port: int = 0
    kind: str = "cpu"

    def __post_init__(self) -> None:
        for name, value in (("devices", self.devices), ("nodes", self.nodes)):
            if value < 1:
                raise ValueError(f"{name}: must be positive, got {value}. Give 1 or more.")
        if not (0 <= self.node < self.nodes and 0 <= self.local < self.devices):
            raise ValueError(
                f"nodes: this one must be one of 0 to {self.nodes - 1}, got {self.node}. "
                "Start one process a node."
            )

    @property
    def number(self) -> int:
        """How many processes train."""
        return self.devices * self.nodes

    @property
    def rank(self) -> int:
        """Which one this is, from 0."""
        return self.node * self.devices + self.local

    @property
    def main(self) -> bool:
        """Whether this one writes and shows what all of them do."""
        return self.rank == 0

    @property
    def device(self) -> torch.device:
        """What this one trains on; each process of a machine has a GPU of its own."""
        return torch.device("cpu") if self.kind == "cpu" else torch.device(self.kind, self.local)

    @property
    def backend(self) -> str:
        """What carries tensors between processes: numbers of the processor go through gloo."""
        if self.kind == "cpu":
            return "gloo"
        found = torch.distributed.get_default_backend_for_device(self.kind)
        return f"cpu:gloo,{self.kind}:{found}"

    @property
    def random(self) -> Any:
        """What draws random numbers on the device."""
        return torch if self.kind == "cpu" else torch.get_device_module(self.kind)

    def random_kept(self) -> Any:
        """Leave the caller's random numbers as they were.

        Returns
        -------
        context manager
            Around what draws some.
        """
        if self.kind == "cpu":
            return torch.random.fork_rng(devices=[])
        return torch.random.fork_rng([self.local], device_type=self.kind)

    @property
    def threads(self) -> int | None:
        """Threads of each process where none are asked for; as torch has them for one alone."""
        return None if self.number == 1 else max(1, torch.get_num_threads() // self.devices)

    def trained_on(self, kind: str) -> "Ranks":
        """The same on another type of device.

        Parameters
        ----------
        kind : str
            As PyTorch calls it.

        Returns
        -------
        Ranks
            One device a process.

        Raises
        ------
        ValueError
            This machine has fewer.
        """
        there = self.devices if kind == "cpu" else torch.accelerator.device_count()
        if self.devices > there:
            raise ValueError(
                f"devices: must be no more than the {there} GPUs of this machine, got "
                f"{self.devices}. Give fewer, or set training.accelerator to cpu."
            )
        return dataclasses.replace(self, kind=kind)

    def seed(self, seed: int) -> int:
        """Seed of what is random within a batch, such as dropout: another one in each process.

        Parameters
        ----------
        seed : int
            Of the training.

        Returns
        -------
        int
            The same one in the first.
        """
        return seed + 1_000_000_000 * self.rank

    def share(self, rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """Rows of this process, such that its batches and those of the others make large ones.

        Parameters
        ----------
        rows : array of int, shape (b,)
            Of an epoch, in order.
        size : int
            Examples a batch and process.

        Returns
        -------
        array of int, shape (b // number,)
            In order. Up to ``number - 1`` rows at the end are nobody's, as all take as many.

        Examples
        --------
        >>> Ranks(devices=2, local=1).share(np.arange(11), 2).tolist()
        [2, 3, 6, 7, 9]
        """
        whole = len(rows) - len(rows) % (size * self.number)
        mine = rows[:whole].reshape(-1, self.number, size)[:, self.rank].reshape(-1)
        each = (len(rows) - whole) // self.number
        start = whole + self.rank * each
        return np.concatenate([mine, rows[start : start + each]])

    def summed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over all processes, the same in each.

        Parameters
        ----------
        values : array, shape (n,)
            Of this one.

        Returns
        -------
        array, shape (n,)
            As they are where there is one process.
        """
        if self.number == 1:
            return values
        tensor = torch.from_numpy(np.array(values, np.float64))
        torch.distributed.all_reduce(tensor)
        return tensor.numpy()

    def agree(self, plain: Sequence[object]) -> None:
        """Refuse to go on unless this is the same in all processes.

        Parameters
        ----------
        plain : sequence
            Numbers and texts.

        Raises
        ------
        UserError
            It is another one elsewhere.
        """
        if self.number == 1:
            return
        mine = np.frombuffer(hashlib.sha256(repr(plain).encode()).digest(), np.uint8)
        every = self.joined(mine.copy()).reshape(self.number, -1)
        if (every != mine).any():
            raise UserError(
                "training: all processes must start alike, got other checkpoints, data or "
                "precision in one of them. See that all have the same files and processors."
            )

    def joined(self, values: NDArray[Any]) -> NDArray[Any]:
        """What all processes have, one after the other.

        Parameters
        ----------
        values : array, shape (b, ...)
            Of this one; others may have more or fewer rows.

        Returns
        -------
        array, shape (B, ...)
            The same in each process.
        """
        if self.number == 1:
            return values
        mine = np.zeros(self.number)
        mine[self.rank] = len(values)
        sizes = self.summed(mine).astype(int)
        padded = np.zeros((sizes.max(), *values.shape[1:]), values.dtype)
        padded[: len(values)] = values
        found = [torch.empty_like(torch.from_numpy(padded)) for _ in sizes]
        torch.distributed.all_gather(found, torch.from_numpy(padded))
        return np.concatenate([one.numpy()[:n] for one, n in zip(found, sizes, strict=True)])


def ranks_of(devices: int, nodes: int, environment: Mapping[str, str] | None = None) -> Ranks:
    """The first process of this machine.

    Parameters
    ----------
    devices, nodes : int
        Processes a machine, and machines.
    environment : mapping, optional
        ``NODE_RANK``, ``GROUP_RANK`` or ``SLURM_NODEID`` say which machine this is;
        ``MASTER_ADDR``, and ``MASTER_PORT`` if it is not 29500, where the first one is. Those of
        this process if not given.

    Returns
    -------
    Ranks
        Which process this is.

    Raises
    ------
    ValueError
        There are several machines and it is not known which one this is, or where the first is.

    Examples
    --------
    >>> ranks_of(1, 2, {"SLURM_NODEID": "1", "MASTER_ADDR": "n01"}).rank
    1
    """
    if nodes <= 1:
        return Ranks(devices, nodes)
    known = os.environ if environment is None else environment
    names = [key for key in ("NODE_RANK", "GROUP_RANK", "SLURM_NODEID") if key in known]
    if not names or "MASTER_ADDR" not in known:
        missing = "NODE_RANK (or SLURM_NODEID)" if not names else "MASTER_ADDR"
        raise ValueError(
            f"nodes: need {missing} in the environment of each node, got none. "
            "Start it with srun, or set it; see docs/scale.md."
        )
    try:
        node, port = int(known[names[0]]), int(known.get("MASTER_PORT", "29500"))
    except ValueError as error:
        wanted = f"{names[0]} and MASTER_PORT must be whole numbers"
        raise ValueError(f"nodes: {wanted}. Set them so.") from error
    return Ranks(devices, nodes, node, 0, known["MASTER_ADDR"], port)
