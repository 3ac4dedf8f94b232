"""Which branches of a Delphes tree the schema's fields come from, in which unit."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CANDIDATES", "LAYOUT", "Layout", "found_in"]

_DIRECTION = {"eta": "Eta", "phi": "Phi"}
_MOMENTUM = {"pt": "PT", **_DIRECTION}
_JET = {**_MOMENTUM, "mass": "Mass"}
_IMPACT = {"dxy": "D0", "dz": "DZ"}


class Layout(NamedTuple):
    """A collection: the branches that may hold it, and the leaf of each field.

    Delphes writes GeV, rad and mm, as the schema has them.
    """

    branches: tuple[str, ...]
    needed: dict[str, str]
    optional: dict[str, str]


#: By the schema's names.
LAYOUT: dict[str, Layout] = {
    "Track": Layout(
        ("Track",),
        {**_MOMENTUM, "charge": "Charge"},
        {**_IMPACT, "etaEcal": "EtaOuter", "phiEcal": "PhiOuter", "vertexIdx": "VertexIndex"},
    ),
    "Tower": Layout(
        ("Tower", "CaloTower"),
        {**_DIRECTION, "et": "ET", "energy": "E"},
        {"energyEm": "Eem", "energyHad": "Ehad"},
    ),
    "Vertex": Layout(("Vertex",), {"x": "X", "y": "Y", "z": "Z"}, {"sumPt2": "SumPT2"}),
    "Photon": Layout(("Photon", "PhotonLoose"), _MOMENTUM, {"hoe": "EhadOverEem"}),
    "Electron": Layout(
        ("Electron",), _MOMENTUM, {"charge": "Charge", "hoe": "EhadOverEem", **_IMPACT}
    ),
    "Muon": Layout(("Muon", "MuonLoose"), _MOMENTUM, {"charge": "Charge", **_IMPACT}),
    "Jet": Layout(("Jet", "JetPUPPI"), _JET, {"partonFlavour": "Flavor", "bTag": "BTag"}),
    "FatJet": Layout(("FatJet", "JetPUPPIAK8", "JetAK8"), _JET, {"partonFlavour": "Flavor"}),
    "GenJet": Layout(("GenJet",), _JET, {"partonFlavour": "Flavor"}),
    "MET": Layout(
        ("MissingET", "PuppiMissingET", "PUPPIMissingET"), {"pt": "MET", "phi": "Phi"}, {}
    ),
    "GenPart": Layout(
        ("Particle",),
        {**_JET, "pdgId": "PID", "status": "Status"},
        {
            "genPartIdxMother": "M1",
            "charge": "Charge",
            "vx": "X",
            "vy": "Y",
            "vz": "Z",
        },
    ),
}

#: What ``Particle``, the candidates of the whole event, is put together from.
CANDIDATES: dict[str, Layout] = {
    "EFlowTrack": Layout(
        ("EFlowTrack",), {**_MOMENTUM, "charge": "Charge"}, {"pdgId": "PID", "d0": "D0", "dz": "DZ"}
    ),
    "EFlowPhoton": Layout(("EFlowPhoton",), {**_DIRECTION, "pt": "ET"}, {}),
    "EFlowNeutralHadron": Layout(("EFlowNeutralHadron",), {**_DIRECTION, "pt": "ET"}, {}),
}


def found_in(layout: Layout, names: tuple[str, ...], puppi: bool = False) -> dict[str, str] | None:
    """Where the fields of a collection are in a file.

    Parameters
    ----------
    layout : Layout
        The collection.
    names : tuple of str
        All columns of the file.
    puppi : bool
        Whether a branch with PUPPI in its name goes before others.

    Returns
    -------
    dict of str or None
        Column by field; None where no branch has what is needed.

    Examples
    --------
    >>> found_in(LAYOUT["MET"], ("MissingET.MET", "MissingET.Phi"))
    {'pt': 'MissingET.MET', 'phi': 'MissingET.Phi'}
    """
    there = set(names)
    order = sorted(layout.branches, key=lambda name: puppi and "PUPPI" not in name.upper())
    for branch in order:
        if all(f"{branch}.{leaf}" in there for leaf in layout.needed.values()):
            every = layout.needed | layout.optional
            every = {field: f"{branch}.{leaf}" for field, leaf in every.items()}
            return {field: name for field, name in every.items() if name in there}
    return None
