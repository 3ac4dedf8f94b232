"""Delphes trees: against uproot alone, with whatever is absent, and broken."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers._delphes_objects import subjettiness
from hepvision.readers._root import open_tree
from hepvision.readers._root_column import Column
from hepvision.readers.delphes import Delphes
from readers.written.delphes import TOP, collections, save, write

from shared_data import shared

SAMPLE = ("data", "delphes", "uproot-issue513.root")
MOMENTUM = {"pt": "PT", "eta": "Eta", "phi": "Phi"}


def plain(path: Path, branch: str, leaf: str) -> ak.Array:
    """A leaf by uproot; of two branches of one name, the first."""
    with uproot.open(path) as file:
        first = next(one for one in file["Delphes"].branches if one.name == branch)
        return next(one for one in first.branches if one.name == f"{branch}.{leaf}").array()


@pytest.mark.parametrize(
    ("ours", "branch", "leaves"),
    [
        ("Track", "Track", {**MOMENTUM, "charge": "Charge", "dxy": "D0", "dz": "DZ"}),
        ("Track", "Track", {"etaEcal": "EtaOuter", "phiEcal": "PhiOuter"}),
        ("Jet", "Jet", {**MOMENTUM, "partonFlavour": "Flavor"}),
        ("GenJet", "GenJet", MOMENTUM),
        ("GenPart", "Particle", {"pdgId": "PID", "status": "Status", "genPartIdxMother": "M1"}),
        ("GenPart", "Particle", {"mass": "Mass", "phi": "Phi", "vx": "X", "vy": "Y", "vz": "Z"}),
    ],
)
def test_the_sample_is_what_uproot_reads(ours: str, branch: str, leaves: dict[str, str]) -> None:
    path = shared(*SAMPLE)
    events = Delphes().read(path)
    assert len(events) == 10
    for field, leaf in leaves.items():
        told = plain(path, branch, leaf)
        assert ak.num(events[ours]).tolist() == ak.num(told).tolist()
        mine, theirs = (ak.flatten(one).to_numpy() for one in (events[ours][field], told))
        turned = field.startswith("phi")
        difference = np.angle(np.exp(1j * (mine - theirs))) if turned else mine - theirs
        assert np.abs(difference).max() < 1e-5
    assert events["event"].tolist() == list(range(10))


def test_momenta_of_the_samples_truth() -> None:
    """Also of beam particles, whose η is written as ±999.9."""
    path = shared(*SAMPLE)
    truth = Delphes().read(path).GenPart
    assert int(ak.sum(np.abs(plain(path, "Particle", "Eta")) > 900)) > 0
    assert float(ak.max(np.abs(truth.eta))) <= 20
    for name, leaf in (("px", "Px"), ("py", "Py"), ("pz", "Pz"), ("energy", "E")):
        told = ak.flatten(plain(path, "Particle", leaf)).to_numpy().astype(float)
        mine = ak.flatten(getattr(truth, name)).to_numpy()
        assert np.abs(mine - told).max() < 2e-3 * np.abs(told).max() ** 0.5
    tops = np.abs(truth.pdgId) == TOP
    assert bool(ak.all(ak.any(tops, axis=1)))


def test_candidates_of_the_sample() -> None:
    path = shared(*SAMPLE)
    events = Delphes().read(path)
    flow = {
        name: [plain(path, name, leaf) for leaf in (pt, "Eta", "Phi")]
        for name, pt in (("EFlowTrack", "PT"), ("EFlowPhoton", "ET"), ("EFlowNeutralHadron", "ET"))
    }
    counts = sum(ak.sum(pt > 0, axis=1) for pt, _, _ in flow.values())
    assert ak.num(events.Particle).tolist() == counts.tolist()
    told = sum(ak.sum(pt * np.cos(phi), axis=1) for pt, _, phi in flow.values())
    assert np.abs(ak.sum(events.Particle.px, axis=1) - told).to_numpy().max() < 1e-3
    photons = events.Particle[events.Particle.pdgId == 22]
    energy = plain(path, "EFlowPhoton", "E")
    assert np.allclose(ak.flatten(photons.energy), ak.flatten(energy), rtol=1e-4)
    charged = events.Particle[events.Particle.charge != 0]
    pid = plain(path, "EFlowTrack", "PID")[flow["EFlowTrack"][0] > 0]
    assert set(np.abs(ak.flatten(charged.pdgId))) <= {11, 13, 211}
    leptons = (np.abs(pid) == 11) | (np.abs(pid) == 13)
    assert ak.all(ak.flatten(charged.pdgId[leptons]) == ak.flatten(pid[leptons]))
    empty = int(ak.sum(flow["EFlowTrack"][0] == 0))
    assert events.attrs["hepvision"]["left_out"] == {"Particle without momentum": empty}
    assert "Particle.eta" not in events.attrs["hepvision"]["repaired"]


def test_what_the_sample_lacks_is_said() -> None:
    path = shared(*SAMPLE)
    events = Delphes().read(path)
    kept = events.attrs["hepvision"]
    assert set(kept["missing"]) == {"Electron", "MET", "Muon", "Photon", "Tower"}
    assert not {"Electron", "MET", "Tower"} & set(events.fields)
    assert kept["collections"]["Particle"] == 10
    mass = plain(path, "Jet", "Mass")
    assert kept["repaired"]["Jet.mass"] == int(ak.sum(mass < 0)) > 0
    assert np.allclose(ak.flatten(events.Jet.mass), np.maximum(ak.flatten(mass), 0))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "toy.root"
    told = write(path, 12)
    assert Delphes().recognises(path)
    assert Delphes().count(path) == 12
    events = Delphes().read(path)
    assert events["event"].tolist() == list(range(10, 22))
    np.testing.assert_allclose(events["weight"], told["Event.Weight"])
    pairs: dict[str, tuple[str, dict[str, str]]] = {
        "Tower": ("Tower", {"et": "ET", "energy": "E", "energyEm": "Eem", "energyHad": "Ehad"}),
        "Track": ("Track", {**MOMENTUM, "dxy": "D0"}),
        "Photon": ("Photon", {**MOMENTUM, "hoe": "EhadOverEem"}),
        "Electron": ("Electron", {**MOMENTUM, "charge": "Charge"}),
        "Muon": ("Muon", {**MOMENTUM, "charge": "Charge"}),
        "Jet": ("Jet", {**MOMENTUM, "mass": "Mass", "partonFlavour": "Flavor"}),
        "FatJet": ("FatJet", {**MOMENTUM, "mass": "Mass"}),
        "MET": ("MissingET", {"pt": "MET", "phi": "Phi"}),
    }
    for ours, (branch, leaves) in pairs.items():
        assert ak.num(events[ours]).tolist() == told[f"{branch}_count"].tolist()
        for field, leaf in leaves.items():
            np.testing.assert_allclose(ak.flatten(events[ours][field]), told[f"{branch}.{leaf}"])
    assert ak.flatten(events.Jet.bTag).tolist() == ((told["Jet.BTag"] & 1) == 1).tolist()
    assert ak.flatten(events.Electron.mass).tolist() == pytest.approx(
        [0.000511] * int(told["Electron_count"].sum())
    )
    beam = events.GenPart[:, :2]
    np.testing.assert_allclose(beam.pz, [[6500.0, -6500.0]] * 12, rtol=1e-5)
    assert events.attrs["hepvision"]["missing"] == {}
    pieces = list(Delphes().stream(path, 5))
    assert [len(piece) for piece in pieces] == [5, 5, 2]
    assert ak.array_equal(ak.concatenate(pieces), events)
    some = np.array([11, 0, 4])
    assert ak.array_equal(Delphes().read(path, some), events[some])


def test_puppi_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "toy.root"
    told = write(path)
    plain_jets, puppi = (ak.flatten(Delphes(puppi=one).read(path).Jet.pt) for one in (False, True))
    np.testing.assert_allclose(plain_jets, told["Jet.PT"])
    np.testing.assert_allclose(puppi, told["JetPUPPI.PT"])


@pytest.mark.parametrize("name", ["Tower", "Track", "Jet", "MissingET", "Particle", "EFlowPhoton"])
def test_any_branch_may_be_absent(tmp_path: Path, name: str) -> None:
    path = tmp_path / "toy.root"
    made = collections()
    made = {key: array for key, array in made.items() if key not in {name, "JetPUPPI"}}
    save(path, made)
    events = Delphes().read(path)
    ours = {"MissingET": "MET", "Particle": "GenPart"}.get(name, name)
    assert ours not in events.fields
    assert events.attrs["hepvision"]["missing"] == {ours: 7}
    if name == "EFlowPhoton":
        assert 22 not in ak.flatten(events.Particle.pdgId).tolist()


def test_a_branch_that_lacks_a_leaf_is_as_good_as_absent(tmp_path: Path) -> None:
    path = tmp_path / "toy.root"
    made = collections()
    made["Muon"] = made["Muon"][["PT", "Eta", "Charge"]]
    made["Track"] = made["Track"][["PT", "Eta", "Phi", "Charge"]]
    save(path, made)
    events = Delphes().read(path)
    assert events.attrs["hepvision"]["missing"] == {"Muon": 7}
    assert events.Track.fields == ["pt", "eta", "phi", "charge"]


def test_what_is_not_finite_is_put_right_and_counted(tmp_path: Path) -> None:
    made = collections()
    pt = ak.flatten(made["Tower"].ET).to_numpy().copy()
    pt[3] = np.nan
    made["Tower"] = ak.with_field(made["Tower"], ak.unflatten(pt, ak.num(made["Tower"])), "ET")
    save(tmp_path / "toy.root", made)
    events = Delphes().read(tmp_path / "toy.root")
    assert ak.flatten(events.Tower.et)[3] == 0
    assert events.attrs["hepvision"]["repaired"] == {"GenPart.eta": 14, "Tower.et": 1}


def broken(made: dict[str, ak.Array], kind: str) -> None:
    if kind == "weights":
        made["Event"] = ak.concatenate([made["Event"], made["Event"]], axis=1)
    elif kind == "charges":
        made["Muon"] = ak.with_field(made["Muon"], made["Muon"].Charge * 0 + 300, "Charge")
    elif kind == "numbers":
        made["Event"] = ak.with_field(made["Event"], -made["Event"].Number, "Number")


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("weights", "Event.Weight must hold one number an event, got other lengths"),
        ("charges", "Muon.Charge must fit int8, got 300"),
        ("numbers", "Event.Number must fit uint64, got -10"),
    ],
)
def test_wrong_content(tmp_path: Path, kind: str, rule: str) -> None:
    path = tmp_path / "toy.root"
    made = collections()
    broken(made, kind)
    save(path, made)
    with pytest.raises(CorruptFileError, match=rule) as error:
        Delphes().read(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_other_trees(tmp_path: Path) -> None:
    path = tmp_path / "toy.root"
    save(path, collections(), "Events")
    assert not Delphes().recognises(path)
    with pytest.raises(SchemaError, match="must hold the tree Delphes, got Events"):
        Delphes().read(path)
    save(path, {"Event": collections()["Event"]})
    with pytest.raises(SchemaError, match="must hold objects, got none of Track"):
        Delphes().read(path)
    write(path, 0)
    with pytest.raises(CorruptFileError, match="must hold events, got none"):
        Delphes().read(path)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.95])
def test_truncated(tmp_path: Path, share: float) -> None:
    write(tmp_path / "toy.root")
    content = (tmp_path / "toy.root").read_bytes()
    path = tmp_path / "cut.root"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"cut\.root") as error:
        Delphes().read(path)
    assert "\n" not in str(error.value)


def test_subjettiness() -> None:
    """Of the sample's small jets, for it has no large ones."""
    path = shared(*SAMPLE)
    with open_tree(path, Delphes.trees) as tree:
        column = tree.read(["Jet.Tau[5]"])["Jet.Tau[5]"]
    told = ak.flatten(plain(path, "Jet", "Tau[5]")).to_numpy()
    found = subjettiness(column, "x", "Jet.Tau[5]")
    for k in range(4):
        np.testing.assert_array_equal(found[f"tau{k + 1}"], told[:, k])
    short = Column(np.arange(4.0), (np.array([0, 1]), np.array([0, 4])))
    endless = Column(np.full(5, np.nan), (np.array([0, 1]), np.array([0, 5])))
    for column in (short, endless, Column(np.arange(5.0), (np.array([0, 5]),))):
        with pytest.raises(CorruptFileError, match="must hold five finite numbers a jet"):
            subjettiness(column, "x", "Jet.Tau[5]")
