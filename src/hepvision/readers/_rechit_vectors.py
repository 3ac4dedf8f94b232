"""MLAnalyzer's flat vectors of the whole detector as hits, and cut into jets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import FIRST_WIDE, Hcal
from hepvision.readers._account import Account
from hepvision.readers._root_column import Column

__all__ = ["ECAL_ROWS", "SIDE", "SIZES", "barrel", "crops", "endcaps", "lit", "towers", "tracks"]

Fields = dict[str, NDArray[Any]]
Hits = tuple[NDArray[np.int64], Fields]  # offsets (B+1,), flat columns
FINITE = 1e30  # larger numbers are taken for infinite
#: Rows of the picture of the whole calorimeter, and the first one of the barrel in it.
ECAL_ROWS, FIRST_BARREL = 280, 55
BARREL, ENDCAP, ECAL = 170 * 360, 100 * 100, ECAL_ROWS * 360
TOWERS, BARREL_TOWERS = 56 * 72, 34 * 72
SIZES = {
    "EB_energy": BARREL,
    "EB_time": BARREL,
    "EEm_energy": ENDCAP,
    "EEp_energy": ENDCAP,
    "EEm_time": ENDCAP,
    "EEp_time": ENDCAP,
    "HBHE_energy": TOWERS,
    "HBHE_energy_EB": BARREL_TOWERS,
    "ECAL_energy": ECAL,
    "ECAL_tracksPt": ECAL,
    "TracksPt_EB": BARREL,
    "TracksQPt_EB": BARREL,
    "TracksPt_EEm": ENDCAP,
    "TracksPt_EEp": ENDCAP,
    "TracksQPt_EEm": ENDCAP,
    "TracksQPt_EEp": ENDCAP,
}
SIDE = 125  # pixels of a jet's picture


def lit(name: str, columns: Mapping[str, Column], account: Account, where: str) -> Hits:
    """What is not 0 in the vectors of some events.

    Parameters
    ----------
    name : str
        A key of ``SIZES``.
    columns : mapping of Column
        What was read.
    account : Account
        Counts what is not finite, which is left out.
    where : str
        The file, for messages.

    Returns
    -------
    offsets : array of int64, shape (B+1,)
        Where each event's entries start.
    fields : dict of array, shape (N,)
        ``index`` in the vector and ``value``.

    Raises
    ------
    CorruptFileError
        A vector has another length.

    Examples
    --------
    >>> vector = np.zeros(56 * 72)
    >>> vector[[3, 5]] = 2.0, np.nan
    >>> column = Column(vector, (np.array([0, 56 * 72]),))
    >>> account = Account()
    >>> offsets, fields = lit("HBHE_energy", {"HBHE_energy": column}, account, "x.root")
    >>> offsets.tolist(), fields["index"].tolist(), account.left_out["HBHE_energy values"]
    ([0, 1], [3], 1)
    """
    column, size = columns[name], SIZES[name]
    events = len(column)
    if len(column.levels) != 1 or (np.diff(column.offsets) != size).any():
        raise CorruptFileError(
            f"{where}: {name} must be {size} numbers an event, got others. Fetch the file again."
        )
    where_lit = np.flatnonzero(column.values)
    value = column.values[where_lit]
    good = np.abs(value) < FINITE
    account.left_out[f"{name} values"] += int((~good).sum())
    where_lit, value = where_lit[good], value[good]
    event = where_lit // size
    offsets = np.concatenate([[0], np.cumsum(np.bincount(event, minlength=events))])
    return offsets.astype(np.int64), {"index": where_lit - event * size, "value": value}


def _at(hits: Hits, name: str, columns: Mapping[str, Column]) -> NDArray[np.float32]:
    """Another vector of the same events at the same places; 0 where it is not finite."""
    offsets, fields = hits
    event = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    found = columns[name].values[event * SIZES[name] + fields["index"]]
    return np.where(np.abs(found) < FINITE, found, 0).astype(np.float32)


def barrel(columns: Mapping[str, Column], account: Account, where: str) -> Hits | None:
    """Crystals of the barrel; parameters as of ``lit``.

    Returns
    -------
    (offsets, fields) or None
        Fields of ``EcalBarrelHit``; those of the picture of all ECAL where there is no vector of
        the barrel alone, and None without either.

    Examples
    --------
    >>> barrel({}, Account(), "x.root") is None
    True
    """
    if "EB_energy" in columns:
        hits = lit("EB_energy", columns, account, where)
        index = hits[1]["index"]
    elif "ECAL_energy" in columns:
        hits = _inside(lit("ECAL_energy", columns, account, where), account)
        index = hits[1]["index"]
    else:
        return None
    ieta, iphi = EcalBarrel().numbers(index)
    fields = {"ieta": ieta, "iphi": iphi, "energy": hits[1]["value"]}
    if "EB_energy" in columns and "EB_time" in columns:
        lit("EB_time", columns, Account(), where)  # refuses one of another length
        fields["time"] = _at(hits, "EB_time", columns)
    return hits[0], fields


def _inside(hits: Hits, account: Account) -> Hits:
    """The barrel's rows of a picture of all ECAL, counted from its own first one."""
    offsets, fields = hits
    index = fields["index"] - FIRST_BARREL * 360
    good = (index >= 0) & (index < BARREL)
    account.left_out["projected endcap pixels of ECAL_energy"] += int((~good).sum())
    return _kept(offsets, {"index": index, "value": fields["value"]}, good)


def _kept(offsets: NDArray[np.int64], fields: Fields, good: NDArray[np.bool_]) -> Hits:
    before = np.concatenate([[0], np.cumsum(good)])
    return before[offsets], {key: values[good] for key, values in fields.items()}


def endcaps(columns: Mapping[str, Column], account: Account, where: str) -> Hits | None:
    """Crystals of both endcaps; parameters as of ``lit``.

    Returns
    -------
    (offsets, fields) or None
        Fields of ``EcalEndcapHit``; None if there are no vectors of them.

    Examples
    --------
    >>> endcaps({}, Account(), "x.root") is None
    True
    """
    names = [name for name in ("EEm_energy", "EEp_energy") if name in columns]
    parts = []
    for name in names:
        hits = lit(name, columns, account, where)
        iy, ix = np.divmod(hits[1]["index"], 100)
        exists = EcalEndcap().exists()[iy, ix]
        account.left_out[f"{name} where no crystal is"] += int((~exists).sum())
        fields = {
            "ix": ix + 1,
            "iy": iy + 1,
            "side": np.full(len(ix), 1 if name[2] == "p" else -1),
            "energy": hits[1]["value"],
        }
        clock = name.replace("energy", "time")
        if all(one.replace("energy", "time") in columns for one in names):
            lit(clock, columns, Account(), where)
            fields["time"] = _at(hits, clock, columns)
        parts.append(_kept(hits[0], fields, exists))
    return _together(parts) if parts else None


def _together(parts: list[Hits]) -> Hits:
    """Hits of several parts of the same events, event by event."""
    events = np.arange(len(parts[0][0]) - 1)
    owner = np.concatenate([np.repeat(events, np.diff(offsets)) for offsets, _ in parts])
    order = np.argsort(owner, kind="stable")
    keys = parts[0][1]
    fields = {key: np.concatenate([one[key] for _, one in parts])[order] for key in keys}
    return np.sum([offsets for offsets, _ in parts], axis=0), fields


def towers(columns: Mapping[str, Column], account: Account, where: str) -> Hits | None:
    """Towers of HB and HE, all depths in one; parameters as of ``lit``.

    The vectors' columns begin at the crystals': tower iphi is column iphi + 1 from 0. A tower of
    10° has half of its energy in each of two columns; they are put together again.

    Returns
    -------
    (offsets, fields) or None
        Fields of ``HcalHit`` with depth 1; None if there is no vector of them.

    Examples
    --------
    >>> vector = np.zeros(56 * 72)
    >>> vector[[28 * 72 + 2, 55 * 72, 55 * 72 + 1]] = 3.0, 1.0, 1.0
    >>> column = Column(vector, (np.array([0, 56 * 72]),))
    >>> offsets, fields = towers({"HBHE_energy": column}, Account(), "x.root")
    >>> [fields[key].tolist() for key in ("ieta", "iphi", "energy")]
    [[1, 28], [1, 71], [3.0, 2.0]]
    """
    name = next((one for one in ("HBHE_energy", "HBHE_energy_EB") if one in columns), None)
    if name is None:
        return None
    offsets, fields = lit(name, columns, account, where)
    row, column = np.divmod(fields["index"], 72)
    rows = SIZES[name] // 72
    ieta = row - rows // 2
    ieta = np.where(ieta >= 0, ieta + 1, ieta)
    iphi = (column - 2) % 72 + 1
    iphi -= (np.abs(ieta) >= FIRST_WIDE) & (iphi % 2 == 0)
    event = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    hcal = Hcal()
    cell = event * TOWERS + hcal.flat_index(ieta, iphi).astype(np.int64)
    found, place = np.unique(cell, return_inverse=True)
    energy = np.bincount(place, fields["value"], minlength=len(found)).astype(np.float32)
    count = np.bincount(found // TOWERS, minlength=len(offsets) - 1)
    ieta, iphi = hcal.numbers(found % TOWERS)
    return np.concatenate([[0], np.cumsum(count)]), {
        "ieta": ieta,
        "iphi": iphi,
        "depth": np.ones(len(found), np.int8),
        "energy": energy,
    }


def tracks(columns: Mapping[str, Column], account: Account, where: str) -> Hits | None:
    """Lit pixels of tracks, each as one track; parameters as of ``lit``.

    Returns
    -------
    (offsets, fields) or None
        Fields of ``Track`` at the centres of the crystals; None if there is no vector of them.
        The charge is that of the sum of all tracks in the crystal, 0 if they cancel in part.

    Examples
    --------
    >>> tracks({}, Account(), "x.root") is None
    True
    """
    parts = []
    names = [f"TracksPt_{part}" for part in ("EEm", "EB", "EEp")]
    names = [name for name in names if name in columns]
    signed = bool(names) and all(name.replace("Pt", "QPt") in columns for name in names)
    for name in names or [one for one in ("ECAL_tracksPt",) if one in columns]:
        hits = lit(name, columns, account, where)
        eta, phi = _centres(name, hits[1]["index"])
        fields = {"pt": hits[1]["value"], "eta": eta, "phi": phi, "etaEcal": eta, "phiEcal": phi}
        if signed:
            lit(name.replace("Pt", "QPt"), columns, Account(), where)
            ratio = _at(hits, name.replace("Pt", "QPt"), columns) / hits[1]["value"]
            fields["charge"] = np.where(np.abs(ratio) > 0.999, np.sign(ratio), 0).astype(np.int8)
        parts.append((hits[0], fields))
    return _together(parts) if parts else None


def _centres(name: str, index: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Directions of the pixels' centres."""
    if name.endswith("EB"):
        return EcalBarrel().eta_phi(*EcalBarrel().numbers(index))
    if name[-3:-1] == "EE":
        iy, ix = np.divmod(index, 100)
        return EcalEndcap().eta_phi(ix + 1, iy + 1, np.full(len(ix), 1 if name[-1] == "p" else -1))
    row, column = np.divmod(index, 360)
    towers = Hcal().eta_edges
    # beyond the barrel five rows divide a tower
    edges = np.interp(np.arange(ECAL_ROWS + 1) / 5, np.arange(len(towers)), towers)
    edges[FIRST_BARREL : FIRST_BARREL + 171] = EcalBarrel().eta_edges
    phi = np.deg2rad((column - 9.5 + 180) % 360 - 180)
    return 0.5 * (edges[row] + edges[row + 1]), phi


def crops(
    columns: Mapping[str, Column],
    entry: NDArray[np.int64],
    ieta: NDArray[np.int64],
    iphi: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Pictures of jets, cut out of those of the whole calorimeter.

    Parameters
    ----------
    columns : mapping of Column
        ``ECAL_tracksPt``, ``ECAL_energy`` and ``HBHE_energy`` of B events.
    entry : array of int, shape (J,)
        Event of each jet.
    ieta, iphi : array of int, shape (J,)
        Row (0–55) and column (0–71) of its seed among the vectors' towers.

    Returns
    -------
    array of float32, shape (J, 3, 125, 125), GeV
        Track pT, ECAL, HCAL around the middle crystal of the seed; columns go round, rows beyond
        the detector are dark. Each pixel has a 25th of its tower.

    Examples
    --------
    >>> columns = {
    ...     name: Column(np.ones(SIZES[name]), (np.array([0, SIZES[name]]),))
    ...     for name in ("ECAL_tracksPt", "ECAL_energy", "HBHE_energy")
    ... }
    >>> zero = np.zeros(1, int)
    >>> found = crops(columns, zero, zero + 28, zero)
    >>> found.shape, round(float(found[0, 2].sum() / found[0, 1].sum()), 4)
    ((1, 3, 125, 125), 0.04)
    """
    reach = np.arange(SIDE) - SIDE // 2
    rows = ieta[:, None] * 5 + 2 + reach
    inside = (rows >= 0) & (rows < ECAL_ROWS)
    rows = np.clip(rows, 0, ECAL_ROWS - 1)[:, :, None]
    across = ((iphi[:, None] * 5 + 2 + reach) % 360)[:, None, :]
    which = entry[:, None, None]
    found = np.empty((len(entry), 3, SIDE, SIDE), np.float32)
    for k, name in enumerate(("ECAL_tracksPt", "ECAL_energy")):
        found[:, k] = columns[name].values.reshape(-1, ECAL_ROWS, 360)[which, rows, across]
    shaped = columns["HBHE_energy"].values.reshape(-1, 56, 72)
    found[:, 2] = shaped[which, rows // 5, across // 5] / 25
    return np.where(inside[:, None, :, None], found, np.float32(0))
