"""One jet close up: its constituents around its axis, as data sets of jets publish them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hepvision.figures._conventions import radius
from hepvision.figures._event import Event
from hepvision.figures._lone_jet import lone_jet
from hepvision.figures._objects import final_state, jets, near, particles, said_of_jets
from hepvision.figures._traces import Figure, Trace, layout, wrapped
from hepvision.figures._view import Panel

__all__ = ["Jet"]


@dataclass(frozen=True)
class Jet:
    """Constituents of a jet that is the whole event.

    Examples
    --------
    >>> list(Jet()(Event({}, {})))
    []
    """

    reads: ClassVar[tuple[str, ...]] = ("Particle",)
    place: ClassVar[int] = 20

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The panel, if the event is one jet."""
        name = lone_jet(event)
        if name is None:
            return
        columns = event.collections[name]
        eta, phi = float(columns["eta"][0]), float(wrapped(columns["phi"])[0])
        inside = event.collections["Particle"]
        marks, said = particles(inside, middle=phi)
        text = (
            f"Constituents: {inside['pt'].size:,}; marks grow with the logarithm of their pT."
            f"{said}{said_of_jets(event)}"
        )
        distance = max(
            float(np.abs(inside["eta"] - eta).max()),
            float(np.abs(near(inside["phi"], phi) - phi).max()),
        )
        truth = final_state(event)
        if truth:
            made, _ = particles(truth, middle=phi)
            marks += [_generated(one) for one in made]
        reach = max(distance, radius(event, name)[0]) + 0.1
        figure = _figure(marks + jets(event, middle=phi), eta, phi, reach)
        yield Panel("jet", "The jet, close up", text, figure)


def _generated(marks: Trace) -> Trace:
    """Marks of the particle that made the jet, open and with its own name in the legend."""
    look = marks["marker"] | {"symbol": "star-open", "size": 12, "line": {"width": 2}}
    return marks | {"name": f"generated {marks['name']}", "marker": look}


def _figure(data: list[Trace], eta: float, phi: float, reach: float) -> Figure:
    x = {"title": {"text": "η"}, "range": [eta - reach, eta + reach]}
    y = {"title": {"text": "φ [rad]"}, "range": [phi - reach, phi + reach]}
    return {"data": data, "layout": layout(x, y, sized=True), "aspect": 1.0, "equal": True}
