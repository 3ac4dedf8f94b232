"""Bars with rates and time left, for work that is counted in events or bytes."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

__all__ = ["Bars"]


class Bars:
    """One bar a task, on standard error; imports nothing and shows nothing if not wanted.

    Parameters
    ----------
    shown : bool
        False shows nothing.

    Examples
    --------
    >>> with Bars(shown=False) as bars:
    ...     bars.events("score", 10, 25, share=0.4)
    """

    def __init__(self, *, shown: bool):
        self.shown = shown
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}
        self._first: dict[str, tuple[float, int]] = {}

    def __enter__(self) -> Self:
        if self.shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[done]}"),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
        return self

    def events(self, title: str, done: int, total: int, share: float = 1.0) -> None:
        """Events that are done, of all, and which share of them passed a selection.

        Parameters
        ----------
        title : str
            What is done to them.
        done, total : int
            Events.
        share : float
            Told where it is below 1.
        """
        speed = self.rate(title, done)
        rate = f"{speed:,.0f} events/s" if speed else ""
        if share < 1:
            rate = f"{rate} · {share:.1%} selected".strip(" ·")
        self.show(title, title, done, total, f"{done:,} of {total:,} events", rate)

    def rate(self, what: str, done: int) -> float:
        """A second, from the first call on: what an earlier run did does not count.

        Parameters
        ----------
        what : str
            The task.
        done : int
            Of it, in whatever unit.

        Returns
        -------
        float
            Zero at first.
        """
        now = time.monotonic()
        since, before = self._first.setdefault(what, (now, done))
        return (done - before) / (now - since) if now > since else 0.0

    def show(
        self, what: str, title: str, done: int, total: int | None, text: str, rate: str
    ) -> None:
        """Move the bar of a task, which appears with its first call.

        Parameters
        ----------
        what : str
            The task.
        title, text, rate : str
            Before the bar, and after it.
        done : int
            Of the total.
        total : int, optional
            None if it is not known.
        """
        if self._bar is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(title, total=total, done="", rate="")
        self._bar.update(self._tasks[what], completed=done, done=text, rate=rate)

    def say(self, line: str) -> None:
        """Tell what is done meanwhile, above the bars.

        Parameters
        ----------
        line : str
            Plain text.
        """
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
