"""Jets, photons and their truth in MLAnalyzer's trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.events.geometry.hcal import Hcal
from hepvision.readers._account import Account
from hepvision.readers._root_column import Column
from hepvision.readers._root_objects import Source, columns_of

__all__ = ["JET", "PHOTON", "TRUTH", "jets", "objects_of"]

Found = tuple[NDArray[np.int64], dict[str, NDArray[Any]]]
_JET = {
    "pt": ("jetPt", "jet_pt"),
    "eta": ("jetEta",),
    "phi": ("jetPhi",),
    "mass": ("jetM", "jet_m0", "m0"),
    "partonFlavour": ("jetPdgIds", "jet_truthLabel"),
}
_FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "Photon": {
        "pt": ("pho_pT",),
        "eta": ("pho_eta",),
        "phi": ("pho_phi",),
        "r9": ("pho_r9",),
        "sieie": ("pho_sieie",),
        "hoe": ("pho_HoE",),
        "energyRaw": ("pho_Eraw",),
        "energyCorrected": ("pho_ecalEPostCorr",),
        "superclusterEta": ("pho_scEta",),
        "trkSumPtHollowConeDR03": ("pho_trkIso",),
    },
    "GenPart": {"pt": ("SC_pT",), "eta": ("SC_eta",), "phi": ("SC_phi",), "mass": ("SC_mass",)},
}
_SEED = ("jetSeed_ieta", "jetSeed_iphi")
#: Columns that jets, photons and the truth of photons are made of.
JET = (*(name for names in _JET.values() for name in names), *_SEED, "jetIsQuark")
PHOTON = tuple(name for names in _FIELDS["Photon"].values() for name in names)
TRUTH = tuple(name for names in _FIELDS["GenPart"].values() for name in names)


def _sources(
    wanted: Mapping[str, tuple[str, ...]], columns: Mapping[str, Column]
) -> dict[str, Source]:
    """Where each field comes from; ``m0`` is one number an event in trees of pairs of photons."""
    found = {}
    for field, names in wanted.items():
        name = next((one for one in names if one in columns and columns[one].levels), None)
        if name is not None:
            found[field] = Source(name)
    return found


def objects_of(
    collection: str, columns: Mapping[str, Column], account: Account, where: str
) -> Found | None:
    """Photons, or the particles that they come from.

    Parameters
    ----------
    collection : {"Photon", "GenPart"}
        Which.
    columns : mapping of Column
        What was read.
    account : Account
        Counts repairs.
    where : str
        The file, for messages.

    Returns
    -------
    offsets, fields, or None
        By the schema's names; None if the tree has none of them.

    Examples
    --------
    >>> column = Column(np.array([30.0]), (np.array([0, 1]),))
    >>> objects_of("GenPart", {"SC_mass": column}, Account(), "x.root")[1]["mass"].tolist()
    [30.0]
    """
    sources = _sources(_FIELDS[collection], columns)
    if not sources:
        return None
    offsets, fields = columns_of(collection, sources, columns, account, where)
    if collection == "Photon" and {"pt", "eta", "phi"} <= set(fields):
        fields["mass"] = np.zeros(len(fields["pt"]), np.float32)
    return offsets, fields


def jets(columns: Mapping[str, Column], account: Account, where: str) -> Found | None:
    """Jets, in the direction of their seed towers where the tree has no other.

    Parameters
    ----------
    columns : mapping of Column
        What was read.
    account : Account
        Counts repairs.
    where : str
        The file, for messages.

    Returns
    -------
    offsets, fields, or None
        Fields of ``Jet``; None if there are no jets.

    Raises
    ------
    CorruptFileError
        Columns disagree about the number of jets.

    Examples
    --------
    The seed is counted from 0, and its columns begin at the crystals'.

    >>> column = {
    ...     name: Column(np.array([value]), (np.array([0, 1]),))
    ...     for name, value in (("jetPt", 90.0), ("jetSeed_ieta", 28), ("jetSeed_iphi", 2))
    ... }
    >>> offsets, fields = jets(column, Account(), "x.root")
    >>> fields["eta"].round(4).tolist(), np.rad2deg(fields["phi"]).round(2).tolist()
    ([0.0435], [2.5])
    """
    sources = _sources(_JET, columns)
    seeded = all(name in columns and columns[name].levels for name in _SEED)
    if not sources and not seeded:
        return None
    offsets, fields = columns_of("Jet", sources, columns, account, where)
    if seeded:
        ieta, iphi = (columns[name] for name in _SEED)
        if not np.array_equal(ieta.offsets, iphi.offsets) or (
            sources and not np.array_equal(ieta.offsets, offsets)
        ):
            raise CorruptFileError(
                f"{where}: jetSeed_ieta and jetSeed_iphi must be one number for each jet, got "
                "others. Fetch the file again."
            )
        offsets = ieta.offsets
        if not {"eta", "phi"} <= set(fields):
            row = np.clip(np.nan_to_num(ieta.values), 0, 55).astype(np.int64)
            column = np.nan_to_num(iphi.values).astype(np.int64)
            place = np.where(row >= 28, row - 27, row - 28)
            fields["eta"], fields["phi"] = Hcal().eta_phi(place, (column - 2) % 72 + 1)
    return offsets, fields
