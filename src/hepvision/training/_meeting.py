"""Where processes that train together meet: a store of keys that the first one serves."""

import functools
import multiprocessing
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import torch.distributed as distributed

from hepvision.core.errors import UserError
from hepvision.training.ranks import Ranks

__all__ = ["PATIENCE", "gathered", "meet", "parent_alive"]

#: How long a process waits for the others, such as for one that scores or draws.
PATIENCE = timedelta(hours=2)
#: Seconds between two looks; Python sees to signals in between.
_LOOK = 0.05


def meet(ranks: Ranks) -> None:
    """Wait until the first process of every machine has come so far.

    Raises
    ------
    UserError
        One did not come, or the first one cannot be reached.
    """
    if ranks.nodes > 1:
        store = _kept(ranks)
        store.add("met", 1)
        _until(lambda: store.add("met", 0) >= ranks.nodes, ranks, _nothing)


def gathered(ranks: Ranks, name: str, alive: Callable[[], None]) -> Any:
    """Make the group of all processes of one training, once all are there.

    Parameters
    ----------
    ranks : Ranks
        This process.
    name : str
        Of the training, the same in all.
    alive : callable
        Raises if another process of this machine has ended.

    Returns
    -------
    torch.distributed.Store
        To be kept as long as the group.

    Raises
    ------
    UserError
        One did not come, or the first one cannot be reached.
    """
    store = _store(ranks, ranks.main) if ranks.nodes == 1 else _kept(ranks)
    prefixed = distributed.PrefixStore(name, store)  # type: ignore[attr-defined]
    prefixed.set(f"there {ranks.rank}", "yes")
    everyone = [f"there {one}" for one in range(ranks.number)]
    _until(lambda: prefixed.check(everyone), ranks, alive)
    distributed.init_process_group(
        ranks.backend, store=prefixed, rank=ranks.rank, world_size=ranks.number, timeout=PATIENCE
    )
    return store


def parent_alive() -> None:
    """Raise if the process that started this one has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        raise ConnectionError("the first process of this machine has ended")


def _nothing() -> None:
    pass


def _until(there: Callable[[], bool], ranks: Ranks, alive: Callable[[], None]) -> None:
    end = time.monotonic() + PATIENCE.total_seconds()
    while not there():
        alive()
        if time.monotonic() > end:
            raise UserError(
                f"training: all {ranks.number} processes must meet at "
                f"{ranks.address}:{ranks.port}, and did not. Check MASTER_ADDR, and that each node "
                "runs the same command."
            )
        time.sleep(_LOOK)


def _kept(ranks: Ranks) -> Any:
    """One store for all trainings of a run on several machines."""
    return _only(ranks.address, ranks.port, ranks.main)


@functools.lru_cache(maxsize=1)
def _only(address: str, port: int, main: bool) -> Any:
    return _store(Ranks(address=address, port=port), main)


def _store(ranks: Ranks, main: bool) -> Any:
    if not main:  # the library's own waiting sees no signal
        _until(functools.partial(_listens, ranks.address, ranks.port), ranks, parent_alive)
    try:
        return distributed.TCPStore(  # type: ignore[attr-defined]
            ranks.address, ranks.port, is_master=main, timeout=PATIENCE, wait_for_workers=False
        )
    except RuntimeError as error:
        raise UserError(
            f"training: cannot listen at {ranks.address}:{ranks.port}. Set another MASTER_PORT."
        ) from error


def _listens(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=2):
            return True
    except OSError:
        return False
