"""What a training shows while it runs: events a second and time left."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

__all__ = ["TrainingProgress"]


class _Shortened(TextColumn):
    """Text that gives way to its neighbours where the line is too long."""

    def get_table_column(self) -> Column:
        """A column that may be narrowed, unlike the others."""
        return Column(no_wrap=False)

    def render(self, task: Task) -> Text:
        """On one line whatever its width."""
        text = super().render(task)
        text.no_wrap, text.overflow = True, "ellipsis"
        return text


class TrainingProgress:
    """A line that follows a training; shows nothing if it is not wanted.

    Parameters
    ----------
    title : str
        What is trained.
    epochs, events : int
        Epochs at most, and events in each.
    shown : bool
        Whether to show anything.
    console : rich.console.Console, optional
        Where; standard error if not given.

    Examples
    --------
    >>> with TrainingProgress("toy", epochs=2, events=10, shown=False) as progress:
    ...     progress.epoch(0)
    ...     progress.batch(10)
    """

    def __init__(
        self,
        title: str,
        epochs: int,
        events: int,
        shown: bool = True,
        console: Console | None = None,
    ):
        self.epochs, self.events = epochs, events
        self._rich = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=12),
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            _Shortened("{task.fields[loss]}"),
            console=console or Console(stderr=True),
            transient=True,
            disable=not shown,
        )
        self._task = self._rich.add_task(
            title, total=epochs * events, epoch=0, epochs=epochs, rate="", loss=""
        )

    def __enter__(self) -> Self:
        self._rich.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rich.stop()

    def epoch(self, number: int, loss: str = "") -> None:
        """Start an epoch.

        Parameters
        ----------
        number : int
            Epochs finished before it.
        loss : str
            What is known of the losses so far.
        """
        self._rich.update(self._task, completed=number * self.events, epoch=number + 1, loss=loss)

    def batch(self, events: int) -> None:
        """Count a batch.

        Parameters
        ----------
        events : int
            Events in it.
        """
        self._rich.advance(self._task, events)
        speed = self._rich.tasks[0].speed
        self._rich.update(self._task, rate=f"{speed:,.0f} events/s" if speed else "")
