"""Progress of a conversion: files fetched and looked at, events read, with rates and time left."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

__all__ = ["Progress"]


class Progress:
    """One bar for each of the three steps; ``shown`` False shows none."""

    def __init__(self, *, shown: bool):
        self.shown = shown
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}
        self._first: dict[str, tuple[float, int]] = {}

    def __enter__(self) -> Progress:
        if self.shown:
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[done]}"),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
        return self

    def fetched(self, name: str, here: int, total: int | None) -> None:
        """Bytes of a file that is fetched."""
        done = f"{here / 1e6:,.1f}" + (f" of {total / 1e6:,.1f} MB" if total else " MB")
        rate = self._rate(name, here)
        self._show(name, f"fetch {name}", here, total, done, f"{rate / 1e6:,.1f} MB/s")

    def looked(self, files: int, total: int) -> None:
        """Files whose format, length and checksum are known."""
        self._show("look", "look at files", files, total, f"{files} of {total} files", "")

    def read(self, events: int, total: int, passed: int) -> None:
        """Events that are read, of all files, and how many of them passed."""
        rate = f"{self._rate('read', events):,.0f} events/s"
        if passed < events:
            rate += f" · {passed / events:.1%} selected"
        done = f"{events:,} of {total:,} events"
        self._show("read", "convert", events, total, done, rate)

    def _rate(self, what: str, done: int) -> float:
        """A second, from the first call on: what an earlier run did does not count."""
        now = time.monotonic()
        since, before = self._first.setdefault(what, (now, done))
        return (done - before) / (now - since) if now > since else 0.0

    def _show(
        self, what: str, title: str, done: int, total: int | None, text: str, rate: str
    ) -> None:
        if self._bar is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(title, total=total, done="", rate="")
        self._bar.update(self._tasks[what], completed=done, done=text, rate=rate)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
