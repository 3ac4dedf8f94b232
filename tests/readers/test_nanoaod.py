"""NanoAOD, held against plain uproot on published files and against what was written."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

from hepvision.core.card import component
from hepvision.core.errors import CardError, CorruptFileError, SchemaError, UserError
from hepvision.events.schema import FIELDS
from hepvision.readers.nanoaod import Nanoaod
from readers.written.nanoaod import content, write, write_columns

from shared_data import shared

SAMPLES = {
    "DYJetsToLL--UL17_v6-v2_109_Skim.root": 100,
    "GJet_v11_Skim.root": 100,
    "nanoAOD_2015_CMS_Open_Data_ttbar.root": 200,
    "nano_tt_v12.root": 200,
    "pfnano.root": 10,
    "ttH_M125_2017.root": 100,
}
PREFIX = {"Particle": "PFCands"}
MILLIMETRES = {"dxy", "dz", "d0", "d0Err", "dzErr"}


@cache
def plain(name: str) -> Any:
    return uproot.open(shared("data", "cms_nanoaod", name))["Events"]


@cache
def read(name: str, **options: Any) -> Any:
    return Nanoaod(**options).read(shared("data", "cms_nanoaod", name))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_field_of_every_collection_is_the_branch(name: str) -> None:
    events, tree = read(name), plain(name)
    assert len(events) == SAMPLES[name] == tree.num_entries
    assert Nanoaod().count(shared("data", "cms_nanoaod", name)) == len(events)
    seen = 0
    for collection in set(events.fields) & set(FIELDS) - {"MET", "Vertex"}:
        prefix = PREFIX.get(collection, collection)
        for field in events[collection].fields:
            branch = f"{prefix}_{field}"
            if branch not in tree:
                continue
            wanted = tree[branch].array()
            assert ak.num(events[collection]).tolist() == ak.num(wanted).tolist()
            values = ak.to_numpy(ak.flatten(events[collection][field]))
            wanted = ak.to_numpy(ak.flatten(wanted))
            if field in MILLIMETRES:
                wanted = np.where(wanted == -1, 0, wanted) if prefix == "PFCands" else wanted
                wanted = wanted * np.float32(10)
            if field == "eta":
                wanted = np.clip(wanted, -20, 20)  # along the beam
            if field == "phi":
                assert np.cos(values.astype(float) - wanted) == pytest.approx(1, abs=1e-6)
            else:
                assert values.tolist() == wanted.tolist(), branch
            seen += 1
    assert seen > 60


@pytest.mark.parametrize("name", SAMPLES)
def test_sums_of_four_vectors(name: str) -> None:
    events, tree = read(name), plain(name)
    for collection in ("Photon", "Electron", "Muon", "Jet", "FatJet", "GenPart", "Particle"):
        prefix = PREFIX.get(collection, collection)
        if f"{prefix}_pt" not in tree:
            assert collection not in events.fields
            continue
        pt, eta, phi, mass = (
            ak.to_numpy(ak.flatten(tree[f"{prefix}_{key}"].array())).astype(float)
            if f"{prefix}_{key}" in tree
            else 0.0  # photons have no branch of it since version 11
            for key in ("pt", "eta", "phi", "mass")
        )
        eta = np.clip(eta, -20, 20)
        energy = np.sqrt((pt * np.cosh(eta)) ** 2 + mass**2)
        ours = events[collection]
        assert ak.sum(ours.px) == pytest.approx((pt * np.cos(phi)).sum(), rel=1e-4, abs=1e-2)
        assert ak.sum(ours.pz) == pytest.approx((pt * np.sinh(eta)).sum(), rel=1e-4, abs=1e-2)
        assert ak.sum(ours.energy) == pytest.approx(energy.sum(), rel=1e-5)


@pytest.mark.parametrize("name", SAMPLES)
def test_one_value_an_event(name: str) -> None:
    events, tree = read(name), plain(name)
    for ours, theirs in {
        "run": "run",
        "luminosityBlock": "luminosityBlock",
        "event": "event",
        "weight": "genWeight",
        "pileup": "Pileup_nPU",
    }.items():
        assert events[ours].tolist() == tree[theirs].array().tolist()
    assert ak.flatten(events.Vertex.z).tolist() == (tree["PV_z"].array() * np.float32(10)).tolist()
    assert ak.flatten(events.MET.pt).tolist() == tree["MET_pt"].array().tolist()
    assert ak.flatten(events.MET.sumEt).tolist() == tree["MET_sumEt"].array().tolist()
    kept = events.attrs["hepvision"]
    assert kept["simulation"]
    assert kept["met"] == "MET"
    assert len(np.unique(events.event_id)) == len(events)
    numbers = np.stack([ak.to_numpy(events[key]) for key in ("run", "luminosityBlock", "event")])
    assert kept["repeated"] == len(events) - len(np.unique(numbers, axis=1).T)


def test_every_branch_is_used_or_named() -> None:
    path = shared("data", "cms_nanoaod", "pfnano.root")
    tree, unused = plain("pfnano.root"), set(Nanoaod().unused(path))
    assert unused < set(tree.keys())
    assert {"HLT_IsoMu24", "SV_pt", "SubJet_pt", "Jet_qgl"} <= unused
    assert not {"Jet_pt", "PFCands_d0", "nJet", "genWeight", "JetPFCands_jetIdx"} & unused
    kept = read("pfnano.root").attrs["hepvision"]["unused"]
    assert sum(kept.values()) == len(unused)
    assert kept["SubJet"] == sum(name.startswith("SubJet_") for name in unused)


@pytest.mark.parametrize(("jets", "table"), [("Jet", "JetPFCands"), ("FatJet", "FatJetPFCands")])
def test_candidates_know_their_jet(jets: str, table: str) -> None:
    events, tree = read("pfnano.root", constituents=jets), plain("pfnano.root")
    assert events.attrs["hepvision"]["jetIdx"] == jets
    owners, links = (tree[f"{table}_{key}"].array() for key in ("jetIdx", "pFCandsIdx"))
    for k in range(len(events)):
        wanted = np.full(len(events.Particle[k]), -1)
        for jet, candidate in list(zip(owners[k], links[k], strict=True))[::-1]:
            wanted[candidate] = jet
        assert events.Particle.jetIdx[k].tolist() == wanted.tolist()
    if jets == "Jet":
        first = events.Particle[events.Particle.jetIdx == 0]
        px, py = ak.sum(first.px, axis=1), ak.sum(first.py, axis=1)
        turned = np.arctan2(py, px) - events.Jet.phi[:, 0]
        assert (np.cos(ak.to_numpy(turned)) > 0.99).all()
        raw = events.Jet.pt[:, 0] * (1 - events.Jet.rawFactor[:, 0])
        assert ak.to_numpy(np.hypot(px, py) / raw) == pytest.approx(1, abs=0.02)


def test_impact_parameters_without_a_track_are_zero() -> None:
    particles = read("pfnano.root").Particle
    neutral = ak.flatten(particles[abs(particles.pdgId) == 22])
    assert not ak.any(neutral.d0)
    assert ak.all(abs(particles.d0Err) < 1e4)
    charged = ak.flatten(particles[(abs(particles.pdgId) == 211) & (particles.d0Err > 0)])
    assert 0.005 < np.median(abs(charged.d0)) < 1  # mm


def test_derived_fields() -> None:
    events, tree = (
        read("DYJetsToLL--UL17_v6-v2_109_Skim.root"),
        plain("DYJetsToLL--UL17_v6-v2_109_Skim.root"),
    )
    assert events.Electron.tightId.tolist() == (tree["Electron_cutBased"].array() == 4).tolist()
    assert events.Muon.tightIso.tolist() == (tree["Muon_pfIsoId"].array() >= 4).tolist()
    photons = ak.flatten(events.Photon)
    barrel = photons[photons.isScEtaEB]
    assert len(barrel) > 5
    assert ak.max(abs(barrel.superclusterEta)) < 1.4443
    assert ak.max(abs(barrel.superclusterEta - barrel.eta)) < 0.2  # the vertex is off the centre
    assert (np.cos(barrel.superclusterPhi - barrel.phi) > 0.999).to_list()


def test_missing_collections_are_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        events = Nanoaod().read(shared("data", "cms_nanoaod", "nano_tt_v12.root"))
    assert "Photon" not in events.fields
    assert events.attrs["hepvision"]["missing"]["Photon"] == 200
    assert "200 of 200 events have no Photon" in caplog.text


@pytest.mark.parametrize("ntuple", [False, True], ids=["tree", "ntuple"])
@pytest.mark.parametrize("version", ["pfnano", "v15"])
@pytest.mark.parametrize("data", [False, True], ids=["simulation", "data"])
def test_written_files(tmp_path: Path, version: Any, data: bool, ntuple: bool) -> None:
    path = tmp_path / "one.root"
    truth = write(path, 250, 3, version=version, data=data, ntuple=ntuple)
    events = Nanoaod().read(path)
    kept = events.attrs["hepvision"]
    assert kept["simulation"] is not data
    assert kept["met"] == ("PuppiMET" if version == "v15" else "MET")
    assert kept["jetIdx"] == ("FatJet" if version == "v15" else "Jet")
    assert ("GenPart" in events.fields) is not data
    assert set(events.weight.tolist()) == ({1.0} if data else {-1.5, 2.5})
    assert events.pileup.tolist() == ([-1] * 250 if data else truth["Pileup_nPU"].tolist())
    for name in ("Photon_pt", "Muon_phi", "Tau_decayMode", "Jet_btagDeepFlavB", "FatJet_tau1"):
        collection, _, field = name.partition("_")
        assert ak.flatten(events[collection][field]).tolist() == truth[name].tolist()
    table = "PFCand" if version == "v15" else "PFCands"
    assert ak.flatten(events.Particle.d0).to_numpy() == pytest.approx(truth[f"{table}_d0"] * 10)
    links = truth["FatJetPFCand_jetIdx" if version == "v15" else "JetPFCands_jetIdx"]
    assert ak.sum(events.Particle.jetIdx >= 0) == len(links)
    pieces = list(Nanoaod().stream(path, 60))
    assert [len(piece) for piece in pieces] == [60, 60, 60, 60, 10]
    assert ak.array_equal(ak.concatenate(pieces), events)


def test_repeated_events_get_ids_of_their_own(tmp_path: Path) -> None:
    columns = content(9)
    columns["event"][5:] = columns["event"][4]
    columns["luminosityBlock"][:] = 1
    write_columns(tmp_path / "one.root", columns)
    events = Nanoaod().read(tmp_path / "one.root")
    assert events.attrs["hepvision"]["repeated"] == 4
    assert len(set(events.event_id.tolist())) == 9
    for rows in (slice(4, 7), np.array([8, 0, 6])):
        some = Nanoaod().read(tmp_path / "one.root", rows)
        assert some.event_id.tolist() == events.event_id[rows].tolist()
    columns["event"] = columns["event"][::-1].copy()
    write_columns(tmp_path / "other.root", columns)
    other = Nanoaod().read(tmp_path / "other.root")
    assert set(other.event_id.tolist()) == set(events.event_id.tolist())


def test_pieces_of_large_events_are_small(tmp_path: Path) -> None:
    """So that memory is flat whatever a file's events hold; ids do not depend on it."""
    sizes = []
    for name, more in (("thin", 0), ("wide", 200)):
        path = tmp_path / f"{name}.root"
        columns = content(700)
        jets = ak.num(columns["Jet_pt"]) + more
        for key in [one for one in columns if one.startswith("Jet_")]:
            columns[key] = ak.unflatten(np.ones(ak.sum(jets), "f4"), jets)
        write_columns(path, {key: one for key, one in columns.items() if "PFCand" not in key})
        number, size = Nanoaod().extent(path)
        assert number == Nanoaod().count(path) == 700
        pieces = list(Nanoaod().stream(path))
        assert [len(piece) for piece in pieces[:-1]] == [size] * (len(pieces) - 1)
        whole = Nanoaod().read(path)
        assert ak.concatenate(pieces).event_id.tolist() == whole.event_id.tolist()
        sizes.append(size)
    assert sizes[0] > sizes[1]


def test_options(tmp_path: Path) -> None:
    path = tmp_path / "one.root"
    truth = write(path)
    events = Nanoaod(met="PuppiMET", leave_out=("Jet", "Particle")).read(path)
    assert ak.flatten(events.MET.pt).tolist() == truth["PuppiMET_pt"].tolist()
    assert not {"Jet", "Particle"} & set(events.fields)
    with pytest.raises(SchemaError, match="must hold 'RawMET_pt'"):
        Nanoaod(met="RawMET").read(path)
    with pytest.raises(CardError, match="no collection 'Jets'. Did you mean 'Jet'"):
        component("readers", {"name": "nanoaod", "leave_out": ["Jets"]})
    with pytest.raises(CardError, match="met"):
        component("readers", {"name": "nanoaod", "met": "Puppi"})


def broken(change: str) -> dict[str, Any]:
    columns = content(20)
    if change == "lengths":
        columns["Jet_eta"] = columns["Jet_eta"][:, 1:]
        columns["Jet_more"] = columns.pop("Jet_eta")
    elif change == "not finite":
        columns["Photon_pt"] = columns["Photon_pt"] * np.float32("inf")
        columns["PV_z"][3] = np.nan
        columns["genWeight"][2] = np.nan
    elif change == "charge":
        columns["Muon_charge"] = columns["Muon_charge"] * 1000
    elif change == "dtype":
        columns["Muon_charge"] = columns["Muon_charge"] + 0.5
    elif change == "azimuth":
        columns["Jet_phi"] = columns["Jet_phi"] + np.float32(7)
    elif change == "list":
        columns["Pileup_nPU"] = ak.from_regular(columns["Pileup_nPU"][:, None])
    elif change == "links":
        columns["JetPFCands_pFCandsIdx"] = columns["JetPFCands_pFCandsIdx"] + 1000
    else:
        del columns[change]
    return columns


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("charge", "Muon_charge must fit int8, got"),
        ("dtype", "Muon_charge must fit int8, got"),
        ("list", "Pileup_nPU must be one number an event, got lists"),
        ("event", "must hold 'event', got"),
        ("Muon_pt", "must hold 'Muon_pt', got other branches of Muon"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, change: str, says: str) -> None:
    write_columns(tmp_path / "one.root", broken(change))
    with pytest.raises(UserError, match=says) as error:
        Nanoaod().read(tmp_path / "one.root")
    assert str(tmp_path / "one.root") in str(error.value)
    assert "\n" not in str(error.value)


def test_lists_that_disagree_are_refused(tmp_path: Path) -> None:
    columns = content(20)
    with uproot.recreate(tmp_path / "one.root") as file:
        kinds = dict.fromkeys(("run", "luminosityBlock", "event"), "u8")
        names = [f"Muon_{key}" for key in ("pt", "eta", "phi", "mass")]
        lists = {name: columns[name] for name in names}
        lists["Muon_phi"] = lists["Muon_phi"][:, :1]
        ntuple = {key: columns[key].astype("u8") for key in kinds} | lists
        file.mkrntuple("Events", ntuple)
    with pytest.raises(CorruptFileError, match="Muon_pt and Muon_phi must hold as many numbers"):
        Nanoaod().read(tmp_path / "one.root")


def test_what_can_be_repaired_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_columns(tmp_path / "one.root", broken("not finite"))
    with caplog.at_level(logging.WARNING):
        events = Nanoaod().read(tmp_path / "one.root")
    repaired = events.attrs["hepvision"]["repaired"]
    assert repaired == {"Photon.pt": int(ak.sum(ak.num(events.Photon))), "Vertex.z": 1, "weight": 1}
    assert events.weight[2] == 0
    assert "values of Photon.pt put right" in caplog.text
    write_columns(tmp_path / "two.root", broken("azimuth"))
    events = Nanoaod().read(tmp_path / "two.root")
    wanted = ak.flatten(broken("azimuth")["Jet_phi"])
    assert events.attrs["hepvision"]["repaired"]["Jet.phi"] == len(wanted)
    assert np.cos(ak.flatten(events.Jet.phi) - wanted).to_numpy() == pytest.approx(1, abs=1e-5)
    write_columns(tmp_path / "three.root", broken("links"))
    kept = Nanoaod().read(tmp_path / "three.root").attrs["hepvision"]
    assert kept["left_out"]["links of candidates to no Jet"] > 10


def test_a_file_without_events_is_refused(tmp_path: Path) -> None:
    columns = {key: values[:0] for key, values in content(20).items()}
    write_columns(tmp_path / "one.root", columns)
    assert Nanoaod().recognises(tmp_path / "one.root")
    for call in (Nanoaod().read, Nanoaod().count, lambda path: list(Nanoaod().stream(path))):
        with pytest.raises(CorruptFileError, match="must hold events, got none"):
            call(tmp_path / "one.root")


def test_other_files_with_such_a_tree_are_not_recognised(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "one.root") as file:
        file.mktree("Events", {"run": "u4", "x": "f4"}).extend({"run": [1], "x": [2.0]})
    assert not Nanoaod().recognises(tmp_path / "one.root")
    with pytest.raises(SchemaError, match="must hold 'luminosityBlock'"):
        Nanoaod().read(tmp_path / "one.root")
