"""A progress bar with events a second and time left."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

__all__ = ["Progress"]


class Progress:
    """Shows how far a simulation is.

    Parameters
    ----------
    events : int
        Events in all.
    name : str
        What is made.
    shown : bool
        False shows nothing.

    Examples
    --------
    >>> with Progress(10, "gun", shown=False) as bar:
    ...     bar.advance(10, 15, 20)
    """

    def __init__(self, events: int, name: str, *, shown: bool):
        self.events, self.name, self.shown = events, name, shown
        self._bar: Any = None
        self._task: Any = None
        self._pool: Any = None
        self._first: tuple[float, int] | None = None

    def __enter__(self) -> Progress:
        if self.shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
            self._task = self._bar.add_task(self.name, total=self.events, rate="")
        return self

    def say(self, line: str) -> None:
        """Tell what is done meanwhile, at once, on a terminal or not.

        Parameters
        ----------
        line : str
            Plain text.
        """
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)

    def pool(self, made: int, total: int) -> None:
        """Tell how much of the pile-up pool is made.

        Parameters
        ----------
        made, total : int
            Events.
        """
        if self._bar is not None:
            if self._pool is None:
                self._pool = self._bar.add_task("pile-up pool", total=total, rate="")
            self._bar.update(self._pool, completed=made)

    def advance(self, stored: int, selected: int, detected: int) -> None:
        """Tell how many events are made.

        Parameters
        ----------
        stored : int
            Events in the store.
        selected : int
            Events that passed, some of which the store may not need.
        detected : int
            Events that went through the detector.
        """
        if self._bar is None:
            return
        now = time.monotonic()
        rate = ""
        if self._first is None:
            self._first = (now, stored)
        elif now > self._first[0]:
            rate = f"{(stored - self._first[1]) / (now - self._first[0]):,.0f} events/s"
        if detected > selected:
            rate = f"{rate} · {selected / detected:.1%} selected".strip(" ·")
        self._bar.update(self._task, completed=stored, rate=rate)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
