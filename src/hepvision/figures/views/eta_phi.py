"""Everything over η and φ: towers, crystals, tracks, particles, jets, leptons, missing energy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from hepvision.figures._deposits import Contents, Floors, contents
from hepvision.figures._event import Columns, Event
from hepvision.figures._lone_jet import lone_jet
from hepvision.figures._marks import crystals, drawn, track_marks, tracks_drawn
from hepvision.figures._objects import (
    final_state,
    jets,
    lepton_marks,
    missing,
    particles,
    said_of_jets,
)
from hepvision.figures._tower_marks import tower_cells
from hepvision.figures._traces import (
    ECAL,
    ENDCAP,
    EXTRA,
    HCAL,
    Array,
    Figure,
    Trace,
    layout,
    points,
    rows_of,
    sizes,
    strongest,
    words_of,
    wrapped,
)
from hepvision.figures._view import Panel

__all__ = ["EtaPhi"]

MOST_TOWERS = 4000
LEAST, FARTHEST = 2.6, 6.0
"""How far the axis reaches in η, whatever there is."""
WIDE = 3.6
EDGE = 3.3
"""The map shows a little more than once around, or marks at its edge would be cut."""
RECORDED = ("Tower", "Track", "Particle", "Jet", "FatJet", "Electron", "Muon", "Tau", "Photon")
TICKS = {
    "tickvals": [round(one, 5) for one in (-np.pi, -np.pi / 2, 0.0, np.pi / 2, np.pi)],
    "ticktext": ["−π", "−π/2", "0", "π/2", "π"],
}


@dataclass(frozen=True)
class EtaPhi:
    """The map of an event; generated particles wait in the legend where there is a detector.

    Parameters
    ----------
    floors : Floors
        Smallest crystals and tracks that are drawn.

    Examples
    --------
    >>> jet = {key: np.array([value]) for key, value in (("pt", 30.0), ("eta", 1.0), ("phi", 3.0))}
    >>> [panel.name for panel in EtaPhi()(Event({}, {"Jet": jet}))]
    ['eta_phi']
    """

    floors: Floors = field(default_factory=Floors)

    reads: ClassVar[tuple[str, ...]] = (
        *("EcalBarrelHit", "EcalEndcapHit", "HcalHit", "StoredPhoton", "GenPart", "GenJet", "MET"),
        *RECORDED,
    )
    place: ClassVar[int] = 20

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The panel, unless the event is one jet, which has a view of its own."""
        if lone_jet(event) is not None:
            return
        found = contents(event, self.floors)
        data = [*tower_cells(found.towers), *_crystals(found)]
        towers, said = _towers(event.columns("Tower", "eta", "phi", "et"))
        data += towers
        data += _tracks(found)
        seen = event.columns("Particle", "pt", "eta", "phi")
        if seen:
            marks, words = particles(seen, recorded=True)
            data, said = data + marks, said + words
        made, hidden = final_state(event), _recorded(event)
        if made:
            marks, words = particles(made, hidden=hidden)
            data += _generated(marks) if hidden else marks
            said += words if hidden else f" Generated particles of the final state.{words}"
        grow = " Marks grow with the logarithm of transverse energy or momentum." if data else ""
        data += [*jets(event), *lepton_marks(event)]
        if data and all(one.get("visible") for one in data):
            for one in data:
                one.pop("visible", None)
        reach = 3.05 if found.barrel.found or found.endcap.found else _reach(data)
        outside = sum(_beyond(one, reach) for one in data if one.get("visible") is None)
        data += missing(event, reach)
        if not data:
            return
        yield Panel(
            "eta_phi",
            "η–φ map",
            (_text(found, self.floors, outside, reach) + grow + said + said_of_jets(event)).strip(),
            _figure(data, reach),
            wide=reach > WIDE,
        )


def _recorded(event: Event) -> bool:
    hits = ("EcalBarrelHit", "EcalEndcapHit", "HcalHit")
    return any(event.count(name) for name in (*RECORDED, *hits))


def _generated(marks: list[Trace]) -> list[Trace]:
    """One entry of the legend for all kinds."""
    for number, one in enumerate(marks):
        one |= {"name": "generated particles", "legendgroup": "truth", "showlegend": not number}
    return marks


def _crystals(event: Contents) -> list[Trace]:
    return [
        crystals(
            hits,
            name,
            hits.eta,
            wrapped(hits.phi),
            marker={"symbol": "square", "color": shade, "opacity": 0.75},
        )
        for name, hits, shade in (
            ("ECAL barrel", event.barrel, ECAL),
            ("ECAL endcaps", event.endcap, ENDCAP),
        )
        if hits.energy.size
    ]


def _tracks(event: Contents) -> list[Trace]:
    if not event.tracks:
        return []
    eta = np.asarray(event.tracks.get("etaEcal", event.tracks["eta"]), float)
    phi = event.tracks.get("phiEcal", event.tracks["phi"])
    return track_marks(event, eta, wrapped(phi), {"opacity": 0.8})


def _towers(columns: Columns) -> tuple[list[Trace], str]:
    """Calorimeter towers whose edges no file says: squares that grow with ET."""
    if not columns:
        return [], ""
    rows = strongest(columns["et"], MOST_TOWERS)
    none = np.zeros(columns["et"].size)
    em, had = (columns.get(key, none) for key in ("energyEm", "energyHad"))
    text = (
        "<b>tower</b> E<sub>T</sub> %{customdata[0]:.3g} GeV<br>"
        + (
            "electromagnetic %{customdata[3]:.3g}, hadronic %{customdata[4]:.3g} GeV<br>"
            if "energyEm" in columns
            else ""
        )
        + f"η %{{customdata[1]:.3f}}, φ %{{customdata[2]:.3f}}{EXTRA}"
    )
    kept = [one[rows] for one in (columns["et"], columns["eta"], columns["phi"], em, had)]
    mark = points(
        "towers",
        kept[1],
        wrapped(kept[2]),
        customdata=rows_of(*kept),
        hovertemplate=text,
        marker={"symbol": "square", "size": sizes(kept[0]), "color": HCAL, "opacity": 0.7},
    )
    said = words_of(len(rows), columns["et"].size, "towers", "those with the largest ET")
    return [mark], said


def _places(trace: Trace) -> Array:
    """η of what a trace marks; none for those of a heat map's edges."""
    known = [one for one in trace["x"] if one is not None] if trace["type"] == "scatter" else []
    return np.abs(np.array(known, np.float64))


def _reach(data: list[Trace]) -> float:
    """Far enough for all that is shown, within reason."""
    far = [_places(one).max(initial=0.0) for one in data if one.get("visible") is None]
    return float(np.clip(np.ceil(10 * (max(far, default=0.0) + 0.1)) / 10, LEAST, FARTHEST))


def _beyond(trace: Trace, reach: float) -> int:
    return int((_places(trace) > reach).sum()) if "markers" in str(trace.get("mode")) else 0


def _text(event: Contents, floors: Floors, outside: int, reach: float) -> str:
    hits = [
        drawn(event.barrel, "barrel crystals", floors.ecal, marks=True),
        drawn(event.endcap, "endcap crystals", floors.ecal, marks=True),
        drawn(event.towers, "HCAL towers", floors.hcal),
        tracks_drawn(event, floors),
    ]
    parts = []
    if any(hits):
        parts.append(f"Drawn: {', '.join(filter(None, hits))}.")
    if event.tracks and "etaEcal" in event.tracks:
        parts.append("Tracks stand where they reach the calorimeter.")
    if outside:
        parts.append(f"Marks beyond |η| = {reach:g}: {outside:,}; drag the axis to see them.")
    return " ".join(parts)


def _figure(data: list[Trace], reach: float) -> Figure:
    x = {"title": {"text": "η"}, "range": [-reach, reach]}
    y = {"title": {"text": "φ [rad]"}, "range": [-EDGE, EDGE], **TICKS}
    made = layout(x, y, sized=True)
    # on a telephone there is more room upward than across
    return {"data": data, "layout": made, "aspect": EDGE / reach, "equal": True, "narrow": 1.1}
