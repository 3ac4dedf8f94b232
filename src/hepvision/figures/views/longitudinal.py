"""From the side: r above the beam for 0 < φ < π, below it for the other half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from hepvision.events.geometry.hcal import Hcal
from hepvision.figures._bars import (
    END_FACE,
    FACE,
    HADRON_FACE,
    OUTLINE,
    bars,
    face,
    field_of,
    rays,
    scale_of,
    track_lines,
)
from hepvision.figures._deposits import Contents, Floors, contents, track_paths
from hepvision.figures._event import Event
from hepvision.figures._marks import photon_place
from hepvision.figures._traces import Array, Figure, Trace, layout
from hepvision.figures._view import Panel
from hepvision.representations._canvas import SEAM

__all__ = ["Longitudinal"]

END_RADIUS = 1515.0  # mm, size of the ECAL endcaps
HADRON_OUTWARD = HADRON_FACE / FACE


@dataclass(frozen=True)
class Longitudinal:
    """z and r of tracks and photons; the energy of both calorimeters as bars.

    Parameters
    ----------
    floors : Floors
        Smallest signals that are drawn.

    Examples
    --------
    >>> list(Longitudinal()(Event({}, {})))
    []
    """

    floors: Floors = field(default_factory=Floors)

    reads: ClassVar[tuple[str, ...]] = ("EcalBarrelHit", "EcalEndcapHit", "HcalHit", "Track")
    place: ClassVar[int] = 40

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The panel, if there is a curved track or a deposit."""
        found = contents(event, self.floors)
        data = _deposits(found)
        curved = "charge" in found.tracks
        if not data and not curved:
            return
        text = "Above the beam: 0 < φ < π; below: the other half."
        if len(found.vertices) > 1 and curved:
            text += " Pile-up vertices lie along z."
        if curved and not data:
            text += f" {field_of(found)}"
        if data:
            text += " Bars are summed transverse energy, the longest 0.9 m."
        yield Panel("longitudinal", "From the side", text, _figure(found, data))


def _deposits(event: Contents) -> list[Trace]:
    ecal = [
        np.concatenate([getattr(event.barrel, key), getattr(event.endcap, key)])
        for key in ("eta", "phi", "et")
    ]
    sums = {
        "HCAL": _halves(event.towers.eta, event.towers.phi, event.towers.et),
        "ECAL": _halves(*ecal),
    }
    scale = scale_of(*(half for pair in sums.values() for half in pair))
    data: list[Trace] = []
    for name, (above, below) in sums.items():
        made = _beside(name, above, 1.0, scale) + _beside(name, below, -1.0, scale)
        for one in made[1:]:
            one["showlegend"] = False
        data += made
    return data


def _beside(name: str, half: Array, sign: float, scale: float) -> list[Trace]:
    """Bars of a calorimeter at their η, above or below the beam."""
    edges = Hcal().eta_edges
    bins = np.flatnonzero(half > 0)
    low, high = edges[bins], edges[bins + 1]
    centre = 0.5 * (low + high)
    outward = HADRON_OUTWARD if name == "HCAL" else 1.0
    tilt, length = np.arctan2(1.0, np.sinh(centre)), scale * half[bins]
    inside = np.abs(centre) < SEAM
    x, y = [], []
    for eta, far in ((low, 0.0), (low, 1.0), (high, 1.0), (high, 0.0)):
        z, r = face(eta, inside)
        x.append(outward * z + far * length * np.cos(tilt))
        y.append(sign * (outward * r + far * length * np.sin(tilt)))
    words = [
        f"<b>{name}</b><br>ΣE<sub>T</sub> {value:.2f} GeV<br>η {a:.2f} to {b:.2f}"
        for value, a, b in zip(half[bins], low, high, strict=True)
    ]
    return bars(name, x, y, words)


def _halves(eta: Array, phi: Array, et: Array) -> tuple[Array, Array]:
    """Sums over η bins, above and below the beam."""
    up, edges = np.sin(phi) >= 0, Hcal().eta_edges
    above, _ = np.histogram(eta[up], edges, weights=et[up])
    below, _ = np.histogram(eta[~up], edges, weights=et[~up])
    return above, below


def _figure(event: Contents, deposits: list[Trace]) -> Figure:
    data = list(deposits)
    if "charge" in event.tracks:
        paths = track_paths(event.tracks)
        side = np.where(np.sin(event.tracks["phi"]) >= 0, 1.0, -1.0)[:, None]
        radius = np.hypot(paths[:, :, 0], paths[:, :, 1])
        data += track_lines(event, paths[:, :, 2], side * radius)
    if event.photons:
        eta, phi = photon_place(event)
        z, r = face(eta)
        vertex = float(event.vertices[0, 2]) if len(event.vertices) else 0.0
        side = np.where(np.sin(phi) >= 0, 1.0, -1.0)
        data += rays(event, z, side * r, np.full(z.size, vertex))
    far, high = (4600, 2750) if deposits else (3500, 1700)
    x: Trace = {"title": {"text": "z [mm]"}, "range": [-far, far]}
    y = {"title": {"text": "± r [mm]"}, "range": [-high, high]}
    made = layout(x, y, shapes=_outlines())
    return {"data": data, "layout": made, "aspect": high / far, "equal": True}


def _outlines() -> list[dict[str, Any]]:
    end = FACE * float(np.sinh(SEAM))
    boxes = [("rect", -end, end, -FACE, FACE)]
    boxes += [("line", z, z, -END_RADIUS, END_RADIUS) for z in (-END_FACE, END_FACE)]
    return [
        {"type": kind, "x0": x0, "x1": x1, "y0": y0, "y1": y1, "layer": "below"}
        | {"line": {"color": OUTLINE, "width": 1}}
        for kind, x0, x1, y0, y1 in boxes
    ]
