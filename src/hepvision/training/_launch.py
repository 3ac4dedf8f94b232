"""Start the other processes of a training, and tell when one of them is lost."""

import contextlib
import dataclasses
import logging
import multiprocessing
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hepvision.core.errors import UserError
from hepvision.core.own import carried
from hepvision.training.ranks import Ranks

__all__ = ["launched"]

_LOG = logging.getLogger(__name__)
#: Seconds in which a process that failed ends, once the others noticed.
_LAST_WORDS = 10


@contextlib.contextmanager
def launched(ranks: Ranks, work: Callable[..., Any], given: Mapping[str, Any]) -> Iterator[Ranks]:
    """Start the other processes of this machine; they end with this one.

    Parameters
    ----------
    ranks : Ranks
        The first process of this machine.
    work : callable
        Of a module; each process calls it with its ``ranks`` and what is given.
    given : mapping
        More arguments.

    Yields
    ------
    Ranks
        This process, with a port that is known to the others.

    Raises
    ------
    UserError
        Another process came to an end too early.

    Examples
    --------
    >>> with launched(Ranks(), print, {}) as ranks:
    ...     ranks.number
    1
    """
    if ranks.number == 1:
        yield ranks
        return
    me = ranks if ranks.port else dataclasses.replace(ranks, port=_free_port())
    others: list[Any] = []
    try:
        with _signals_held():
            pipes = [
                _start(dataclasses.replace(me, local=local), work, others)
                for local in range(1, ranks.devices)
            ]
        for pipe in pipes:
            pipe.send(dict(given))
        for pipe in pipes:
            pipe.recv()  # one that ended before it was there closed its end
        yield me
        for one in others:
            one.join(_LAST_WORDS)
    except (RuntimeError, OSError) as error:
        # what is said of a lost connection names none of the processes
        lost = _lost(others, me) if _of_connection(error) else ""
        if not lost:
            raise
        raise UserError(lost) from error
    finally:
        for one in others:
            one.kill()
            one.join()


def _start(ranks: Ranks, work: Callable[..., Any], others: list[Any]) -> Any:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    one = context.Process(target=carried(_join), args=(work, ranks, theirs), daemon=True)
    one.start()
    theirs.close()
    others.append(one)
    return mine


def _join(work: Callable[..., Any], ranks: Ranks, pipe: Any) -> None:
    """What another process of this machine does: the same; the first one tells what came of it."""
    try:
        # through a pipe, as components of the user's own must be known before their objects are
        given = pipe.recv()
        pipe.send("there")
        work(ranks=ranks, **given)
    except Exception as error:  # noqa: BLE001 - of a library of communication, or of the user's
        if not (_of_connection(error) or isinstance(error, UserError | ValueError)):
            _LOG.error("training: process %d: %s: %s", ranks.rank, type(error).__name__, error)
        raise SystemExit(1) from None


def _of_connection(error: BaseException) -> bool:
    words = str(error).lower()
    broken = isinstance(error, EOFError | BrokenPipeError | ConnectionError)
    return broken or any(one in words for one in ("gloo", "connection", "socket", "timed out"))


def _lost(others: list[Any], ranks: Ranks) -> str:
    """Which process ended, as far as this machine can know; empty if none did."""
    for one in others:
        one.join(_LAST_WORDS / len(others))
    first = ranks.rank + 1
    ended = {rank: one.exitcode for rank, one in enumerate(others, first) if one.exitcode}
    if not ended and ranks.nodes == 1:
        return ""
    killed = {rank: code for rank, code in ended.items() if code < 0}
    found = [
        f"{rank} (signal {-code})" if code < 0 else f"{rank} (exit code {code})"
        for rank, code in (killed or ended).items()
    ]
    return (
        f"training: needs all {ranks.number} processes, lost "
        f"{', '.join(found) or 'one on another machine'}. "
        "Give the same command again: it goes on at the last checkpoint."
    )


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Processes that are started meanwhile see no Ctrl-C and no SIGTERM: the first one tells."""
    if not hasattr(signal, "pthread_sigmask"):  # as on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
