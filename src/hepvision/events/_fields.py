"""Every field of the schema with its type, unit and meaning."""

from hepvision.events._cell_fields import CELLS
from hepvision.events._field import Field, momentum
from hepvision.events._object_fields import OBJECTS

__all__ = ["FIELDS", "Field", "REQUIRED_SCALARS", "SCALARS"]

_ENERGY = Field("f4", "GeV", "energy, may be negative where noise is kept")
_TIME = Field("f4", "ns", "time after light from the origin would arrive")
_IPHI = Field("i2", "", "1-360")

_PHOTON = {
    **momentum("photon, seen from the primary vertex"),
    "energyRaw": Field("f4", "GeV", "sum of the crystals of the super-cluster"),
    "energyCorrected": Field("f4", "GeV", "energy after correction"),
    "r9": Field("f4", "", "3x3 energy around the seed over the super-cluster's"),
    "sieie": Field("f4", "", "log-weighted width in eta of the 5x5 around the seed"),
    "sipip": Field("f4", "", "log-weighted width in phi of the 5x5 around the seed"),
    "hoe": Field("f4", "", "energy of the towers behind over the super-cluster's"),
    "trkSumPtHollowConeDR03": Field("f4", "GeV", "sum of track pt in a hollow cone of 0.3"),
    "ecalRecHitSumEtDR03": Field(
        "f4", "GeV", "sum of crystal ET in a cone of 0.3, itself left out"
    ),
    "hcalTowerSumEtDR03": Field("f4", "GeV", "sum of tower ET in a hollow cone of 0.3"),
    "superclusterEta": Field("f4", "", "pseudorapidity seen from the centre of the detector"),
    "superclusterPhi": Field("f4", "rad", "azimuth seen from the centre of the detector"),
    "isScEtaEB": Field("?", "", "in the barrel"),
    "genPartFlav": Field("u1", "", "truth: 1 prompt photon, 11 electron, 0 otherwise"),
    "genPartIdx": Field("i2", "", "index of the matched GenPart, -1 for none"),
    "fakePdgId": Field(
        "i4", "", "PDG id of the mother hadron of a photon that is not prompt, or 0"
    ),
}

#: Jagged collections, by name.
FIELDS: dict[str, dict[str, Field]] = {
    "EcalBarrelHit": {
        "ieta": Field("i1", "", "-85 to -1 and 1 to 85"),
        "iphi": _IPHI,
        "energy": _ENERGY,
        "time": _TIME,
    },
    "EcalEndcapHit": {
        "ix": Field("i1", "", "1-100"),
        "iy": Field("i1", "", "1-100"),
        "side": Field("i1", "", "-1 or +1, sign of z"),
        "energy": _ENERGY,
        "time": _TIME,
    },
    "HcalHit": {
        "ieta": Field("i1", "", "-28 to -1 and 1 to 28"),
        "iphi": Field("i1", "", "1-72, odd where towers are 10 degrees wide"),
        "depth": Field("i1", "", "1 nearest to the beam"),
        "energy": _ENERGY,
    },
    "Track": {
        "pt": Field("f4", "GeV", "transverse momentum"),
        "eta": Field("f4", "", "pseudorapidity at closest approach to the beam line"),
        "phi": Field("f4", "rad", "azimuth at closest approach to the beam line"),
        "charge": Field("i1", "", "in units of the proton's"),
        "dz": Field("f4", "mm", "z of closest approach to the beam line"),
        "dxy": Field("f4", "mm", "distance of closest approach to the beam line"),
        "etaEcal": Field("f4", "", "pseudorapidity of the point on the ECAL face"),
        "phiEcal": Field("f4", "rad", "azimuth of the point on the ECAL face"),
        "vertexIdx": Field("i2", "", "index of its Vertex, -1 for none"),
    },
    "Vertex": {
        "x": Field("f4", "mm", "position"),
        "y": Field("f4", "mm", "position"),
        "z": Field("f4", "mm", "position"),
        "sumPt2": Field("f4", "GeV2", "sum of pt squared of its tracks; the first is the primary"),
    },
    "Photon": _PHOTON,
    "StoredPhoton": _PHOTON,
    "GenPart": {
        **momentum("generated particle"),
        "pdgId": Field("i4", "", "PDG id"),
        "status": Field("i4", "", "generator status"),
        "genPartIdxMother": Field("i4", "", "index of its mother, -1 for none"),
        "vx": Field("f4", "mm", "production point"),
        "vy": Field("f4", "mm", "production point"),
        "vz": Field("f4", "mm", "production point"),
        "charge": Field("i1", "", "in units of the proton's"),
        "converted": Field("?", "", "a photon that made a pair in the tracker"),
    },
    "MET": {
        "pt": Field("f4", "GeV", "missing transverse momentum"),
        "phi": Field("f4", "rad", "azimuth in [-pi, pi)"),
        "sumEt": Field("f4", "GeV", "scalar sum of transverse energy"),
    },
    **OBJECTS,
    **CELLS,
}

#: One value an event.
SCALARS: dict[str, Field] = {
    "event_id": Field("u8", "", "unique in a store"),
    "sample": Field("str", "", "name of the sample"),
    "weight": Field("f8", "", "weight of the event"),
    "run": Field("u4", "", "run number, 1 in simulation"),
    "luminosityBlock": Field("u4", "", "luminosity block, 1 in simulation"),
    "event": Field("u8", "", "event number in the run"),
    "pileup": Field("i4", "", "number of pile-up interactions, -1 if not known"),
    "process": Field("i4", "", "the generator's number of the process, 0 if not known"),
    "label": Field("i4", "", "published class of the event, named in the attributes"),
    "signalRegion": Field("?", "", "passes the published selection of the analysis"),
    "split": Field("i1", "", "published split: 0 train, 1 validation, 2 test"),
}

REQUIRED_SCALARS = ("event_id", "sample", "weight", "run", "luminosityBlock", "event", "pileup")
