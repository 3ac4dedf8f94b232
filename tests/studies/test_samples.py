"""Samples are made once, cached under all that decides them, and streamed as examples."""

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.studies.card import resolve
from hepvision.studies.samples import ExampleStream, prepare, store_folder

from shared_data import shared


@pytest.fixture
def study(toy_changes):
    plain = resolve("higgs_diphoton")
    return resolve("higgs_diphoton", changes=toy_changes(plain))


def test_every_setting_has_a_folder_of_its_own():
    folders = {
        store_folder(resolve("higgs_diphoton", changes=[change]), "higgs")
        for change in (
            "title=the same",
            "simulate.pileup=30",
            "simulate.seed=2",
            "select=[num(Photon) == 2]",
            "split.test=0.3",
            "samples.higgs.simulate.process.mass=126",
        )
    }
    assert len(folders) == 6
    same = resolve("higgs_diphoton", changes=["title=another"])
    assert store_folder(same, "higgs") in folders


def test_examples_carry_their_class_split_and_cut_flow(study):
    stream = ExampleStream(study, prepare(study), ("Photon.pt",))
    rows = list(stream)
    names = [set(ak.to_list(one["sample"])) for one in rows]
    assert all(len(one) == 1 for one in names)
    assert set().union(*names) == set(study.samples)
    for key, flow in stream.cut_flow.items():
        kept = sum(len(one) for one, name in zip(rows, names, strict=True) if name == {key})
        assert flow.passed[0] == 70
        assert flow.passed[-1] == kept


def test_parts_add_up_to_all(study):
    stores = prepare(study)
    every = np.concatenate([ak.to_numpy(one.event_id) for one in ExampleStream(study, stores, ())])
    parts = [
        ak.to_numpy(one.event_id)
        for part in range(3)
        for one in ExampleStream(study, stores, (), part)
    ]
    assert sorted(np.concatenate(parts)) == sorted(every)


def test_a_field_that_no_store_has_is_named(study):
    with pytest.raises(SchemaError, match=r"sample higgs: needs MET\.pt"):
        list(ExampleStream(study, prepare(study), ("MET.pt",)))


def test_files_are_read_once(tmp_path, monkeypatch, study):
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path))
    file = shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")
    real = resolve(
        study.model_dump(mode="json", exclude={"samples", "published"})
        | {"samples": {"real": {"read": {"files": [str(file)]}}, "other": {"store": "x"}}}
    )
    folder = store_folder(real, "real")
    one = real.model_copy(update={"samples": {"real": real.samples["real"]}})
    assert len(prepare(one)["real"]) == 25
    before = (folder / "manifest.json").stat().st_mtime_ns
    assert len(prepare(one)["real"]) == 25
    assert (folder / "manifest.json").stat().st_mtime_ns == before
    lost = resolve(
        real.model_dump(mode="json", exclude={"samples"})
        | {"samples": {"real": {"read": {"files": ["no.ig"]}}, "other": {"store": "x"}}}
    )
    with pytest.raises(FileNotFoundError, match=r"no such file, got 'no\.ig'"):
        prepare(lost)
