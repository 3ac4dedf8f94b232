"""MeV taken for GeV, numbers a thousand times too small, ratios that are none."""

from __future__ import annotations

from collections.abc import Iterator

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events._finding import Finding
from hepvision.events.schema import flat

__all__ = ["Units"]

#: Field that is summed over an event, and a median of single objects that no collider gives, GeV.
MOMENTA = {
    "Jet": ("pt", 5000.0),
    "FatJet": ("pt", 5000.0),
    "GenJet": ("pt", 5000.0),
    "Electron": ("pt", 2000.0),
    "Muon": ("pt", 2000.0),
    "Photon": ("pt", 2000.0),
    "Tau": ("pt", 2000.0),
    "Particle": ("pt", 500.0),
    "Track": ("pt", 500.0),
    "Tower": ("et", 500.0),
    "MET": ("pt", 5000.0),
    "EcalBarrelHit": ("energy", 500.0),
    "HcalHit": ("energy", 500.0),
}
COLLISION = 14_000.0  # GeV: more transverse momentum than the LHC's beams have energy
JETS = ("Jet", "FatJet", "GenJet")
SMALLEST = 2.0  # GeV: no jet finder starts below
MOST_SHOWER = 10.0  # deposited over incident energy
LEAST_SHOWER = 1e-3
RATIOS = ("pfRelIso03_all", "miniPFRelIso_all")
MOST_RATIO = 50.0  # half of an isolation over pt lie far below 1
KEPT = 20_000  # values a median is taken of


class Units:
    """Sums and medians that cannot be in GeV."""

    def __init__(self) -> None:
        self._over: dict[str, list[int]] = {}
        self._values: dict[str, list[NDArray[np.float64]]] = {}
        self._ratio: list[NDArray[np.float64]] = []
        self._isolations: dict[str, list[NDArray[np.float64]]] = {}

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        for name, (key, _) in MOMENTA.items():
            if name not in events.fields or key not in events[name].fields:
                continue
            offsets, columns = flat(events[name])
            values = columns[key].astype(np.float64)
            sums = np.concatenate([[0.0], np.cumsum(values)])
            counts = self._over.setdefault(name, [0, 0])
            total = sums[offsets[1:]] - sums[offsets[:-1]]
            counts[0] += int((total > COLLISION).sum())
            counts[1] += len(events)
            kept = self._values.setdefault(name, [])
            if sum(map(len, kept)) < KEPT:
                kept.append(values)
        for name in {"Electron", "Muon"} & set(events.fields):
            for key in set(RATIOS) & set(events[name].fields):
                kept = self._isolations.setdefault(f"{name}.{key}", [])
                if sum(map(len, kept)) < KEPT:
                    kept.append(flat(events[name])[1][key].astype(np.float64))
        if {"Cell", "Primary"} <= set(events.fields) and "energy" in events.Primary.fields:
            made = np.asarray(ak.sum(events.Primary.energy, axis=1), np.float64)
            left = np.asarray(ak.sum(events.Cell.energy, axis=1), np.float64)
            self._ratio.append(left[made > 0] / made[made > 0])

    def findings(self, path: str) -> Iterator[Finding]:
        """One a collection."""
        for name, (over, events) in self._over.items():
            key, most = MOMENTA[name]
            values = np.concatenate(self._values[name])
            middle = float(np.median(values)) if len(values) else 0.0
            where = f"{name}.{key}"
            if middle > most:
                text = f"half are above {middle:,.0f} GeV. MeV taken for GeV?"
                yield Finding("unit", where, text)
            elif over > max(1, 0.01 * events):
                text = f"{over:,} of {events:,} events sum to more than 14 TeV. MeV taken for GeV?"
                yield Finding("unit", where, text)
            elif name in JETS and len(values) and values.max() < SMALLEST:
                text = f"the largest is {values.max():.3g} GeV. Relative values, or TeV?"
                yield Finding("unit", where, text)
        for where, kept in sorted(self._isolations.items()):
            values = np.concatenate(kept)
            if len(values) and np.median(values) > MOST_RATIO:
                text = f"half are above {np.median(values):,.0f}, though called relative to pt"
                yield Finding("unit", where, text)
        ratio = np.concatenate(self._ratio) if self._ratio else np.zeros(0)
        middle = float(np.median(ratio)) if len(ratio) else 1.0
        if not LEAST_SHOWER < middle < MOST_SHOWER:
            text = f"sums to {middle:.3g} times the energy that came in. MeV taken for GeV?"
            yield Finding("unit", "Cell.energy", text)
