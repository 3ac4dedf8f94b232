"""Les Houches files: against pylhe alone, with momentum conserved, and broken."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers.lhe import Lhe
from readers.written.lhe import write

from shared_data import shared

pylhe = pytest.importorskip("pylhe")


def sample() -> Path:
    return shared("data", "lhe", "pylhe-testfile-pythia-6.413-ttbar.lhe")


def momenta(generated: ak.Array) -> np.ndarray:
    """(px, py, pz, E) of our particles, from what they are stored as."""
    pt, eta, phi, mass = (
        ak.to_numpy(ak.flatten(generated[key], axis=None)).astype(np.float64)
        for key in ("pt", "eta", "phi", "mass")
    )
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return np.stack([px, py, pz, np.sqrt(px**2 + py**2 + pz**2 + np.copysign(mass**2, mass))], 1)


def test_sample_is_what_pylhe_reads() -> None:
    events = Lhe().read(sample())
    theirs = pylhe.LHEFile.fromfile(sample())
    listed = list(theirs.events)
    assert len(events) == len(listed) == Lhe().count(sample()) == 100
    rows = [p for event in listed for p in event.particles]
    wanted = np.array([[p.px, p.py, p.pz, p.e] for p in rows])
    np.testing.assert_allclose(momenta(events.GenPart), wanted, rtol=2e-5, atol=2e-3)
    made = ak.flatten(events.GenPart)
    assert made.pdgId.tolist() == [p.id for p in rows]
    assert made.status.tolist() == [p.status for p in rows]
    assert made.genPartIdxMother.tolist() == [p.mother1 - 1 for p in rows]
    np.testing.assert_allclose(made.mass, [p.m for p in rows], rtol=1e-6)
    assert events.weight.tolist() == [event.eventinfo.weight for event in listed]
    assert events.process.tolist() == [event.eventinfo.pid for event in listed]
    kept = events.attrs["hepvision"]
    assert kept["beams"] == {"pdgId": [2212, -2212], "energy": [980.0, 980.0]}
    assert {key: value["cross_section"] for key, value in kept["processes"].items()} == {
        str(one.procId): one.xSection for one in theirs.init.procInfo
    }


def test_momentum_is_conserved_in_the_sample() -> None:
    """In, out, and at every decay of a top or a W."""
    for event in Lhe().read(sample()):
        p, status = momenta(event.GenPart), ak.to_numpy(event.GenPart.status)
        np.testing.assert_allclose(
            p[status == 1].sum(axis=0), p[status == -1].sum(axis=0), rtol=1e-4, atol=0.05
        )
        mother = ak.to_numpy(event.GenPart.genPartIdxMother)
        for above in np.flatnonzero(status == 2):
            children = p[mother == above]
            assert len(children) == 2
            np.testing.assert_allclose(children.sum(axis=0), p[above], rtol=1e-3, atol=0.05)
        tops = ak.sum(abs(event.GenPart.pdgId) == 6)
        assert tops == 2


def test_written(tmp_path: Path) -> None:
    path = tmp_path / "toy.lhe"
    truth = write(path)
    events = Lhe().read(path)
    assert len(events) == Lhe().count(path) == 7
    muons = events.GenPart[abs(events.GenPart.pdgId) == 13]
    wanted = truth["muons"].reshape(-1, 4)
    np.testing.assert_allclose(momenta(muons), wanted, rtol=2e-5, atol=1e-3)
    np.testing.assert_allclose(events.weight, truth["weight"])
    assert events.process.tolist() == truth["process"].tolist()
    assert events.GenPart.genPartIdxMother[0].tolist() == [-1, -1, 0, 2, 2]
    assert set(events.attrs["hepvision"]["processes"]) == {"1", "2"}
    # one weight by its name
    np.testing.assert_allclose(Lhe(weight="1002").read(path).weight, 3 * truth["weight"], rtol=1e-7)
    # as a command line gives it: its digits are a number there
    number = component("readers", {"name": "lhe", "weight": 1002})
    assert ak.array_equal(number.read(path), Lhe(weight="1002").read(path))
    with pytest.raises(SchemaError, match="weight '0', got none"):
        Lhe(weight=0).read(path)
    with pytest.raises(SchemaError, match="weight '1003', got none. Did you mean '1002'"):
        Lhe(weight="1003").read(path)
    # pylhe stops at the header, which is not XML; nothing that is read depends on it
    packed = tmp_path / "toy.lhe.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert Lhe().recognises(packed)
    assert ak.array_equal(Lhe().read(packed), events[[*range(7)]])


def test_rows_and_stream(tmp_path: Path) -> None:
    path = tmp_path / "toy.lhe"
    write(path)
    whole = Lhe().read(path)
    assert ak.array_equal(Lhe().read(path, np.array([5, 0, 5])).weight, whole.weight[[5, 0, 5]])
    assert len(Lhe().read(path, slice(3, 3))) == 0
    pieces = list(Lhe().stream(path, 3))
    assert [len(piece) for piece in pieces] == [3, 3, 1]
    assert ak.array_equal(ak.concatenate(pieces), whole)
    with pytest.raises(ValueError, match="size must be 1 or more"):
        next(Lhe().stream(path, 0))


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("</LesHouchesEvents>", ""), "must end with </LesHouchesEvents>"),
        (lambda text: text.replace("LesHouchesEvents", "LesHouches"), "no <LesHouchesEvents>"),
        (lambda text: text.replace("<init>", "<start>"), "must open its <init>"),
        (lambda text: text.replace("</init>", "</start>"), "with an <init>, got none"),
        (lambda text: text[: text.index("<event>")] + "</LesHouchesEvents>", "hold events, got no"),
        (lambda text: text.replace("<event>", "<evemt>", 1), "event 0: must follow"),
        (lambda text: text.replace("</event>", "</evemt>", 1), "event 0: must be well-formed XML"),
        (lambda text: text.replace("</event>", "</event>13", 1), "event 1: must follow"),
        (lambda text: text.replace("</rwgt>", "", 1), "event 0: must be well-formed XML"),
        (lambda text: text.replace("#pdf", "&lol;", 1), "undefined entity"),
        (lambda text: text.replace(" 5 ", " 6 ", 1), "event 0: must hold a line of numbers"),
        (lambda text: text.replace(" 13 1 3 3", " 13 1 9 3", 1), "a mother that is not there"),
        (lambda text: text.replace(" 13 1 3 3", " mu 1 3 3", 1), "event 0: must hold a line"),
        (lambda text: text.replace(" 13 1 3 3", " 13 3 3", 1), "lines of other lengths"),
        (lambda text: text.replace(" 13 1 3 3", " 1e12 1 3 3", 1), "too large"),
        (lambda text: text.replace(" 0. 9.", " 0. nan", 1), None),
        (lambda text: text.replace(" 13 1 3 3 0 0 ", " 13 1 3 3 0 0 -", 1), None),
        (lambda text: text.replace("2212 2212", "2212", 1), "<init>: must hold the beams"),
        (lambda text: text.replace("260000 260000 3 2", "0 0 3 5", 1), "2 processes for 5"),
    ],
)
def test_broken_files(tmp_path: Path, change: Change, words: str | None) -> None:
    path = tmp_path / "broken.lhe"
    write(path, events=3)
    path.write_text(change(path.read_text()))
    if words is None:  # another value, or one that is not read: whole all the same
        assert len(events_or_refused(path)) in (0, 3)
        return
    with pytest.raises(CorruptFileError) as said:
        Lhe().read(path)
    assert words in str(said.value)
    assert "broken.lhe" in str(said.value)
    assert "\n" not in str(said.value)


def events_or_refused(path: Path) -> ak.Array:
    try:
        return Lhe().read(path)
    except UserError as error:
        if "\n" in str(error):
            raise
        return ak.Array([])


def test_every_cut_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "cut.lhe"
    write(path, events=2)
    content = path.read_bytes()
    for whole, step in ((content, 29), (gzip.compress(content), 17)):
        for stop in range(0, len(whole) - 2, step):
            path.write_bytes(whole[:stop])
            with pytest.raises(UserError, match=r"cut\.lhe") as said:
                Lhe().read(path)
            assert "\n" not in str(said.value)


def test_mutations(tmp_path: Path) -> None:
    path = tmp_path / "cut.lhe"
    write(path, events=3)
    content = path.read_bytes()
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(200):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), rng.integers(1, 4)):
            damaged[place : place + rng.integers(0, 3)] = rng.bytes(int(rng.integers(0, 3)))
        path.write_bytes(damaged)
        found = len(events_or_refused(path))
        assert found in (0, 3)
        refused += found == 0
    assert refused > 60


def test_bombs_are_refused(tmp_path: Path) -> None:
    """Entities that grow, and zeros that do."""
    path = tmp_path / "bomb.lhe"
    write(path, events=1)
    text = path.read_text()
    entities = "".join(f"<!ENTITY a{k + 1} '{f'&a{k};' * 10}'>" for k in range(12))
    bomb = f"<!DOCTYPE b [<!ENTITY a0 'lol'>{entities}]>" + text.replace("#pdf", "&a12;")
    path.write_text(bomb)
    with pytest.raises(CorruptFileError, match="undefined entity"):
        Lhe().read(path)
    packed = tmp_path / "bomb.lhe.gz"
    packed.write_bytes(gzip.compress(text.encode()[:-30] + b" " * 60_000_000))
    with pytest.raises(CorruptFileError, match="packed by at most 200"):
        Lhe().read(packed)


def test_other_files(tmp_path: Path) -> None:
    assert Lhe().recognises(sample())
    assert not Lhe().recognises(shared("data", "hepmc", "pp_epos_hepmc3.dat"))
    assert not Lhe().recognises(tmp_path)
    with pytest.raises(IsADirectoryError):
        Lhe().read(tmp_path)


@pytest.mark.parametrize(
    ("name", "sample_name"), [("tt.v2.lhe", "tt.v2"), ("tt.v2.lhe.gz", "tt.v2"), ("tt.lhe", "tt")]
)
def test_a_name_with_dots_is_kept_whole(tmp_path: Path, name: str, sample_name: str) -> None:
    write(tmp_path / "plain.lhe", 2)
    text = (tmp_path / "plain.lhe").read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert Lhe().read(tmp_path / name)["sample"].tolist() == [sample_name] * 2
