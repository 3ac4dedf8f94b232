"""JetClass, held against what was written and against plain uproot."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers.jetclass import Jetclass
from readers.written.jetclass import CLASSES, content, write, write_columns


def test_jets_and_particles(tmp_path: Path) -> None:
    path = tmp_path / "one.root"
    truth = write(path, 230, 5)
    events = Jetclass().read(path)
    assert Jetclass().count(path) == len(events) == 230
    jets = ak.flatten(events.FatJet)
    assert jets.pt.to_list() == truth["jet_pt"].tolist()
    assert jets.energy.to_numpy() == pytest.approx(truth["jet_energy"], rel=1e-5)
    assert jets.tau3.to_list() == truth["jet_tau3"].tolist()
    assert jets.nConstituents.to_list() == ak.num(events.Particle).to_list()
    particles = ak.flatten(events.Particle)
    for ours, theirs in {"px": "px", "py": "py", "pz": "pz", "E": "energy"}.items():
        assert getattr(particles, ours).to_numpy() == pytest.approx(
            truth[f"part_{theirs}"], rel=1e-4, abs=1e-4
        )
    for ours, theirs in {"d0": "d0val", "dzErr": "dzerr", "charge": "charge"}.items():
        assert particles[ours].to_list() == truth[f"part_{theirs}"].tolist()
    sums = ak.sum(events.Particle.px, axis=1)
    assert sums.to_numpy() == pytest.approx(ak.flatten(events.FatJet.px).to_numpy(), abs=1e-2)
    assert set(ak.flatten(events.Particle.jetIdx).to_list()) == {0}


def test_labels_are_in_the_order_of_the_paper(tmp_path: Path) -> None:
    columns = content(25)
    write_columns(tmp_path / "one.root", dict(sorted(columns.items(), reverse=True)))
    events = Jetclass().read(tmp_path / "one.root")
    labels = events.attrs["hepvision"]["labels"]
    assert labels == {str(k): name for k, name in enumerate(CLASSES)}
    assert events.label.to_list() == [k % 10 for k in range(25)]
    assert ak.flatten(events.FatJet.label).to_list() == events.label.to_list()
    with uproot.open(tmp_path / "one.root") as file:
        for k, name in labels.items():
            assert (events.label == int(k)).to_list() == file[f"tree/label_{name}"].array().tolist()


def test_kinds_and_directions(tmp_path: Path) -> None:
    truth = write(tmp_path / "one.root", 40)
    particles = Jetclass().read(tmp_path / "one.root").Particle
    flat = ak.flatten(particles)
    kinds = {"ChargedHadron": 211, "NeutralHadron": 130, "Photon": 22, "Electron": 11, "Muon": 13}
    for name, number in kinds.items():
        chosen = flat[truth[f"part_is{name}"]]
        assert set(abs(chosen.pdgId).to_list()) == {number}
    assert set(flat.pdgId[(abs(flat.pdgId) == 11) & (flat.charge == -1)].to_list()) == {11}
    assert set(flat.pdgId[(abs(flat.pdgId) == 211) & (flat.charge == -1)].to_list()) == {-211}
    jets = Jetclass().read(tmp_path / "one.root").FatJet
    assert ak.all(abs(particles.deltaEta - (particles.eta - jets.eta[:, 0])) < 1e-5)
    assert ak.all(abs(particles.deltaPhi) < np.pi)
    assert ak.all(np.cos(particles.deltaPhi - particles.phi + jets.phi[:, 0]) > 1 - 1e-6)


def test_rows_and_pieces(tmp_path: Path) -> None:
    path = tmp_path / "one.root"
    write(path, 230)
    events = Jetclass().read(path)
    assert ak.array_equal(ak.concatenate(list(Jetclass().stream(path, 33))), events)
    rows = np.array([229, 4, 5, 110])
    assert ak.array_equal(Jetclass().read(path, rows), events[rows])
    assert set(Jetclass().unused(path)) >= {"part_deta", "part_dphi", "aux_truth_match"}


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.root"
    columns = content(20)
    both = columns | {"label_Hbb": np.ones(20, bool)}
    write_columns(path, both)
    with pytest.raises(CorruptFileError, match="must be of one class, got 2 classes in 18 jets"):
        Jetclass().read(path)
    write_columns(path, columns | {"part_py": columns["part_py"][:, 1:]})
    with pytest.raises(CorruptFileError, match="must hold as many numbers in each event"):
        Jetclass().read(path)
    write_columns(path, columns | {"jet_pt": columns["part_px"]})
    with pytest.raises(CorruptFileError, match="must"):
        Jetclass().read(path)
    write_columns(path, {key: one for key, one in columns.items() if key != "part_pz"})
    with pytest.raises(SchemaError, match="must hold 'part_pz', got only 'part_p"):
        Jetclass().read(path)


def test_what_can_be_repaired_is_counted(tmp_path: Path) -> None:
    columns = content(20)
    columns["part_d0val"] = columns["part_d0val"] * np.float32(np.nan)
    columns["jet_energy"] = columns["jet_energy"] * np.float32(0.5)
    labels = {key: one for key, one in columns.items() if not key.startswith("label_")}
    write_columns(tmp_path / "one.root", labels)
    events = Jetclass().read(tmp_path / "one.root")
    kept = events.attrs["hepvision"]
    total = int(ak.sum(ak.num(events.Particle)))
    assert kept["repaired"] == {"FatJet.mass": 20, "Particle.part_d0val": total}
    assert kept["missing"] == {"label": 20}
    assert "label" not in events.fields
