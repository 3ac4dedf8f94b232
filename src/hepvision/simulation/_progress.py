"""Progress of a simulation: the pile-up pool, and events with rate and time left."""

from __future__ import annotations

from typing import Self

from hepvision.core.progress import Bars

__all__ = ["Progress"]


class Progress(Bars):
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
        super().__init__(shown=shown)
        self._events, self._name = events, name

    def __enter__(self) -> Self:
        super().__enter__()  # the first events take a while
        self.show(self._name, self._name, 0, self._events, f"0 of {self._events:,} events", "")
        return self

    def pool(self, made: int, total: int) -> None:
        """Tell how much of the pile-up pool is made.

        Parameters
        ----------
        made, total : int
            Events.
        """
        self.events("pile-up pool", made, total)

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
        share = selected / detected if detected else 1.0
        self.events(self._name, stored, self._events, share)
