"""What a view of an event is, and the panels that it gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from hepvision.core.names import load, names
from hepvision.figures._event import Event

__all__ = ["Panel", "View", "panels"]


@dataclass(frozen=True)
class Panel:
    """One picture or one table of an event.

    Parameters
    ----------
    name : str
        Tells it from the other panels: letters, digits and underscores.
    title, text : str
        Above and below it, as plain text.
    figure : dict, optional
        Of a picture: see :func:`hepvision.figures.frame.script`.
    table : str
        Of a table: its HTML.
    wide : bool
        Whether it takes the whole width.

    Examples
    --------
    >>> Panel("map", "Map", "All of it.").wide
    False
    """

    name: str
    title: str
    text: str = ""
    figure: dict[str, Any] | None = None
    table: str = ""
    wide: bool = False


class View(Protocol):
    """Draws some collections of an event; one view a file in ``figures/views``.

    ``reads`` are the collections that it draws: it is asked where the event has an object of one
    of them. ``place`` is its place on the page, the smallest first. Called with an event it gives
    its panels, none where there is nothing to see.
    """

    reads: ClassVar[tuple[str, ...]]
    place: ClassVar[int]

    def __call__(self, event: Event) -> Iterable[Panel]:
        """Panels of an event."""


def panels(event: Event) -> list[Panel]:
    """All panels that an event fills, in their order.

    Parameters
    ----------
    event : Event
        What to draw.

    Returns
    -------
    list of Panel
        Empty if no view finds anything.

    Examples
    --------
    >>> panels(Event({"event": 1}, {}))
    []
    """
    made: list[View] = [load("views", name)() for name in names("views")]
    return [
        panel
        for view in sorted(made, key=lambda one: one.place)
        if any(event.count(name) for name in view.reads)
        for panel in view(event)
    ]
