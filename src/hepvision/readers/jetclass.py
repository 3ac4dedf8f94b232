"""JetClass: ten kinds of large jets with their particles, one jet an entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.events.schema import from_columns
from hepvision.physics.kinematics import delta_phi
from hepvision.readers._account import Account
from hepvision.readers._constituents import masses
from hepvision.readers._momenta import transverse
from hepvision.readers._root import Tree
from hepvision.readers._root_column import Column
from hepvision.readers._root_objects import as_type, finite_columns
from hepvision.readers._root_reader import Made, Plan, RootReader

__all__ = ["Jetclass"]

Columns = Mapping[str, Column]
Fields = dict[str, NDArray[Any]]
#: The published classes, in the order of the paper.
CLASSES = ("QCD", "Hbb", "Hcc", "Hgg", "H4q", "Hqql", "Zqq", "Wqq", "Tbqq", "Tbl")
MOMENTUM = ("part_px", "part_py", "part_pz", "part_energy")
JET = ("jet_pt", "jet_eta", "jet_phi", "jet_energy")
#: Fields of the jet and of its particles that keep their meaning, by the names in the file.
MORE = {
    "msoftdrop": "jet_sdmass",
    "nConstituents": "jet_nparticles",
    **{f"tau{n}": f"jet_tau{n}" for n in (1, 2, 3, 4)},
}
TRACK = {
    "d0": "part_d0val",
    "d0Err": "part_d0err",
    "dz": "part_dzval",
    "dzErr": "part_dzerr",
    "charge": "part_charge",
}
#: What each flag of a particle says, and whether its sign is that of the charge, or the opposite.
KINDS = {
    "part_isChargedHadron": (211, 1),
    "part_isNeutralHadron": (130, 0),
    "part_isPhoton": (22, 0),
    "part_isElectron": (11, -1),
    "part_isMuon": (13, -1),
}


@dataclass(frozen=True)
class Jetclass(RootReader):
    """JetClass: jets of Delphes with all their particles, tracks and identification.

    A jet is an event with one ``FatJet`` and its ``Particle``; ``label`` numbers the ``label_*``
    columns in the paper's order. Directions relative to the jet are made of the momenta: the
    file's own ``part_deta`` has its sign turned for jets of negative η. ``pdgId`` stands for the
    kind that reconstruction tells: 211 charged hadrons, 130 neutral ones, 22, 11, 13. Masses of
    particles are what float32 leaves of E² − p², 0 where that is rounding. Which part of the set a
    file belongs to (train, validation, test) is told by its folder alone.

    References
    ----------
    H. Qu, C. Li, S. Qian, Particle Transformer for Jet Tagging, ICML 2022, arXiv:2202.03772.

    Examples
    --------
    >>> Jetclass().recognises("absent.root")
    False
    """

    collections: ClassVar[tuple[str, ...]] = ("FatJet", "Particle")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    trees: ClassVar[tuple[str, ...]] = ("tree",)
    marks: ClassVar[tuple[str, ...]] = ("part_px", "part_energy", "jet_pt")

    def _plan(self, tree: Tree) -> Plan:
        tree.need((*MOMENTUM, *JET))
        classes = [name for name in CLASSES if f"label_{name}" in tree]
        known = {f"label_{name}" for name in CLASSES}
        classes += [
            name.removeprefix("label_")
            for name in tree.names
            if name.startswith("label_") and name not in known
        ]
        more = (*MORE.values(), *TRACK.values(), *KINDS)
        names = (*MOMENTUM, *JET, *(name for name in more if name in tree))
        labels = tuple(f"label_{name}" for name in classes)
        return Plan((*names, *labels), partial(_made, str(tree.path), classes))


def _made(
    where: str,
    classes: Sequence[str],
    rows: NDArray[np.int64],
    columns: Columns,
    account: Account,
) -> Made:
    one = np.ones(len(rows))
    scalars: dict[str, Any] = {
        "event_id": rows.astype(np.uint64),
        "weight": one,
        "run": one,
        "luminosityBlock": one,
        "event": rows,
        "pileup": -one,
    }
    attrs: dict[str, Any] = {}
    jets = _jets(columns, account, where)
    if classes:
        scalars["label"] = jets["label"] = _labels(classes, columns, where)
        attrs["labels"] = {str(k): name for k, name in enumerate(classes)}
    else:
        account.missing["label"] += len(rows)
    collections = {
        "FatJet": from_columns(np.arange(len(rows) + 1), jets, "FatJet"),
        "Particle": _particles(columns, jets, account, where),
    }
    return Made(scalars, collections, attrs)


def _labels(classes: Sequence[str], columns: Columns, where: str) -> NDArray[np.int32]:
    flags = np.stack([columns[f"label_{name}"].values != 0 for name in classes])
    wrong = flags.sum(axis=0) != 1
    if wrong.any():
        got = int(flags.sum(axis=0)[wrong][0])
        raise CorruptFileError(
            f"{where}: label_*: each jet must be of one class, got {got} classes in "
            f"{int(wrong.sum())} jets. Fetch the file again."
        )
    return np.asarray(flags.argmax(axis=0), np.int32)


def _jets(columns: Columns, account: Account, where: str) -> Fields:
    names = {name: name for name in JET} | {
        field: name for field, name in MORE.items() if name in columns
    }
    offsets, found = finite_columns("FatJet", names, columns, account, where)
    if len(offsets) - 1 != offsets[-1]:
        raise CorruptFileError(
            f"{where}: jet_pt must be one number an entry, got lists. Fetch the file again."
        )
    pt, eta, phi, energy = (found.pop(name).astype(np.float64) for name in JET)
    momentum = pt * np.cosh(np.clip(eta, -50, 50))
    mass, impossible = masses(energy**2 - momentum**2, energy)
    account.repaired["FatJet.mass"] += impossible
    if "nConstituents" in found:
        found["nConstituents"] = as_type(found["nConstituents"], "i2", "jet_nparticles", where)
    turned = (phi + np.pi) % (2 * np.pi) - np.pi
    return {"pt": pt, "eta": eta, "phi": turned, "mass": mass, **found}


def _particles(columns: Columns, jets: Fields, account: Account, where: str) -> ak.Array:
    wanted = (*MOMENTUM, *TRACK.values(), *KINDS)
    names = {name: name for name in wanted if name in columns}
    offsets, found = finite_columns("Particle", names, columns, account, where)
    x, y, z, energy = (found[name].astype(np.float64) for name in MOMENTUM)
    fields: Fields = dict(transverse(x, y, z))
    mass, impossible = masses(energy**2 - x**2 - y**2 - z**2, energy)
    account.repaired["Particle.mass"] += impossible
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    fields |= {
        "mass": mass,
        "deltaEta": fields["eta"] - jets["eta"][owner],
        "deltaPhi": delta_phi(fields["phi"], jets["phi"][owner]),
        "jetIdx": np.zeros(len(owner), np.int16),
    }
    for field, name in TRACK.items():
        if name in found:
            fields[field] = found[name]
    if "charge" in fields:
        fields["charge"] = as_type(fields["charge"], "i1", "part_charge", where)
        kind = np.zeros(len(owner), np.int32)
        for name, (number, sign) in KINDS.items():
            if name in found:
                signed = number * (sign * fields["charge"].astype(np.int32) if sign else 1)
                kind = np.where(found[name] != 0, signed, kind)
        fields["pdgId"] = kind
    return from_columns(offsets, fields, "Particle")
