"""The ECAL endcaps, one pixel a crystal, x to the right and y upward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from hepvision.events.geometry.ecal_endcap import INNER, OUTER, EcalEndcap
from hepvision.figures._bars import OUTLINE
from hepvision.figures._crystal_image import crystal_image
from hepvision.figures._deposits import Contents, Floors, contents
from hepvision.figures._event import Event
from hepvision.figures._marks import crystals, drawn
from hepvision.figures._traces import BELOW, INVISIBLE, Figure, Trace, layout
from hepvision.figures._view import Panel

__all__ = ["Endcaps"]

SIDE = EcalEndcap.shape[1]
APART = SIDE + 10
"""Columns from one disc to the other."""


@dataclass(frozen=True)
class Endcaps:
    """Crystals of both ECAL endcaps as two discs.

    Parameters
    ----------
    floors : Floors
        Smallest signals that are drawn.

    Examples
    --------
    >>> Endcaps.reads
    ('EcalEndcapHit',)
    """

    floors: Floors = field(default_factory=Floors)

    reads: ClassVar[tuple[str, ...]] = ("EcalEndcapHit",)
    place: ClassVar[int] = 15

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The panel, if a crystal is above the floor."""
        found = contents(event, self.floors)
        if not found.endcap.energy.size:
            return
        said = drawn(found.endcap, "endcap crystals", self.floors.ecal)
        text = (
            "One pixel a crystal (blue, logarithmic), x to the right and y upward; left the endcap "
            f"at negative z, right that at positive z. Drawn: {said}."
        )
        yield Panel("endcaps", "Endcaps", text, _figure(found), wide=True)


def _figure(event: Contents) -> Figure:
    hits = event.endcap
    fields = dict(zip(EcalEndcap().fields, hits.numbers.T, strict=True))
    right = np.where(fields["side"] > 0, APART, 0)
    column, row = fields["ix"] - 1 + right, fields["iy"] - 1
    width = APART + SIDE
    data: list[Trace] = [
        crystal_image(row, column, hits.energy, (SIDE, width), {"x0": 0, "dx": 1, "y0": 1, "dy": 1})
    ]
    marks = crystals(hits, "ECAL", column.astype(float), row + 1.0, marker=INVISIBLE)
    data.append({**marks, "showlegend": False})
    middles = [SIDE / 2 - 0.5, APART + SIDE / 2 - 0.5]
    shapes: list[dict[str, Any]] = [
        {"type": "circle", "x0": at - r, "x1": at + r, "y0": 50.5 - r, "y1": 50.5 + r}
        | {"line": {"color": OUTLINE, "width": 1}, "layer": "below"}
        for at in middles
        for r in (OUTER + 0.5, INNER - 0.5)
    ]
    x = {
        "title": {"text": "ix"},
        "range": [-2.5, width + 1.5],
        "tickvals": [at - 1 + side for side in (0, APART) for at in (1, SIDE / 2, SIDE)],
        "ticktext": ["1", "−z", "100", "1", "+z", "100"],
        "tickangle": 0,
    }
    y = {"title": {"text": "iy"}, "range": [-1.5, 102.5], "tickvals": [1, SIDE // 2, SIDE]}
    made = layout(x, y, shapes=shapes, margin=BELOW)
    return {"data": data, "layout": made, "aspect": 104 / (width + 4), "equal": True}
