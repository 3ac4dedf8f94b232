"""Older and newer versions of the format, made out of real events and synthetic ones.

Each variant holds the same hits as the file that it is made from, so it must give the same
events; what a version does not have must be counted.
"""

from __future__ import annotations

import copy
import json
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import awkward as ak
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers.ispy import Ispy

from shared_data import shared

Content = dict[str, Any]
HITS = ("EcalBarrelHit", "EcalEndcapHit", "HcalHit")
CALORIMETERS = ("EBRecHits_V2", "EERecHits_V2", "HBRecHits_V2", "HERecHits_V2")
SAMPLE = ("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")


@cache
def _texts() -> dict[str, str]:
    with zipfile.ZipFile(shared(*SAMPLE)) as archive:
        names = [name for name in archive.namelist() if "Event_" in name][:2]
        return {name: archive.read(name).decode() for name in names}


def real() -> dict[str, Content]:
    """Two events of 2012 by the names of their members."""
    return {
        name: json.loads(re.sub(r"(?<![\w.])nan\b", "NaN", text)) for name, text in _texts().items()
    }


def write(path: Path, events: dict[str, Any], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("Header", '"CMSSW_5_3_36"')
        for name, content in events.items():
            text = content if isinstance(content, str | bytes) else json.dumps(content)
            archive.writestr(name, text)
    return path


@cache
def expected() -> ak.Array:
    return Ispy().read(shared(*SAMPLE), slice(0, 2))


def variant(path: Path, change: Callable[[Content], None]) -> ak.Array:
    events = copy.deepcopy(real())
    for content in events.values():
        change(content)
    return Ispy().read(write(path / Path(SAMPLE[-1]).name, events))


def columns_of(content: Content, key: str) -> list[str]:
    return [kind[0] for kind in content["Types"][key]]


def drop(content: Content, key: str, *names: str) -> None:
    """Take columns out of a collection."""
    keep = [k for k, name in enumerate(columns_of(content, key)) if name not in names]
    content["Types"][key] = [content["Types"][key][k] for k in keep]
    content["Collections"][key] = [[row[k] for k in keep] for row in content["Collections"][key]]


def rename(content: Content, old: str, new: str) -> None:
    for part in ("Types", "Collections"):
        content[part][new] = content[part].pop(old)


def same(found: ak.Array, *names: str) -> None:
    for name in names:
        theirs = expected()[name]
        assert found[name].fields == theirs.fields
        assert ak.array_equal(found[name], theirs), name


def missing(events: ak.Array) -> dict[str, int]:
    return dict(events.attrs["hepvision"]["missing"])


def test_a_whole_file_lacks_nothing() -> None:
    said = expected().attrs["hepvision"]
    assert said["missing"] == said["repaired"] == {}
    assert set(said["left_out"]) <= {"Vertices that are no fits"}
    assert said["collections"]["EBRecHits_V2"] == said["collections"]["Tracks_V3"] == 2


def test_first_version_without_times(tmp_path: Path) -> None:
    """2009: V1, no time of crystals, tracks with momentum and place alone."""

    def old(content: Content) -> None:
        for key in CALORIMETERS:
            drop(content, key, "time")
            rename(content, key, key.replace("_V2", "_V1"))
        drop(content, "Tracks_V3", "eta", "phi", "chi2", "ndof")
        rename(content, "Tracks_V3", "Tracks_V1")
        rename(content, "Event_V2", "Event_V1")
        rename(content, "PFMETs_V1", "METs_V1")
        content["Types"]["Vertices_V1"][2][0] = "position"

    found = variant(tmp_path, old)
    same(found, "HcalHit", "Vertex", "MET")
    for name in HITS[:2]:
        assert ak.array_equal(found[name].energy, expected()[name].energy)
        assert not ak.any(found[name].time)
    assert found["luminosityBlock"].tolist() == expected()["luminosityBlock"].tolist()
    for name in ("pt", "eta", "phi", "etaEcal", "charge", "dxy"):
        assert ak.all(abs(found.Track[name] - expected().Track[name]) < 2e-4), name
    assert missing(found) == {f"{name}RecHits.time": 2 for name in ("EB", "EE", "HB", "HE")}


def test_one_collection_for_barrel_and_endcaps(tmp_path: Path) -> None:
    """2008: ``EcalRecHits_V1`` holds both."""

    def old(content: Content) -> None:
        for part in ("Types", "Collections"):
            barrel, endcaps = (content[part].pop(key) for key in CALORIMETERS[:2])
            content[part]["EcalRecHits_V1"] = barrel if part == "Types" else endcaps + barrel

    same(variant(tmp_path, old), "EcalBarrelHit", "EcalEndcapHit", "HcalHit", "Photon")


@pytest.mark.parametrize("place", ["eta and phi", "corners"])
def test_without_ids_hits_go_to_the_same_channels(tmp_path: Path, place: str) -> None:
    lost = ["detid", "eta", "phi"] if place == "corners" else ["detid"]
    lost += [] if place == "corners" else [f"{s}_{k}" for s in ("front", "back") for k in (1, 2)]

    def old(content: Content) -> None:
        for key in CALORIMETERS:
            drop(content, key, *lost)

    found = variant(tmp_path, old)
    same(found, "EcalBarrelHit", "EcalEndcapHit", "Photon")
    for name in ("ieta", "iphi", "energy"):
        assert ak.array_equal(found.HcalHit[name], expected().HcalHit[name])
    assert missing(found) == {f"{name}RecHits.detid": 2 for name in ("EB", "EE", "HB", "HE")}


def test_ids_of_zero_are_no_ids(tmp_path: Path) -> None:
    def old(content: Content) -> None:
        place = columns_of(content, "EERecHits_V2").index("detid")
        for row in content["Collections"]["EERecHits_V2"]:
            row[place] = 0

    found = variant(tmp_path, old)
    same(found, "EcalEndcapHit")
    hits = int(ak.count(expected().EcalEndcapHit.energy))
    assert found.attrs["hepvision"]["repaired"] == {"EERecHits.detid": hits}


def wide(number: int) -> int:
    """A tower's id as it is written since 2017."""
    size, iphi, depth = (number >> 7) & 0x3F, number & 0x7F, (number >> 14) & 0x1F
    side = 0x80000 if number & 0x2000 else 0
    return (number >> 25 << 25) + (1 << 24) + (depth << 20) + side + (size << 10) + iphi


def test_ids_of_2017(tmp_path: Path) -> None:
    def new(content: Content) -> None:
        for key in CALORIMETERS[2:]:
            place = columns_of(content, key).index("detid")
            for row in content["Collections"][key]:
                row[place] = wide(row[place])
        rename(content, "Tracks_V3", "Tracks_V4")
        rename(content, "Event_V2", "Event_V3")

    same(variant(tmp_path, new), "HcalHit", "Track", "Photon")


def test_fewest_columns_in_another_order(tmp_path: Path) -> None:
    def plain(content: Content) -> None:
        for key in CALORIMETERS:
            drop(content, key, *(f"{s}_{k}" for s in ("front", "back") for k in (1, 2, 3, 4)))
            content["Types"][key].reverse()
            for row in content["Collections"][key]:
                row.reverse()

    same(variant(tmp_path, plain), *HITS, "Photon", "StoredPhoton")


def test_particle_flow_hits_stand_in(tmp_path: Path) -> None:
    def flow(content: Content) -> None:
        for key in CALORIMETERS:
            drop(content, key, "time", "eta", "phi")
            rename(content, key, "PF" + key)

    found = variant(tmp_path, flow)
    same(found, "HcalHit")
    assert ak.array_equal(found.EcalBarrelHit.energy, expected().EcalBarrelHit.energy)
    assert "PFEBRecHits_V2" in found.attrs["hepvision"]["collections"]


def test_no_tracks_no_towers_no_endcaps(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    gone = (*CALORIMETERS[1:], "Tracks_V3", "Vertices_V1", "Photons_V1", "PFMETs_V1")

    def less(content: Content) -> None:
        for key in gone:
            del content["Types"][key], content["Collections"][key]

    found = variant(tmp_path, less)
    same(found, "EcalBarrelHit")
    names = {key.split("_")[0]: 2 for key in gone}
    assert missing(found) == names
    for name in names:
        assert f"2 of 2 events have no {name}." in caplog.text
    assert len(ak.flatten(found.Photon.pt)) > 0


def test_stored_photons_of_patterns_with_fewer_columns(tmp_path: Path) -> None:
    def few(content: Content) -> None:
        names = columns_of(content, "Photons_V1")
        drop(content, "Photons_V1", *(set(names) - {"energy", "eta", "phi"}))
        rename(content, "Photons_V1", "PATPhotons_V1")

    found = variant(tmp_path, few).StoredPhoton
    assert set(found.fields) == {"pt", "eta", "phi", "mass", "energyCorrected"}
    assert ak.all(abs(found.pt - expected().StoredPhoton.pt) < 1e-3)


def python_text(content: Content) -> str:
    """As Python writes it: tuples, single quotes, None, nan and trailing commas."""
    text = re.sub(r"\bNaN\b", "-nan", json.dumps(content)).replace('"', "'")
    return text.replace("[", "(").replace("]", ",)").replace("(,)", "()").replace("}", ",}")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_text_as_python_wrote_it(tmp_path: Path, mark: str) -> None:
    events = {name: mark + python_text(content) for name, content in real().items()}
    events = {name: text.replace("{,}", "{}") for name, text in events.items()}
    found = Ispy().read(write(tmp_path / Path(SAMPLE[-1]).name, events))
    same(found, *HITS, "Track", "Vertex", "Photon", "StoredPhoton", "MET")


def test_names_and_folders(tmp_path: Path) -> None:
    """Deeper folders, several runs, suffixes, no run at all, and event numbers beyond 2³¹."""
    content = next(iter(real().values()))
    names = {
        "data/Events/Run_11/Event_5": (11, 5),
        "Events/Run_12/Event_5": (12, 5),
        "Events/Run_12/LumiSection_3/Event_6.json": (12, 6),
        "Events/Event_7": (194115, 7),
        "Events/Run_12/Event_-1000": (12, 2**32 - 1000),
        "Events/Run_386000/Event_4999999999": (386000, 4999999999),
    }
    strangers = {"Events/": "", "Geometry/Tracker_V1": "x", "__MACOSX/._Event_1": "x"}
    path = write(tmp_path / "several.ig", strangers | dict.fromkeys(names, content))
    found = Ispy().read(path)
    assert list(zip(found["run"].tolist(), found["event"].tolist(), strict=True)) == [
        *names.values()
    ]
    assert len(set(found["event_id"].tolist())) == len(names) == Ispy().count(path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_however_it_is_packed(tmp_path: Path, packing: int) -> None:
    path = write(tmp_path / Path(SAMPLE[-1]).name, real(), packing)
    same(Ispy().read(path), *HITS)


def test_unknown_ids_are_left_out_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def odd(content: Content) -> None:
        key = "EBRecHits_V2"
        place = columns_of(content, key).index("detid")
        for row, number in zip(
            content["Collections"][key], (0x4A000000, 7, -5, 838861610.5), strict=False
        ):
            row[place] = number

    found = variant(tmp_path, odd)
    assert found.attrs["hepvision"]["left_out"]["EBRecHits"] == 8
    assert "8 EBRecHits left out" in caplog.text
    assert ak.array_equal(found.EcalBarrelHit.energy, expected().EcalBarrelHit.energy[:, 4:])


def test_ids_that_contradict_their_place_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def turned(content: Content) -> None:
        place = columns_of(content, "HBRecHits_V2").index("phi")
        for row in content["Collections"]["HBRecHits_V2"]:
            row[place] += 1.0

    same(variant(tmp_path, turned), *HITS)
    assert "HBRecHits.eta and phi, which the detid contradicts" in caplog.text


def test_times_that_are_not_finite_become_zero(tmp_path: Path) -> None:
    def odd(content: Content) -> None:
        place = columns_of(content, "EBRecHits_V2").index("time")
        content["Collections"]["EBRecHits_V2"][0][place] = float("nan")

    found = variant(tmp_path, odd)
    assert ak.array_equal(found.EcalBarrelHit.energy, expected().EcalBarrelHit.energy)
    assert found.EcalBarrelHit.time[:, 0].tolist() == [0.0, 0.0]
    assert found.attrs["hepvision"]["repaired"] == {"EBRecHits.time": 2}


def scaled(factor: float, key: str) -> Callable[[Content], None]:
    def change(content: Content) -> None:
        place = columns_of(content, key).index("energy")
        for row in content["Collections"][key]:
            row[place] *= factor

    return change


@pytest.mark.parametrize("key", CALORIMETERS[:2])
def test_energies_in_mev_are_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(SchemaError, match=rf"{key} must be in GeV, got up to"):
        variant(tmp_path, scaled(1000.0, key))


def without_types(content: Content) -> None:
    del content["Types"]["EBRecHits_V2"]


def longer_rows(content: Content) -> None:
    for row in content["Collections"]["HBRecHits_V2"]:
        row.insert(0, 0.0)


def without_place(content: Content) -> None:
    drop(content, "EERecHits_V2", "detid", "eta", "front_1")


def other_crystals(content: Content) -> None:
    rename(content, "EERecHits_V2", "EBRecHits_V3")


BROKEN = {
    without_types: "Types.EBRecHits_V2 must be a list of columns",
    longer_rows: "HBRecHits_V2 must hold rows of numbers as its Types say, 13 a row, got 14 values",
    without_place: "EERecHits_V2 needs detid, or eta and phi, or front_1 to front_4",
    other_crystals: "EBRecHits_V3 must hold channels of EcalBarrelHit, got [0-9]+ of",
}


@pytest.mark.parametrize("change", BROKEN)
def test_what_cannot_be_placed_is_refused(
    tmp_path: Path, change: Callable[[Content], None]
) -> None:
    with pytest.raises((CorruptFileError, SchemaError), match=BROKEN[change]) as error:
        variant(tmp_path, change)
    assert "\n" not in str(error.value)
    assert "Event_" in str(error.value)


def test_a_collection_twice_is_refused(tmp_path: Path) -> None:
    name, content = next(iter(real().items()))
    text = json.dumps(content).replace('"EERecHits_V2": [[-', '"EBRecHits_V2": [[-')
    assert text.count('"EBRecHits_V2": [[-') >= 1
    with pytest.raises(CorruptFileError, match="'EBRecHits_V2' twice"):
        Ispy().read(write(tmp_path / "twice.ig", {name: text}))


def test_an_event_without_hits(tmp_path: Path) -> None:
    name, content = next(iter(real().items()))
    content["Collections"] = {}
    events = Ispy().read(write(tmp_path / "empty.ig", {name: content}))
    for part in (*HITS, "Track", "Vertex", "Photon", "StoredPhoton", "MET"):
        assert ak.num(events[part]).tolist() == [0], part
    assert Path(SAMPLE[-1]).stem != events["sample"][0] == "empty"
