"""Jets of a process, generated once a session."""

from __future__ import annotations

import functools
from typing import Any

import awkward as ak

from hepvision.core.card import component
from hepvision.events.schema import from_columns
from hepvision.simulation.generation import generate
from hepvision.simulation.jets import leading_jets

__all__ = ["generated_jets"]


@functools.cache
def generated_jets(name: str, events: int = 150, **parameters: Any) -> dict[str, ak.Array]:
    """Jet, particles and truth of the events whose leading jet a process takes.

    Parameters
    ----------
    name : str
        A process of jets.
    events : int
        How many to generate; one in ten gives a jet.
    """
    process = component("processes", {"name": name, **parameters})
    made = generate(process, events, seed=4, sample=name)
    found = leading_jets(made, process)
    found["GenPart"] = from_columns(made.truth_offsets, made.truth, "GenPart")
    jets = found.pop(process.collection)
    kept = ak.num(jets) == 1
    return {"jet": jets[kept][:, 0], **{name: one[kept] for name, one in found.items()}}
