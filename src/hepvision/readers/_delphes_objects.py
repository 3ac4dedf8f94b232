"""Collections of the schema from columns of a Delphes tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.readers._account import Account
from hepvision.readers._momenta import STEEPEST, transverse
from hepvision.readers._root_column import Column
from hepvision.readers._root_objects import Source, columns_of

__all__ = ["candidates", "collection", "one_each", "subjettiness"]

Fields = dict[str, NDArray[Any]]
Columns = Mapping[str, Column]

ELECTRON, MUON, PION, PHOTON, KAON = 11, 13, 211, 22, 130
MASS = {ELECTRON: 0.000511, MUON: 0.105658, PION: 0.139570}  # GeV
LEPTONS = {"Electron": MASS[ELECTRON], "Muon": MASS[MUON], "Photon": 0.0}
#: What stands for fields that candidates without a track do not have.
NEUTRAL = {"EFlowPhoton": PHOTON, "EFlowNeutralHadron": KAON}


def collection(
    name: str, sources: Mapping[str, str], columns: Columns, account: Account, where: str
) -> tuple[NDArray[np.int64], Fields]:
    """One collection, by the columns it comes from.

    Parameters
    ----------
    name : str
        Its name in the schema.
    sources : mapping of str
        Column of each field.
    columns : mapping of Column
        What was read.
    account : Account
        Counts repairs.
    where : str
        The file, for messages.

    Returns
    -------
    offsets : array of int64, shape (B+1,)
        Where each event's objects start.
    fields : dict of array, shape (N,)
        By the schema's names.

    Raises
    ------
    CorruptFileError
        The columns disagree, or hold what is no such number.

    Examples
    --------
    >>> one = Column(np.array([30.0]), (np.array([0, 1]),))
    >>> columns = {f"Muon.{leaf}": one for leaf in ("PT", "Eta", "Phi")}
    >>> sources = {"pt": "Muon.PT", "eta": "Muon.Eta", "phi": "Muon.Phi"}
    >>> _, fields = collection("Muon", sources, columns, Account(), "x")
    >>> fields["mass"].tolist()
    [0.105658]
    """
    read = dict(columns)
    if "bTag" in sources:  # further bits are further working points
        tag = read[sources["bTag"]]
        read[sources["bTag"]] = Column((tag.values.astype(np.int64) & 1) == 1, tag.levels)
    wanted = {field: Source(column) for field, column in sources.items()}
    offsets, fields = columns_of(name, wanted, read, account, where)
    if name in LEPTONS:
        fields["mass"] = np.full(len(fields["pt"]), LEPTONS[name])
    if name in ("Jet", "FatJet", "GenJet"):
        # rounding of massless sums, which Delphes writes as minus the root of minus the square
        negative = fields["mass"] < 0
        account.repaired[f"{name}.mass"] += int(negative.sum())
        fields["mass"] = np.where(negative, 0, fields["mass"])
    if name == "GenPart":
        pz = read.get(sources["pt"].replace(".PT", ".Pz"))
        fields |= _along_the_beam(pz, offsets, fields)
    if name == "Vertex" and "sumPt2" not in fields:
        fields["sumPt2"] = np.zeros(len(fields["x"]))
    return offsets, fields


def _along_the_beam(pz: Column | None, offsets: NDArray[np.int64], fields: Fields) -> Fields:
    """η of ±999.9 and no pT, as Delphes writes beam particles, is no four-momentum."""
    steep = np.abs(fields["eta"]) >= STEEPEST  # clipped there, and counted
    if not steep.any() or pz is None or not np.array_equal(pz.offsets, offsets):
        return {key: np.where(steep, 0, fields[key]) for key in ("pt", "eta")}
    pt, phi = fields["pt"][steep], fields["phi"][steep]
    moved = transverse(pt * np.cos(phi), pt * np.sin(phi), np.nan_to_num(pz.values[steep]))
    turned = {key: fields[key].astype(np.float64) for key in moved}
    for key, values in moved.items():
        turned[key][steep] = values
    return turned


def subjettiness(column: Column, where: str, name: str) -> Fields:
    """N-subjettiness of large jets, of arrays of a fixed length.

    Parameters
    ----------
    column : Column
        Five numbers a jet: 1- to 5-subjettiness.
    where, name : str
        The file and the column, for messages.

    Returns
    -------
    dict of array, shape (N,)
        ``tau1`` to ``tau4``.

    Raises
    ------
    CorruptFileError
        There are not five a jet, or they are not finite.

    Examples
    --------
    >>> taus = Column(np.arange(5.0), (np.array([0, 1]), np.array([0, 5])))
    >>> subjettiness(taus, "x", "FatJet.Tau[5]")["tau3"].tolist()
    [2.0]
    """
    good = len(column.levels) == 2 and bool((np.diff(column.levels[1]) == 5).all())
    if not good or not np.isfinite(column.values).all():
        raise CorruptFileError(
            f"{where}: {name} must hold five finite numbers a jet, got others. "
            "Fetch the file again."
        )
    values = column.values.reshape(-1, 5)
    return {f"tau{k + 1}": values[:, k] for k in range(4)}


def one_each(column: Column, where: str, name: str) -> NDArray[Any]:
    """Values of a branch that holds one number an event, as a list of one.

    Parameters
    ----------
    column : Column
        The branch.
    where, name : str
        The file and the column, for messages.

    Returns
    -------
    array, shape (B,)
        One an event.

    Raises
    ------
    CorruptFileError
        An event has none, or several.

    Examples
    --------
    >>> one_each(Column(np.array([0.5]), (np.array([0, 1]),)), "x", "Event.Weight").tolist()
    [0.5]
    """
    if len(column.levels) > 1 or not (np.diff(column.offsets) == 1).all():
        raise CorruptFileError(
            f"{where}: {name} must hold one number an event, got other lengths. "
            "Fetch the file again."
        )
    return column.values


def candidates(
    found: Mapping[str, Mapping[str, str]], columns: Columns, account: Account, where: str
) -> tuple[NDArray[np.int64], Fields]:
    """Candidates of the whole event: charged, then photons, then neutral hadrons.

    Parameters
    ----------
    found : mapping of mapping
        Columns of the fields, by the branch.
    columns, account, where
        As of ``collection``.

    Returns
    -------
    offsets : array of int64, shape (B+1,)
        Where each event's candidates start.
    fields : dict of array, shape (N,)
        Of ``Particle``.

    Raises
    ------
    CorruptFileError
        As of ``collection``.

    Examples
    --------
    >>> one = Column(np.array([3.0]), (np.array([0, 1]),))
    >>> columns = {"EFlowPhoton.ET": one, "EFlowPhoton.Eta": one, "EFlowPhoton.Phi": one}
    >>> sources = {"pt": "EFlowPhoton.ET", "eta": "EFlowPhoton.Eta", "phi": "EFlowPhoton.Phi"}
    >>> _, fields = candidates({"EFlowPhoton": sources}, columns, Account(), "x")
    >>> fields["pdgId"].tolist(), fields["mass"].tolist()
    ([22], [0.0])
    """
    counts: list[NDArray[np.int64]] = []
    parts: list[Fields] = []
    for branch, sources in found.items():
        offsets, fields = _with_momentum(sources, columns, account, where)
        counts.append(np.diff(offsets))
        parts.append(_charged(fields) if branch not in NEUTRAL else _neutral(fields, branch))
    keys = [key for key in parts[0] if all(key in part for part in parts)]
    event = np.concatenate([np.repeat(np.arange(len(count)), count) for count in counts])
    order = np.argsort(event, kind="stable")
    joined = {key: np.concatenate([part[key] for part in parts])[order] for key in keys}
    joined["jetIdx"] = np.full(len(order), -1, np.int16)
    return np.concatenate([[0], np.cumsum(np.sum(counts, axis=0))]), joined


def _with_momentum(
    sources: Mapping[str, str], columns: Columns, account: Account, where: str
) -> tuple[NDArray[np.int64], Fields]:
    """Candidates of a branch, without those whose momentum energy flow gave to others."""
    own = Account()
    offsets, fields = collection("Particle", sources, columns, own, where)
    kept = fields["pt"] > 0
    account.left_out["Particle without momentum"] += int((~kept).sum())
    # their η of 999.9 is nothing that was put right
    own.repaired["Particle.eta"] = int((np.abs(fields["eta"][kept]) >= STEEPEST).sum())
    account.repaired.update(own.repaired)
    left = np.concatenate([[0], np.cumsum(kept)])[offsets]
    return left, {key: values[kept] for key, values in fields.items()}


def _charged(fields: Fields) -> Fields:
    """As reconstruction would tell them: what is neither electron nor muon counts as a pion."""
    true = np.abs(fields.get("pdgId", np.full(len(fields["pt"]), PION)))
    known = np.where(np.isin(true, (ELECTRON, MUON)), true, PION)
    sign = np.sign(fields["charge"].astype(np.int32))
    mass = np.full(len(known), MASS[PION])
    for number in (ELECTRON, MUON):
        mass[known == number] = MASS[number]
    lepton = np.where(known == PION, 1, -1)  # the negative electron has the positive number
    zero = np.zeros(len(known), np.float32)
    return {
        **{key: fields[key] for key in ("pt", "eta", "phi")},
        "mass": mass,
        "pdgId": lepton * sign * known,
        "charge": fields["charge"],
        "d0": fields.get("d0", zero),
        "dz": fields.get("dz", zero),
    }


def _neutral(fields: Fields, branch: str) -> Fields:
    number = len(fields["pt"])
    zero = np.zeros(number, np.float32)
    return {
        **fields,
        "mass": zero,
        "pdgId": np.full(number, NEUTRAL[branch]),
        "charge": np.zeros(number, np.int8),
        "d0": zero,
        "dz": zero,
    }
