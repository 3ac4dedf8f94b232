"""What the figures of a report share: pictures for the page, and what is said on all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.figure import Figure

from hepvision.evaluation.classification import Discriminant, signal_versus
from hepvision.figures.style import MASS_NAME, embed
from hepvision.studies._run_folder import EntryFolder, RunFolder
from hepvision.tasks._predictions import Predictions

__all__ = ["Picture", "axis_name", "conditions", "drawn", "firsts", "versus"]

#: What events may be; the last where no reader said.
_KINDS = ("simulation", "published simulation", "collision data", "published events")
_NAMES = {
    "diphoton_mass": MASS_NAME,
    "diphoton_pt": "$p_T^{\\gamma\\gamma}$ [GeV]",
    "leading_photon_pt": "leading photon $p_T$ [GeV]",
}


@dataclass(frozen=True)
class Picture:
    """An image to stand in the page.

    Parameters
    ----------
    source : str
        Data URI.
    about : str
        What it shows, for those who cannot see it.
    wide : bool
        Whether it takes the whole width.
    """

    source: str
    about: str
    wide: bool = False


def _energy(run: RunFolder) -> str:
    """Energy and pile-up, where all simulated samples share them."""
    made = [sample for sample in run.samples.values() if sample.get("process")]
    energies = {float(sample["process"].get("energy") or 0.0) for sample in made}
    pileups = {sample.get("pileup") for sample in made}
    parts = [f"{energies.pop() / 1000:g} TeV"] if len(energies) == 1 and all(energies) else []
    if len(pileups) == 1 and None not in pileups:
        parts.append(f"pile-up {float(pileups.pop() or 0.0):g}")
    return ", ".join(parts)


def _source(run: RunFolder) -> str:
    """What the events are: simulated here, published simulation, or real collisions."""
    found = {kind for sample in run.samples.values() for kind in _kinds(sample)}
    return " and ".join(kind for kind in _KINDS if kind in found) or "simulation"


def _kinds(sample: Mapping[str, Any]) -> set[str]:
    """Kinds of a sample's events, by what their reader said of each file."""
    if sample.get("process"):
        return {"simulation"}
    files = [dict(one.get("attrs") or {}) for one in sample.get("files") or [{}]]
    said = {one.get("simulation", sample.get("simulation")) for one in files}
    return {_KINDS[1] if one else _KINDS[3] if one is None else _KINDS[2] for one in said}


def conditions(run: RunFolder) -> dict[str, Any]:
    """What stands above all axes, for :func:`~hepvision.figures.style.label`."""
    return {"right": _energy(run), "source": _source(run)}


def axis_name(name: str) -> str:
    """How an observable is called below an axis."""
    plain = name.replace("_", " ")
    return _NAMES.get(name, f"{plain} [GeV]" if "mass" in name else plain)


def firsts(entries: Sequence[EntryFolder]) -> list[EntryFolder]:
    """The first seed of each entry: what curves show where the table has every seed."""
    found: dict[str, EntryFolder] = {}
    for one in entries:
        found.setdefault(one.name, one)
    return list(found.values())


def drawn(
    figure: Figure, about: str, form: Literal["png", "svg"] = "svg", wide: bool = False
) -> Picture:
    """A figure as a picture for the page."""
    return Picture(embed(figure, form), about, wide)


def versus(run: RunFolder, found: Predictions, against: str) -> Discriminant:
    """Signal against a background, or all of them, by the scores of an entry."""
    signal = run.classes.index(run.signal)
    other: int | Literal["rest"] = "rest" if against == "rest" else run.classes.index(against)
    return signal_versus(found.scores, found.target["class"], signal, other)
