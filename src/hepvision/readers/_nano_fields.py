"""NanoAOD's branches for the fields of the schema, through their versions."""

from __future__ import annotations

from collections.abc import Container, Mapping

from hepvision.core.errors import SchemaError
from hepvision.events.schema import FIELDS
from hepvision.readers._root_objects import Source

__all__ = ["JETS", "MASSLESS", "OBJECTS", "find", "find_links", "find_met"]

#: Collections and the prefixes that their branches have had; those of PFNano differ.
OBJECTS: dict[str, tuple[str, ...]] = {
    "Photon": ("Photon",),
    "Electron": ("Electron",),
    "Muon": ("Muon",),
    "Tau": ("Tau",),
    "Jet": ("Jet",),
    "FatJet": ("FatJet",),
    "GenJet": ("GenJet",),
    "GenPart": ("GenPart",),
    "Particle": ("PFCands", "PFCand"),
}
#: Jets, and the tables that say which candidate is in which jet.
JETS = {"Jet": ("JetPFCands", "JetPFCand"), "FatJet": ("FatJetPFCands", "FatJetPFCand")}
#: Collections whose mass may be left out.
MASSLESS = ("Photon",)

_CENTIMETRES = 10.0  # to millimetres
_LENGTHS = ("dxy", "dz", "d0", "d0Err", "dzErr", "vx", "vy", "vz")
#: Other names of a field, where it has had some.
_ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("Particle", "d0"): ("dxy",),
    ("Particle", "d0Err"): ("dxyErr", "dxyError"),
    ("Particle", "dzErr"): ("dzError",),
}
#: Fields that carry the name of something else in NanoAOD.
_NOT = {
    ("FatJet", "genJetIdx"),  # there, jets of radius 0.8 are matched to GenJetAK8
    ("FatJet", "label"),
    ("Particle", "jetIdx"),  # made of the tables that link jets and candidates
    ("Particle", "energy"),
}
_DIRECTION = ("pt", "eta", "phi")


def find(collection: str, names: Container[str], where: str) -> dict[str, Source]:
    """Branches of one collection.

    Parameters
    ----------
    collection : str
        A key of ``OBJECTS``.
    names : container of str
        Branches that the file has.
    where : str
        The file, for messages.

    Returns
    -------
    dict of Source
        By the schema's fields; empty if the file has no such collection.

    Raises
    ------
    SchemaError
        Part of the four-vector is missing.

    Examples
    --------
    >>> branches = ["Muon_pt", "Muon_eta", "Muon_phi", "Muon_mass", "Muon_dz"]
    >>> find("Muon", branches, "x.root")["dz"]
    Source(name='Muon_dz', factor=10.0)
    >>> find("Muon", branches[1:], "x.root")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.SchemaError: x.root: Events must hold 'Muon_pt', got other branches of \
Muon. Give a file that has it, or leave_out Muon.
    """
    for prefix in OBJECTS[collection]:
        found = {}
        for field in FIELDS[collection]:
            for other in (field, *_ALSO.get((collection, field), ())):
                name = f"{prefix}_{other}"
                if name in names and (collection, field) not in _NOT:
                    found[field] = Source(name, _CENTIMETRES if field in _LENGTHS else 1.0)
                    break
        if not found:
            continue
        needed = _DIRECTION if collection in MASSLESS else (*_DIRECTION, "mass")
        for field in needed:
            if field not in found:
                raise SchemaError(
                    f"{where}: Events must hold '{prefix}_{field}', got other branches of "
                    f"{prefix}. Give a file that has it, or leave_out {collection}."
                )
        return found
    return {}


def find_links(names: Container[str], wanted: str) -> tuple[str, str, str] | None:
    """Branches that say which candidate is in which jet.

    Parameters
    ----------
    names : container of str
        Branches that the file has.
    wanted : {"auto", "Jet", "FatJet"}
        Whose constituents; ``auto`` takes the first that is there.

    Returns
    -------
    (str, str, str) or None
        The jets' collection, and the branches of their indices and the candidates'.

    Examples
    --------
    >>> find_links(["FatJetPFCand_jetIdx", "FatJetPFCand_pfCandIdx"], "auto")
    ('FatJet', 'FatJetPFCand_jetIdx', 'FatJetPFCand_pfCandIdx')
    >>> find_links([], "auto") is None
    True
    """
    for jets, tables in JETS.items():
        for table in tables:
            for index in ("pFCandsIdx", "pfCandsIdx", "pFCandIdx", "pfCandIdx"):
                pair = f"{table}_jetIdx", f"{table}_{index}"
                if wanted in ("auto", jets) and all(name in names for name in pair):
                    return jets, *pair
    return None


def find_met(names: Container[str], wanted: str) -> Mapping[str, Source]:
    """Branches of missing transverse momentum.

    Parameters
    ----------
    names : container of str
        Branches that the file has.
    wanted : str
        Which kind; ``auto`` takes MET, else PuppiMET, else PFMET.

    Returns
    -------
    mapping of Source
        By the schema's fields; empty if there is none.

    Examples
    --------
    >>> find_met(["PuppiMET_pt", "PuppiMET_phi"], "auto")["pt"].name
    'PuppiMET_pt'
    """
    for kind in ("MET", "PuppiMET", "PFMET") if wanted == "auto" else (wanted,):
        if f"{kind}_pt" in names and f"{kind}_phi" in names:
            pairs = ((field, f"{kind}_{field}") for field in FIELDS["MET"])
            return {field: Source(name) for field, name in pairs if name in names}
    return {}
