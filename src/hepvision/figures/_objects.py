"""Particles, jets, leptons and missing energy over η and φ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hepvision.figures._conventions import radius
from hepvision.figures._event import Columns, Event
from hepvision.figures._particles import KINDS, kinds, particle
from hepvision.figures._traces import (
    EXTRA,
    HALO,
    PHOTON,
    TRUTH,
    Trace,
    gaps,
    numbers,
    points,
    rows_of,
    sizes,
    strongest,
    words_of,
    wrapped,
)

__all__ = ["final_state", "jets", "lepton_marks", "missing", "near", "particles", "said_of_jets"]

MOST = 4000
"""More particles than this make a page slow; those with the largest pT are drawn."""
JETS = (("Jet", "#1d2430", "solid"), ("FatJet", "#00838f", "dash"), ("GenJet", "#717581", "dot"))
LEPTONS = (
    ("Electron", "electrons", "#bd1f01", "star-diamond-open"),
    ("Muon", "muons", "#111111", "cross-open"),
    ("Tau", "taus", "#a96b59", "triangle-down-open"),
    ("Photon", "photons", PHOTON, "circle-open"),
    ("StoredPhoton", "photons of the file", PHOTON, "square-open"),
)
MOST_OBJECTS = 200
"""Jets, leptons and photons of a kind that are drawn."""
NAMED = 6
"""Objects of a kind whose pT is written beside them."""
_MOMENTUM = (
    "p<sub>T</sub> %{customdata[0]:.4g} GeV<br>η %{customdata[1]:.3f}, φ %{customdata[2]:.3f}"
)
TITLES = {"Jet": "jets", "FatJet": "large jets", "GenJet": "generated jets"}


def hardest(event: Event, name: str) -> Columns:
    """Objects that are drawn, those with the largest pT first."""
    columns = event.columns(name, "pt", "eta", "phi")
    if not columns:
        return {}
    order = np.argsort(-columns["pt"].astype(float), kind="stable")[:MOST_OBJECTS]
    return {key: one[order].astype(np.float64) for key, one in columns.items()}


def jets(event: Event, middle: float = 0.0) -> list[Trace]:
    """Circles of the jets' radius, generated ones only on demand."""
    made: list[Trace] = []
    for name, shade, dash in JETS:
        columns = hardest(event, name)
        if not columns:
            continue
        size, _ = radius(event, name)
        shared: Trace = {"legendgroup": name}
        if name == "GenJet":
            shared["visible"] = "legendonly"
        pt, eta, phi = columns["pt"], columns["eta"], near(columns["phi"], middle)
        x, y = _circles(eta, phi, size, middle)
        made.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{TITLES[name]}, R = {size:g}",
                "x": x,
                "y": y,
                "line": {"color": shade, "width": 1.6, "dash": dash},
                "hoverinfo": "skip",
                **shared,
            }
        )
        made.append(_axes(name, columns, phi, shade) | shared)
        if name != "GenJet":
            font = {"color": shade, "size": 11, "shadow": HALO}
            made.append(_labels(pt, eta, phi, size, middle) | shared | {"textfont": font})
    return made


def _axes(name: str, columns: Columns, phi: npt.NDArray[np.float64], shade: str) -> Trace:
    """A cross at the axis of each jet, which answers the pointer."""
    rank = np.arange(1, phi.size + 1)
    data = [columns["pt"], columns["eta"], wrapped(phi), rank]
    text = f"<b>{TITLES[name][:-1]} %{{customdata[3]}}</b> {_MOMENTUM}"
    if "mass" in columns:
        data.append(columns["mass"])
        text += "<br>mass %{customdata[4]:.4g} GeV"
    return points(
        TITLES[name],
        columns["eta"],
        phi,
        marker={"symbol": "x-thin", "size": 7, "line": {"width": 1.6, "color": shade}},
        customdata=rows_of(*data),
        hovertemplate=text + EXTRA,
        showlegend=False,
    )


def _labels(
    pt: npt.NDArray[np.float64],
    eta: npt.NDArray[np.float64],
    phi: npt.NDArray[np.float64],
    size: float,
    middle: float,
) -> Trace:
    """pT of the hardest jets, outside of their circles."""
    rows = slice(0, NAMED)
    low = (phi[rows] - size > middle - 2.6) & (size < 0.6)
    low |= phi[rows] + size > middle + 2.6
    return {
        "type": "scatter",
        "mode": "text",
        "name": "pT of jets",
        "x": numbers(eta[rows]),
        "y": numbers(np.where(low, phi[rows] - size, phi[rows] + size)),
        "text": [f"{one:.0f} GeV" for one in pt[rows]],
        "textposition": ["bottom center" if one else "top center" for one in low],
        "hoverinfo": "skip",
        "showlegend": False,
    }


def near(phi: npt.ArrayLike, middle: float) -> npt.NDArray[np.float64]:
    """Azimuths within half a turn of a middle."""
    return middle + wrapped(np.asarray(phi, np.float64) - middle)


def _circles(
    eta: npt.NDArray[np.float64], phi: npt.NDArray[np.float64], size: float, middle: float
) -> tuple[list[float | None], list[float | None]]:
    """Outlines; one that crosses the edge of the map comes again at the other side."""
    over = np.abs(phi - middle) + size > np.pi
    again = phi[over] - np.sign(phi[over] - middle) * 2 * np.pi
    x, y = np.concatenate([eta, eta[over]]), np.concatenate([phi, again])
    turn = np.linspace(0.0, 2 * np.pi, 61)
    around = [x + size * np.cos(angle) for angle in turn]
    return gaps(around, 3), gaps([y + size * np.sin(angle) for angle in turn], 3)


def said_of_jets(event: Event) -> str:
    """Where the radius of the circles is from, in words; nothing where there is no jet."""
    told = [
        f"{TITLES[name]} R = {size:g} ({how})"
        for name, _, _ in JETS
        if event.columns(name, "pt", "eta", "phi")
        for size, how in [radius(event, name)]
    ]
    many = [
        words_of(MOST_OBJECTS, event.count(name), TITLES[name], "those with the largest pT")
        for name, _, _ in JETS
    ]
    return (f" Circles: {', '.join(told)}." if told else "") + "".join(many)


def lepton_marks(event: Event) -> list[Trace]:
    """Electrons, muons, taus and photons, the hardest with their pT."""
    made = []
    for name, words, shade, symbol in LEPTONS:
        columns = hardest(event, name)
        if not columns or (name == "StoredPhoton" and event.count("Photon")):
            continue
        pt, eta, phi = (columns[key] for key in ("pt", "eta", "phi"))
        text = f"<b>{words[:-1] if name != 'StoredPhoton' else 'photon'}</b> {_MOMENTUM}{EXTRA}"
        made.append(
            points(
                words,
                eta,
                wrapped(phi),
                mode="markers+text",
                text=[f"{one:.0f} GeV" if k < NAMED else "" for k, one in enumerate(pt)],
                textposition="top center",
                textfont={"color": shade, "size": 11, "shadow": HALO},
                marker={"symbol": symbol, "size": 15, "color": shade, "line": {"width": 2}},
                customdata=rows_of(pt, eta, wrapped(phi)),
                hovertemplate=text,
            )
        )
    return made


def particles(
    columns: Columns, middle: float = 0.0, hidden: bool = False, recorded: bool = False
) -> tuple[list[Trace], str]:
    """Particles by kind, size growing with pT; and what is said if not all are drawn."""
    rows = strongest(columns["pt"], MOST)
    kept = {key: one[rows] for key, one in columns.items()}
    known = "pdgId" in kept and bool(np.any(kept["pdgId"]))
    if known:
        kind = kinds(kept["pdgId"], kept.get("charge"), recorded)
    else:
        kind = np.full(len(rows), -1)
    made = []
    for number in np.unique(kind):
        name, shade, symbol = KINDS[number] if number >= 0 else ("particles", "#5790fc", "circle")
        if recorded and 2 <= number <= 5:
            # or they would be taken for the reconstructed objects
            name += ", candidates"
        one = {key: values[kind == number] for key, values in kept.items()}
        made.append(_marks(name, shade, symbol, one, middle, known))
        if hidden:
            made[-1]["visible"] = "legendonly"
    said = words_of(len(rows), columns["pt"].size, "particles", "those with the largest pT")
    return made, said


def _marks(
    name: str, shade: str, symbol: str, columns: Columns, middle: float, known: bool
) -> Trace:
    data = rows_of(columns["pt"], columns["eta"], wrapped(columns["phi"]))
    text = f"<b>%{{text}}</b> {_MOMENTUM}{EXTRA}"
    names: Sequence[str] | str = name
    if known:
        table = {one: particle(one) for one in np.unique(columns["pdgId"]).tolist()}
        names = [table[one] for one in columns["pdgId"].tolist()]
    return points(
        name,
        columns["eta"],
        near(columns["phi"], middle),
        customdata=data,
        text=names,
        hovertemplate=text,
        marker={
            "symbol": symbol,
            "size": sizes(columns["pt"], 3.5, 14),
            "color": shade,
            "opacity": 0.75,
        },
    )


def final_state(event: Event) -> Columns:
    """Generated particles that leave the interaction; all of them where no status is given."""
    columns = event.columns("GenPart", "pt", "eta", "phi")
    if columns and "status" in columns:
        final = columns["status"] == 1
        columns = {key: one[final] for key, one in columns.items()} if final.any() else {}
    return columns


def missing(event: Event, reach: float) -> list[Trace]:
    """A line at the azimuth of the missing transverse momentum."""
    met = event.columns("MET", "pt", "phi")
    if not met:
        return []
    pt, phi = float(met["pt"][0]), float(wrapped(met["phi"])[0])
    return [
        {
            "type": "scatter",
            "mode": "lines+text",
            "name": "missing p<sub>T</sub>",
            "x": [-reach, 0.0, 0.99 * reach, reach],
            "y": [round(phi, 4)] * 4,
            "text": ["", "", f"{pt:.0f} GeV", ""],
            "textposition": "top left" if phi < 2.8 else "bottom left",
            "textfont": {"color": TRUTH, "size": 11, "shadow": HALO},
            "line": {"color": TRUTH, "width": 1.8, "dash": "dashdot"},
            "hovertemplate": f"<b>missing p<sub>T</sub></b> {pt:.1f} GeV<br>φ {phi:.3f}{EXTRA}",
        }
    ]
