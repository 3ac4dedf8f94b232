"""Fields of reconstructed and generated objects, with CMS NanoAOD's names where it has them."""

from hepvision.events._field import Field, momentum

__all__ = ["OBJECTS"]

_GEN = {
    "genPartFlav": Field("u1", "", "truth: 1 prompt, 15 from a tau, 22 photon, 4, 5, 0 otherwise"),
    "genPartIdx": Field("i2", "", "index of the matched GenPart, -1 for none"),
}
_LEPTON = {
    "charge": Field("i1", "", "in units of the proton's"),
    "dxy": Field("f4", "mm", "distance of closest approach to the primary vertex"),
    "dz": Field("f4", "mm", "the same along the beam"),
    "pfRelIso03_all": Field("f4", "", "isolation in a cone of 0.3 over pt"),
    "miniPFRelIso_all": Field("f4", "", "isolation in a cone that shrinks with pt, over pt"),
    "jetIdx": Field("i2", "", "index of its Jet, -1 for none"),
    "tightId": Field("?", "", "tight identification"),
    "tightIso": Field("?", "", "tight isolation"),
    **_GEN,
}
_JET = {
    "btagCSV": Field("f4", "", "b tag CSV, -100 where there is none"),
    "btagCSVV2": Field("f4", "", "b tag CSV, version 2"),
    "btagDeepB": Field("f4", "", "b tag DeepCSV"),
    "btagDeepFlavB": Field("f4", "", "b tag DeepJet"),
    "btagPNetB": Field("f4", "", "b tag ParticleNet"),
    "btagRobustParTAK4B": Field("f4", "", "b tag RobustParT"),
    "btagUParTAK4B": Field("f4", "", "b tag UParT"),
    "bTag": Field("?", "", "tagged as b jet"),
    "jetId": Field("u1", "", "identification, bits"),
    "area": Field("f4", "", "area in eta and phi"),
    "rawFactor": Field("f4", "", "1 minus raw over corrected pt"),
    "chHEF": Field("f4", "", "share of charged hadrons"),
    "neHEF": Field("f4", "", "share of neutral hadrons"),
    "chEmEF": Field("f4", "", "share of electrons"),
    "neEmEF": Field("f4", "", "share of photons"),
    "nConstituents": Field("i2", "", "number of constituents"),
    "hadronFlavour": Field("i2", "", "truth: 5 b, 4 c, 0 light"),
    "partonFlavour": Field("i4", "", "truth: PDG id of the parton, 0 for none"),
    "genJetIdx": Field("i2", "", "index of the matched GenJet, -1 for none"),
}

OBJECTS: dict[str, dict[str, Field]] = {
    "Electron": {
        **momentum("electron"),
        **_LEPTON,
        "r9": Field("f4", "", "3x3 energy around the seed over the super-cluster's"),
        "sieie": Field("f4", "", "log-weighted width in eta"),
        "hoe": Field("f4", "", "energy of the towers behind over the super-cluster's"),
        "deltaEtaSC": Field("f4", "", "super-cluster's eta minus the electron's"),
        "cutBased": Field("u1", "", "0 fail, 1 veto, 2 loose, 3 medium, 4 tight"),
    },
    "Muon": {
        **momentum("muon"),
        **_LEPTON,
        "isGlobal": Field("?", "", "global muon"),
        "looseId": Field("?", "", "loose identification"),
        "mediumId": Field("?", "", "medium identification"),
    },
    "Tau": {
        **momentum("hadronic tau"),
        "charge": Field("i1", "", "in units of the proton's"),
        "decayMode": Field("i2", "", "reconstructed decay mode"),
        **_GEN,
    },
    "Jet": {**momentum("jet"), **_JET},
    "FatJet": {
        **momentum("large jet"),
        **_JET,
        "msoftdrop": Field("f4", "GeV", "soft-drop mass"),
        "tau1": Field("f4", "", "1-subjettiness"),
        "tau2": Field("f4", "", "2-subjettiness"),
        "tau3": Field("f4", "", "3-subjettiness"),
        "tau4": Field("f4", "", "4-subjettiness"),
        "label": Field("i4", "", "published class of this jet, named in the attributes"),
    },
    "GenJet": {
        **momentum("jet of generated particles"),
        "hadronFlavour": Field("i2", "", "5 b, 4 c, 0 light"),
        "partonFlavour": Field("i4", "", "PDG id of the parton, 0 for none"),
    },
    "Particle": {
        **momentum("constituent of a jet, or candidate of the whole event"),
        "energy": Field("f4", "GeV", "where no mass is published"),
        "pdgId": Field("i4", "", "PDG id, as far as reconstruction tells"),
        "charge": Field("i1", "", "in units of the proton's"),
        "d0": Field("f4", "mm", "transverse impact parameter"),
        "d0Err": Field("f4", "mm", "its error"),
        "dz": Field("f4", "mm", "longitudinal impact parameter"),
        "dzErr": Field("f4", "mm", "its error"),
        "puppiWeight": Field("f4", "", "probability not to be pile-up"),
        "deltaEta": Field("f4", "", "eta minus the jet's"),
        "deltaPhi": Field("f4", "rad", "phi minus the jet's"),
        "relPt": Field("f4", "", "pt over the jet's"),
        "jetIdx": Field("i2", "", "index of its FatJet or Jet, -1 for none"),
    },
    "Primary": {
        "pdgId": Field("i4", "", "PDG id of the particle that made a shower or interaction, or 0"),
        "energy": Field("f4", "GeV", "its energy"),
        "theta": Field("f4", "rad", "polar angle of where it comes from or flies to: attributes"),
        "phi": Field("f4", "rad", "azimuth of the same"),
        "x": Field("f4", "mm", "where it enters or interacts"),
        "y": Field("f4", "mm", "the same"),
        "z": Field("f4", "mm", "the same"),
        "interaction": Field("i4", "", "published kind of interaction, named in the attributes"),
        "leptonEnergy": Field("f4", "GeV", "energy of the lepton that leaves a neutrino's vertex"),
        "nProton": Field("i2", "", "protons that leave it, as published"),
        "nNeutron": Field("i2", "", "neutrons"),
        "nPion": Field("i2", "", "charged pions"),
        "nPizero": Field("i2", "", "neutral pions"),
    },
}
