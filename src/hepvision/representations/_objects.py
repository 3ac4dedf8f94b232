"""Reconstructed objects of an event as flat rows, the hardest of each kind first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.names import hint
from hepvision.events.schema import FIELDS, flat

__all__ = [
    "COLLECTIONS",
    "MEDIUM",
    "Gathered",
    "check_kinds",
    "check_tag",
    "fields_read",
    "gathered",
]

#: Where the objects of a kind are.
COLLECTIONS = {
    "electron": "Electron",
    "muon": "Muon",
    "photon": "Photon",
    "jet": "Jet",
    "met": "MET",
}
#: Medium working points of b tags that have one.
MEDIUM = {"bTag": 0.5, "btagCSV": 0.679}
TAGS = tuple(name for name in FIELDS["Jet"] if name.lower().startswith("btag"))


class Gathered(NamedTuple):
    """Objects of B events, sorted by event, kind and falling pT.

    Parameters
    ----------
    event, kind, rank : arrays of int, shape (N,)
        Event in the batch, place in ``kinds``, and place among those of its kind.
    pt, eta, turn : arrays, shape (N,), GeV, -, rad
        Momenta; azimuth counted from the hardest object that is not missing momentum.
    tagged : array of bool, shape (N,)
        b jets.
    """

    event: NDArray[np.int64]
    kind: NDArray[np.int64]
    rank: NDArray[np.int64]
    pt: NDArray[np.float64]
    eta: NDArray[np.float64]
    turn: NDArray[np.float64]
    tagged: NDArray[np.bool_]


def check_kinds(kinds: Sequence[str], known: Collection[str] = COLLECTIONS) -> None:
    """Refuse kinds that are not known, and none at all."""
    for kind in kinds:
        if kind not in known:
            raise ValueError(f"kinds: no {kind!r}. {hint(kind, known)}")
    if not kinds or len(set(kinds)) < len(kinds):
        raise ValueError(f"kinds: must be one or more and differ, got {tuple(kinds)}.")


def check_tag(b_tag: str, b_cut: float | None) -> None:
    """Refuse a b tag that is none, or that has no working point."""
    if b_tag not in ("", *TAGS):
        raise ValueError(f"b_tag: no field {b_tag!r} of Jet. {hint(b_tag, TAGS)}")
    if b_tag and b_cut is None and b_tag not in MEDIUM:
        raise ValueError(f"b_cut: must be given for {b_tag}, got none. See its year's.")


def fields_read(kinds: Sequence[str], b_tag: str) -> tuple[str, ...]:
    """Schema fields that are read."""
    found = []
    for kind in kinds:
        keys = ("pt", "phi") if kind == "met" else ("pt", "eta", "phi")
        found += [f"{COLLECTIONS[kind]}.{key}" for key in keys]
    return (*found, *((f"Jet.{b_tag}",) if b_tag and "jet" in kinds else ()))


def gathered(examples: ak.Array, kinds: Sequence[str], b_tag: str, b_cut: float | None) -> Gathered:
    """Take the objects of some kinds; those of no pT, or with numbers or energies that are not
    finite in single precision, are left out.
    """
    parts: list[tuple[NDArray[np.float64], ...]] = []
    for place, kind in enumerate(kinds):
        keys = ["pt", "phi", *(() if kind == "met" else ("eta",))]
        keys += [b_tag] if kind == "jet" and b_tag else []
        offsets, columns = flat(examples[COLLECTIONS[kind]][keys])
        event = np.repeat(np.arange(len(examples)), np.diff(offsets))
        none = np.zeros(len(event))
        cut = MEDIUM.get(b_tag, 0.0) if b_cut is None else b_cut
        tagged = columns[b_tag] > cut if b_tag in columns else none
        made = (event, none + place, columns["pt"], columns.get("eta", none), columns["phi"])
        parts.append(tuple(np.asarray(one, np.float64) for one in (*made, tagged)))
    table = np.concatenate([np.stack(part, axis=1) for part in parts])
    with np.errstate(over="ignore", invalid="ignore"):
        table = table[table[:, 2] * np.cosh(table[:, 3]) < np.finfo(np.float32).max]
    table = table[np.isfinite(table).all(axis=1) & (table[:, 2] > 0)]
    event, kind_of, pt, eta, phi, tag = table[
        np.lexsort((-table[:, 2], table[:, 1], table[:, 0]))
    ].T
    owner, place_of = event.astype(np.int64), kind_of.astype(np.int64)
    group = owner * len(kinds) + place_of
    start = np.searchsorted(group, group, side="left")
    rank = np.arange(len(group)) - start
    turn = phi - _reference(len(examples), owner, place_of, pt, phi, kinds)[owner]
    turn = (turn + np.pi) % (2 * np.pi) - np.pi
    return Gathered(owner, place_of, rank, pt, eta, turn, tag > 0)


def _reference(
    events: int,
    event: NDArray[np.int64],
    kind: NDArray[np.int64],
    pt: NDArray[np.float64],
    phi: NDArray[np.float64],
    kinds: Sequence[str],
) -> NDArray[np.float64]:
    """Azimuth of the hardest object of each event; missing momentum only where it is alone."""
    met = kinds.index("met") if "met" in kinds else -1
    order = np.lexsort((pt, kind != met, event))  # the last row of an event is the one
    found = np.zeros(events)
    found[event[order]] = phi[order]
    return found
