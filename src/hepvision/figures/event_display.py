"""Interactive event display: one event in four linked views, a page that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from hepvision.core.files import atomic_write
from hepvision.figures._deposits import Contents, Floors, contents
from hepvision.figures._maps import barrel_panel, eta_phi_panel
from hepvision.figures._views import longitudinal_panel, transverse_panel
from hepvision.figures.frame import page, script
from hepvision.figures.style import pretty
from hepvision.figures.tables import table

__all__ = ["EventDisplay", "event_display"]

PANELS = (
    (
        "barrel",
        "Barrel, unrolled",
        "One pixel a crystal (blue, logarithmic), HCAL towers behind it (grey), tracks where they "
        "leave the beam line (orange: primary vertex, light: pile-up). A photon is a tight blue "
        "spot without a track; a jet is wide, with tracks and HCAL energy.",
        barrel_panel,
    ),
    (
        "transverse",
        "Along the beam",
        "Tracks bend in the field of 3.8 T; bars are the barrel's summed E<sub>T</sub> at each "
        "azimuth, the longest 0.9 m.",
        transverse_panel,
    ),
    (
        "longitudinal",
        "From the side",
        "Above the beam: 0 &lt; φ &lt; π; below: the other half. Pile-up vertices lie along z.",
        longitudinal_panel,
    ),
    (
        "map",
        "η–φ map",
        "The whole detector over azimuth: towers, crystals (size grows with log E<sub>T</sub>), "
        "tracks where they reach ECAL. Generated particles can be switched on in the legend.",
        eta_phi_panel,
    ),
)

PHOTON_COLUMNS = (
    ("pt", "pT [GeV]"),
    ("eta", "η"),
    ("phi", "φ"),
    ("r9", "R9"),
    ("sieie", "σiηiη"),
    ("hoe", "H/E"),
    ("trkSumPtHollowConeDR03", "track iso [GeV]"),
    ("ecalRecHitSumEtDR03", "ECAL iso [GeV]"),
    ("hcalTowerSumEtDR03", "HCAL iso [GeV]"),
)
FLAVOURS = {1: "prompt photon", 11: "electron", 0: "no photon"}


@dataclass(frozen=True)
class EventDisplay:
    """An event to look at: in a notebook by itself, or as a page.

    Parameters
    ----------
    title : str
        What event it is.
    body : str
        HTML of the display, to stand in a page that has the frame's style and plotly.

    Examples
    --------
    >>> EventDisplay("toy", "<p>nothing</p>").title
    'toy'
    """

    title: str
    body: str

    @property
    def html(self) -> str:
        """The whole page, with plotly inside."""
        return page(self.title, self.body, plots=True)

    def write(self, path: str | Path) -> Path:
        """Write the page.

        Parameters
        ----------
        path : path
            An HTML file; missing folders are made.

        Returns
        -------
        Path
            The file.

        Examples
        --------
        >>> import tempfile
        >>> made = EventDisplay("toy", "<p>nothing</p>").write(tempfile.mkdtemp() + "/toy.html")
        >>> made.stat().st_size > 1_000_000
        True
        """
        path = Path(path)
        with atomic_write(path, "w") as file:
            file.write(self.html)
        return path

    def _repr_html_(self) -> str:
        frame = 'style="width:100%;height:900px;border:0"'
        return f'<iframe {frame} srcdoc="{escape(self.html, quote=True)}"></iframe>'


def event_display(event: Any, floors: Floors | None = None, key: str = "event") -> EventDisplay:
    """Draw one event.

    Parameters
    ----------
    event : ak.Record
        One event of the schema; views without their collections stay empty.
    floors : Floors, optional
        Smallest signals that are drawn.
    key : str
        Distinguishes several displays in one page: letters, digits and underscores.

    Returns
    -------
    EventDisplay
        With ``html``, ``body`` and ``write``.

    Raises
    ------
    ValueError
        If the key is no identifier.

    Examples
    --------
    >>> import awkward as ak
    >>> hit = {"ieta": 1, "iphi": 1, "energy": 2.0}
    >>> display = event_display(ak.Array([{"event": 7, "EcalBarrelHit": [hit]}])[0])
    >>> display.title
    'event 7'
    """
    if not key.isidentifier():
        raise ValueError(f"display key: must be an identifier, got {key!r}. Use letters only.")
    floors = floors or Floors()
    found = contents(event, floors)
    title = _title(found)
    parts = [f'<section class="display" aria-label="event display">{_header(found, title)}']
    parts.append(_photon_table(found))
    parts.append('<div class="panels">')
    for name, heading, text, draw in PANELS:
        wide = " wide" if name in ("barrel", "map") else ""
        place = f"{key}_{name}"
        parts.append(
            f'<figure class="panel{wide}"><h3>{heading}</h3>'
            f'<div class="plot" id="{place}" role="img" aria-label="{heading}"></div>'
            f"<figcaption>{text}</figcaption></figure>"
        )
        parts.append(script(place, draw(found)))
    parts.append(f'</div><p class="note">{_drawn(found, floors)}</p></section>')
    return EventDisplay(title, "".join(parts))


def _title(event: Contents) -> str:
    scalars = event.scalars
    words = [pretty(str(scalars["sample"]))] if scalars.get("sample") else []
    for key, name in (("run", "run"), ("luminosityBlock", "lumi block"), ("event", "event")):
        # simulation has run 1 throughout, which says nothing
        if key in scalars and (key == "event" or int(scalars["run"]) != 1):
            words.append(f"{name} {int(scalars[key])}")
    return ", ".join(words) or "event"


def _header(event: Contents, title: str) -> str:
    scalars, facts = event.scalars, []
    pileup = int(scalars.get("pileup", -1))
    facts.append(f"{pileup} pile-up interactions" if pileup >= 0 else "pile-up not known")
    if len(event.vertices):
        z = f"{event.vertices[0, 2]:.0f}".replace("-", "−")
        facts.append(f"{len(event.vertices)} vertices, primary at z = {z} mm")
    if event.met is not None:
        facts.append(f"missing pT {event.met[0]:.0f} GeV")
    mass = _mass(event)
    if mass is not None:
        facts.append(f"mass of the two leading photons {mass:.1f} GeV")
    return f"<h2>{escape(title)}</h2><p>{escape(' · '.join(facts))}</p>"


def _mass(event: Contents) -> float | None:
    photons = event.photons
    if not photons or photons["pt"].size < 2:
        return None
    pt, eta, phi = (np.asarray(photons[key][:2], float) for key in ("pt", "eta", "phi"))
    opening = float(np.cosh(eta[0] - eta[1]) - np.cos(phi[0] - phi[1]))
    return float(np.sqrt(max(2.0 * pt[0] * pt[1] * opening, 0.0)))


def _photon_table(event: Contents) -> str:
    photons = event.photons
    if not photons or not photons["pt"].size:
        return "<p>No photon was reconstructed.</p>"
    known = [(key, name) for key, name in PHOTON_COLUMNS if key in photons]
    columns = [photons[key].astype(float).tolist() for key, _ in known]
    rows: list[list[Any]] = [[f"{i}", *row] for i, row in enumerate(zip(*columns, strict=True), 1)]
    header = ["photon", *(name for _, name in known)]
    # data has no truth, and says so by 0 in every row
    if "genPartFlav" in photons and event.particles:
        header.append("truth")
        for row, flavour in zip(rows, photons["genPartFlav"], strict=True):
            row.append(FLAVOURS.get(int(flavour), str(int(flavour))))
    return table(header, rows)


def _drawn(event: Contents, floors: Floors) -> str:
    parts = [
        f"{hits.energy.size} of {hits.found} {name} above {floor:g} GeV"
        for name, hits, floor in (
            ("barrel crystals", event.barrel, floors.ecal),
            ("endcap crystals", event.endcap, floors.ecal),
            ("HCAL towers", event.towers, floors.hcal),
        )
    ]
    drawn = event.tracks["pt"].size if event.tracks else 0
    parts.append(f"{drawn} of {event.found_tracks} tracks above {floors.track:g} GeV")
    return f"Drawn: {', '.join(parts)}. Drag to zoom, double-click to go back, point to read."
