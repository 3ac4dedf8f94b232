"""HepMC listings: against HepMC's own library, with momentum conserved, and broken."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers.hepmc import Hepmc
from readers.written.hepmc import write

from shared_data import shared

pyhepmc = pytest.importorskip("pyhepmc")

END = b"HepMC::Asciiv3-END_EVENT_LISTING\n"


def sample() -> Path:
    return shared("data", "hepmc", "pp_epos_hepmc3.dat")


def momenta(generated: ak.Array) -> np.ndarray:
    """(px, py, pz, E) of our particles, from what they are stored as."""
    pt, eta, phi, mass = (
        ak.to_numpy(generated[key]).astype(np.float64) for key in ("pt", "eta", "phi", "mass")
    )
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return np.stack([px, py, pz, np.sqrt(px**2 + py**2 + pz**2 + np.copysign(mass**2, mass))], 1)


def compare(generated: ak.Array, event: Any) -> None:
    """One event against the library's, particle by particle in the order of the file."""
    event.set_units(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    theirs = event.numpy.particles
    mine = momenta(generated)
    wanted = np.stack([theirs.px, theirs.py, theirs.pz, theirs.e], 1)
    np.testing.assert_allclose(mine, wanted, rtol=2e-5, atol=2e-5 * np.abs(wanted).max())
    size = np.abs(wanted).max(axis=1, keepdims=True)
    assert np.abs(mine - wanted).max() < 1e-3 * np.abs(wanted).max()
    assert (np.abs(mine - wanted) <= 3e-5 * size + 1e-7).mean() > 0.999
    assert generated.pdgId.tolist() == theirs.pid.tolist()
    assert generated.status.tolist() == theirs.status.tolist()
    mothers = [min((p.id for p in one.parents), default=0) - 1 for one in event.particles]
    assert generated.genPartIdxMother.tolist() == mothers
    for name in ("x", "y", "z"):
        places = [
            getattr(p.production_vertex.position, name) if p.production_vertex else 0.0
            for p in event.particles
        ]
        np.testing.assert_allclose(generated[f"v{name}"], places, rtol=1e-6, atol=1e-30)


def test_sample_is_what_the_library_reads() -> None:
    events = Hepmc().read(sample())
    with pyhepmc.open(sample()) as file:
        theirs = list(file)
    assert len(events) == len(theirs) == Hepmc().count(sample()) == 1
    assert len(events[0].GenPart) == 2661
    compare(events[0].GenPart, theirs[0])
    assert (events[0].event, events[0].weight) == (127, 1.0)
    assert "cross_section" not in events.attrs["hepvision"]


def test_momentum_is_conserved_in_the_sample() -> None:
    """All that is final carries what the nuclei brought; decays as well as the generator has it."""
    generated = Hepmc().read(sample())[0].GenPart
    p, status = momenta(generated), ak.to_numpy(generated.status)
    final, beams = p[status == 1].sum(axis=0), p[status == 4].sum(axis=0)
    np.testing.assert_allclose(beams, [0, 0, -35000, 45000], rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(final, beams, rtol=1e-4, atol=1e-3)
    with pyhepmc.open(sample()) as file:
        event = file.read()
    decays = [v for v in event.vertices if len(v.particles_in) == 1 and len(v.particles_out) > 1]
    assert len(decays) == 500
    mother, mine, theirs = ak.to_numpy(generated.genPartIdxMother), [], []
    for vertex in decays:
        above = vertex.particles_in[0]
        children = p[mother == above.id - 1]
        assert len(children) == len(vertex.particles_out)
        mine.append(children.sum(axis=0) - p[above.id - 1])
        out = [one.momentum for one in vertex.particles_out]
        theirs.append(
            [
                sum(getattr(one, key) for one in out) - getattr(above.momentum, key)
                for key in ("px", "py", "pz", "e")
            ]
        )
    energy = np.array([vertex.particles_in[0].momentum.e for vertex in decays])
    assert np.abs(np.array(mine) - theirs).max() < 0.05
    assert np.median(np.abs(mine).max(axis=1) / energy) < 0.02


def test_written(tmp_path: Path) -> None:
    path = tmp_path / "toy.hepmc"
    truth = write(path)
    events = Hepmc().read(path)
    assert len(events) == Hepmc().count(path) == 7
    assert events.event.tolist() == list(range(100, 107))
    assert events.event_id.tolist() == list(range(7))
    assert events.process.tolist() == [221] * 7
    np.testing.assert_allclose(events.weight, truth["weight"])
    for event, pair, place in zip(events, truth["electrons"], truth["place"], strict=True):
        generated = event.GenPart
        p = momenta(generated)
        np.testing.assert_allclose(p[4:6], pair, rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(p[4] + p[5], p[2], rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(p[2] + p[3], p[0] + p[1], rtol=1e-5, atol=2e-2)
        np.testing.assert_allclose(p[:2, 2], [6500, -6500], rtol=1e-5)
        assert generated.genPartIdxMother.tolist() == [-1, -1, 0, 0, 2, 2]
        for row in (2, 3, 4, 5):  # the decay has its mother's place
            found = [generated[name][row] for name in ("vx", "vy", "vz")]
            np.testing.assert_allclose(found, place, rtol=1e-6)
    kept = events.attrs["hepvision"]
    assert kept["cross_section"] == {"value": 1500.0, "error": 2.5, "unit": "pb"}
    assert kept["weights"] == ["nominal", "scale_up"]
    assert kept["repaired"] == {}
    np.testing.assert_allclose(Hepmc(weight=1).read(path).weight, 2 * truth["weight"])
    with pytest.raises(SchemaError, match=r"event 0: must have a weight 2, got 2 weights"):
        Hepmc(weight=2).read(path)
    with pytest.raises(ValueError, match="weight must be 0 or more"):
        Hepmc(weight=-1)
    with pyhepmc.open(path) as file:
        for event, theirs in zip(events, file, strict=True):
            compare(event.GenPart, theirs)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("units", [("GEV", "MM"), ("MEV", "CM")])
def test_what_the_library_writes(tmp_path: Path, version: int, units: tuple[str, str]) -> None:
    """The same events in both formats and other units, plain and packed."""
    source, path = tmp_path / "toy.hepmc", tmp_path / f"again.hepmc{version}"
    write(source)
    with pyhepmc.open(source) as file, pyhepmc.open(path, "w", format=f"HepMC{version}") as other:
        for event in file:
            event.set_units(getattr(pyhepmc.Units, units[0]), getattr(pyhepmc.Units, units[1]))
            other.write(event)
    assert f"U {units[0]} {units[1]}" in path.read_text()
    events, wanted = Hepmc().read(path), Hepmc().read(source)
    assert events.event.tolist() == wanted.event.tolist()
    np.testing.assert_allclose(events.weight, wanted.weight)
    for mine, theirs in zip(events, wanted, strict=True):
        order, other_order = np.argsort(mine.GenPart.pdgId), np.argsort(theirs.GenPart.pdgId)
        p, q = momenta(mine.GenPart)[order], momenta(theirs.GenPart)[other_order]
        np.testing.assert_allclose(p.sum(axis=0), q.sum(axis=0), atol=1e-2)
        electron = np.flatnonzero(mine.GenPart.pdgId == 11)[0]
        mother = mine.GenPart[mine.GenPart.genPartIdxMother[electron]]
        assert mother.pdgId == 23
        assert mine.GenPart.vz[electron] == pytest.approx(theirs.GenPart.vz[4], rel=1e-5)
    assert events.attrs["hepvision"]["cross_section"]["value"] == 1500.0
    packed = tmp_path / "again.hepmc.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert Hepmc().recognises(packed)
    assert ak.array_equal(Hepmc().read(packed).GenPart, events.GenPart)


def test_older_files_state_no_units(tmp_path: Path) -> None:
    source, path = tmp_path / "toy.hepmc", tmp_path / "old.hepmc"
    write(source, events=2)
    with pyhepmc.open(source) as file, pyhepmc.open(path, "w", format="HepMC2") as other:
        for event in file:
            other.write(event)
    text = path.read_text()
    path.write_text("".join(row for row in text.splitlines(True) if not row.startswith("U ")))
    with pytest.raises(SchemaError, match="must state its units, got none"):
        Hepmc().read(path)
    gev, mev = (Hepmc(units=units).read(path).GenPart for units in ("GEV MM", "MEV CM"))
    np.testing.assert_allclose(ak.sum(gev.pt), 1000 * ak.sum(mev.pt), rtol=1e-5)
    np.testing.assert_allclose(10 * gev.vz[0], mev.vz[0], rtol=1e-5)


def test_rows_stream_and_several_listings(tmp_path: Path) -> None:
    path = tmp_path / "toy.hepmc"
    write(path)
    whole = Hepmc().read(path)
    assert ak.array_equal(Hepmc().read(path, np.array([5, 0, 5])).event, whole.event[[5, 0, 5]])
    assert len(Hepmc().read(path, slice(3, 3))) == 0
    pieces = list(Hepmc().stream(path, 3))
    assert [len(piece) for piece in pieces] == [3, 3, 1]
    assert ak.array_equal(ak.concatenate(pieces), whole)
    with pytest.raises(ValueError, match="size must be 1 or more"):
        next(Hepmc().stream(path, 0))
    path.write_bytes(path.read_bytes() * 2)
    twice = Hepmc().read(path)
    assert len(twice) == 14
    assert twice.event_id.tolist() == list(range(14))
    assert ak.array_equal(twice.GenPart[7:], whole.GenPart)


def test_a_mass_that_cannot_be_is_put_right(tmp_path: Path) -> None:
    path = tmp_path / "toy.hepmc"
    write(path, events=1)
    rows = path.read_text().splitlines()
    row = next(number for number, row in enumerate(rows) if row.startswith("P 3 "))
    rows[row] = rows[row].replace("9.1200000000000003e+01", "5.0000000000000000e+02")
    path.write_text("\n".join(rows) + "\n")
    events = Hepmc().read(path)
    assert events[0].GenPart.mass[2] == pytest.approx(91.2, rel=1e-3)
    assert events.attrs["hepvision"]["repaired"] == {"GenPart.mass": 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace(END, b""), "must end with END_EVENT_LISTING, got 3 events"),
        (lambda text: text[: text.index(b"E 100")] + END, "must hold events"),
        (lambda text: text[text.index(b"E 100") :], "must be a HepMC listing, got 'E 100 2 6'"),
        (
            lambda text: text.replace(b"E 101 2 6", b"E 101 2 7"),
            "event 1: must hold 7 particles and 2 vertices, got 6",
        ),
        (
            lambda text: text.replace(b"E 101 2 6", b"E 101 999999999 6"),
            "event 1: must hold 6 particles and 999999999",
        ),
        (
            lambda text: text.replace(b"E 101 2 6", b"E 101 0 6"),
            "6 particles and 0 vertices, got 6 and 2",
        ),
        (lambda text: text.replace(b"E 101 2 6", b"E 101 2"), "event 1: must hold lines of HepMC"),
        (lambda text: text.replace(b"[1,2]", b"[1,9]", 1), "event 0: must hold the particles that"),
        (lambda text: text.replace(b"V -1 0", b"V -4 0", 1), "numbered down to -2"),
        (lambda text: text.replace(b"P 5 3 ", b"P 5 33 ", 1), "2 vertices, got 6 and 3"),
        (lambda text: text.replace(b"P 4 -1 ", b"P 4 -2 ", 1), "got one from nowhere"),
        (lambda text: text.replace(b"P 5 3 ", b"P 7 3 ", 1), "particles numbered from 1"),
        (lambda text: text.replace(b"P 5 3 11", b"P 5 3 1e9", 1), "numbers in their places"),
        (lambda text: text.replace(b"P 5 3 11", b"P 5 3 99999999999", 1), "numbers in their pl"),
        (lambda text: text.replace(b"P 5 3 11", b"P 5 3", 1), "Expected 10 columns"),
        (lambda text: text.replace(b"P 5 3 11", b"P 5 3 11 nan", 1), "Expected 10 columns"),
        (lambda text: text.replace(b" 6.5000000000000000e+03", b" inf", 1), "finite momenta"),
        (lambda text: text.replace(b"U GEV MM", b"U TEV MM", 1), "units of GEV or MEV"),
        (lambda text: text.replace(b"\nW ", b"\nW nan ", 5), "finite weights"),
        (lambda text: text.replace(b"V -1 0", b"X -1 0", 1), "lines of HepMC, got 'X -1 0"),
        (lambda text: text + b"more\n", "must be a HepMC listing, got 'more' after event 2"),
    ],
)
def test_broken_listings(tmp_path: Path, change: Callable[[bytes], bytes], words: str) -> None:
    path = tmp_path / "broken.hepmc"
    write(path, events=3)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(CorruptFileError) as said:
        Hepmc().read(path)
    assert words in str(said.value)
    assert "broken.hepmc" in str(said.value)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("version", [2, 3])
def test_every_cut_is_seen(tmp_path: Path, version: int) -> None:
    source, path = tmp_path / "toy.hepmc", tmp_path / "cut.hepmc"
    write(source, events=2)
    with pyhepmc.open(source) as file, pyhepmc.open(path, "w", format=f"HepMC{version}") as other:
        for event in file:
            other.write(event)
    content = path.read_bytes()
    packed = gzip.compress(content)
    for whole, step in ((content, 31), (packed, 17)):
        for stop in range(0, len(whole) - 1, step):
            path.write_bytes(whole[:stop])
            with pytest.raises(UserError, match="cut.hepmc") as said:
                Hepmc().read(path)
            assert "\n" not in str(said.value)


@pytest.mark.parametrize("version", [2, 3])
def test_mutations_never_end_the_process(tmp_path: Path, version: int) -> None:
    """The library itself crashes on some of these."""
    source, path = tmp_path / "toy.hepmc", tmp_path / "cut.hepmc"
    write(source, events=3)
    with pyhepmc.open(source) as file, pyhepmc.open(path, "w", format=f"HepMC{version}") as other:
        for event in file:
            other.write(event)
    content = path.read_bytes()
    rng = np.random.default_rng(version)
    refused = 0
    for _ in range(150):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), rng.integers(1, 4)):
            damaged[place : place + rng.integers(0, 3)] = rng.bytes(int(rng.integers(0, 3)))
        path.write_bytes(damaged)
        try:
            events = Hepmc().read(path)
        except UserError as error:
            refused += 1
            if "\n" in str(error):
                raise
        else:
            assert len(events) in (2, 3)
    assert refused > 50


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.hepmc.gz"
    write(tmp_path / "toy.hepmc", events=1)
    path.write_bytes(gzip.compress((tmp_path / "toy.hepmc").read_bytes()[:-40] + bytes(60_000_000)))
    with pytest.raises(CorruptFileError, match="packed by at most 200"):
        Hepmc().read(path)


def test_other_files(tmp_path: Path) -> None:
    assert Hepmc().recognises(sample())
    assert not Hepmc().recognises(shared("data", "lhe", "pylhe-testfile-pythia-6.413-ttbar.lhe"))
    assert not Hepmc().recognises(tmp_path)
    with pytest.raises(IsADirectoryError):
        Hepmc().read(tmp_path)
