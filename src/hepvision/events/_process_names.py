"""Files that are called after a process that their truth does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

import awkward as ak
import numpy as np

from hepvision.events._finding import Finding
from hepvision.events.schema import flat

__all__ = ["NameAndTruth", "named"]

#: Heavy particles by PDG id, and words in a file's name that promise them; none before or behind
#: the word is a letter.
HEAVY = {6: "top quark", 23: "Z", 24: "W", 25: "Higgs boson"}
WORDS = {
    6: r"tt(?:bar|jets?|to[a-z0-9]+|h|w|z|gg|hto[a-z0-9]+)?|[a-z]*ttbar|top[a-z]*pair|singletop",
    23: r"dy(?:jets?|to[a-z]+|jetsto[a-z]+)?|z(?:jets?|to[a-z]+|jetsto[a-z]+|ll|mumu|ee|nunu)|"
    r"drell|drellyan",
    24: r"w(?:jets?|to[a-z]+|jetsto[a-z]+|plus|minus|munu|enu|lnu)",
    25: r"(?:tt|vbf|ggf?|gluglu|w|z|v)h|(?:[a-z]{1,6})?h(?:to[a-z0-9]+|gg|bb|zz|tautau|_?m?125)|"
    r"higgs[a-z]*",
}
#: Where a Z is named, a pair of leptons will do: generators leave the boson out off its shell.
LEPTONS = (11, 13, 15)
SHARE = 0.5  # of the events
ENOUGH = 5  # events


def named(path: str) -> tuple[int, ...]:
    """Heavy particles that the name of a file promises.

    Parameters
    ----------
    path : str
        The file; folders do not count.

    Returns
    -------
    tuple of int
        PDG ids.

    Examples
    --------
    >>> named("ttH_M125_2017.root"), named("DYJetsToLL--UL17.root"), named("nano_tt_v12.root")
    ((6, 25), (23,), (6,))
    >>> named("pfnano.root"), named("GJet_v11.root"), named("top_tagging.h5")
    ((), (), ())
    """
    name = PurePath(path).stem.lower()
    bounds = r"(?<![a-z])(?:{})(?![a-z])"
    found = {pdg for pdg, words in WORDS.items() if re.search(bounds.format(words), name)}
    if re.search(r"(?<![a-z])tth", name):
        found |= {6, 25}
    return tuple(sorted(found))


class NameAndTruth:
    """Heavy particles in the truth of the events, against the name of their file."""

    def __init__(self) -> None:
        self.events = 0
        self._with = dict.fromkeys(HEAVY, 0)
        self._pairs = 0

    def add(self, events: ak.Array) -> None:
        """Take events in."""
        if "GenPart" not in events.fields or "pdgId" not in events.GenPart.fields:
            return
        offsets, columns = flat(events.GenPart)
        self.events += int((np.diff(offsets) > 0).sum())
        kinds = np.abs(columns["pdgId"])
        event = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        for pdg in HEAVY:
            self._with[pdg] += len(np.unique(event[kinds == pdg]))
        paired = np.zeros(len(offsets) - 1, bool)
        for pdg in LEPTONS:
            both = [event[columns["pdgId"] == sign * pdg] for sign in (1, -1)]
            paired[np.intersect1d(*both)] = True
        self._pairs += int(paired.sum())

    def findings(self, path: str) -> Iterator[Finding]:
        """One for each particle that is promised and not there."""
        if self.events < ENOUGH:
            return
        promised = named(path)
        held = ", ".join(
            f"{HEAVY[pdg]} in {count / self.events:.0%}"
            for pdg, count in self._with.items()
            if count
        )
        for pdg in promised:
            count = self._with[pdg]
            if pdg == 23:
                count = max(count, self._pairs)
            if count < SHARE * self.events:
                yield Finding(
                    "name",
                    PurePath(path).name,
                    f"promises a {HEAVY[pdg]}, which {count:,} of {self.events:,} events have in "
                    f"their truth ({held or 'no heavy particle at all'}). Check what it is",
                )
        if promised and 6 not in promised and self._with[6] > SHARE * self.events:
            text = f"promises no top quark, and {self._with[6]:,} of {self.events:,} events have it"
            yield Finding("name", PurePath(path).name, f"{text}. Check what it is")
