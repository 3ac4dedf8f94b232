"""Signals that end a program: at once, or where whoever works has brought things to an end."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["REQUEUE", "Pause", "Terminated", "deferred", "terminable"]

#: What sysexits.h calls EX_TEMPFAIL: batch systems can be told to queue such a job again.
REQUEUE = 75


class Terminated(SystemExit):
    """SIGTERM came, as batch systems send it before they kill; an exit with code 75.

    Examples
    --------
    >>> Terminated().code
    75
    """

    def __init__(self) -> None:
        super().__init__(REQUEUE)


class Pause:
    """Whether a signal came, to be asked where it is safe to stop.

    Examples
    --------
    >>> pause = Pause()
    >>> pause.asked
    False
    >>> pause.obey()
    """

    def __init__(self) -> None:
        self._signal = 0

    @property
    def asked(self) -> bool:
        """Whether to come to an end."""
        return self._signal != 0

    @property
    def number(self) -> int:
        """Number of the signal that came; 0 if none did."""
        return self._signal

    def note(self, number: int) -> None:
        """Take note of a signal; a second Ctrl-C does not wait any longer.

        Parameters
        ----------
        number : int
            SIGINT or SIGTERM.

        Raises
        ------
        KeyboardInterrupt
            It is the second SIGINT.
        """
        again = self._signal == number == signal.SIGINT
        # a job that is to be queued again says so, whatever was pressed besides
        self._signal = signal.SIGTERM if signal.SIGTERM in {number, self._signal} else number
        if again:
            raise KeyboardInterrupt

    def obey(self) -> None:
        """End as the signal asks, if one came.

        Raises
        ------
        Terminated
            SIGTERM came.
        KeyboardInterrupt
            Ctrl-C.
        """
        number, self._signal = self._signal, 0
        if number == signal.SIGTERM:
            raise Terminated
        if number:
            raise KeyboardInterrupt


@contextlib.contextmanager
def _handled(handlers: Mapping[int, Callable[[int, Any], None]]) -> Iterator[None]:
    """Other handlers for a while; Python allows it in the main thread alone."""
    before: dict[int, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                # who started this process may want it to go on; None is none of Python's
                if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                    before[number] = signal.signal(number, handler)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM raises ``Terminated`` for a while, so that what is half done is cleared away.

    Yields
    ------
    None
        What was done before at SIGTERM is done again afterwards.

    Raises
    ------
    Terminated
        SIGTERM came.

    Examples
    --------
    >>> try:
    ...     with terminable():
    ...         signal.raise_signal(signal.SIGTERM)
    ... except Terminated as end:
    ...     print(end)
    75
    """

    def end(number: int, frame: Any) -> None:
        raise Terminated

    with _handled({signal.SIGTERM: end}):
        yield


@contextlib.contextmanager
def deferred() -> Iterator[Pause]:
    """Ctrl-C and SIGTERM are only noted for a while.

    Yields
    ------
    Pause
        Asked where it is safe to stop. What nobody obeyed is obeyed at the end. In a thread
        beside the main one no signal is ever noted.

    Raises
    ------
    KeyboardInterrupt, Terminated
        See ``Pause``.

    Examples
    --------
    >>> done = []
    >>> try:
    ...     with deferred():
    ...         signal.raise_signal(signal.SIGTERM)
    ...         done.append("all")
    ... except Terminated:
    ...     print(done)
    ['all']
    """
    pause = Pause()

    def note(number: int, frame: Any) -> None:
        pause.note(number)

    with _handled({signal.SIGINT: note, signal.SIGTERM: note}):
        yield pause
    pause.obey()
