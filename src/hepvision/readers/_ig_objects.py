"""Tracks, vertices and what CMS reconstructed, of one event.

Functions take the event, and the account that what is missing or left out is counted in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.physics.propagation import LOST, calorimeter_face
from hepvision.readers._account import QUIET, Account
from hepvision.readers._ig_file import FINITE, Column, IgEvent, Table, table

__all__ = ["identity", "missing_energy", "stored_photons", "tracks", "vertices"]

Columns = dict[str, NDArray[Any]]

METRE = 1000.0  # mm
NEAR = 2.0  # mm along the beam within which a track belongs to a vertex
ETA_PHI = {"eta": Column(("eta",)), "phi": Column(("phi",))}
#: Ours: the file's, for photons that the file itself stores.
STORED = {
    "energyCorrected": "energy",
    "r9": "r9",
    "sieie": "sigmaIetaIeta",
    "hoe": "hadronicOverEm",
    "trkSumPtHollowConeDR03": "trkSumPtHollowConeDR03",
    "ecalRecHitSumEtDR03": "ecalRecHitSumEtDR03",
    "hcalTowerSumEtDR03": "hcalTowerSumEtDR03",
}


def _counted(
    event: IgEvent,
    account: Account,
    names: tuple[str, ...],
    required: dict[str, Column],
    optional: dict[str, Column] | None = None,
) -> Table | None:
    """A collection, counted as read or, under its first name, as missing."""
    found = table(event, names, required, optional)
    if found is None:
        account.missing[names[0]] += 1
    else:
        account.collections[found.key] += 1
    return found


def _finite(values: Columns, name: str, account: Account) -> Columns:
    """Leave out rows with a value that is not finite."""
    good = np.ones(len(next(iter(values.values()))), bool)
    for value in values.values():
        finite = np.abs(value) < FINITE  # also of NaN false
        good &= finite.all(axis=1) if finite.ndim > 1 else finite
    account.left_out[name] += int((~good).sum())
    return {key: value[good] for key, value in values.items()}


def vertices(event: IgEvent, account: Account) -> Columns:
    """Vertices in the file's order, without those that are no fits.

    Returns
    -------
    dict of array, shape (N,)
        x, y, z in mm, sumPt2 (0; ``tracks`` adds them up).

    Raises
    ------
    SchemaError
        They have no position.

    Examples
    --------
    >>> vertices(IgEvent("x", 1, 1, {}, {}), Account())["z"].tolist()
    []
    """
    found = _counted(
        event,
        account,
        ("Vertices", "PrimaryVertices"),
        {"pos": Column(("pos", "position"), 3)},
        {"isValid": Column(("isValid",)), "isFake": Column(("isFake",))},
    )
    if found is None:
        return {name: np.zeros(0) for name in ("x", "y", "z", "sumPt2")}
    values = {"isValid": np.ones(found.length), "isFake": np.zeros(found.length)} | found.values
    values = _finite(values, "Vertices", account)
    good = (values["isValid"] != 0) & (values["isFake"] == 0)
    account.left_out[QUIET] += int((~good).sum())
    x, y, z = METRE * values["pos"][good].T
    return {"x": x, "y": y, "z": z, "sumPt2": np.zeros(len(x))}


def _momenta(event: IgEvent, account: Account) -> Columns:
    """Track parameters of whatever version, charge 0 and place 0 where a file has none."""
    others = {"pos": Column(("pos",), 3), "charge": Column(("charge",))}
    required = {"pt": Column(("pt",))}
    direction = {"dir": Column(("dir",), 3)}
    found = _counted(event, account, ("Tracks",), required, others | ETA_PHI | direction)
    values: Columns
    if found is None:
        values = {name: np.zeros(0) for name in ("pt", "eta", "phi")}
    else:
        values = dict(found.values)
        account.missing.update(f"Tracks.{column}" for column in others if column not in values)
    if not {"eta", "phi"} <= set(values):
        if "dir" not in values:
            table(event, ("Tracks",), required | ETA_PHI)  # refuses
        px, py, pz = values["dir"].T
        with np.errstate(divide="ignore", invalid="ignore"):
            values |= {"eta": np.arcsinh(pz / np.hypot(px, py)), "phi": np.arctan2(py, px)}
    values = {"pos": np.zeros((len(values["pt"]), 3)), "charge": np.zeros(len(values["pt"]))} | {
        name: value for name, value in values.items() if name != "dir"
    }
    values = _finite(values, "Tracks", account)
    seen = (values["pt"] > 0) & (np.abs(values["eta"]) < 10) & (np.abs(values["charge"]) < 4)
    account.left_out["Tracks"] += int((~seen).sum())
    return {name: value[seen] for name, value in values.items()}


def tracks(event: IgEvent, found_vertices: Columns, account: Account) -> Columns:
    """Tracks with their vertex and their place on the ECAL; adds up the vertices' pt².

    Parameters
    ----------
    found_vertices : dict of array
        From ``vertices``; ``sumPt2`` is filled.

    Returns
    -------
    dict of array, shape (N,)
        Fields of ``Track``.

    Raises
    ------
    SchemaError
        They have no momentum.

    Examples
    --------
    >>> event = IgEvent("x", 1, 1, {}, {})
    >>> sorted(tracks(event, vertices(event, Account()), Account()))[:3]
    ['charge', 'dxy', 'dz']
    """
    found = _momenta(event, account)
    place, pt, phi = METRE * found["pos"], found["pt"], found["phi"]
    momentum = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(found["eta"])], axis=-1)
    surface, face, _ = calorimeter_face(place, momentum, found["charge"])
    transverse = np.maximum(np.hypot(face[:, 0], face[:, 1]), 1e-9)
    lost = surface == LOST
    index = np.full(len(pt), -1)
    beam = np.zeros(2)
    z = found_vertices["z"]
    if len(z):
        distance = np.abs(place[:, 2, None] - z)
        index = np.where(distance.min(axis=1) < NEAR, distance.argmin(axis=1), -1)
        beam = np.array([found_vertices["x"][0], found_vertices["y"][0]])
        own = index >= 0
        found_vertices["sumPt2"][:] = np.bincount(index[own], pt[own] ** 2, minlength=len(z))
    dx, dy = (place[:, :2] - beam).T
    return {
        "pt": pt,
        "eta": found["eta"],
        "phi": phi,
        "charge": found["charge"],
        "dz": place[:, 2],
        "dxy": dy * np.cos(phi) - dx * np.sin(phi),
        "etaEcal": np.where(lost, found["eta"], np.arcsinh(face[:, 2] / transverse)),
        "phiEcal": np.where(lost, phi, np.arctan2(face[:, 1], face[:, 0])),
        "vertexIdx": index,
    }


def stored_photons(event: IgEvent, account: Account) -> Columns:
    """Photons that CMS reconstructed, with the fields that the file has.

    Returns
    -------
    dict of array, shape (N,)
        Fields of ``StoredPhoton``; all of them if the event has no such collection.

    Raises
    ------
    SchemaError
        They have no direction.

    Examples
    --------
    >>> len(stored_photons(IgEvent("x", 1, 1, {}, {}), Account())["r9"])
    0
    """
    optional = {ours: Column((theirs,)) for ours, theirs in STORED.items()}
    optional["pt"] = Column(("et", "pt"))
    found = _counted(event, account, ("Photons", "PATPhotons"), ETA_PHI, optional)
    if found is None:
        return {name: np.zeros(0) for name in ("pt", "eta", "phi", "mass", *STORED)}
    values = _finite(found.values, "Photons", account)
    if "pt" not in values:
        if "energyCorrected" not in values:
            table(event, ("Photons", "PATPhotons"), ETA_PHI | {"et": Column(("et",))})  # refuses
        values["pt"] = values["energyCorrected"] / np.cosh(values["eta"])
    return values | {"mass": np.zeros(len(values["eta"]))}


def missing_energy(event: IgEvent, account: Account) -> Columns:
    """Missing transverse momentum, of particle flow if the file has it.

    Returns
    -------
    dict of array, shape (N,)
        pt in GeV, phi.

    Raises
    ------
    SchemaError
        It has no pt or phi.

    Examples
    --------
    >>> missing_energy(IgEvent("x", 1, 1, {}, {}), Account())["pt"].tolist()
    []
    """
    wanted = {"pt": Column(("pt",)), "phi": Column(("phi",))}
    found = _counted(event, account, ("PFMETs", "PATMETs", "METs", "CaloMETs"), wanted)
    if found is None:
        return {"pt": np.zeros(0), "phi": np.zeros(0)}
    return _finite(found.values, "PFMETs", account)


def identity(event: IgEvent) -> tuple[int, int, int]:
    """Run, luminosity block and event.

    Returns
    -------
    run, block, number : int
        Of the member's name; what it does not say of the collection ``Event``, else 0.

    Raises
    ------
    CorruptFileError
        The collection holds something else than numbers.

    Examples
    --------
    >>> identity(IgEvent("x", 3, 7, {}, {}))
    (3, 0, 7)
    """
    optional = {name: Column((name,)) for name in ("run", "ls")}
    found = table(event, ("Event",), {}, optional)
    values = {} if found is None or not found.length else found.values

    def said(name: str) -> int:
        value = float(values[name][0]) if name in values else 0.0
        return int(value) if 0 <= value < 2**32 else 0

    return (event.run if event.run >= 0 else said("run")), said("ls"), event.event
