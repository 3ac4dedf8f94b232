"""What simulated events hold, before there are any: to try out cuts on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import awkward as ak

from hepvision.events.schema import no_events
from hepvision.reconstruction.objects import no_objects
from hepvision.simulation._chunk import PARTICLES
from hepvision.simulation.processes._jets import JetProcess
from hepvision.simulation.readout import Readout

__all__ = ["no_simulated_events"]

#: What simulated events hold.
COLLECTIONS = (
    "EcalBarrelHit",
    "EcalEndcapHit",
    "HcalHit",
    "Track",
    "Vertex",
    "GenPart",
    "Photon",
)
#: The same of the readout ``particles``, without the jet itself.
GENERATED = ("Particle", "GenPart")


def no_simulated_events(
    made: Any,
    process: str,
    readout: str,
    pileup: float,
    content: str,
    reconstruct: Sequence[str],
) -> ak.Array:
    """No event, with all fields that events of these settings will have.

    Parameters
    ----------
    made : object
        The process.
    process, readout, pileup, content, reconstruct
        As ``simulate`` takes them.

    Returns
    -------
    ak.Array
        Of length 0.

    Raises
    ------
    ValueError
        The readout cannot give this.
    """
    objects = no_objects(reconstruct)
    if readout != PARTICLES:
        Readout.named(readout)
        nothing = no_events(COLLECTIONS)
        for name, collection in objects.items():
            nothing = ak.with_field(nothing, collection, name)
        return nothing
    if not isinstance(made, JetProcess):
        raise ValueError(
            f"readout: particles needs a process of jets, such as dijets, got {process}. "
            "Take full or reduced."
        )
    if reconstruct:
        raise ValueError(
            f"reconstruct: needs a detector, got {', '.join(reconstruct)} with readout particles. "
            "Take full or reduced."
        )
    if pileup > 0 or content != "all":
        got = f"pile-up {pileup:g}" if pileup > 0 else f"content {content}"
        raise ValueError(
            f"readout: particles holds the hard collision alone, got {got}. "
            "Take pile-up 0 and content all."
        )
    return no_events((made.collection, *GENERATED))
