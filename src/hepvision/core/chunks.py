"""Work in numbered chunks: here, or on many machines, with the same result."""

import contextlib
import contextvars
import logging
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from hepvision.core.errors import UserError

__all__ = ["Chunk", "ahead", "check_scheduler", "chunks", "each_chunk"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Chunk(NamedTuple):
    """Rows ``start`` to ``stop`` as chunk ``number``."""

    number: int
    start: int
    stop: int


def chunks(total: int, size: int) -> list[Chunk]:
    """Cut a number of rows into chunks.

    Parameters
    ----------
    total : int
        Rows in all.
    size : int
        Rows a chunk; the last may hold fewer.

    Returns
    -------
    list of Chunk
        In order, without gaps.

    Raises
    ------
    ValueError
        The size is not positive.

    Examples
    --------
    >>> [tuple(chunk) for chunk in chunks(5, 2)]
    [(0, 0, 2), (1, 2, 4), (2, 4, 5)]
    """
    if size < 1:
        raise ValueError(f"chunk size: must be positive, got {size}.")
    starts = range(0, total, size)
    return [Chunk(i, start, min(start + size, total)) for i, start in enumerate(starts)]


def each_chunk(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int = 1,
    scheduler: str | None = None,
) -> Generator[Result, None, None]:
    """Apply a function to each item and give the results in order.

    A worker that is lost costs nothing but its time: its items are done again by others.

    Parameters
    ----------
    function : callable
        A module-level function (workers import it); its result must depend on the item alone.
    items : iterable
        May be endless: only a few more items than workers are taken ahead of what is consumed.
    workers : int
        1 runs inline; more start that many processes of one thread each.
    scheduler : str, optional
        Address of a running Dask scheduler, used instead of local processes.

    Yields
    ------
    object
        One result an item, in the order of the items.

    Raises
    ------
    ValueError
        ``workers`` is not positive.
    MissingExtraError
        More than one worker without the extra ``cluster``.
    UserError
        Every worker that took a certain item was lost.
    OSError
        The scheduler does not answer, or no longer does.

    Examples
    --------
    >>> list(each_chunk(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    if workers < 1:
        raise ValueError(f"workers: must be positive, got {workers}. Give 1 or more.")
    if workers == 1 and scheduler is None:
        yield from map(function, items)
        return
    from hepvision.core.names import require
    from hepvision.core.own import carried

    function = carried(function)
    distributed = require("distributed", extra="cluster")
    with _losses_told(distributed), _closing(_client(distributed, workers, scheduler)) as client:
        pending: deque[Any] = deque()
        threads = workers if scheduler is None else sum(client.nthreads().values()) or 1
        ahead = 2 * threads + 1  # each has its next item while an earlier one is waited for
        source = iter(items)
        try:
            for item in source:
                pending.append(client.submit(function, item, pure=False))
                if len(pending) >= ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            client.cancel(list(pending), force=True)


def ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """Make the next item in a thread while the caller works on the one before.

    Parameters
    ----------
    items : iterable
        Made, and closed where it is a generator, by one other thread alone; what it raises is
        raised here.

    Yields
    ------
    object
        The items, in order.

    Examples
    --------
    >>> list(ahead([1, 2, 3]))
    [1, 2, 3]
    """
    source, end = iter(items), object()
    context = contextvars.copy_context()  # components of the user's own are known by it
    thread = ThreadPoolExecutor(1)
    worker = thread.submit(threading.get_ident).result()

    def following() -> Any:
        return next(source, end)

    try:
        coming = thread.submit(context.run, following)
        while (item := coming.result()) is not end:
            coming = thread.submit(context.run, following)
            yield item
            del item  # before the next one is waited for
    finally:
        close = source.close if isinstance(source, Generator) else lambda: None
        closed = thread.submit(context.run, close)
        # what was left in a cycle may be collected in the thread itself, which cannot wait for it
        elsewhere = threading.get_ident() != worker
        thread.shutdown(wait=elsewhere)
        if elsewhere:
            closed.result()


def check_scheduler(scheduler: str) -> None:
    """Refuse a Dask scheduler that does not answer, before there is work for it.

    Parameters
    ----------
    scheduler : str
        Its address.

    Raises
    ------
    OSError
        None answers there.
    MissingExtraError
        The extra ``cluster`` is not installed.

    Examples
    --------
    >>> check_scheduler("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    OSError: scheduler: no Dask scheduler answers, got 'nowhere'. Start one with 'dask scheduler'...
    """
    from hepvision.core.names import require

    with _closing(_client(require("distributed", extra="cluster"), 1, scheduler)):
        pass


@contextlib.contextmanager
def _closing(client: Any) -> Iterator[Any]:
    """Close a client at the end, also when Ctrl-C comes meanwhile.

    Dask waits a minute for a cluster whose closing was broken off. Ctrl-C reaches the main thread
    only, so another one closes it.
    """
    try:
        yield client
    finally:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(client.close).result()


@contextlib.contextmanager
def _losses_told(distributed: Any) -> Iterator[None]:
    """Say in one line what was lost, where Dask says it in many."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    except distributed.scheduler.KilledWorker as error:
        raise UserError(
            "workers: must live through every piece, got one that ended each of them, such as for "
            "want of memory. Give fewer --workers, or take this piece alone to see what it is."
        ) from error
    except (CancelledError, distributed.comm.CommClosedError) as error:
        raise OSError(
            "scheduler: must answer to the end, got a lost connection. Start it again and give the "
            "same command: what is done is kept."
        ) from error
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the one that reads the results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _client(distributed: Any, workers: int, scheduler: str | None) -> Any:
    import os

    if scheduler is not None:
        try:
            # a client of an address that cannot be read tells of it once more when it is deleted
            distributed.comm.resolve_address(scheduler)
            return distributed.Client(scheduler, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise OSError(
                f"scheduler: no Dask scheduler answers, got {scheduler!r}. Start one with "
                "'dask scheduler' and give its tcp:// address."
            ) from error
    # workers take one thread each; what this process does afterwards may use all cores
    names = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")
    added = [name for name in names if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    import dask

    # else workers return freed memory to the system at once, and wait for it to be zeroed again
    kept = dask.config.set({"distributed.nanny.pre-spawn-environ": {}})
    try:
        with kept:
            client = distributed.Client(
                n_workers=workers,
                threads_per_worker=1,
                # any free port: with None a second run on this machine would warn of a taken one
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
                set_as_default=False,
            )
    finally:
        for name in added:
            del os.environ[name]
    client.register_worker_callbacks(setup=_ignore_interrupts)  # later ones too
    return client
