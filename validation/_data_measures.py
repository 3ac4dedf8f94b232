"""Numbers of real and simulated events that the data page compares."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_endcap import EcalEndcap

__all__ = [
    "PARTS",
    "QUANTILES",
    "TRACK_PT",
    "alignment",
    "columns",
    "endcap_eta",
    "hit_numbers",
    "photon_numbers",
]

Array = NDArray[Any]
#: The display files keep tracks from about here on.
TRACK_PT = 0.75  # GeV
QUANTILES = (0.1, 1, 5, 25, 50, 75, 95, 99, 99.9)
#: Collection, field of |ieta| and its range.
PARTS = {
    "EB": ("EcalBarrelHit", None),
    "EE": ("EcalEndcapHit", None),
    "HB": ("HcalHit", (1, 16)),
    "HE": ("HcalHit", (17, 29)),
}
SHIFTS = 4
RESAMPLED = 400


def columns(events: ak.Array, part: str) -> ak.Array:
    """Hits of a detector part, event by event."""
    name, rings = PARTS[part]
    hits = events[name]
    if rings is None:
        return hits
    ring = abs(hits["ieta"])
    return hits[(ring >= rings[0]) & (ring <= rings[1])]


def flat(values: ak.Array) -> Array:
    """All values of all events."""
    return ak.to_numpy(ak.flatten(values)).astype(float)


def _mean(values: Any) -> list[float]:
    """Mean an event and its statistical error."""
    numbers = np.asarray(values, float)
    return [float(numbers.mean()), float(numbers.std() / np.sqrt(len(numbers)))]


def _density(x: Array, edges: list[float], events: int) -> list[float]:
    return [float(value) for value in np.histogram(x, edges)[0] / events]


def endcap_eta(hits: ak.Array) -> Array:
    """|η| of endcap hits."""
    eta, _ = EcalEndcap().eta_phi(flat(hits["ix"]), flat(hits["iy"]), 1)
    return np.abs(eta)


def hit_numbers(events: ak.Array) -> dict[str, Any]:
    """Hits, energies, times and tracks of one sample."""
    number = len(events)
    found: dict[str, Any] = {"events": number, "vertices": _mean(ak.num(events["Vertex"]))}
    for part in PARTS:
        hits = columns(events, part)
        energy = flat(hits["energy"])
        counts = np.asarray(ak.num(hits), float)
        found[part] = {
            "hits": _mean(counts),
            "range": [float(value) for value in np.percentile(counts, [16, 50, 84])],
            "sum": _mean(ak.sum(hits["energy"], axis=1)),
            "least": float(energy.min()) if len(energy) else 0.0,
            "quantiles": [float(value) for value in np.percentile(energy, QUANTILES)]
            if len(energy)
            else [],
            "above": _mean(ak.sum(hits["energy"] > {"EE": 2.0}.get(part, 1.0), axis=1)),
        }
    late = flat(events["EcalBarrelHit"]["time"])
    found["late"] = [float(np.sum(np.abs(late) > 20.0) / number)]
    late = flat(events["EcalEndcapHit"]["time"])
    found["late"].append(float(np.sum(np.abs(late) > 20.0) / number))
    found["EB"]["rings"] = _density(
        np.abs(flat(events["EcalBarrelHit"]["ieta"])), [0.5, 20.5, 40.5, 60.5, 84.5, 85.5], number
    )
    eta = endcap_eta(events["EcalEndcapHit"])
    et = flat(events["EcalEndcapHit"]["energy"]) / np.cosh(eta)
    found["EE"]["rings"] = _density(eta, [1.4, 1.6, 1.8, 2.0, 2.25, 2.5, 3.1], number)
    found["EE"]["et"] = [float(value) for value in np.percentile(et, QUANTILES)]
    found["HB"]["rings"] = _density(
        np.abs(flat(columns(events, "HB")["ieta"])), [0.5, 4.5, 8.5, 12.5, 16.5], number
    )
    tracks = events["Track"][events["Track"]["pt"] > TRACK_PT]
    found["tracks"] = {
        "number": _mean(ak.num(tracks)),
        "pt": [float(value) for value in np.percentile(flat(tracks["pt"]), [25, 50, 75, 95])],
        "rings": _density(np.abs(flat(tracks["eta"])), [0, 0.5, 1.0, 1.5, 2.0, 2.5], number),
    }
    return found


def _images(event: ak.Record) -> tuple[Array, Array]:
    """ECAL summed over 5×5 crystals behind which towers lie, and HB; rows of |ieta| to 17."""
    crystals = np.zeros((170, 360))
    hits = event["EcalBarrelHit"]
    ring = np.asarray(hits["ieta"]).astype(int)
    row = np.where(ring < 0, ring + 85, ring + 84)
    np.add.at(crystals, (row, np.asarray(hits["iphi"]).astype(int) - 1), np.asarray(hits["energy"]))
    # tower h lies behind crystals 5h + 6 ... 5h + 10
    summed = np.roll(crystals, -10, axis=1).reshape(34, 5, 72, 5).sum(axis=(1, 3))
    towers = np.zeros((34, 72))
    hits = event["HcalHit"]
    ring = np.asarray(hits["ieta"]).astype(int)
    row = np.where(ring < 0, ring + 17, ring + 16)
    inside = np.abs(ring) <= 17
    column = np.asarray(hits["iphi"]).astype(int) - 1
    np.add.at(towers, (row[inside], column[inside]), np.asarray(hits["energy"])[inside])
    return np.sqrt(np.maximum(summed, 0.0)), np.sqrt(np.maximum(towers, 0.0))


def alignment(events: ak.Array, rng: np.random.Generator) -> dict[str, Any]:
    """Correlation of both images over shifts in η and φ, where it is best, and how clearly."""
    reach = range(-SHIFTS, SHIFTS + 1)
    each = np.zeros((len(events), len(reach), len(reach)))
    norm = np.zeros(2)
    for number, event in enumerate(events):
        first, second = (image - image.mean() for image in _images(event))
        norm += [np.sum(first**2), np.sum(second**2)]
        for i, down in enumerate(reach):
            rows = slice(max(down, 0), 34 + min(down, 0))
            moved = first[max(-down, 0) : 34 - max(down, 0)]
            for j, right in enumerate(reach):
                each[number, i, j] = np.sum(np.roll(moved, right, axis=1) * second[rows])
    each /= np.sqrt(norm.prod())
    total = each.sum(axis=0)
    best = np.unravel_index(total.argmax(), total.shape)
    # the unshifted value over the largest other one, for events drawn again
    lead = each[:, SHIFTS, SHIFTS, None] - np.delete(
        each.reshape(len(each), -1), SHIFTS * (len(reach) + 1), axis=1
    )
    margin = lead.sum(axis=0)
    worst = lead[:, margin.argmin()]
    again = rng.choice(worst, (RESAMPLED, len(worst))).sum(axis=1)
    return {
        "best": [int(place) - SHIFTS for place in best],
        "unshifted": float(total[SHIFTS, SHIFTS]),
        "lead": [float(margin.min()), float(again.std())],
        "far": float(np.mean([total[0], total[-1]])),
    }


def photon_numbers(values: dict[str, Array], rng: np.random.Generator) -> dict[str, Any]:
    """Medians with their errors and 68 % ranges of shower shapes."""
    number = len(values["r9"])
    found: dict[str, Any] = {"photons": number}
    for name, numbers in values.items():
        low, middle, high = np.percentile(numbers, [16, 50, 84])
        again = np.median(rng.choice(numbers, (RESAMPLED, number)), axis=1)
        found[name] = [float(value) for value in (middle, again.std(), low, high)]
    return found
