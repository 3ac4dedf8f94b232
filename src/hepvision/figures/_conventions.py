"""What formats mean and their files do not say: radii of jets, axes of pictures, real or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hepvision.figures._event import Event

__all__ = ["axes_of", "origin", "radius"]

#: Radius of the jets of a format, as it is published, or by its experiment.
RADII: Mapping[str, Mapping[str, float]] = {
    "cms_json": {"Jet": 0.5},  # anti-kT jets of CMS until 2012
    "energyflow_npz": {"Jet": 0.4},
    "hls4ml_jets": {"FatJet": 0.8},
    "jetclass": {"FatJet": 0.8},
    "top_tagging": {"FatJet": 0.8},
}
USUAL = {"Jet": 0.4, "GenJet": 0.4, "FatJet": 0.8}
#: Rows and columns of a format's pictures.
AXES: Mapping[str, tuple[str, str]] = {"dune_cvn": ("wire", "time tick")}
#: Formats whose events are all simulated; of the others the truth in an event tells.
SIMULATED = {
    "calochallenge", "calogan", "clic_lcd", "delphes", "dune_cvn", "e2e_images", "energyflow_npz",
    "hepmc", "hls4ml_jets", "icecube_kaggle", "jetclass", "jetnet", "lhe", "rpv_images",
    "top_tagging", "trackml",
}  # fmt: skip
REAL = {"ispy"}


def radius(event: Event, name: str) -> tuple[float, str]:
    """Radius of the circles that stand for jets, and how it is known.

    Parameters
    ----------
    event : Event
        Whose jets; with areas they tell their radius themselves.
    name : str
        ``Jet``, ``FatJet`` or ``GenJet``.

    Returns
    -------
    radius : float
        In η and φ.
    how : str
        "from their areas", "as published" or "assumed".

    Examples
    --------
    >>> radius(Event({}, {"Jet": {"area": np.array([0.49, 0.51])}}), "Jet")
    (0.4, 'from their areas')
    >>> radius(Event({}, {}), "FatJet")
    (0.8, 'assumed')
    """
    area = event.columns(name, "area").get("area", np.zeros(0))
    if area.size and float(np.median(area)) > 0:
        return round(math.sqrt(float(np.median(area)) / math.pi), 1), "from their areas"
    published = RADII.get(str(event.about.get("reader")), {})
    if name in published:
        return published[name], "as published"
    return USUAL[name], "assumed"


def axes_of(event: Event) -> tuple[str, str]:
    """Names of the rows and columns of the event's pictures.

    Parameters
    ----------
    event : Event
        With ``image`` in its attributes.

    Returns
    -------
    rows, columns : str
        "row" and "column" where nothing is known.

    Examples
    --------
    >>> axes_of(Event({}, {}, {"reader": "dune_cvn"}))
    ('wire', 'time tick')
    """
    told = dict(event.about.get("image") or {}).get("axes")
    if isinstance(told, list | tuple) and len(told) == 2:
        return str(told[0]), str(told[1])
    return AXES.get(str(event.about.get("reader")), ("row", "column"))


def origin(event: Event) -> str:
    """Whether the event is real.

    Parameters
    ----------
    event : Event
        From a reader, a store or the simulation.

    Returns
    -------
    str
        "simulation", "real data" or "not known".

    Examples
    --------
    >>> origin(Event({"run": 194115}, {}, {"reader": "ispy"})), origin(Event({}, {}))
    ('real data', 'not known')
    """
    about: Mapping[str, Any] = event.about
    if isinstance(about.get("simulation"), bool):
        return "simulation" if about["simulation"] else "real data"
    if about.get("reader") in REAL:
        return "real data"
    truth = event.count("GenPart") or event.count("GenJet") or event.count("Primary")
    made = about.get("process") or about.get("reader") in SIMULATED
    return "simulation" if made or truth else "not known"
