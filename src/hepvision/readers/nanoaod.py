"""CMS NanoAOD and PFNano: simulated or real events, as trees or RNTuples, of all versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.core.names import hint
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._event_ids import all_differ, event_ids, hashes
from hepvision.readers._nano_fields import OBJECTS, find, find_links, find_met
from hepvision.readers._nano_objects import DERIVED, derived, jet_of, no_track, same_number
from hepvision.readers._root import Tree
from hepvision.readers._root_column import Column
from hepvision.readers._root_objects import Source, as_type, columns_of
from hepvision.readers._root_reader import Made, Plan, RootReader

__all__ = ["Nanoaod"]

Columns = Mapping[str, Column]
NUMBERS = {"run": "u4", "luminosityBlock": "u4", "event": "u8"}
COLLECTIONS = (*OBJECTS, "MET", "Vertex")
BLOCK = 50_000  # events whose numbers are read at a time, to find those that repeat
_VERTEX = {
    "x": Source("PV_x", 10.0),
    "y": Source("PV_y", 10.0),
    "z": Source("PV_z", 10.0),
    "sumPt2": Source("PV_score"),
}
#: Collections that every such file may be asked for, from simulation or data.
USUAL = ("Photon", "Electron", "Muon", "Tau", "Jet", "FatJet", "MET", "Vertex")


@dataclass(frozen=True)
class Nanoaod(RootReader):
    """CMS NanoAOD, with the candidates of PFNano, from simulation or data.

    Branches keep their names. Lengths (dxy, dz, d0, vertices) are turned from centimetres into
    millimetres. ``weight`` is ``genWeight``, 1 in data; ``pileup`` is ``Pileup_nPU``, −1 in data.
    ``event_id`` is a hash of run, luminosity block and event, the same in every file that holds
    the event; where these repeat, the later ones get ids of their own, and
    ``events.attrs["hepvision"]["repeated"]`` counts them. There, ``unused`` counts the branches
    that events do not hold, by collection; ``unused(path)`` names them.

    ``Particle`` are the candidates ``PFCands`` (``PFCand`` since version 15, where pt and mass are
    multiplied by the PUPPI weight already). Those without a track have −1 for the impact
    parameters and their errors in the file, and 0 here. ``Vertex`` is the primary vertex alone;
    its ``sumPt2`` is CMS's score, the same sum over clustered objects. ``Electron.tightId`` is the
    tight cut-based identification, ``Muon.tightIso`` the tight particle-flow isolation. The
    super-cluster's direction is taken from its place on the calorimeter where no branch has it.

    Parameters
    ----------
    met : {"auto", "MET", "PuppiMET", "PFMET", "RawMET", "ChsMET", "CaloMET", "TkMET"}
        Which missing transverse momentum: ``auto`` takes MET up to version 12, and PuppiMET in
        later ones, which have no MET. They differ by more than noise: choose one for all samples.
    constituents : {"auto", "Jet", "FatJet"}
        Whose constituents ``Particle.jetIdx`` tells; ``auto`` takes Jet if the file says them,
        else FatJet. A candidate in several jets is given to the first.
    leave_out : tuple of str
        Collections that are not read.

    References
    ----------
    M. Peruzzi, G. Petrucciani, A. Rizzi, The NanoAOD event data format in CMS, J. Phys. Conf.
    Ser. 1525 (2020) 012038.

    Examples
    --------
    >>> Nanoaod().recognises("absent.root")
    False
    """

    met: Literal["auto", "MET", "PuppiMET", "PFMET", "RawMET", "ChsMET", "CaloMET", "TkMET"] = (
        "auto"
    )
    constituents: Literal["auto", "Jet", "FatJet"] = "auto"
    leave_out: tuple[str, ...] = ()

    collections: ClassVar[tuple[str, ...]] = COLLECTIONS
    checked: ClassVar[str] = "real sample"
    trees: ClassVar[tuple[str, ...]] = ("Events",)
    marks: ClassVar[tuple[str, ...]] = tuple(NUMBERS)

    def __post_init__(self) -> None:
        for name in self.leave_out:
            if name not in self.collections:
                advice = hint(name, COLLECTIONS)
                raise ValueError(f"leave_out: no collection {name!r}. {advice}")

    def _plan(self, tree: Tree) -> Plan:
        tree.need(tuple(NUMBERS))
        sources = self._sources(tree)
        links = find_links(tree, self.constituents) if "Particle" in sources else None
        counters = {
            name: f"n{one['pt'].name.rpartition('_')[0]}"
            for name, one in sources.items()
            if name in OBJECTS
        }
        wanted = [
            *(one.name for found in sources.values() for one in found.values()),
            *(name for key in sources for name in DERIVED.get(key, ())),
            *(links[1:] if links else ()),
            *counters.values(),
            "genWeight",
            "Pileup_nPU",
        ]
        names = tuple(dict.fromkeys((*NUMBERS, *(name for name in wanted if name in tree))))
        used = set(names)
        unused = Counter(name.partition("_")[0] for name in tree.names if name not in used)
        attrs = {
            "simulation": "genWeight" in tree or "GenPart" in sources,
            "met": sources["MET"]["pt"].name.rpartition("_")[0] if "MET" in sources else "",
            "jetIdx": links[0] if links else "",
            "unused": dict(sorted(unused.items())),
        }
        missing = [name for name in USUAL if name not in (*sources, *self.leave_out)]
        file = _File(tree, sources, links, counters, missing, attrs)
        return Plan(names, partial(_made, file), first=lambda: file.ids)

    def _sources(self, tree: Tree) -> dict[str, Mapping[str, Source]]:
        found: dict[str, Mapping[str, Source]] = {
            name: find(name, tree, str(tree.path)) for name in OBJECTS if name not in self.leave_out
        }
        if "MET" not in self.leave_out:
            found["MET"] = find_met(tree, self.met)
            if self.met != "auto":
                tree.need((f"{self.met}_pt", f"{self.met}_phi"))
        if "Vertex" not in self.leave_out and "PV_z" in tree:
            tree.need(("PV_x", "PV_y"))
            found["Vertex"] = {key: one for key, one in _VERTEX.items() if one.name in tree}
        return {name: sources for name, sources in found.items() if sources}


@dataclass(frozen=True)
class _File:
    """What is known of a file before its columns are read."""

    tree: Tree
    sources: Mapping[str, Mapping[str, Source]]
    links: tuple[str, str, str] | None
    counters: Mapping[str, str]
    missing: Sequence[str]
    attrs: Mapping[str, Any]

    @cached_property
    def ids(self) -> tuple[NDArray[np.uint64] | None, int]:
        """Ids of all its events, if numbers repeat; else they follow from each event alone."""
        names, found = tuple(NUMBERS), np.empty(self.tree.entries, np.uint64)
        size = min(BLOCK, self.tree.entries)
        for start, columns in self.tree.pieces(names, size):
            found[start : start + size] = hashes(*self.numbers(columns).values())
        if all_differ(found):
            return None, 0
        return event_ids(*self.numbers(self.tree.read(names)).values())

    def numbers(self, columns: Columns) -> dict[str, NDArray[Any]]:
        """Run, luminosity block and event."""
        return {name: self.scalar(columns, name, dtype) for name, dtype in NUMBERS.items()}

    def scalar(self, columns: Columns, name: str, dtype: str) -> NDArray[Any]:
        """A column of one number an event."""
        column = columns[name]
        if column.levels:
            raise CorruptFileError(
                f"{self.tree.path}: {name} must be one number an event, got lists. "
                "Fetch the file again."
            )
        return as_type(column.values, dtype, name, str(self.tree.path))


def _made(file: _File, rows: NDArray[np.int64], columns: Columns, account: Account) -> Made:
    numbers = file.numbers(columns)
    if len(rows) == file.tree.entries:  # they are all here already
        ids, repeated = event_ids(*numbers.values())
    else:
        every, repeated = file.ids
        ids = hashes(*numbers.values()) if every is None else every[rows]
    scalars: dict[str, Any] = {
        **numbers,
        "event_id": ids,
        "weight": np.ones(len(rows)),
        "pileup": -np.ones(len(rows)),
    }
    if "genWeight" in columns:
        weight = file.scalar(columns, "genWeight", "f8")
        bad = ~np.isfinite(weight)
        account.repaired["weight"] += int(bad.sum())
        scalars["weight"] = np.where(bad, 0.0, weight)
    if "Pileup_nPU" in columns:
        scalars["pileup"] = file.scalar(columns, "Pileup_nPU", "i4")
    collections = {name: _objects(name, file, columns, account) for name in file.sources}
    account.collections.update(dict.fromkeys(collections, len(rows)))
    account.missing.update(dict.fromkeys(file.missing, len(rows)))
    return Made(scalars, collections, {**file.attrs, "repeated": repeated})


def _objects(name: str, file: _File, columns: Columns, account: Account) -> ak.Array:
    where = str(file.tree.path)
    offsets, fields = columns_of(name, file.sources[name], columns, account, where)
    counter = file.counters.get(name)
    if counter is not None and counter in columns:
        same_number(columns[counter], offsets, counter, where)
    fields |= derived(name, fields, columns)
    if name == "Particle":
        fields |= no_track(fields)
        if file.links is not None:
            fields["jetIdx"] = jet_of(file.links, offsets, columns, account, where)
    return from_columns(offsets, fields, name)
