"""Delphes: fast simulation with towers, tracks, energy flow, objects and truth (ROOT)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._delphes_layout import CANDIDATES, LAYOUT, found_in
from hepvision.readers._delphes_objects import candidates, collection, one_each, subjettiness
from hepvision.readers._root import Tree
from hepvision.readers._root_column import Column
from hepvision.readers._root_objects import as_type
from hepvision.readers._root_reader import Made, Plan, RootReader

__all__ = ["Delphes"]

WEIGHT, NUMBER, TAUS = "Event.Weight", "Event.Number", "Tau[5]"
#: What a file usually holds; it is said where it does not.
USUAL = ("Track", "Tower", "Photon", "Electron", "Muon", "Jet", "MET", "GenPart")


@dataclass(frozen=True)
class Delphes(RootReader):
    """Events of Delphes, the fast simulation of a detector.

    Any collection may be absent from a file; it is then absent from the events, and counted under
    ``missing``. ``collections`` of ``events.attrs["hepvision"]`` says which branch each was read
    from. ``Particle`` are the energy-flow candidates of the whole event: ``EFlowTrack``,
    ``EFlowPhoton`` (22) and ``EFlowNeutralHadron`` (130). Delphes keeps the true identity of a
    charged candidate, which no detector tells; electrons and muons keep it, all others count as
    pions, with a pion's mass. Candidates without momentum are left out: some versions write tracks
    so whose energy they count in a tower. ``bTag`` is the first bit of ``BTag``. ``GenPart`` has
    all generated particles; those along the beam, whose η Delphes writes as ±999.9, get ±20 and the
    pT that leaves their pz. Negative masses of jets, which are rounding, become 0. All of it is
    counted, under ``left_out`` and ``repaired``.
    ``weight`` is the generator's; ``event_id`` is the place in the file. Times are left out: they
    are counted from the collision, and the file does not say how far its towers are.

    Parameters
    ----------
    puppi : bool
        Whether jets and missing energy are taken from a PUPPI branch, where a file has both.

    References
    ----------
    J. de Favereau et al., DELPHES 3, A modular framework for fast simulation of a generic
    collider experiment, JHEP 02 (2014) 057, arXiv:1307.6346.

    Examples
    --------
    >>> Delphes().recognises("absent.root"), Delphes(puppi=True).checked
    (False, 'real sample')
    """

    puppi: bool = False

    trees: ClassVar[tuple[str, ...]] = ("Delphes",)
    collections: ClassVar[tuple[str, ...]] = (*LAYOUT, "Particle")
    checked: ClassVar[str] = "real sample"
    simulated: ClassVar[bool | None] = True

    def _plan(self, tree: Tree) -> Plan:
        found = {name: found_in(one, tree.names, self.puppi) for name, one in LAYOUT.items()}
        flow = {name: found_in(one, tree.names) for name, one in CANDIDATES.items()}
        layout = _Layout(
            str(tree.path),
            {name: sources for name, sources in found.items() if sources},
            {name: sources for name, sources in flow.items() if sources},
            [name for name in USUAL if not found[name]]
            + [name for name, sources in flow.items() if not sources],
            _extra(tree, found["FatJet"], found["GenPart"]),
        )
        if not layout.found and not layout.flow:
            raise SchemaError(
                f"{tree.path}: the tree 'Delphes' must hold objects, got none of "
                f"{', '.join(LAYOUT)}. Give another file."
            )
        return Plan(layout.names(), layout.make)


def _extra(
    tree: Tree, fat: Mapping[str, str] | None, truth: Mapping[str, str] | None
) -> dict[str, str]:
    """Columns that belong to no single field, by what they are for."""
    wanted = {"weight": WEIGHT, "number": NUMBER}
    if fat:
        wanted["taus"] = fat["pt"].replace(".PT", f".{TAUS}")
    if truth:
        wanted["pz"] = truth["pt"].replace(".PT", ".Pz")
    return {key: name for key, name in wanted.items() if name in tree}


@dataclass(frozen=True)
class _Layout:
    """What of a file is read."""

    where: str
    found: dict[str, Mapping[str, str]]
    flow: dict[str, Mapping[str, str]]
    missing: list[str]
    extra: dict[str, str]

    def names(self) -> list[str]:
        """Columns to read."""
        every = [*self.found.values(), *self.flow.values(), self.extra]
        return list(dict.fromkeys(name for one in every for name in one.values()))

    def make(
        self, rows: NDArray[np.int64], columns: Mapping[str, Column], account: Account
    ) -> Made:
        """Events of some entries."""
        made: dict[str, Any] = {}
        for name, sources in self.found.items():
            offsets, fields = collection(name, sources, columns, account, self.where)
            if name == "FatJet" and "taus" in self.extra:
                taus = self.extra["taus"]
                fields |= subjettiness(columns[taus], self.where, taus)
            made[name] = from_columns(offsets, fields, name)
            account.collections[next(iter(sources.values())).partition(".")[0]] += len(rows)
        if self.flow:
            made["Particle"] = from_columns(
                *candidates(self.flow, columns, account, self.where), "Particle"
            )
            account.collections.update(dict.fromkeys(self.flow, len(rows)))
        account.missing.update(dict.fromkeys(self.missing, len(rows)))
        return Made(self._scalars(rows, columns), made, {})

    def _scalars(self, rows: NDArray[np.int64], columns: Mapping[str, Column]) -> dict[str, Any]:
        one = np.ones(len(rows))
        weight, number = one, rows
        if "weight" in self.extra:
            weight = one_each(columns[WEIGHT], self.where, WEIGHT)
        if "number" in self.extra:
            number = one_each(columns[NUMBER], self.where, NUMBER)
        return {
            "event_id": rows,
            "weight": weight,
            "run": one,
            "luminosityBlock": one,
            "event": as_type(number, "u8", NUMBER, self.where),
            "pileup": -one,
        }
