"""The unrolled barrel, one pixel a crystal: what networks see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.figures._crystal_image import crystal_image
from hepvision.figures._deposits import Contents, Floors, contents
from hepvision.figures._detector_frames import position
from hepvision.figures._event import Event
from hepvision.figures._marks import (
    crystals,
    drawn,
    photon_marks,
    photon_place,
    track_marks,
    tracks_drawn,
)
from hepvision.figures._tower_marks import tower_pixels
from hepvision.figures._traces import BELOW, INVISIBLE, Array, Figure, Trace, layout
from hepvision.figures._view import Panel

__all__ = ["Barrel"]


@dataclass(frozen=True)
class Barrel:
    """Crystals of the ECAL barrel, the HCAL towers behind them, tracks and photons.

    Parameters
    ----------
    floors : Floors
        Smallest signals that are drawn.

    Examples
    --------
    >>> Barrel(Floors(ecal=1.0)).floors.ecal
    1.0
    """

    floors: Floors = field(default_factory=Floors)

    reads: ClassVar[tuple[str, ...]] = ("EcalBarrelHit", "HcalHit")
    place: ClassVar[int] = 10

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The panel, if a crystal or tower of the barrel is above its floor."""
        found, floors = contents(event, self.floors), self.floors
        towers = tower_pixels(found.towers)
        if not found.barrel.energy.size and not towers:
            return
        said = [
            drawn(found.barrel, "barrel crystals", floors.ecal),
            drawn(found.towers, "HCAL towers", floors.hcal) if towers else "",
            tracks_drawn(found, floors),
        ]
        text = (
            "One pixel a crystal (blue, logarithmic)"
            + (", HCAL towers behind it (grey)" if towers else "")
            + (
                ", tracks where they leave the beam line (orange"
                + (": primary vertex, light: pile-up)" if "vertexIdx" in found.tracks else ")")
                if found.tracks
                else ""
            )
            + ". A photon is a tight blue spot without a track; a jet is wide, with tracks and "
            f"HCAL energy. Drawn: {', '.join(filter(None, said))}."
        )
        yield Panel("barrel", "Barrel, unrolled", text, _figure(found, towers), wide=True)


def _pixel(eta: npt.ArrayLike, phi: npt.ArrayLike) -> tuple[Array, Array]:
    """Place in the barrel map: iφ, and iη without a hole at 0."""
    column, row = position("barrel", EcalBarrel.shape, eta, phi)
    return column + 1.0, row - 84.5


def _figure(event: Contents, towers: list[Trace]) -> Figure:
    hits = event.barrel
    data: list[Trace] = list(towers)
    if hits.energy.size:
        row, column = EcalBarrel().row_column(hits.numbers[:, 0], hits.numbers[:, 1])
        place = {"x0": 1, "dx": 1, "y0": -84.5, "dy": 1}
        data.append(crystal_image(row, column, hits.energy, EcalBarrel.shape, place))
        x, y = np.asarray(column) + 1.0, np.asarray(row) - 84.5
        data.append(crystals(hits, "ECAL", x, y, marker=INVISIBLE, showlegend=False))
    if event.tracks:
        x, y = _pixel(event.tracks["eta"], event.tracks["phi"])
        data += track_marks(event, x, y, {"symbol": "square"})
    if event.photons:
        data.append(photon_marks(event, *_pixel(*photon_place(event))))
    x_axis = {"title": {"text": "iφ"}, "range": [0.5, 360.5], "tickvals": [1, 90, 180, 270, 360]}
    y_axis = {
        "title": {"text": "iη"},
        "range": [-85, 85],
        "tickvals": [-84.5, -49.5, -0.5, 49.5, 84.5],
        "ticktext": ["−85", "−50", "−1", "50", "85"],
    }
    made = layout(x_axis, y_axis, margin=BELOW)
    return {"data": data, "layout": made, "aspect": 170 / 360}
