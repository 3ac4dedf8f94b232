"""Event displays: good ones with known content, and broken ones with one clear line."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers.ispy import Ispy

HIT = [["energy", "double"], ["eta", "double"], ["phi", "double"], ["time", "double"]]
HIT += [["detid", "int"], ["front_1", "v3d"]]
TRACK = [["pos", "v3d"], ["dir", "v3d"], ["pt", "double"], ["phi", "double"], ["eta", "double"]]
TRACK += [["charge", "int"], ["chi2", "double"], ["ndof", "double"]]
VERTEX = [["isValid", "int"], ["isFake", "int"], ["pos", "v3d"], ["chi2", "double"]]


def barrel_id(ieta: int, iphi: int) -> int:
    side = 0x10000 if ieta > 0 else 0
    return (3 << 28) + (1 << 25) + side + (abs(ieta) << 9) + iphi


def endcap_id(ix: int, iy: int, side: int) -> int:
    return (3 << 28) + (2 << 25) + (0x4000 if side > 0 else 0) + (ix << 7) + iy


def tower_id(ieta: int, iphi: int, depth: int, part: int = 1) -> int:
    side = 0x2000 if ieta > 0 else 0
    return (4 << 28) + (part << 25) + (depth << 14) + side + (abs(ieta) << 7) + iphi


def hit(energy: float | None, number: float, time: float = 0.0) -> list[Any]:
    return [energy, 0.0, 0.0, time, number, [1.0, 2.0, 3.0]]


def track(pt: float, eta: float, phi: float, charge: int, z: float = 0.0) -> list[Any]:
    direction = [math.cos(phi), math.sin(phi), math.sinh(eta)]
    return [[0.0007, 0.0006, z], direction, pt, phi, eta, charge, 1.0, 10.0]


def event(**changes: Any) -> dict[str, Any]:
    """An event with one of each; ``None`` takes a collection out."""
    types = {f"{name}RecHits_V2": HIT for name in ("EB", "EE", "ES", "HB", "HE")}
    types |= {"Tracks_V3": TRACK, "Vertices_V1": VERTEX}
    types["PFMETs_V1"] = [["phi", "double"], ["pt", "double"]]
    types["Event_V2"] = [["run", "int"], ["event", "int"], ["ls", "int"]]
    collections = {
        "EBRecHits_V2": [
            hit(40.0, barrel_id(10, 20), 1.5),
            hit(-0.3, barrel_id(-85, 360)),
            hit(2.0, barrel_id(11, 20)),
        ],
        "EERecHits_V2": [hit(5.0, endcap_id(50, 10, 1)), hit(6.0, endcap_id(60, 90, -1))],
        "ESRecHits_V2": [],
        "HBRecHits_V2": [hit(3.0, tower_id(-3, 72, 1))],
        "HERecHits_V2": [hit(4.0, tower_id(29, 71, 2, part=2))],
        "Tracks_V3": [track(20.0, 0.5, 1.0, 1, 0.05), track(0.4, 0.1, 3.0, -1, -0.2)],
        "Vertices_V1": [[1, 0, [0.0007, 0.0006, 0.05], 1.0], [1, 1, [0, 0, 0], 1.0]],
        "PFMETs_V1": [[0.5, 30.0]],
        "Event_V2": [[7, 9, 3]],
    }
    for name, content in changes.items():
        if content is None:
            del types[name], collections[name]
        else:
            collections[name] = content
    return {"Types": types, "Collections": collections, "Associations": {}}


def write(path: Path, *texts: str | dict[str, Any], run: int = 7) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Header", "{}")
        for number, text in enumerate(texts, 9):
            content = text if isinstance(text, str) else json.dumps(text)
            archive.writestr(f"Events/Run_{run}/Event_{number}", content)
    return path


def test_every_collection_arrives(tmp_path: Path) -> None:
    events = Ispy().read(write(tmp_path / "toy.ig", event(), event()))
    one = events[0]
    assert len(events) == 2
    assert (one["run"], one["luminosityBlock"], one["event"]) == (7, 3, 9)
    assert (one["sample"], one["weight"], one["pileup"]) == ("toy", 1.0, -1)
    assert one.EcalBarrelHit.ieta.tolist() == [10, -85, 11]
    assert one.EcalBarrelHit.iphi.tolist() == [20, 360, 20]
    assert one.EcalBarrelHit.energy.tolist() == pytest.approx([40.0, -0.3, 2.0])
    assert one.EcalBarrelHit.time[0] == 1.5
    assert one.EcalEndcapHit[["ix", "iy", "side"]].tolist() == [
        {"ix": 50, "iy": 10, "side": 1},
        {"ix": 60, "iy": 90, "side": -1},
    ]
    assert one.HcalHit[["ieta", "iphi", "depth"]].tolist() == [
        {"ieta": -3, "iphi": 72, "depth": 1},
        {"ieta": 28, "iphi": 71, "depth": 2},
    ]
    assert one.Vertex.z.tolist() == [50.0]
    assert one.Vertex.sumPt2.tolist() == [400.0]
    assert one.MET[["pt", "phi"]].tolist() == [{"pt": 30.0, "phi": 0.5}]
    assert one.Photon.energyRaw.tolist() == [42.0]
    assert len(one.StoredPhoton) == 0


def test_tracks(tmp_path: Path) -> None:
    """Metres to millimetres; a fast track bends a little, a slow one never leaves."""
    tracks = Ispy().read(write(tmp_path / "toy.ig", event()))[0].Track
    assert tracks.dz.tolist() == pytest.approx([50.0, -200.0])
    assert tracks.dxy.tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert tracks.vertexIdx.tolist() == [0, -1]
    radius = 20.0 / (0.299792458 * 3.8) * 1000
    bend = np.arcsin(1290.0 / 2 / radius)
    assert tracks.phiEcal[0] == pytest.approx(1.0 - bend, abs=2e-4)
    assert tracks.etaEcal[0] == pytest.approx(np.arcsinh(np.sinh(0.5) + 50 / 1290), abs=2e-3)
    assert np.isfinite(tracks.etaEcal).tolist() == [True, True]


def test_photons_are_reconstructed_from_the_vertex(tmp_path: Path) -> None:
    here, there = (
        Ispy().read(write(tmp_path / f"{name}.ig", content))[0].Photon
        for name, content in (("a", event()), ("b", event(Vertices_V1=[])))
    )
    assert there.eta[0] == pytest.approx(there.superclusterEta[0], abs=1e-4)
    assert here.eta[0] < there.eta[0] - 0.02


def test_rows_and_stream(tmp_path: Path) -> None:
    path = write(tmp_path / "toy.ig", *(event() for _ in range(5)))
    reader = Ispy()
    assert reader.count(path) == 5
    assert reader.read(path, slice(1, 3))["event"].tolist() == [10, 11]
    assert reader.read(path, np.array([4, 0]))["event"].tolist() == [13, 9]
    pieces = list(reader.stream(path, 2))
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert ak.array_equal(ak.concatenate(pieces), reader.read(path))
    assert len(reader.read(path, slice(0, 0))) == 0
    with pytest.raises(ValueError, match="size must be 1 or more"):
        next(reader.stream(path, 0))


def python_style(content: dict[str, Any]) -> str:
    """The same as older files have it: tuples, single quotes, nan."""
    text = json.dumps(content).replace('"', "'")
    return text.replace("[", "(").replace("]", ",)").replace("(,)", "()").replace("NaN", "nan")


def test_older_syntax_gives_the_same(tmp_path: Path) -> None:
    modern = Ispy().read(write(tmp_path / "toy.ig", event()))
    folder = tmp_path / "old"
    folder.mkdir()
    older = Ispy().read(write(folder / "toy.ig", python_style(event())))
    assert ak.array_equal(modern, older)


def test_strings_survive_the_older_syntax(tmp_path: Path) -> None:
    """Brackets, quotes and nan within strings are no syntax; a bare nan is."""
    content = event()
    content["Types"]["Products_V1"] = [["Product", "string"], ["x", "double"]]
    content["Collections"]["Products_V1"] = [["TEXT", 0.0]]
    text = json.dumps(content)
    for string in ('"it\'s (nan), \\"so\\""', "'(a, \"b\" nan)'"):
        odd = text.replace('"TEXT", 0.0', f"{string}, nan")
        assert len(Ispy().read(write(tmp_path / "odd.ig", odd))) == 1


def test_what_is_not_finite_is_left_out_and_counted(tmp_path: Path) -> None:
    hits = [hit(energy, barrel_id(1, 1)) for energy in (float("nan"), 1e38, None)]
    hits += [hit(9.0, barrel_id(1, 2)), hit(1.0, float("inf"))]
    odd = [(float("inf"), 0.5, 1), (0.0, 0.5, 1), (2.0, 50.0, 1), (2.0, 0.5, 300)]
    tracks = [track(2.0, 0.5, 1.0, 1), *(track(pt, eta, 1.0, q) for pt, eta, q in odd)]
    text = json.dumps(event(EBRecHits_V2=hits, Tracks_V3=tracks)).replace("NaN", "nan")
    events = Ispy().read(write(tmp_path / "toy.ig", text))
    assert events[0].EcalBarrelHit.energy.tolist() == [9.0]
    assert events[0].Track.pt.tolist() == [2.0]
    assert events.attrs["hepvision"]["left_out"] == {
        "EBRecHits": 4,
        "Tracks": 4,
        "Vertices that are no fits": 1,
    }


def test_a_channel_given_twice_counts_once(tmp_path: Path) -> None:
    """A photon would have twice its energy; the first row that can be read stays."""
    crystal, tower = barrel_id(10, 20), tower_id(-3, 72, 1)
    crystals = [(None, crystal), (40.0, crystal), (40.0, crystal), (2.0, barrel_id(11, 20))]
    towers = [(3.0, tower), (3.5, tower), (1.0, tower_id(-3, 72, 2))]
    hits = {"EBRecHits_V2": crystals, "HBRecHits_V2": towers, "HERecHits_V2": []}
    changes = {name: [hit(*one) for one in rows] for name, rows in hits.items()}
    events = Ispy().read(write(tmp_path / "toy.ig", event(**changes)))
    assert events[0].EcalBarrelHit.energy.tolist() == [40.0, 2.0]
    assert events[0].HcalHit.energy.tolist() == [3.0, 1.0]
    assert events[0].Photon.energyRaw.tolist() == [42.0]
    left_out = events.attrs["hepvision"]["left_out"]
    assert (left_out["EBRecHits"], left_out["HBRecHits"]) == (2, 1)


def test_columns_go_by_name_and_any_version_will_do(tmp_path: Path) -> None:
    content = event()
    kinds, rows = content["Types"].pop("EBRecHits_V2"), content["Collections"].pop("EBRecHits_V2")
    content["Types"]["EBRecHits_V5"] = kinds[::-1]
    content["Collections"]["EBRecHits_V5"] = [row[::-1] for row in rows]
    content["Types"]["EBRecHits_V9"] = [["nothing", "double"]]
    events = Ispy().read(write(tmp_path / "toy.ig", content))
    assert events[0].EcalBarrelHit.energy.tolist() == pytest.approx([40.0, -0.3, 2.0])


def test_optional_collections_may_be_absent(tmp_path: Path) -> None:
    content = event(Vertices_V1=None, PFMETs_V1=None, Event_V2=None, ESRecHits_V2=None)
    one = Ispy().read(write(tmp_path / "toy.ig", content))[0]
    assert (one["run"], one["luminosityBlock"], one["event"]) == (7, 0, 9)
    assert (len(one.Vertex), len(one.MET)) == (0, 0)
    assert one.Track.vertexIdx.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("null", "must be a JSON object, got NoneType"),
        ("[1, 2]", "must be a JSON object, got list"),
        ('{"Types": []}', "must hold 'Types' as an object, got list"),
    ],
)
def test_a_member_that_is_no_object_says_what_to_do(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(CorruptFileError, match=rf"{rule}\. Fetch the file again, or take this mem"):
        Ispy().read(write(tmp_path / "toy.ig", text))


def test_barrel_crystals_are_needed(tmp_path: Path) -> None:
    path = write(tmp_path / "toy.ig", event(EBRecHits_V2=None))
    with pytest.raises(SchemaError, match=r"toy\.ig, Events/Run_7/Event_9: .*EBRecHits") as error:
        Ispy().read(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["EERecHits", "HBRecHits", "HERecHits", "Tracks"])
def test_another_missing_collection_is_empty_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    key = f"{name}_V{3 if name == 'Tracks' else 2}"
    path = write(tmp_path / "toy.ig", event(), event(**{key: None}))
    events = Ispy().read(path)
    empty = {"EERecHits": "EcalEndcapHit", "Tracks": "Track"}.get(name, "HcalHit")
    full, fewer = ak.num(events[empty]).tolist()
    assert fewer == (1 if empty == "HcalHit" else 0) < full == 2
    assert events.attrs["hepvision"]["missing"][name] == 1
    assert f"toy.ig: 1 of 2 events have no {name}." in caplog.text
    with caplog.at_level("WARNING"):
        caplog.clear()
        Ispy().read(path, slice(0, 1))
    assert name not in caplog.text


def test_missing_columns_are_named(tmp_path: Path) -> None:
    content = event()
    content["Types"]["EBRecHits_V2"] = [["E", "double"]]
    with pytest.raises(SchemaError, match="EBRecHits_V2 needs the columns energy, got others"):
        Ispy().read(write(tmp_path / "toy.ig", content))


DAMAGED = {
    "short row": event(EBRecHits_V2=[[1.0]]),
    "text": event(EBRecHits_V2=[["many", 0, 0, 0, 1, []]]),
    "list": event(EBRecHits_V2=[[[1], 0, 0, 0, 1, []]]),
    "rows are objects": event(EBRecHits_V2=[{"energy": 1}]),
    "object": event(EBRecHits_V2={"a": 1}),
    "number": event(EBRecHits_V2=5),
    "vector of two": event(Vertices_V1=[[1, 0, [0.0, 0.0], 1.0]]),
    "vector is text": event(Vertices_V1=[[1, 0, "abc", 1.0]]),
    "huge id": event(EBRecHits_V2=[hit(1.0, 10**20)]),
    "endless id": event(EBRecHits_V2=[hit(1.0, 1e300)]),
    "id and place of nothing": event(EBRecHits_V2=[[1.0, 1e300, 1e300, 0.0, 0, []]]),
    "fractional id": event(EBRecHits_V2=[[1.0, 0, 0, 0, 838861610.5, []]]),
    "id of a tower": event(EBRecHits_V2=[hit(1.0, tower_id(1, 1, 1))]),
    "no such crystal": event(EBRecHits_V2=[hit(1.0, barrel_id(86, 1))]),
    "no such endcap crystal": event(EERecHits_V2=[hit(1.0, endcap_id(101, 1, 1))]),
    "no such tower": event(HBRecHits_V2=[hit(1.0, tower_id(30, 1, 1))]),
    "huge integer": json.dumps(event()).replace("40.0", "9" * 5000),
    "types are a list": {"Types": [], "Collections": {}},
    "columns are a number": {"Types": {"EBRecHits_V2": 3}, "Collections": {}},
    "no collections": {"Types": {}},
    "a list": "[1, 2]",
    "a word": "hello",
    "empty": "",
    "open bracket": json.dumps(event())[:-40],
    "nested": "[" * 200_000,
    "nested older": "(" * 200_000,
    "not text": "\udcff",
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_content_is_refused_in_one_line(tmp_path: Path, case: str) -> None:
    path = tmp_path / "bad.ig"
    content = DAMAGED[case]
    if case == "not text":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("Events/Run_7/Event_9", b"\xff\xfe{}")
    else:
        write(path, content)
    with pytest.raises((CorruptFileError, SchemaError)) as error:
        Ispy().read(path)
    assert "\n" not in str(error.value)
    assert "bad.ig, Events/Run_7/Event_9" in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    path = write(tmp_path / "cut.ig", event(), event())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CorruptFileError, match=r"cut\.ig: must (be a whole zip|hold data)"):
        Ispy().read(path)


def test_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "flip.ig", event())
    content = bytearray(path.read_bytes())
    place = content.index(b"Event_9") + 60
    content[place] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(CorruptFileError, match=r"flip\.ig, Events/Run_7/Event_9"):
        Ispy().read(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.ig"
    text.write_text("no zip at all")
    with pytest.raises(CorruptFileError, match="must be a whole zip"):
        Ispy().read(text)
    other = tmp_path / "other.ig"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../../Events/Run_1/Event_1", "{}")
        archive.writestr("Events/Run_1/../../Event_1", "{}")
        archive.writestr("/Events/Run_1/Event_1", "{}")
    with pytest.raises(CorruptFileError, match="Is it an .ig file"):
        Ispy().read(other)
    with pytest.raises(FileNotFoundError, match=r"none\.ig: no such file"):
        Ispy().count(tmp_path / "none.ig")
    with pytest.raises(IsADirectoryError):
        Ispy().read(tmp_path)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path / "bomb.ig", " " * 30_000_000)
    with pytest.raises(CorruptFileError, match="Do not trust this file"):
        Ispy().read(path)


def test_an_event_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.ig"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Events/Run_7/Event_9", json.dumps(event()))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("Events/Run_7/Event_9", json.dumps(event()))
    for ask in (Ispy().read, Ispy().count):
        with pytest.raises(CorruptFileError, match="got run 7, event 9 2 times"):
            ask(path)


@pytest.mark.parametrize("name", ["Run_99999999/Event_1", "Run_1/Event_9999999999999"])
def test_absurd_numbers_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "odd.ig", "w") as archive:
        archive.writestr(f"Events/{name}", json.dumps(event()))
    with pytest.raises(CorruptFileError, match="must be a run and event of CMS"):
        Ispy().read(tmp_path / "odd.ig")


def test_recognises(tmp_path: Path) -> None:
    good = write(tmp_path / "good.ig", event())
    renamed = good.rename(tmp_path / "good.zip")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "a")
    assert Ispy().recognises(renamed)
    assert Ispy().recognises(renamed.rename(tmp_path / "X.IG"))
    assert not Ispy().recognises(tmp_path / "absent.ig")
    assert not Ispy().recognises(other)
