"""CMS MLAnalyzer trees: the whole detector as flat vectors, or pictures of jets or photons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.events.schema import from_columns
from hepvision.readers import _rechit_vectors as vectors
from hepvision.readers._account import Account
from hepvision.readers._dense import pixels
from hepvision.readers._event_ids import event_ids
from hepvision.readers._rechit_objects import JET, PHOTON, TRUTH, jets, objects_of
from hepvision.readers._root import Tree
from hepvision.readers._root_column import Column
from hepvision.readers._root_objects import as_type
from hepvision.readers._root_reader import Made, Plan, RootReader

__all__ = ["Mlanalyzer"]

Columns = Mapping[str, Column]
NUMBERS = {"run": ("runId", "u4"), "luminosityBlock": ("lumiId", "u4"), "event": ("eventId", "u8")}
#: What a picture of a jet is cut out of.
PICTURES = ("ECAL_tracksPt", "ECAL_energy", "HBHE_energy")
DETECTOR = {
    "EcalBarrelHit": vectors.barrel,
    "EcalEndcapHit": vectors.endcaps,
    "HcalHit": vectors.towers,
    "Track": vectors.tracks,
}
SHOWERS = ("SC_energy", "SC_energyT", "SC_energyZ")
WINDOW = 32  # crystals of a photon's picture
PIECE = 100  # events


@dataclass(frozen=True)
class Mlanalyzer(RootReader):
    """Trees of CMS's MLAnalyzer, with every crystal and tower of an event.

    The vectors become hits at their indices: an image of them has the same numbers in the same
    pixels. Columns of HCAL's vectors begin at the crystals', two towers earlier than CMS counts,
    and are turned back; energies of all depths are one hit of depth 1, and the two halves of a
    10° tower one tower. Each lit pixel of ``TracksPt_EB`` and ``TracksPt_EEm/p``, or of
    ``ECAL_tracksPt`` where those are missing, becomes one ``Track`` at its centre with the sum of
    the transverse momenta in it. ``ECAL_energy`` gives the barrel where there is no ``EB_energy``;
    the endcaps that are projected in it cannot be told apart into crystals. ``Photon`` and ``Jet``
    are CMS's own. Files have no weights.

    Parameters
    ----------
    per : "event", "jet" or "photon"
        What an event is made of: the whole detector; the picture of a jet (tracks, ECAL, HCAL;
        125 × 125 crystals around the middle of its seed tower) cut out of ``ECAL_tracksPt``,
        ``ECAL_energy`` and ``HBHE_energy``; or the picture ``SC_energy`` of a photon (32 × 32),
        with ``SC_energyT`` and ``SC_energyZ`` where they are there. The endcaps of jets' pictures
        are as fine as in the tree; the published Parquet files have them in 2 × 2 blocks.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, Comput. Softw. Big Sci. 4 (2020) 6,
    arXiv:1807.11916. CMS Collaboration, Phys. Rev. D 108 (2023) 052002, arXiv:2204.12313.

    Examples
    --------
    >>> Mlanalyzer(per="jet").recognises("absent.root")
    False
    """

    per: Literal["event", "jet", "photon"] = "event"

    collections: ClassVar[tuple[str, ...]] = (*DETECTOR, "Jet", "Photon", "Pixel", "GenPart")
    checked: ClassVar[str] = "published layout"
    #: An event has two megabytes of vectors.
    size: ClassVar[int] = PIECE
    trees: ClassVar[tuple[str, ...]] = ("fevt/RHTree", "recHitAnalyzer/RHTree", "RHTree")

    def _plan(self, tree: Tree) -> Plan:
        if self.per == "event" and not any(name in tree for name in vectors.SIZES):
            raise SchemaError(
                f"{tree.path}: {tree.name} must hold EB_energy, HBHE_energy or other vectors, got "
                f"{len(tree.names)} other columns. Give another file, or per: photon."
            )
        own = {"event": (), "jet": PICTURES, "photon": SHOWERS[:1]}[self.per]
        tree.need(own)
        more: tuple[str, ...] = (*JET, *PHOTON)
        if self.per == "event":
            more = (*vectors.SIZES, *more)
        elif self.per == "jet":
            tree.need(("jetSeed_ieta", "jetSeed_iphi"))
            more = JET
        else:
            more = (*PHOTON, *TRUTH, *SHOWERS)
        names = (*own, *(name for name, _ in NUMBERS.values()), *more)
        names = tuple(name for name in dict.fromkeys(names) if name in tree)
        file = _File(tree)
        counts = None
        if self.per != "event":
            leading = "jetSeed_ieta" if self.per == "jet" else "SC_energy"
            counts = _counts(tree, leading)
        made = {"event": _events, "jet": _jets, "photon": _photons}[self.per]
        return Plan(names, partial(made, file), counts, first=lambda: file.ids)


def _counts(tree: Tree, name: str) -> NDArray[np.int64]:
    """How many objects each entry has; the column is read in pieces and not kept."""
    found = [np.diff(piece[name].offsets) for _, piece in tree.pieces((name,), PIECE)]
    return np.concatenate([np.zeros(0, np.int64), *found])


@dataclass(frozen=True)
class _File:
    """The tree, and the ids of all its entries."""

    tree: Tree

    @property
    def where(self) -> str:
        """Its file, for messages."""
        return str(self.tree.path)

    @cached_property
    def ids(self) -> tuple[dict[str, NDArray[Any]], NDArray[np.uint64], int]:
        """Run, block and event of all entries, their ids, and how many are repeats."""
        there = {key: one for key, one in NUMBERS.items() if one[0] in self.tree}
        found = self.tree.read([name for name, _ in there.values()]) if there else {}
        entries = np.arange(self.tree.entries)
        numbers = {"run": np.ones_like(entries), "luminosityBlock": np.ones_like(entries)}
        numbers["event"] = entries
        for key, (name, dtype) in there.items():
            if found[name].levels:
                raise CorruptFileError(
                    f"{self.where}: {name} must be one number an event, got lists. "
                    "Fetch the file again."
                )
            numbers[key] = as_type(found[name].values, dtype, name, self.where)
        if "event" not in there:  # without it the others say nothing
            return numbers, entries.astype(np.uint64), 0
        return numbers, *event_ids(*numbers.values())

    def scalars(self, rows: NDArray[np.int64], counts: NDArray[np.int64] | None) -> dict[str, Any]:
        """Numbers of some entries, each as often as it has objects."""
        numbers, ids, _ = self.ids
        number = np.ones(len(rows), np.int64) if counts is None else counts
        every = np.repeat(rows, number)
        made = {key: values[every] for key, values in numbers.items()}
        made["event_id"] = ids[every]
        if counts is not None:
            place = np.arange(len(every)) - np.repeat(np.cumsum(number) - number, number)
            made["event_id"] = event_ids(made["event_id"], place, np.zeros_like(place))[0]
        one = np.ones(len(every))
        return made | {"weight": one, "pileup": -one}


def _events(file: _File, rows: NDArray[np.int64], columns: Columns, account: Account) -> Made:
    collections = {}
    for name, make in DETECTOR.items():
        hits = make(columns, account, file.where)
        if hits is None:
            account.missing[name] += len(rows)
        else:
            collections[name] = from_columns(*hits, name)
    for name, find in (("Jet", jets), ("Photon", partial(objects_of, "Photon"))):
        found = find(columns, account, file.where)
        if found is not None:
            collections[name] = from_columns(*found, name)
    account.collections.update(dict.fromkeys(collections, len(rows)))
    attrs = {"repeated": file.ids[2], "tracks": "one a lit pixel"}
    return Made(file.scalars(rows, None), collections, attrs)


def _jets(file: _File, rows: NDArray[np.int64], columns: Columns, account: Account) -> Made:
    for name in PICTURES:
        vectors.lit(name, columns, Account(), file.where)  # refuses one of another length
    found = jets(columns, account, file.where)
    if found is None:
        raise SchemaError(f"{file.where}: needs jetSeed_ieta and jetSeed_iphi, got none.")
    offsets, fields = found
    counts = np.diff(offsets)
    seed = [
        as_type(columns[f"jetSeed_{key}"].values, "i2", f"jetSeed_{key}", file.where)
        for key in ("ieta", "iphi")
    ]
    for key, values, most in zip(("ieta", "iphi"), seed, (55, 71), strict=True):
        if ((values < 0) | (values > most)).any():
            raise CorruptFileError(
                f"{file.where}: jetSeed_{key} must be 0 to {most}, got others. "
                "Fetch the file again."
            )
    entry = np.repeat(np.arange(len(rows)), counts)
    pictures = vectors.crops(columns, entry, *(one.astype(np.int64) for one in seed))
    scalars = file.scalars(rows, counts)
    attrs = _picture((3, vectors.SIDE, vectors.SIDE), ("tracks", "ecal", "hcal"))
    if "jetIsQuark" in columns:
        quark = columns["jetIsQuark"]
        if not np.array_equal(quark.offsets, offsets) or not np.isin(quark.values, (0, 1)).all():
            raise CorruptFileError(
                f"{file.where}: jetIsQuark must be 0 or 1 for each jet, got others. "
                "Fetch the file again."
            )
        scalars["label"] = quark.values.astype(np.int32)
        attrs["labels"] = {"0": "gluon", "1": "quark"}
    else:
        account.missing["label"] += len(entry)
    lit, index = pixels(pictures, account)
    every = np.arange(len(entry) + 1)
    return Made(
        scalars,
        {
            "Pixel": from_columns(np.concatenate([[0], np.cumsum(lit)]), index, "Pixel"),
            "Jet": from_columns(every, fields, "Jet"),
        },
        attrs,
    )


def _photons(file: _File, rows: NDArray[np.int64], columns: Columns, account: Account) -> Made:
    names = [name for name in SHOWERS if name in columns]
    names = names if len(names) == len(SHOWERS) else names[:1]
    size = WINDOW * WINDOW
    for name in names:
        levels = columns[name].levels
        first = columns[names[0]].offsets
        if len(levels) != 2 or (np.diff(levels[1]) != size).any() or (levels[0] != first).any():
            raise CorruptFileError(
                f"{file.where}: {name} must be {size} numbers for each photon, got others. "
                "Fetch the file again."
            )
    offsets = columns["SC_energy"].offsets
    counts = np.diff(offsets)
    total = int(offsets[-1])
    pictures = np.stack(
        [columns[name].values.reshape(total, WINDOW, WINDOW) for name in names], axis=1
    )
    lit, index = pixels(pictures, account)
    every = np.arange(total + 1)
    collections = {"Pixel": from_columns(np.concatenate([[0], np.cumsum(lit)]), index, "Pixel")}
    for name in ("Photon", "GenPart"):
        found = objects_of(name, columns, account, file.where)
        if found is None:
            account.missing[name] += total
            continue
        if not np.array_equal(found[0], offsets):
            raise CorruptFileError(
                f"{file.where}: {name} and SC_energy must be as many in each event, got others. "
                "Fetch the file again."
            )
        collections[name] = from_columns(every, found[1], name)
    attrs = _picture((len(names), WINDOW, WINDOW), tuple(name[3:] for name in names))
    return Made(file.scalars(rows, counts), collections, attrs)


def _picture(shape: tuple[int, ...], channels: tuple[str, ...]) -> dict[str, Any]:
    return {"image": {"shape": list(shape), "channels": list(channels), "unit": "GeV"}}
