"""CMS object JSON: against json alone, with its known defects, and broken in many ways."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers import _packed
from hepvision.readers.cms_json import CmsJson
from readers.written.cms_json import content, write

from shared_data import shared


def store(path: Path, events: Any) -> Path:
    path.write_text(events if isinstance(events, str) else json.dumps({"Event": events}))
    return path


def one(**changes: Any) -> dict[str, Any]:
    """The events of a written file, the second changed; ``None`` takes a member out."""
    events = content(3)
    second = events[list(events)[1]]
    for name, value in changes.items():
        if value is None:
            second.pop(name, None)
        else:
            second[name] = value
    return events


def electron(**changes: Any) -> dict[str, Any]:
    phi = 2.0
    vector = {"px": 20 * math.cos(phi), "py": 20 * math.sin(phi), "pz": 20 * math.sinh(0.5)}
    flags = {"tightID": True, "tightIso": False}
    return {"pt": 20.0, "eta": 0.5, "phi": phi, **vector, **flags} | changes


def test_the_sample_is_what_json_reads() -> None:
    path = shared("data", "cms_json", "ttbar_7TeV.json.gz")
    with gzip.open(path) as file:
        plain = json.load(file)["Event"]
    events = CmsJson().read(path)
    assert len(events) == 5000 == CmsJson().count(path)
    assert events["event"].tolist() == [int(key) for key in plain]
    assert events["luminosityBlock"].tolist() == [event["lumi"] for event in plain.values()]
    for theirs, ours in (("jet", "Jet"), ("electron", "Electron"), ("muon", "Muon")):
        lists = [
            [found[str(k)] for k in range(len(found))]
            for found in (event.get(theirs, {}) for event in plain.values())
        ]
        assert ak.num(events[ours]).tolist() == [len(some) for some in lists]
        for key in ("pt", "eta", "phi"):
            told = np.array([single[key] for some in lists for single in some], np.float32)
            np.testing.assert_array_equal(ak.flatten(events[ours][key]), told)
        if ours != "Jet":
            flat = ak.flatten(events[ours])
            for axis in ("px", "py", "pz"):
                told = np.array([single[axis] for some in lists for single in some])
                np.testing.assert_allclose(getattr(flat, axis), told, rtol=1e-5, atol=1e-4)
    tags = [jet["CSV"] for event in plain.values() for jet in event["jet"].values()]
    assert sum(tag > 0.679 for tag in tags) == int(ak.sum(events.Jet.btagCSV > 0.679))
    met = np.array([[event["met"], event["met_phi"], event["sumet"]] for event in plain.values()])
    for k, key in enumerate(("pt", "phi", "sumEt")):
        np.testing.assert_array_equal(ak.flatten(events.MET[key]), met[:, k].astype(np.float32))
    kept = events.attrs["hepvision"]
    assert kept["cross_section"] == pytest.approx(77.45389556884766)
    assert (kept["repaired"], kept["left_out"], kept["missing"], kept["disagree"]) == ({},) * 4


def test_jets_beyond_the_tenth_keep_their_order() -> None:
    """As texts their numbers sort 0, 1, 10, 2; pT falls by their numbers."""
    path = shared("data", "cms_json", "ttbar_7TeV.json.gz")
    pt = CmsJson().read(path).Jet.pt
    assert int(ak.max(ak.num(pt))) > 10
    assert bool(ak.all(pt[:, :-1] >= pt[:, 1:]))


def test_the_defects_of_the_short_sample(caplog: pytest.LogCaptureFixture) -> None:
    path = shared("data", "cms_json", "short.json")
    plain = json.loads(path.read_text())["Event"]
    events = CmsJson().read(path)
    told = [single for event in plain.values() for single in event.get("electron", {}).values()]
    assert [single["phi"] for single in told] == [0.0] * 3
    flat = ak.flatten(events.Electron)
    for found, single in zip(flat, told, strict=True):
        assert found.phi == pytest.approx(math.atan2(single["py"], single["px"]))
        assert found.pt == pytest.approx(single["pt"])
    assert "phi" not in events.MET.fields
    assert ak.flatten(events.MET.pt).tolist() == pytest.approx([e["met"] for e in plain.values()])
    kept = events.attrs["hepvision"]
    assert kept["repaired"] == {"Electron.phi": 3}
    assert kept["missing"] == {"MET.phi": 4}
    assert kept["disagree"] == {"Electron": 1}
    said = caplog.text
    assert "3 values of Electron.phi put right" in said
    assert "4 of 4 events have no MET.phi" in said
    assert "1 Electron differ from their px, py, pz" in said


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_what_was_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"toy{suffix}"
    told = write(path, 20)
    reader = CmsJson()
    assert reader.recognises(path)
    events = reader.read(path)
    assert events["sample"][0] == "toy"
    for theirs, ours in (("jet", "Jet"), ("electron", "Electron"), ("muon", "Muon")):
        assert ak.num(events[ours]).tolist() == told[f"{theirs}_count"].tolist()
        for key in ("pt", "phi"):
            np.testing.assert_allclose(ak.flatten(events[ours][key]), told[f"{theirs}_{key}"])
    np.testing.assert_allclose(ak.flatten(events.MET.pt), told["met"])
    pieces = list(reader.stream(path, 7))
    assert [len(piece) for piece in pieces] == [7, 7, 6]
    assert ak.array_equal(ak.concatenate(pieces), events)
    some = np.array([19, 0, 7])
    assert ak.array_equal(reader.read(path, some), events[some])
    assert len(reader.read(path, slice(5, 5))) == 0


def test_blocks_may_cut_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toy.json"
    write(path)
    whole = CmsJson().read(path)
    for size in (1, 7, 64):
        monkeypatch.setattr(_packed, "PIECE", size)
        assert ak.array_equal(CmsJson().read(path), whole)


def test_other_keys_beside_the_events_are_skipped(tmp_path: Path) -> None:
    plain = store(tmp_path / "toy.json", one())
    text = "\ufeff" + json.dumps({"version": 2, "Event": one(), "notes": {"a": [1]}}) + "\n"
    other = tmp_path / "sub"
    other.mkdir()
    path = store(other / "toy.json", text)
    assert CmsJson().recognises(path)
    assert ak.array_equal(CmsJson().read(path), CmsJson().read(plain))


def test_weights(tmp_path: Path) -> None:
    path = store(tmp_path / "toy.json", one())
    assert CmsJson().read(path)["weight"].tolist() == [1.0] * 3
    assert CmsJson(weight="cross_section").read(path)["weight"].tolist() == [77.5] * 3
    with pytest.raises(SchemaError, match="need 'xsec' in every event"):
        CmsJson(weight="cross_section").read(store(path, one(xsec=None)))


def test_phi_is_put_right_only_where_it_is_wrong(tmp_path: Path) -> None:
    along = electron(phi=0.0, px=20.0, py=0.0)
    some = {"0": electron(phi=0.0), "1": along, "2": electron(phi=2.0 + 4 * math.pi)}
    some |= {"3": electron(phi=1.0), "4": electron(px=0.0, py=0.0, pz=0.0)}
    path = store(tmp_path / "toy.json", one(electron=some, numel=5))
    events = CmsJson().read(path)
    assert events[1].Electron.phi.tolist() == pytest.approx([2.0, 0.0, 2.0, 1.0, 2.0])
    assert events.attrs["hepvision"]["repaired"] == {"Electron.phi": 2}
    assert events.attrs["hepvision"]["disagree"] == {"Electron": 1}


def test_met_phi_in_some_events_only(tmp_path: Path) -> None:
    """The fields of a file are those of its first event, in whatever pieces it is read."""
    path = store(tmp_path / "toy.json", one(met_phi=None))
    events = CmsJson().read(path)
    assert ak.num(events.MET).tolist() == [1, 0, 1]
    assert events.attrs["hepvision"]["missing"] == {"MET.phi": 1}
    pieces = list(CmsJson().stream(path, 1))
    assert all("phi" in piece.MET.fields for piece in pieces)
    del (changed := one())[next(iter(changed))]["met_phi"]
    events = CmsJson().read(store(path, changed))
    assert events.MET.fields == ["pt", "sumEt"]
    assert events.attrs["hepvision"]["left_out"] == {"MET.phi": 2}
    assert CmsJson().read(path, slice(1, 2)).MET.fields == ["pt", "sumEt"]


def test_what_is_not_finite_is_left_out_and_counted(tmp_path: Path) -> None:
    odd = [electron(pt=float("nan")), electron(eta=float("inf")), electron(pt=-1.0), electron()]
    some = {str(k): single for k, single in enumerate(odd)}
    jets = {"0": {"pt": 30.0, "eta": 0.1, "phi": 0.2, "CSV": float("nan"), "tightID": True}}
    changed = one(electron=some, numel=4, jet=jets, njet=1, met=float("nan"))
    events = CmsJson().read(store(tmp_path / "toy.json", changed))
    assert ak.num(events.Electron)[1] == 1
    assert events[1].Jet.btagCSV.tolist() == [-100.0]
    kept = events.attrs["hepvision"]
    assert kept["left_out"] == {"Electron": 3}
    assert kept["repaired"] == {"Jet.btagCSV": 1}
    assert kept["missing"] == {"MET": 1}


def test_columns_that_objects_lack(tmp_path: Path) -> None:
    bare = {key: electron()[key] for key in ("pt", "eta", "phi")}
    turned = {key: value for key, value in electron().items() if key != "phi"}
    jets = {"0": {"pt": 30.0, "eta": 0.1, "phi": 0.2}}
    changed = one(electron={"0": bare, "1": turned}, numel=2, jet=jets, njet=1)
    events = CmsJson().read(store(tmp_path / "toy.json", changed))
    assert events[1].Electron.phi.tolist() == pytest.approx([2.0, 2.0])
    assert events[1].Electron.tightId.tolist() == [False, True]
    missing = events.attrs["hepvision"]["missing"]
    assert missing["Jet.CSV"] == missing["Jet.tightID"] == missing["Electron.px"] == 1


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"njet": 2}, r"event 4997: njet must be the number of objects in 'jet', got 2"),
        ({"jet": {"0": {"pt": 30.0, "phi": 0.1}}, "njet": 1}, r"'jet' must have 'eta', got none"),
        ({"jet": {"0": {"pt": "30", "eta": 0, "phi": 0}}, "njet": 1}, r"jet.pt must be a number"),
        ({"jet": {"0": {"pt": [1], "eta": 0, "phi": 0}}, "njet": 1}, r"jet.pt must be a number"),
        ({"jet": {"0": None}, "njet": 1}, r"'jet' must hold objects, got NoneType"),
        ({"jet": [1, 2], "njet": 2}, r"'jet' must hold numbered objects, got list"),
        ({"muon": {"a": {}, "b": {}}, "nummu": 2}, r"'muon' must number its objects"),
        ({"met": "much"}, r"event 4997: 'met' must be a number, got 'much'"),
        ({"run": -1}, r"'run' must be a whole number below 4294967296, got -1"),
        ({"lumi": 1.5}, r"'lumi' must be a whole number"),
    ],
)
def test_wrong_content(tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    path = store(tmp_path / "toy.json", one(**changes))
    with pytest.raises(CorruptFileError, match=rule) as error:
        CmsJson().read(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[]", r"letter 0: must be '\{', got '\[\]'"),
        ("{}", r"must hold 'Event', got none"),
        ('{"Event": {}}', r"must hold events, got none"),
        ('{"Event": 3}', r"must be '\{', got '3\}'"),
        ('{"Event": {"1": 3}}', r"event 1: must be an object, got int"),
        ('{"Event": {"x": {}}}', r"event 'x': must be named by its number"),
        ('{"Event": {"1": {}}} more', r"must be the end, got 'more'"),
        ('{"Event": {"1": {}}, "Event": {}}', r"must be one 'Event', not two"),
        ('{"Event": {"1": {}}', r"must go on with ',' or '\}', got its end after 19 letters"),
        ('{"Event": {"1": {"njet": 0}, }}', r"must be JSON, got '\}\}'"),
        ('{"Event": {"1": {"a": nul}}}', r"must be JSON, got 'nul\}\}\}'"),
        ('{"Event": {"1": ' + "[" * 100_000, r"RecursionError"),
        ('{"Event": {"1": {"met": ' + "9" * 9999 + "}}}", r"must be JSON of CMS objects"),
        ('{"Event": {"1": {"met": ' + "9" * 999 + "}}}", r"must be JSON of CMS objects"),
    ],
)
def test_broken_text(tmp_path: Path, text: str, rule: str) -> None:
    path = store(tmp_path / "toy.json", text)
    with pytest.raises(CorruptFileError, match=rule) as error:
        CmsJson().read(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"cut{suffix}"
    write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    for ask in (CmsJson().read, CmsJson().count):
        with pytest.raises(UserError, match="cut") as error:
            ask(path)
        assert "\n" not in str(error.value)


def test_other_letters_and_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toy.json"
    path.write_bytes(b'{"Event": {"1": {"\xff": 1}}}')
    with pytest.raises(CorruptFileError, match="decode byte 0xff"):
        CmsJson().read(path)
    bomb = tmp_path / "bomb.json.gz"
    start = b'{"Event": {"1": '
    for filling in (b" " * 2**23, b'"' + b"a" * 2**23, b"[" + b"1," * 2**22):
        bomb.write_bytes(gzip.compress(start + filling))
        with pytest.raises(CorruptFileError):
            CmsJson().read(bomb)
    monkeypatch.setattr(_packed, "FREE", 2**20)
    event = json.dumps(content(1))[1:-1].encode()
    bomb.write_bytes(gzip.compress(b'{"Event": {' + b",".join([event] * 1000) + b"}}"))
    with pytest.raises(CorruptFileError, match=r"packed by at most \d+, got.*Do not trust"):
        monkeypatch.setattr(_packed, "RATIO", 20)
        CmsJson().read(bomb)


def test_other_files(tmp_path: Path) -> None:
    reader = CmsJson()
    for text in ("{}", '{"Events": {}}', "[1, 2]", '{"event": {"1": {}}}', "no"):
        assert not reader.recognises(store(tmp_path / "other.json", text))
    assert not reader.recognises(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        reader.count(tmp_path / "absent.json")
    with pytest.raises(IsADirectoryError):
        reader.read(tmp_path)


def test_rows_that_do_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    write(path)
    with pytest.raises(IndexError, match="rows: must lie between -7 and 6, got 7"):
        CmsJson().read(path, np.array([7]))
    assert len(CmsJson().read(path, np.array([-1]))) == 1
    assert len(CmsJson().read(path, np.array([], int))) == 0
