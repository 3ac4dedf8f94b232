"""What a file holds is told as it is; what is odd about the published samples is found."""

import gzip
import io
import json

import awkward as ak
import numpy as np
import pytest
import uproot
from rich.console import Console

from hepvision.core.errors import CardError, CorruptFileError, UnknownNameError
from hepvision.core.names import names
from hepvision.events.checks import Preflight
from hepvision.events.store import StoreWriter, write_store
from hepvision.readers._momenta_twice import momenta_twice
from hepvision.readers.dune_cvn import DuneCvn
from hepvision.readers.ispy import Ispy
from hepvision.studies.inspect import inspect
from toy_events import toy_events

from shared_data import shared


def odd(found):
    return {(one.check, one.where): one.text for one in found.findings}


def test_a_store(tmp_path):
    write_store(tmp_path / "toys", toy_events(30, seed=1))
    found = inspect(tmp_path / "toys")
    assert (found.format, found.entries, found.looked) == ("store", 30, 30)
    assert found.lacks["photon_features"] == ()
    assert found.lacks["detector_image"] == ()
    some = inspect(tmp_path / "toys", events=7)
    assert (some.entries, some.looked) == (30, 7)
    assert set(found.lacks) == set(names("representations"))


def test_counts_of_a_store_are_counted_once(tmp_path):
    kept = {"repaired": {"Electron.phi": 3}, "missing": {"MET": 30}}
    store = tmp_path / "toys"
    writer = StoreWriter(store, {})
    entries = [writer.add(k, toy_events(10, seed=k, first_id=10 * k)) for k in range(3)]
    writer.finish(entries, kept)
    found = odd(inspect(store))
    assert found[("repaired", "Electron.phi")] == "3 values put right by the reader"
    assert found[("missing", "MET")] == "absent in 30 of 30 events"
    assert odd(inspect(store, events=5))[("missing", "MET")] == "absent in 30 events"


def test_what_is_missing_for_which_representation(tmp_path):
    write_store(tmp_path / "toys", ak.without_field(toy_events(5, seed=1), "HcalHit"))
    found = inspect(tmp_path / "toys")
    assert found.lacks["detector_image"] == ("HcalHit.ieta", "HcalHit.iphi", "HcalHit.energy")
    assert found.lacks["photon_features"] == ()
    assert "no: lacks HcalHit.ieta" in repr(found)


def test_real_collisions():
    path = shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")
    found = inspect(path)
    assert (found.format, found.entries, found.looked) == ("ispy", 25, 25)
    assert found.why.startswith("zip with ")
    assert found.ranges.objects["EcalBarrelHit"][0] > 1000
    assert found.attributes["readout"] == "reduced"
    text = repr(found)
    for word in ("CMS event displays", "EcalBarrelHit", " rad ", " GeV ", "objects an event"):
        assert word in text
    assert json.loads(json.dumps(found.to_dict()))["fields"]["Photon.pt"]["unit"] == "GeV"


def test_the_w_jets_that_are_called_top_pairs():
    path = shared("data", "cms_nanoaod", "nanoAOD_2015_CMS_Open_Data_ttbar.root")
    found = inspect(path)
    text = odd(found)[("name", path.name)]
    assert text.startswith("promises a top quark, which 0 of ")
    with uproot.open(path) as file:
        kinds = abs(file["Events"]["GenPart_pdgId"].array())
        isolations = ak.flatten(file["Events"]["Electron_miniPFRelIso_all"].array())
        weight = file["Events"]["genWeight"].array()
    assert np.median(isolations) > 100
    assert "relative to pt" in odd(found)[("unit", "Electron.miniPFRelIso_all")]
    assert odd(found)[("weight", "weight")].startswith(f"{np.sum(weight < 0)} of {len(weight)} ")
    assert odd(found)[("constant", "Jet.btagDeepB")] == "is always -1"
    assert "put right" in odd(found)[("repaired", "GenPart.eta")]
    assert not ak.any(kinds == 6)
    assert f"W in {np.mean(ak.any(kinds == 24, axis=1)):.0%}" in text


@pytest.mark.parametrize(
    "name", ["nano_tt_v12.root", "ttH_M125_2017.root", "DYJetsToLL--UL17_v6-v2_109_Skim.root"]
)
def test_names_that_the_truth_bears_out(name):
    found = inspect(shared("data", "cms_nanoaod", name), events=500)
    assert not [one for one in found.findings if one.check in {"name", "unit", "phi", "finite"}]


def test_known_defects_of_the_json(tmp_path):
    found = odd(inspect(shared("data", "cms_json", "short.json")))
    assert found[("missing", "MET.phi")] == "absent in 4 of 4 events"
    held = json.loads(
        gzip.decompress(shared("data", "cms_json", "ttbar_7TeV.json.gz").read_bytes())
    )["Event"]
    some = dict(list(held.items())[:200])
    assert ("repaired", "Electron.phi") not in odd(inspect(_json(tmp_path, some)))
    electrons = [one for event in some.values() for one in event.get("electron", {}).values()]
    for one in electrons:
        one["phi"] = 0.0
    assert len(electrons) > 50
    text = odd(inspect(_json(tmp_path, some)))[("repaired", "Electron.phi")]
    assert text == f"{len(electrons)} values put right by the reader"


def _json(folder, events):
    path = folder / "events.json"
    path.write_text(json.dumps({"Event": events}))
    return path


def test_the_quark_that_only_tops_have():
    path = shared("data", "top_tagging", "test.h5")
    found = inspect(path, events=1000)
    assert found.attributes["labels"]
    assert found.entries == 10_000
    assert found.looked == 1000
    assert not [one for one in found.findings if one.check == "unit"]


def test_a_real_file_taken_twice(tmp_path):
    events = Ispy().read(shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig"), slice(0, 6))
    twice = ak.concatenate([events, events[:2]])
    twice = ak.with_field(twice, np.arange(8, dtype=np.uint64), "event_id")
    write_store(tmp_path / "twice", twice)
    texts = [one.text for one in inspect(tmp_path / "twice").findings if one.check == "repeats"]
    assert [text.partition(" of ")[0] for text in texts] == ["2", "2"]
    write_store(tmp_path / "once", events)
    assert not [one for one in inspect(tmp_path / "once").findings if one.check == "repeats"]


def test_interactions_of_neutrinos_give_their_flavour_away():
    check = Preflight()
    for flavour in ("nc", "nue", "numu"):
        for number in range(15):
            path = shared("data", "dune_cvn", flavour, f"event{number}.gz")
            check.add(DuneCvn().read(path))
    found = {(one.check, one.where): one.text for one in check.findings()}
    (text,) = [text for (check, where), text in found.items() if "interaction" in where]
    assert text.startswith("truth that gives the label away")
    assert ("label", "label") not in found


def test_it_is_looked_at_in_pieces(monkeypatch):
    sizes = []
    stream = Ispy.stream

    def spy(self, path, size=100):
        for events in stream(self, path, size):
            sizes.append(len(events))
            yield events

    monkeypatch.setattr(Ispy, "stream", spy)
    found = inspect(shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig"), events=4)
    assert (sizes, found.looked) == ([4], 4)


def test_momenta_that_disagree(tmp_path):
    path = tmp_path / "strange.root"
    rng = np.random.default_rng(1)
    pt, phi = rng.uniform(5, 50, 100), rng.uniform(-3, 3, 100)
    columns = {
        "lep_pt": pt,
        "lep_phi": np.where(np.arange(100) < 30, 0.0, phi),
        "lep_px": pt * np.cos(phi),
        "lep_py": pt * np.sin(phi),
    }
    with uproot.recreate(path) as file:
        file.mktree("tree", dict.fromkeys(columns, np.float64)).extend(columns)
    assert momenta_twice(path) == {"lep": (30, 100)}
    real = momenta_twice(shared("data", "delphes", "uproot-issue513.root"))
    assert real["Particle"][0] == 0
    assert real["Particle"][1] > 10_000


def test_what_cannot_be_inspected(tmp_path):
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "absent.root")
    with pytest.raises(CorruptFileError, match="no store is there"):
        inspect(tmp_path)
    note = tmp_path / "note.txt"
    note.write_text("to whom it may concern\n")
    with pytest.raises(CorruptFileError, match="got text that begins .to whom it may concern"):
        inspect(note)
    with pytest.raises(UnknownNameError, match="Did you mean 'ispy'"):
        inspect(note, "ispi")
    with pytest.raises(CardError, match="readers ispy: no key 'depth'"):
        inspect(note, "ispy", {"depth": 3})
    with pytest.raises(ValueError, match="1 or more"):
        inspect(note, events=0)


@pytest.mark.slow
def test_every_published_sample():
    done = 0
    for path in sorted(shared("data").rglob("*")):
        if path.suffix in {".info", ".md"} or not path.is_file():
            continue
        if path.parent.name == "trackml" and "hits" not in path.name:
            continue
        found = inspect(path, events=200)
        assert found.looked == min(200, found.entries) > 0, path
        odd_ones = [one for one in found.findings if one.check in {"unit", "phi", "finite"}]
        assert all("relative to pt" in one.text for one in odd_ones), path
        assert path.name in repr(found).replace("\n", "")
        done += 1
    assert done > 100


@pytest.mark.parametrize("width", [80, 100, 160])
def test_units_and_ranges_stand_on_a_narrow_screen(tmp_path, width):
    write_store(tmp_path / "toys", toy_events(5, seed=1))
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(inspect(tmp_path / "toys"))
    lines = console.file.getvalue().splitlines()
    [head] = [line.split() for line in lines if line.startswith("field ")]
    assert head[:6] == ["field", "type", "unit", "lowest", "mean", "highest"]
    assert ("meaning" in head) == (width > 80)
    [energy] = [line.split() for line in lines if "trkSumPtHollowConeDR03" in line][:1]
    assert energy[1:3] == ["f4", "GeV"]
    assert all(len(line.rstrip()) <= width for line in lines)


def test_a_folder_of_files_is_no_missing_store(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.root").write_bytes(b"root")
    with pytest.raises(CorruptFileError, match="a folder of other files. Give the files"):
        inspect(tmp_path / "files")
