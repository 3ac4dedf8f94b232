"""Bars of calorimeters and curves of tracks, in millimetres, for the views along and beside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.figures._deposits import Contents
from hepvision.figures._marks import photon_marks, primary, track_marks
from hepvision.figures._traces import (
    ECAL,
    EXTRA,
    HCAL,
    INVISIBLE,
    PHOTON,
    PILEUP,
    TRACK,
    Array,
    Trace,
    gaps,
    numbers,
)
from hepvision.representations._canvas import SEAM

__all__ = [
    "END_FACE",
    "FACE",
    "HADRON_FACE",
    "HADRON_OUTLINE",
    "OUTLINE",
    "bars",
    "face",
    "field_of",
    "rays",
    "scale_of",
    "track_lines",
]

FACE, HADRON_FACE = EcalBarrel.radius, 1790.0  # mm, of ECAL and HCAL barrel
END_FACE = EcalEndcap.face  # mm, place of the ECAL endcaps
LONGEST = 900.0
"""Length of the bar of the largest deposit, mm."""
OUTLINE, HADRON_OUTLINE = "#9db7ee", "#c6c9ce"


def scale_of(*sums: Array) -> float:
    """Millimetres a GeV: the largest deposit has the longest bar, but 10 GeV at least."""
    return LONGEST / max(10.0, *(float(one.max()) if one.size else 0.0 for one in sums))


def bars(name: str, x: Sequence[Array], y: Sequence[Array], words: list[str]) -> list[Trace]:
    """Filled quadrilaterals, and unseen points on them that carry the text to show."""
    if not words:
        return []
    shade = HCAL if name == "HCAL" else ECAL
    shared = {"type": "scatter", "name": name, "legendgroup": name}
    return [
        {
            **shared,
            "mode": "lines",
            "x": gaps([*x, x[0]]),
            "y": gaps([*y, y[0]]),
            "fill": "toself",
            "fillcolor": shade,
            "line": {"color": shade, "width": 0.7},
            "hoverinfo": "skip",
        },
        {
            **shared,
            "mode": "markers",
            "showlegend": False,
            "x": numbers(np.mean(x, axis=0), 0),
            "y": numbers(np.mean(y, axis=0), 0),
            "marker": INVISIBLE,
            "text": words,
            "hovertemplate": f"%{{text}}{EXTRA}",
        },
    ]


def track_lines(event: Contents, x: Array, y: Array) -> list[Trace]:
    """Curves of tracks, shape (N, points): the primary vertex's over those of pile-up."""
    data: list[Trace] = []
    first, hard = primary(event) == 0, event.tracks["pt"] > 5.0
    for name, rows, shade, width in (
        ("pile-up tracks", ~first, PILEUP, 0.8),
        ("tracks", first & ~hard, TRACK, 1.0),
        ("tracks", first & hard, TRACK, 2.2),
    ):
        if rows.any():
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": name,
                    "legendgroup": name,
                    "showlegend": name not in [one["name"] for one in data],
                    "x": gaps(list(x[rows].T)),
                    "y": gaps(list(y[rows].T)),
                    "line": {"color": shade, "width": width},
                    "hoverinfo": "skip",
                }
            )
    half = x.shape[1] // 2
    return data + track_marks(event, x[:, half], y[:, half], INVISIBLE, showlegend=False)


def rays(event: Contents, x: Array, y: Array, start: Array) -> list[Trace]:
    """Straight lines from the beam line to where photons hit the face."""
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "photons",
        "legendgroup": "photons",
        "x": gaps([start, x]),
        "y": gaps([np.zeros(x.size), y]),
        "line": {"color": PHOTON, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
    return [line, {**photon_marks(event, x, y), "legendgroup": "photons", "showlegend": False}]


def face(eta: Array, barrel: npt.NDArray[np.bool_] | None = None) -> tuple[Array, Array]:
    """Where directions from the centre meet a face: z and r, mm.

    Edges of a tower stay on the barrel's or the endcap's side with its centre, if it is told.
    """
    inside = np.abs(eta) < SEAM if barrel is None else barrel
    slope = np.sinh(eta)
    steep = np.where(inside, 1.0, np.abs(slope))
    z = np.where(inside, FACE * slope, np.sign(eta) * END_FACE)
    return z, np.where(inside, FACE, END_FACE / steep)


def field_of(event: Contents) -> str:
    """What the curves of tracks stand for, in words."""
    if event.barrel.found or event.endcap.found or event.towers.found:
        return "Tracks bend in the field of 3.8 T."
    return (
        "Tracks are drawn in a field of 3.8 T up to a calorimeter like that of CMS; the file says "
        "neither."
    )
