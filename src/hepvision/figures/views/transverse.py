"""Along the beam: tracks bend, bars show the barrel's transverse energy at each azimuth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from hepvision.figures._bars import (
    FACE,
    HADRON_FACE,
    HADRON_OUTLINE,
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
from hepvision.figures._marks import drawn, photon_place, tracks_drawn
from hepvision.figures._traces import EXTRA, Array, Figure, Trace, layout
from hepvision.figures._view import Panel

__all__ = ["Transverse"]

LIMIT = 2750.0  # mm


@dataclass(frozen=True)
class Transverse:
    """x and y of tracks, photons and missing energy; the barrel's energy as bars around.

    Parameters
    ----------
    floors : Floors
        Smallest signals that are drawn.

    Examples
    --------
    >>> list(Transverse()(Event({}, {})))
    []
    """

    floors: Floors = field(default_factory=Floors)

    reads: ClassVar[tuple[str, ...]] = ("EcalBarrelHit", "HcalHit", "Track")
    place: ClassVar[int] = 30

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The panel, if there is a curved track or a deposit."""
        found = contents(event, self.floors)
        data = _deposits(found)
        curved = "charge" in found.tracks
        if not data and not curved:
            return
        floors = self.floors
        said = [
            drawn(found.barrel, "barrel crystals", floors.ecal) if data else "",
            drawn(found.towers, "HCAL towers", floors.hcal) if data else "",
            tracks_drawn(found, floors) if curved else "",
        ]
        text = (
            (f"{field_of(found)} " if curved else "")
            + (
                "Bars are the barrel's summed transverse energy at each azimuth, the longest "
                "0.9 m. "
                if data
                else ""
            )
            + f"Drawn: {', '.join(filter(None, said))}."
        )
        yield Panel("transverse", "Along the beam", text, _figure(found, data))


def _deposits(event: Contents) -> list[Trace]:
    ecal, hcal, scale = _sums(event)
    return [*_around("HCAL", hcal, scale), *_around("ECAL", ecal, scale)]


def _sums(event: Contents) -> tuple[Array, Array, float]:
    """ET at each azimuth of both calorimeters, and millimetres a GeV."""
    towers = event.towers
    central = np.abs(towers.numbers[:, 0]) <= 16
    ecal = np.bincount(event.barrel.numbers[:, 1] - 1, event.barrel.et, 360).astype(np.float64)
    iphi = towers.numbers[central, 1] - 1
    hcal = np.bincount(iphi, towers.et[central], 72).astype(np.float64)
    return ecal, hcal, scale_of(ecal, hcal)


def _around(name: str, sums: Array, scale: float) -> list[Trace]:
    """Bars of a barrel calorimeter at their azimuths."""
    start, first = (HADRON_FACE, 0.0) if name == "HCAL" else (FACE, -10.0)
    step = 360.0 / sums.size
    bins = np.flatnonzero(sums > 0)
    low, high = np.deg2rad(first + step * bins), np.deg2rad(first + step * (bins + 1))
    end = start + scale * sums[bins]
    places = ((start, low), (end, low), (end, high), (start, high))
    middle = np.arctan2(np.sin(0.5 * (low + high)), np.cos(0.5 * (low + high)))
    words = [
        f"<b>{name} barrel</b><br>ΣE<sub>T</sub> {value:.2f} GeV<br>φ {angle:.3f}"
        for value, angle in zip(sums[bins], middle, strict=True)
    ]
    x = [np.broadcast_to(radius * np.cos(angle), bins.shape) for radius, angle in places]
    y = [np.broadcast_to(radius * np.sin(angle), bins.shape) for radius, angle in places]
    return bars(name, x, y, words)


def _figure(event: Contents, deposits: list[Trace]) -> Figure:
    data = list(deposits)
    if "charge" in event.tracks:
        paths = track_paths(event.tracks)
        data += track_lines(event, paths[:, :, 0], paths[:, :, 1])
    if event.photons:
        eta, phi = photon_place(event)
        r = face(eta)[1]
        data += rays(event, r * np.cos(phi), r * np.sin(phi), np.zeros(phi.size))
    if event.met is not None:
        data.append(_missing(event.met, _sums(event)[2]))
    limit = LIMIT if deposits else 1.2 * FACE
    shapes = [
        {"type": "circle", "x0": -r, "y0": -r, "x1": r, "y1": r, "layer": "below"}
        | {"line": {"color": shade, "width": 1}}
        for r, shade in ((FACE, OUTLINE), (HADRON_FACE, HADRON_OUTLINE))
        if r < limit
    ]
    x: Trace = {"title": {"text": "x [mm]"}, "range": [-limit, limit]}
    y = {"title": {"text": "y [mm]"}, "range": [-limit, limit]}
    return {"data": data, "layout": layout(x, y, shapes=shapes), "aspect": 1.0, "equal": True}


def _missing(met: tuple[float, float], scale: float) -> Trace:
    length = min(scale * met[0], 2600.0)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "missing p<sub>T</sub>",
        "x": [0, round(length * float(np.cos(met[1])))],
        "y": [0, round(length * float(np.sin(met[1])))],
        "line": {"color": "#111111", "width": 1.5, "dash": "dash"},
        "hovertemplate": f"missing p<sub>T</sub> {met[0]:.1f} GeV{EXTRA}",
    }
