"""Start the other processes of a training, and tell when one of them is lost."""

import contextlib
import copy
import dataclasses
import multiprocessing
import multiprocessing.resource_tracker
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch

from hepvision.core.errors import UserError
from hepvision.core.own import carried
from hepvision.training._meeting import gathered, parent_alive
from hepvision.training.ranks import Ranks

__all__ = ["launched"]

#: Seconds in which a process that failed ends, once the others noticed.
_LAST_WORDS = 10


@contextlib.contextmanager
def launched(
    ranks: Ranks, work: Callable[..., Any], given: Mapping[str, Any], name: str
) -> Iterator[Ranks]:
    """Start the other processes of this machine, and meet with all; they end with this one.

    Parameters
    ----------
    ranks : Ranks
        The first process of this machine.
    work : callable
        Of a module; each process calls it with its ``ranks`` and what is given.
    given : mapping
        More arguments.
    name : str
        Of the training, the same on all machines.

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
    >>> with launched(Ranks(), print, {}, "toy") as ranks:
    ...     ranks.number
    1
    """
    if ranks.number == 1:
        yield ranks
        return
    me = ranks if ranks.port else dataclasses.replace(ranks, port=_free_port())
    others: list[_Other] = []
    try:
        with _signals_held():
            others += [
                _started(dataclasses.replace(me, local=local), work, name)
                for local in range(1, ranks.devices)
            ]
        for one in others:
            one.pipe.send(_apart(given))
        store = gathered(me, name, lambda: _all_alive(others))
        yield me
        for one in others:
            one.process.join(_LAST_WORDS)
        del store
    except (RuntimeError, OSError, EOFError) as error:
        # what is said of a lost connection names none of the processes
        lost = _lost(others, me) if _of_connection(error) else ""
        if not lost:
            raise
        raise UserError(lost) from error
    finally:
        # first those that may wait for this one, which else would wait for them
        for one in others:
            one.process.kill()
            one.process.join()
            one.pipe.close()
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


class _Other(NamedTuple):
    process: Any
    pipe: Any
    rank: int


def _started(ranks: Ranks, work: Callable[..., Any], name: str) -> _Other:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    what = (work, ranks, name, theirs)
    one = context.Process(target=carried(_join), args=(what,), daemon=True)
    one.start()
    theirs.close()
    return _Other(one, mine, ranks.rank)


def _join(what: tuple[Callable[..., Any], Ranks, str, Any]) -> None:
    """What another process of this machine does: the same; the first one tells what came of it."""
    work, ranks, name, pipe = what
    try:
        # through a pipe, as components of the user's own must be known before their objects are
        given = _apart(pipe.recv())
        store = gathered(ranks, name, parent_alive)
        work(ranks=ranks, **given)
        del store
    except Exception as error:  # noqa: BLE001 - of a library of communication, or of the user's
        if not _of_connection(error):
            about = "" if isinstance(error, UserError | ValueError) else f"{type(error).__name__}: "
            pipe.send(f"{about}{error}")
        raise SystemExit(1) from None


def _apart(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same with copies of networks: between processes tensors are sent in shared memory."""
    networks = {key: one for key, one in given.items() if isinstance(one, torch.nn.Module)}
    return {**given, **copy.deepcopy(networks)}


def _all_alive(others: Sequence[_Other]) -> None:
    if any(one.process.exitcode is not None for one in others):
        raise ConnectionError("a process has ended")


def _of_connection(error: BaseException) -> bool:
    words = str(error).lower()
    broken = isinstance(error, EOFError | BrokenPipeError | ConnectionError)
    return broken or any(
        one in words for one in ("gloo", "nccl", "connection", "socket", "timed out")
    )


def _lost(others: Sequence[_Other], ranks: Ranks) -> str:
    """What a process said at its end, or how it ended; empty if none did."""
    for one in others:
        one.process.join(_LAST_WORDS / len(others))
        with contextlib.suppress(EOFError, OSError):
            if one.pipe.poll():
                return f"process {one.rank}: {one.pipe.recv()}"
    ended = {one.rank: one.process.exitcode for one in others if one.process.exitcode}
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
    # this helper of Python's would let them in again when it starts
    multiprocessing.resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
