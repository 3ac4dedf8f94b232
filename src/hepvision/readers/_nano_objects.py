"""What NanoAOD's fields tell only together: links of candidates to jets, and derived fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.readers._account import Account
from hepvision.readers._root_column import Column

__all__ = ["DERIVED", "derived", "jet_of", "no_track", "same_number"]

Fields = dict[str, NDArray[Any]]
Columns = Mapping[str, Column]

#: Branches that derived fields are made of.
DERIVED = {
    "Photon": ("Photon_x_calo", "Photon_y_calo", "Photon_z_calo"),
    "Electron": ("Electron_cutBased",),
    "Muon": ("Muon_pfIsoId",),
}
TIGHT = 4  # of Electron_cutBased and Muon_pfIsoId
_IMPACT = ("d0", "d0Err", "dz", "dzErr")
NO_TRACK = -10.0  # mm; −1 in the file


def derived(collection: str, fields: Fields, columns: Columns) -> Fields:
    """Fields that follow from others.

    Parameters
    ----------
    collection : str
        A collection of the schema.
    fields : dict of array, shape (N,)
        Its fields so far.
    columns : mapping of Column
        What was read, by the file's names; branches of ``DERIVED`` may be among them.

    Returns
    -------
    dict of array, shape (N,)
        New fields alone.

    Examples
    --------
    >>> derived("Electron", {}, {"Electron_cutBased": Column(np.array([1, 4]))})["tightId"].tolist()
    [False, True]
    """
    read = [columns[name].values for name in DERIVED.get(collection, ()) if name in columns]
    if collection == "Electron" and read:
        return {"tightId": read[0] >= TIGHT}
    if collection == "Muon" and read:
        return {"tightIso": read[0] >= TIGHT}
    more: Fields = {}
    if collection == "Photon":
        if "mass" not in fields:
            more["mass"] = np.zeros_like(fields["pt"])
        if len(read) == 3 and "superclusterEta" not in fields:
            x, y, z = (np.nan_to_num(values, posinf=0.0, neginf=0.0) for values in read)
            radius = np.hypot(x, y)
            known = radius > 0
            eta = np.arcsinh(z / np.where(known, radius, 1.0))
            more["superclusterEta"] = np.where(known, eta, fields["eta"])
            more["superclusterPhi"] = np.where(known, np.arctan2(y, x), fields["phi"])
    return more


def no_track(fields: Fields) -> Fields:
    """Impact parameters of candidates, 0 where there is no track to have them.

    Parameters
    ----------
    fields : dict of array, shape (N,), mm
        Fields of ``Particle``.

    Returns
    -------
    dict of array, shape (N,), mm
        Those of the impact parameters.

    Examples
    --------
    >>> no_track({"dz": np.array([0.5, -10.0]), "dzErr": np.array([0.1, -10.0])})["dz"].tolist()
    [0.5, 0.0]
    """
    there = [name for name in _IMPACT if name in fields]
    if len(there) < 2:  # −1 cm alone may be one
        return {}
    without = np.logical_and.reduce([fields[name] == NO_TRACK for name in there])
    return {name: np.where(without, 0, fields[name]).astype(np.float32) for name in there}


def jet_of(
    links: tuple[str, str, str],
    offsets: NDArray[np.int64],
    columns: Columns,
    account: Account,
    where: str,
) -> NDArray[np.int16]:
    """Index of the jet that each candidate is in.

    Parameters
    ----------
    links : (str, str, str)
        The jets' collection, and the branches of their indices and the candidates'.
    offsets : array of int64, shape (B+1,)
        Where each event's candidates start.
    columns : mapping of Column
        What was read.
    account : Account
        Counts links to nothing, and candidates in more than one jet.
    where : str
        The file, for messages.

    Returns
    -------
    array of int16, shape (N,)
        −1 for those in none.

    Raises
    ------
    CorruptFileError
        The two branches disagree about the number of links.

    Examples
    --------
    >>> two = np.array([0, 2])
    >>> columns = {
    ...     "jet": Column(np.array([1, 0]), (two,)),
    ...     "cand": Column(np.array([2, 0]), (two,)),
    ... }
    >>> jet_of(("Jet", "jet", "cand"), np.array([0, 3]), columns, Account(), "x").tolist()
    [0, -1, 1]
    """
    jets, jet_name, candidate_name = links
    jet, candidate = columns[jet_name], columns[candidate_name]
    if not np.array_equal(jet.offsets, candidate.offsets):
        raise CorruptFileError(
            f"{where}: {jet_name} and {candidate_name} must hold as many numbers in each event. "
            "Fetch the file again."
        )
    event = np.repeat(np.arange(len(jet)), np.diff(jet.offsets))
    good = (candidate.values >= 0) & (candidate.values < np.diff(offsets)[event])
    number = columns.get(f"{jets}_pt")
    limit = 2**15 if number is None else np.diff(number.offsets)[event]
    good &= (jet.values >= 0) & (jet.values < limit)
    place = (offsets[event] + candidate.values)[good]
    found = np.full(offsets[-1], -1, np.int16)
    found[place[::-1]] = jet.values[good][::-1]  # of repeats the last counts: the first jet
    account.left_out[f"links of candidates to no {jets}"] += int((~good).sum())
    further = len(place) - int(np.count_nonzero(found >= 0))
    account.left_out[f"links of candidates to a further {jets}"] += further
    return found


def same_number(counter: Column, offsets: NDArray[np.int64], name: str, where: str) -> None:
    """Refuse a collection that has not as many objects as its counter says.

    Parameters
    ----------
    counter : Column
        Numbers of objects in each event.
    offsets : array of int64, shape (B+1,)
        Where each event's objects start.
    name, where : str
        The counter's branch and the file, for messages.

    Raises
    ------
    CorruptFileError
        They disagree.

    Examples
    --------
    >>> same_number(Column(np.array([2])), np.array([0, 2]), "nJet", "x.root")
    """
    if counter.levels or not np.array_equal(counter.values, np.diff(offsets)):
        raise CorruptFileError(
            f"{where}: {name} must count the objects of each event, got "
            f"{int(counter.values.sum())} for {offsets[-1]}. Fetch the file again."
        )
