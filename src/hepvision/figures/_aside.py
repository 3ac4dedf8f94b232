"""What stands beside the pictures: facts, collections, hardest objects, the reader's account."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import numpy as np

from hepvision.core.names import names, summary
from hepvision.events.schema import FIELDS
from hepvision.figures._conventions import origin
from hepvision.figures._event import Event
from hepvision.figures._particles import particle
from hepvision.figures.tables import number, table

__all__ = ["aside"]

#: What is summed of a collection, and what the sum is called.
SUMS = {
    "EcalBarrelHit": "energy",
    "EcalEndcapHit": "energy",
    "HcalHit": "energy",
    "Tower": "et",
    "Cell": "energy",
    "Track": "pt",
    "Particle": "pt",
    "Jet": "pt",
    "Pulse": "charge",
    "Pixel": "value",
}
OBJECTS = ("Photon", "Electron", "Muon", "Tau", "Jet", "FatJet", "Particle", "StoredPhoton")
EACH = 3
"""Objects of a kind in the table of the hardest."""
SPLITS = {0: "train", 1: "validation", 2: "test"}
COUNTS = {
    "missing": "not in the file",
    "left_out": "left out",
    "repaired": "put right",
    "disagree": "px, py disagree with pT, φ",
}


def aside(event: Event, where: str = "") -> str:
    """Tables that say what is in an event, as HTML.

    Parameters
    ----------
    event : Event
        Any event.
    where : str
        File or store, and which of its events.

    Returns
    -------
    str
        Escaped; only what there is to say.

    Examples
    --------
    >>> html = aside(Event({"run": 1}, {"MET": {"pt": np.array([31.5])}}), "a.root, event 3")
    >>> "a.root, event 3" in html, "31.5" in html
    (True, True)
    """
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in _facts(event, where)
    )
    parts = [f"<dl>{facts}</dl>"] if facts else []
    for caption, header, rows in (
        ("In the event", ["collection", "objects", "sum"], list(_collections(event))),
        ("Hardest objects", ["", "pT [GeV]", "η", "φ [rad]", "m [GeV]"], list(_hardest(event))),
        (_whose(event.about), ["", "what", "count"], list(_account(event.about))),
    ):
        if rows:
            parts.append(table(header, rows, caption))
    return f'<aside class="facts">{"".join(parts)}</aside>'


def _facts(event: Event, where: str) -> Iterator[tuple[str, str]]:
    about, scalars = event.about, event.scalars
    where = where or str(about.get("file") or "")
    if where:
        yield "file", where
    reader = str(about.get("reader") or "")
    if reader:
        told = f": {summary('readers', reader)}" if reader in names("readers") else ""
        yield "format", f"{reader}{told}".rstrip(".")
    yield "origin", origin(event)
    label = _label(about, scalars.get("label"))
    if label:
        yield "published class", label
    process = int(scalars.get("process", 0))
    if process:
        yield "generator's process", _process(about, process)
    if int(scalars.get("split", -1)) in SPLITS:
        yield "published split", SPLITS[int(scalars["split"])]
    if float(scalars.get("weight", 1.0)) != 1.0:
        yield "weight", number(float(scalars["weight"]), 4)
    yield from _measured(event)


def _label(about: Mapping[str, Any], label: Any) -> str:
    if label is None:
        return ""
    named = about.get("labels") or {}
    return str(named.get(str(int(label)), int(label))) if isinstance(named, dict) else ""


def _process(about: Mapping[str, Any], process: int) -> str:
    told = (about.get("processes") or {}).get(str(process)) or {}
    if "cross_section" in told:
        return f"{process}, {number(float(told['cross_section']))} {told.get('unit', 'pb')}"
    return str(process)


def _measured(event: Event) -> Iterator[tuple[str, str]]:
    pileup = int(event.scalars.get("pileup", -1))
    if pileup >= 0:
        yield "pile-up", f"{pileup} interactions"
    vertices = event.columns("Vertex", "z")
    if vertices:
        z = f"{round(float(vertices['z'][0]))}".replace("-", "−")
        yield "vertices", f"{vertices['z'].size}, the primary at z = {z} mm"
    met = event.columns("MET", "pt")
    if met:
        at = f" at φ = {number(float(met['phi'][0]))}" if "phi" in met else ", its φ is not known"
        yield "missing pT", f"{number(float(met['pt'][0]))} GeV{at}"
    mass = _mass(event)
    if mass is not None:
        yield "two leading photons", f"mass {mass:.1f} GeV"
    yield from _primary(event)


def _mass(event: Event) -> float | None:
    photons = event.columns("Photon", "pt", "eta", "phi")
    if not photons or photons["pt"].size < 2:
        return None
    first = np.argsort(-photons["pt"], kind="stable")[:2]
    pt, eta, phi = (np.asarray(photons[key], float)[first] for key in ("pt", "eta", "phi"))
    opening = float(np.cosh(eta[0] - eta[1]) - np.cos(phi[0] - phi[1]))
    return math.sqrt(max(2.0 * pt[0] * pt[1] * opening, 0.0))


def _primary(event: Event) -> Iterator[tuple[str, str]]:
    """The particle that made a shower or an interaction."""
    primary = event.columns("Primary")
    if not primary:
        return
    parts = []
    if "pdgId" in primary and int(primary["pdgId"][0]):
        parts.append(particle(int(primary["pdgId"][0])))
    if "energy" in primary:
        parts.append(f"{number(float(primary['energy'][0]))} GeV")
    if "theta" in primary and "phi" in primary:
        way = str(event.about.get("direction") or "direction")
        parts.append(f"{way} θ = {primary['theta'][0]:.3f}, φ = {primary['phi'][0]:.3f}")
    if "interaction" in primary:
        named = event.about.get("interactions") or {}
        kind = int(primary["interaction"][0])
        parts.append(str(named.get(str(kind), f"interaction {kind}")))
    if parts:
        yield "primary particle", ", ".join(parts).replace("-", "−")


def _collections(event: Event) -> Iterator[list[Any]]:
    for name, columns in event.collections.items():
        key = SUMS.get(name, "")
        total = ""
        if key in columns and event.count(name):
            unit = FIELDS.get(name, {})[key].unit if name in FIELDS else ""
            if name == "Pulse":
                unit = "p.e."
            if name == "Pixel":
                unit = str((event.about.get("image") or {}).get("unit") or "")
            value = number(float(np.sum(columns[key], dtype=np.float64)), 4)
            words = {"pt": "ΣpT ", "et": "ΣET ", "energy": "ΣE "}.get(key, "Σ ")
            total = f"{words}{value} {unit.partition(',')[0]}".rstrip()
        yield [name, event.count(name), total]


def _hardest(event: Event) -> Iterator[list[Any]]:
    for name in OBJECTS:
        columns = event.columns(name, "pt", "eta", "phi")
        if not columns or (name == "StoredPhoton" and event.count("Photon")):
            continue
        for rank, row in enumerate(np.argsort(-columns["pt"], kind="stable")[:EACH].tolist(), 1):
            mass = float(columns["mass"][row]) if "mass" in columns else None
            pt, eta, phi = (float(columns[key][row]) for key in ("pt", "eta", "phi"))
            place = [f"{one:.2f}".replace("-", "−") for one in (eta, phi)]
            yield [f"{name} {rank}", pt, *place, mass]


def _whose(about: Mapping[str, Any]) -> str:
    whole = ", of the whole store" if "made_by" in about else ""
    return f"The reader's account{whole}"


def _account(about: Mapping[str, Any]) -> Iterator[list[Any]]:
    for kind, words in COUNTS.items():
        counts = about.get(kind)
        for name, count in sorted(counts.items()) if isinstance(counts, dict) else ():
            if isinstance(count, int) and count:
                # of a file one event was read, which lacks it
                alone = kind == "missing" and "made_by" not in about
                yield [name, words, "" if alone else count]
