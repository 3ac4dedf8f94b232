"""Signals: at once, or where it is safe to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from hepvision.core.interruption import Pause, Terminated, deferred, terminable


@pytest.fixture(autouse=True)
def in_the_foreground() -> Iterator[None]:
    """Ctrl-C as in a terminal: who starts the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_termination_ends_at_once_and_is_handled_as_before_afterwards() -> None:
    before, done = handlers(), []
    with pytest.raises(Terminated) as caught, terminable():
        signal.raise_signal(signal.SIGTERM)
        done.append("too much")
    assert caught.value.code == 75
    assert (done, handlers()) == ([], before)


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ([signal.SIGTERM], Terminated),
        ([signal.SIGINT], KeyboardInterrupt),
        ([signal.SIGINT, signal.SIGTERM], Terminated),
        ([signal.SIGTERM, signal.SIGTERM, signal.SIGINT], Terminated),
    ],
)
def test_a_signal_waits_until_it_is_obeyed(
    numbers: list[signal.Signals], error: type[BaseException]
) -> None:
    before, done = handlers(), []
    with pytest.raises(error), deferred() as pause:
        assert not pause.asked
        for number in numbers:
            signal.raise_signal(number)
        assert pause.asked
        done.append("at the end of the batch")
        pause.obey()
        done.append("too much")
    assert (len(done), handlers()) == (1, before)


def test_the_second_ctrl_c_does_not_wait() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), deferred():
        signal.raise_signal(signal.SIGINT)
        done.append("once")
        signal.raise_signal(signal.SIGINT)
        done.append("twice")
    assert done == ["once"]


def test_what_goes_wrong_otherwise_is_what_is_said() -> None:
    with pytest.raises(OSError, match="full"), deferred():
        signal.raise_signal(signal.SIGTERM)
        raise OSError("the disk is full")


def test_what_this_process_was_told_to_ignore_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with deferred() as pause:
            signal.raise_signal(signal.SIGINT)
            assert not pause.asked
    finally:
        signal.signal(signal.SIGINT, before)


def test_beside_the_main_thread_nothing_is_handled() -> None:
    seen: list[Pause] = []

    def work() -> None:
        with terminable(), deferred() as pause:
            seen.append(pause)

    before = handlers()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not seen[0].asked
    assert handlers() == before
