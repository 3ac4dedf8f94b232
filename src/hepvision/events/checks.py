"""Pre-flight: what a user should know of events before they are trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import awkward as ak
import numpy as np

from hepvision.events._finding import Finding
from hepvision.events._giveaway import Giveaway
from hepvision.events._process_names import NameAndTruth
from hepvision.events._repeats import Repeats
from hepvision.events._units import Units
from hepvision.events.ranges import Ranges, columns_of

__all__ = ["COUNTS", "Finding", "Preflight"]

#: Of no surprise where they never change: one sample, one run, massless constituents, one jet.
ORDINARY = {"event_id", "event", "run", "luminosityBlock", "pileup", "weight", "label", "split"}
ORDINARY_FIELDS = {"mass", "jetIdx", "label", "part", "status", "pdgId"}
#: Of no surprise either: real data has no truth.
ORDINARY_FIELDS |= {"genPartIdx", "genPartFlav", "genJetIdx", "fakePdgId"}
ENOUGH = 20  # values that must be equal before a column is called constant

#: Kind of count that readers keep in ``events.attrs["hepvision"]``.
COUNTS = {
    "missing": "absent in {count:,}{of} events",
    "left_out": "{count:,} left out by the reader, not finite or out of range",
    "repaired": "{count:,} values put right by the reader",
    "disagree": "{count:,} with px, py that disagree with pt, phi",
}


class Check(Protocol):
    """Takes events in, piece by piece, and says what is wrong with all of them."""

    def add(self, events: ak.Array) -> None:
        """Take events in."""

    def findings(self, path: str) -> Iterator[Finding]:
        """What is wrong."""


@dataclass
class Preflight:
    """All checks over events that come piece by piece.

    Parameters
    ----------
    path : str
        Name of the file, which may say what process it should hold.

    Examples
    --------
    >>> check = Preflight()
    >>> check.add(ak.Array([{"weight": -1.0}, {"weight": 3.0}]))
    >>> [str(found) for found in check.findings()]
    ['weight: 1 of 2 events are negative, so the sum of 2 is worth 0.4 events of weight 1']
    """

    path: str = ""
    ranges: Ranges = field(default_factory=Ranges)
    checks: Sequence[Check] = field(init=False)

    def __post_init__(self) -> None:
        self.checks = (
            Told(),
            Finite(),
            Azimuths(),
            Units(),
            Weights(),
            Repeats(),
            Constants(self.ranges),
            Giveaway(),
            NameAndTruth(),
        )

    def add(self, events: ak.Array) -> None:
        """Take events in.

        Parameters
        ----------
        events : ak.Array
            Events of the schema, with the attributes that their reader gave them.
        """
        self.ranges.add(events)
        for check in self.checks:
            check.add(events)

    def findings(self) -> tuple[Finding, ...]:
        """What a user should know, the reader's own account first.

        Returns
        -------
        tuple of Finding
            Empty if there is nothing to say.
        """
        if not self.ranges.events:
            return (Finding("empty", "events", "there are none"),)
        return tuple(found for check in self.checks for found in check.findings(self.path))


@dataclass
class Told:
    """What the reader counted: put right, left out, absent, or in disagreement.

    Examples
    --------
    >>> events = ak.Array([{"weight": 1.0}], attrs={"hepvision": {"repaired": {"Electron.phi": 3}}})
    >>> told = Told()
    >>> told.add(events)
    >>> [str(found) for found in told.findings("")]
    ['Electron.phi: 3 values put right by the reader']
    """

    events: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        self.events += len(events)
        kept = events.attrs.get("hepvision") or {}
        for kind in COUNTS:
            held = kept.get(kind)
            if isinstance(held, dict):
                self.counts.setdefault(kind, Counter()).update(held)

    def findings(self, path: str) -> Iterator[Finding]:
        """One for each thing counted."""
        for kind, text in COUNTS.items():
            for name, count in sorted(self.counts.get(kind, Counter()).items()):
                if count:
                    # a store's counts are of the whole, of which a part may be looked at
                    of = f" of {self.events:,}" if count <= self.events else ""
                    yield Finding(kind, name, text.format(count=count, of=of))


@dataclass
class Finite:
    """Values that are not finite, which readers repair and stores refuse.

    Examples
    --------
    >>> check = Finite()
    >>> check.add(ak.Array([{"weight": float("nan")}, {"weight": 1.0}]))
    >>> [str(found) for found in check.findings("")]
    ['weight: 1 value is NaN or infinite']
    """

    bad: Counter[str] = field(default_factory=Counter)

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        for name, values, _ in columns_of(events):
            if values.dtype.kind == "f":
                self.bad[name] += int((~np.isfinite(values)).sum())

    def findings(self, path: str) -> Iterator[Finding]:
        """One a field."""
        for name, count in self.bad.items():
            if count:
                are = "value is" if count == 1 else "values are"
                yield Finding("finite", name, f"{count:,} {are} NaN or infinite")


@dataclass
class Azimuths:
    """Azimuths outside [−π, π).

    Examples
    --------
    >>> check = Azimuths()
    >>> muons = [[{"pt": 3.0, "phi": 6.0}, {"pt": 3.0, "phi": 1.0}]]
    >>> check.add(ak.Array({"Muon": muons}))
    >>> [str(found) for found in check.findings("")]
    ['Muon.phi: 1 of 2 lie outside [-π, π), up to 6']
    """

    counts: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        for name, values, known in columns_of(events):
            if known.unit != "rad" or not name.lower().endswith("phi") or not len(values):
                continue
            out, every, worst = self.counts.get(name, (0, 0, 0.0))
            beyond = np.abs(values) > np.float32(np.pi)  # the nearest float32 is above π
            far = float(values[np.abs(values).argmax()])
            worst = far if abs(far) > abs(worst) else worst
            self.counts[name] = (out + int(beyond.sum()), every + len(values), worst)

    def findings(self, path: str) -> Iterator[Finding]:
        """One a field."""
        for name, (out, every, worst) in self.counts.items():
            if out:
                text = f"{out:,} of {every:,} lie outside [-π, π), up to {worst:.4g}"
                yield Finding("phi", name, text)


@dataclass
class Weights:
    """Negative and zero weights, and what they cost.

    Examples
    --------
    >>> check = Weights()
    >>> check.add(ak.Array([{"weight": 0.0}, {"weight": 1.0}]))
    >>> [str(found) for found in check.findings("")]
    ['weight: 1 of 2 events are zero']
    """

    every: int = 0
    negative: int = 0
    zero: int = 0
    total: float = 0.0
    square: float = 0.0

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        if "weight" in events.fields:
            weight = np.asarray(ak.to_numpy(events["weight"]), np.float64)
            self.every += len(weight)
            self.negative += int((weight < 0).sum())
            self.zero += int((weight == 0).sum())
            self.total += float(weight.sum())
            self.square += float((weight**2).sum())

    def findings(self, path: str) -> Iterator[Finding]:
        """One for negative weights, one for zeros."""
        if self.negative:
            worth = self.total**2 / self.square if self.square else 0.0
            yield Finding(
                "weight",
                "weight",
                f"{self.negative:,} of {self.every:,} events are negative, so the sum of "
                f"{self.total:.6g} is worth {worth:.3g} events of weight 1",
            )
        if self.zero:
            yield Finding("weight", "weight", f"{self.zero:,} of {self.every:,} events are zero")


@dataclass
class Constants:
    """Columns that never change, from which nothing can be learnt.

    Examples
    --------
    >>> seen = Ranges()
    >>> seen.add(ak.Array({"Muon": [[{"charge": 1}] * 30] * 2}))
    >>> [str(found) for found in Constants(seen).findings("")]
    ['Muon.charge: is always 1']
    """

    ranges: Ranges

    def add(self, events: ak.Array) -> None:
        """Nothing: the ranges have them already."""

    def findings(self, path: str) -> Iterator[Finding]:
        """One for all columns, by their value."""
        if self.ranges.events < 2:
            return
        equal: dict[float, list[str]] = {}
        for name, one in self.ranges.fields.items():
            ordinary = name in ORDINARY or name.partition(".")[2] in ORDINARY_FIELDS
            if one.low == one.high and one.count >= ENOUGH and not ordinary:
                equal.setdefault(one.low, []).append(name)
        for value, names in sorted(equal.items()):
            verb = "is" if len(names) == 1 else "are"
            yield Finding("constant", ", ".join(names), f"{verb} always {value:.6g}")
